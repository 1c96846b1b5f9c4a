"""Candles of an instrument, as far as this market has shown it."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Annotated

import msgspec
from starlette.responses import Response

from kasauti.brokers.answers import Interval
from kasauti.brokers.history import history
from kasauti.domain.ist import NS_PER_SECOND, ist_datetime, ist_ns
from kasauti.domain.market import Candle
from kasauti.errors import InvalidInput, MarketDataError, RuleUnknown
from kasauti.web.dialect import Worded
from kasauti.web.endpoint import Call
from kasauti.web.kite.reading import member
from kasauti.web.kite.tokens import lot_of, tokens_of
from kasauti.web.kite.words import Fault, failure, reply, rupees_of

#: The lengths of candles, and how many days of them one request may ask for. brokers.md 1.10.
_INTERVALS = {
    "minute": (Interval.MINUTE, 60),
    "3minute": (Interval.MINUTES_3, 100),
    "5minute": (Interval.MINUTES_5, 100),
    "10minute": (Interval.MINUTES_10, 100),
    "15minute": (Interval.MINUTES_15, 200),
    "30minute": (Interval.MINUTES_30, 200),
    "60minute": (Interval.MINUTES_60, 400),
    "day": (Interval.DAY, 2_000),
}
_DATE, _MOMENT = "%Y-%m-%d", "%Y-%m-%d %H:%M:%S"
_Text = Annotated[str, msgspec.Meta(max_length=30)]


class Past(msgspec.Struct, frozen=True, kw_only=True, rename={"start": "from", "end": "to"}):
    """Candles from a moment to another, which counts."""

    token: int
    interval: _Text
    start: _Text
    end: _Text
    continuous: bool = False
    oi: bool = False


async def candles(call: Call) -> Response:
    """Return the closed candles that begin between two moments, both included."""
    asked: Past = call.body
    interval, most = member(_INTERVALS, asked.interval, "interval")
    start, end = _moment(asked.start, "from"), _moment(asked.end, "to")
    if end < start:
        raise InvalidInput("Invalid `from` and `to`: the end lies before the beginning.")
    if end - start > timedelta(days=most):
        raise InvalidInput(f"interval exceeds max limit: {most} days")
    if asked.continuous and interval is not Interval.DAY:
        raise InvalidInput("Continuous data is there for day candles only.")
    slot = tokens_of(call.desk.floor.universe).slot(asked.token)
    if slot is None:
        raise InvalidInput("Invalid `instrument_token`.")
    found = _found(call, slot, interval, start, end)
    lot = lot_of(call.desk.floor.universe[slot])
    return reply({"candles": [_row(each, lot, oi=asked.oi) for each in found]})


def _found(call: Call, slot: int, interval: Interval, start: datetime, end: datetime) -> Sequence[Candle]:
    floor = call.desk.floor
    first = max(_ns(start), ist_ns(min(floor.market.days, default=start.date())))
    last = _ns(end)
    stop = min(ist_ns(end.date() + timedelta(days=1)), call.desk.now)
    if first >= stop:
        return ()
    try:
        found = history(
            floor.universe[slot],
            slot,
            interval,
            floor.seen.minutes,
            floor.calendar,
            start=ist_ns(_day(first)) if interval is Interval.DAY else first,
            end=stop,
        )
    except (MarketDataError, RuleUnknown) as error:
        raise Worded(failure(Fault.INPUT, str(error))) from None
    return [each for each in found.candles if each.start <= last or interval is Interval.DAY]


def _day(at: int) -> date:
    return ist_datetime(at).date()


def _ns(moment: datetime) -> int:
    return ist_ns(moment.date(), moment.time())


def _moment(text: str, name: str) -> datetime:
    form = _MOMENT if " " in text else _DATE
    try:
        return datetime.strptime(text.replace("+", " "), form)  # noqa: DTZ007  Kite's times are IST without a zone
    except ValueError:
        raise InvalidInput(f"Invalid `{name}`: {text!r} is no date like 2026-11-23 09:15:00.") from None


def _row(candle: Candle, lot: int, *, oi: bool) -> list[object]:
    row: list[object] = [
        ist_datetime(candle.start // NS_PER_SECOND * NS_PER_SECOND).strftime("%Y-%m-%dT%H:%M:%S%z"),
        rupees_of(candle.open),
        rupees_of(candle.high),
        rupees_of(candle.low),
        rupees_of(candle.close),
        candle.volume // lot,
    ]
    return [*row, candle.open_interest // lot] if oi else row
