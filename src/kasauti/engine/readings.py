"""What a strategy's indicators read: computed for a stretch of bars at once, or as single candles close."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import msgspec

from kasauti.domain.candle import BarRow, Candle
from kasauti.domain.ist import NS_PER_SECOND
from kasauti.domain.view import CandleWanted, Subscriptions
from kasauti.engine.kept_readings import KeptIndicator, KeptReadings, kept_readings
from kasauti.errors import InvalidInput
from kasauti.ports import Indicator, Strategy

#: A name, and its value after each bar of a row.
Column = tuple[str, list[object]]


class Readings:
    """
    The indicators of one strategy over the candles of one subscription.

    A candle is taken once: of those that are shown again, what is known stays. Each value follows from the
    candles up to its own, in the same steps whether they come one by one or as a row.
    """

    def __init__(self, wanted: CandleWanted, indicators: Mapping[str, Indicator]) -> None:
        self.wanted = wanted
        self._indicators = dict(indicators)
        self._starts = {name: msgspec.json.encode(each) for name, each in indicators.items()}
        #: When the last candle began that was taken.
        self._until = -1
        #: The row at hand, and what is read after each of its bars; nothing where they come one by one.
        self._row: BarRow | None = None
        self.columns: list[Column] = []

    @property
    def names(self) -> Iterable[str]:
        """The names under which their values stand."""
        return self._indicators.keys()

    def read(self, row: BarRow, *, whole: bool) -> bool:
        """
        Take all bars of a row at once if they are candles as they are (`whole`); return whether it did.

        Asked again for the same row, it answers as it did first.
        """
        if row is not self._row:
            self._row, self.columns = row, []
            if whole and row.ends[0] - row.seconds * NS_PER_SECOND > self._until:
                self._read(row)
        return bool(self.columns)

    def _read(self, row: BarRow) -> None:
        bars, before = row.without_gaps(), self._now()
        if not bars.ends:
            return
        try:
            found = [(name, _over(each, bars)) for name, each in self._indicators.items()]
        except Exception:  # noqa: BLE001  it comes again at the very candle, and stops the strategy there
            self._indicators = {
                name: msgspec.json.decode(before[name], type=type(each))
                for name, each in self._indicators.items()
            }
            return
        self._until = bars.ends[-1] - bars.seconds * NS_PER_SECOND
        self.columns = (
            found if bars is row else [(name, list(_spread(row, values))) for name, values in found]
        )

    def after(self, candle: Candle) -> Iterator[tuple[str, object]]:
        """Return the names and values after a candle, which is taken if it was not."""
        number = candle.number_in(self._row) if self.columns else -1
        if number >= 0:
            return iter([(name, values[number]) for name, values in self.columns])
        if candle.start > self._until:
            for each in self._indicators.values():
                each.follow(candle)
            self._until = candle.start
        return self.standing()

    def standing(self) -> Iterator[tuple[str, object]]:
        """Return the names and values after the last candle that was taken."""
        return ((name, each.value) for name, each in self._indicators.items())

    def begin_again(self) -> None:
        """Go on with indicators that have seen nothing: those at hand have raised."""
        self.columns = []
        self._indicators = {
            name: msgspec.json.decode(self._starts[name], type=type(each))
            for name, each in self._indicators.items()
        }

    # What is recorded of them.

    def _now(self) -> dict[str, bytes]:
        return {name: msgspec.json.encode(each) for name, each in self._indicators.items()}

    def note(self) -> KeptReadings:
        """Return where they stand, as it is recorded."""
        return KeptReadings(
            self._until,
            {
                name: KeptIndicator(
                    type(self._indicators[name]).__name__, msgspec.Raw(self._starts[name]), msgspec.Raw(now)
                )
                for name, now in self._now().items()
            },
        )

    def take_up(self, noted: KeptReadings) -> None:
        """Go on where they stood, each if it is still the same; one that is not begins with what comes."""
        self._until = noted.until
        for name, start in self._starts.items():
            kept, kind = noted.indicators.get(name), type(self._indicators[name])
            if kept is not None and kept.kind == kind.__name__ and bytes(kept.start) == start:
                self._indicators[name] = msgspec.json.decode(kept.now, type=kind)


def readings_of(strategy: Strategy, wants: Subscriptions) -> dict[tuple[str, int], Readings]:
    """
    Return the indicators that a strategy declares, by instrument and seconds of the candles they follow.

    Raises `InvalidInput` for one that JSON cannot hold, or whose name the strategy has for something else.
    """
    declared: Callable[[CandleWanted], Mapping[str, Indicator]] = getattr(strategy, "indicators", _none)
    found: dict[tuple[str, int], Readings] = {}
    for wanted in wants.candles:
        indicators = declared(wanted)
        for name, each in indicators.items():
            _check(strategy, name, each)
        if indicators:
            found[wanted.instrument, wanted.seconds] = Readings(wanted, indicators)
    return found


def noted(readings: Mapping[tuple[str, int], Readings]) -> bytes:
    """Return where all indicators of a strategy stand, as JSON."""
    return msgspec.json.encode({_key(each.wanted): each.note() for each in readings.values()})


def take_up(readings: Mapping[tuple[str, int], Readings], state: bytes) -> None:
    """Go on where `noted` left them."""
    kept = kept_readings(state)
    for each in readings.values():
        if (standing := kept.get(_key(each.wanted))) is not None:
            each.take_up(standing)


def _key(wanted: CandleWanted) -> str:
    return f"{wanted.instrument} {wanted.seconds}"


def _none(_wanted: CandleWanted) -> Mapping[str, Indicator]:
    return {}


def _check(strategy: Strategy, name: str, indicator: Indicator) -> None:
    if not name.isidentifier() or name.startswith("_") or getattr(strategy, name, None) is not None:
        raise InvalidInput(
            f"{strategy.name} calls an indicator {name!r}, and has that name for something else: the value of"
            " the indicator has to stand under it. Give it another one"
        )
    if not isinstance(indicator, msgspec.Struct):
        raise InvalidInput(
            f"the indicator {name!r} of {strategy.name} is a {type(indicator).__name__}: it has to be a"
            " strategies.indicators.Indicator, so that it can be recorded"
        )


def _over(indicator: Indicator, bars: BarRow) -> list[object]:
    values = indicator.over(bars)
    if type(values) is not list or len(values) != len(bars.ends):
        raise TypeError("`over` returns a list with a value for every bar")
    return values


def _spread(row: BarRow, values: Sequence[object]) -> Iterator[object]:
    """Yield the value after each bar; where there is none, the one before."""
    following, last = iter(values), None
    for number in range(len(row.ends)):
        if row.has(number):
            last = next(following)
        yield last
