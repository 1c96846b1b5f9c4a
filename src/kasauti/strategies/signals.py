"""
Signal strategies: entries and exits computed over whole columns, run bar by bar or all at once.

    class EmaCross(SignalStrategy):
        def signals(self, bars):
            fast, slow = bars.ema(9), bars.ema(21)
            return Signals(long_entry=fast > slow, long_exit=fast < slow, stop_percent=1)

A signal of a bar is computed from what is known at its end and acts from the next bar's open on.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import time
from decimal import Decimal
from typing import Annotated, Any, ClassVar

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import ArrayLike

from kasauti.domain.commands import Command
from kasauti.domain.events import OrderFilled
from kasauti.domain.instrument import Instrument
from kasauti.domain.market import Candle, Ints, Quote
from kasauti.domain.money import RUPEE
from kasauti.domain.order import Order, Product
from kasauti.domain.signals import (
    LONG_ENTRY,
    LONG_EXIT,
    NO_LEVELS,
    PARTS,
    SHORT_ENTRY,
    SHORT_EXIT,
    Codes,
    LevelKind,
    Levels,
    SignalRow,
    SignalRows,
)
from kasauti.domain.view import CandleWanted, Subscriptions, TimerWanted, View
from kasauti.errors import InvalidInput
from kasauti.strategies.base import Strategy
from kasauti.strategies.columns import Bars
from kasauti.strategies.indicators import CandleValues, Indicator, LastCandles
from kasauti.strategies.parameters import WHOLE
from kasauti.strategies.signal_orders import LEAVE, Holding, SignalOrders

_PER_CENT = PARTS // 100


class Signals:
    """
    What a strategy wants at the end of each bar.

    The four flags are columns of truth values, one a bar; what is left out never happens. A stop and a target
    lie a per cent of the entry's price away, or at a price (rupees, to the nearest tick); with
    `trail_percent` the stop follows the best close at that distance, never back, and begins there where no
    other stop is given. Each is one value or one a bar, that of the bar whose signal led to the entry; 0 and
    NaN mean none. `quantity` is in units, one value or one a bar; where it is left out the strategy's own
    parameters say how many.
    """

    __slots__ = (
        "long_entry",
        "long_exit",
        "quantity",
        "short_entry",
        "short_exit",
        "stop_percent",
        "stop_price",
        "target_percent",
        "target_price",
        "trail_percent",
    )

    def __init__(
        self,
        *,
        long_entry: ArrayLike | None = None,
        long_exit: ArrayLike | None = None,
        short_entry: ArrayLike | None = None,
        short_exit: ArrayLike | None = None,
        quantity: ArrayLike | None = None,
        stop_percent: ArrayLike | Decimal | None = None,
        stop_price: ArrayLike | None = None,
        target_percent: ArrayLike | Decimal | None = None,
        target_price: ArrayLike | None = None,
        trail_percent: ArrayLike | Decimal | None = None,
    ) -> None:
        self.long_entry, self.long_exit = long_entry, long_exit
        self.short_entry, self.short_exit = short_entry, short_exit
        self.quantity = quantity
        self.stop_percent, self.stop_price = stop_percent, stop_price
        self.target_percent, self.target_price = target_percent, target_price
        self.trail_percent = trail_percent


class SignalStrategy(Strategy):
    """
    A strategy of columns: subclass it and write `signals`.

    It trades one instrument. In a replay or a paper session it keeps the last `window` candles, over days and
    restarts, and computes its signals on them at each candle's end, so `window` has to hold what `signals`
    looks back on, and the first `warmup` candles decide nothing. `strategies.signal_orders` says which orders
    follow.
    """

    #: Candles that are kept, and how many have to be there before a signal counts.
    window: ClassVar[int] = 500
    warmup: ClassVar[int] = 1

    class Parameters(Strategy.Parameters, frozen=True, kw_only=True):
        """
        Every signal strategy has these.

        `quantity` is in units and 0 means `lots` lots. No entry is decided after `last_entry`, and from
        `exit_from` on everything is closed, both IST. `stop_limit_basis_points` is how far beyond its trigger
        a stop may trade, where the exchange takes no stop without a limit.
        """

        instrument: str = ""
        candle_s: Annotated[int, Meta(ge=1)] = 60
        product: Product = Product.MIS
        lots: Annotated[int, Meta(ge=1)] = 1
        quantity: Annotated[int, Meta(ge=0)] = 0
        last_entry: time | None = None
        exit_from: time | None = None
        stop_limit_basis_points: Annotated[int, Meta(ge=1, lt=WHOLE)] = 500

        @property
        def stop_limit(self) -> int:
            """That distance in millionths."""
            return self.stop_limit_basis_points * (PARTS // WHOLE)

    class Memory(Strategy.Memory, kw_only=True):
        """What is kept of the position."""

        holding: Holding = msgspec.field(default_factory=Holding)

    parameters: Parameters
    memory: Memory
    #: The candles that its signals are computed on, as `strategies.indicators.LastCandles` has them.
    shown: Sequence[CandleValues] | None = None

    def __init__(self, parameters: "Strategy.Parameters | None" = None, *, name: str = "") -> None:
        super().__init__(parameters, name=name)
        #: Which instrument it trades; set by who runs it where the parameters name none.
        self.instruments: Sequence[str] = (self.parameters.instrument,) if self.parameters.instrument else ()
        self._known: dict[int, int] | None = None
        self._rows: SignalRows | None = None
        self._orders: SignalOrders | None = None

    def signals(self, bars: Bars) -> Signals:
        """Return what is wanted at the end of each bar, from what is known then."""
        raise NotImplementedError(f"{type(self).__name__} has no signals(): say what it wants on which bars")

    @property
    def instrument_id(self) -> str:
        """The instrument it trades; `InvalidInput` where none or several were given."""
        if len(self.instruments) != 1:
            named = ", ".join(self.instruments[:3]) or "none"
            raise InvalidInput(
                f"{self.name} trades one instrument and was given {len(self.instruments)} ({named});"
                " set its parameter 'instrument'"
            )
        return self.instruments[0]

    def rows(self, bars: Bars) -> SignalRows:
        """Return the signals of `bars` as whole numbers; `InvalidInput` for columns that do not fit them."""
        return rows_of(self.signals(bars), bars, self.parameters)

    def with_rows(self, bars: Bars, rows: SignalRows) -> None:
        """Take signals that have been computed already, instead of computing them candle by candle."""
        self._known = {start: row for row, start in enumerate(bars.start.tolist())}
        self._rows = rows

    # Candle by candle.

    def subscriptions(self) -> Subscriptions:
        """Its candles, and a call behind each: orders that were cancelled at a candle's end are gone then."""
        seconds = self.parameters.candle_s
        return Subscriptions(
            candles=(CandleWanted(self.instrument_id, seconds),),
            timers=(TimerWanted(LEAVE, seconds=seconds),),
        )

    def indicators(self, wanted: CandleWanted) -> Mapping[str, Indicator]:
        """Have the last candles kept; whoever has more to follow adds it to these."""
        return {} if self._rows is not None else {"shown": LastCandles(self.window)}

    def on_start(self, view: View) -> Iterator[Command]:
        """Begin a day: what has lapsed is asked for again with the first candle."""
        if not view.resumed:
            self.memory.holding.begin_day()
            yield self.note()

    def on_candle(self, candle: Candle, view: View) -> Iterator[Command]:
        """Look at the signals of the candle that closed."""
        row = self._row(candle, view)
        yield from self._with_orders(view).at_candle(row, candle.close, view)
        yield self.note()

    def on_fill(self, fill: OrderFilled, order: Order, view: View) -> Iterator[Command]:
        """Protect what was bought or sold, or clear up behind what was left."""
        yield from self._with_orders(view).at_fill(order, view)
        yield self.note()

    def on_timer(self, name: str, view: View) -> Iterator[Command]:
        """Go on leaving once nothing rests any more."""
        if self.memory.holding.cancelling:
            yield from self._with_orders(view).go_on(view)
            yield self.note()

    def on_tick(self, quote: Quote, instrument: Instrument, view: View) -> Iterator[Command]:
        """Go on leaving once nothing rests any more, where cancelling takes its time."""
        if self.memory.holding.cancelling:
            yield from self._with_orders(view).go_on(view)
            yield self.note()

    def _with_orders(self, view: View) -> SignalOrders:
        if self._orders is None:
            instrument = view.instrument(self.instrument_id)
            assert instrument is not None, "what a strategy wants is in its market"
            chosen = self.parameters
            self._orders = SignalOrders(instrument, chosen.product, chosen.stop_limit)
        self._orders.holding = self.memory.holding
        return self._orders

    def _row(self, candle: Candle, view: View) -> SignalRow | None:
        if self._rows is not None and self._known is not None:
            known = self._known.get(candle.start)
            return None if known is None else self._rows.row(known)
        if self.shown is None:
            raise InvalidInput(
                f"{self.name} has no candles to compute its signals on: where its indicators() says what else"
                " it follows, begin with {**super().indicators(wanted), ...}"
            )
        if len(self.shown) < self.warmup:
            return None
        bars = Bars.of_values(self.shown, candle.seconds, view.instrument(self.instrument_id))
        return self.rows(bars).row(len(bars) - 1)


def rows_of(signals: Signals, bars: Bars, chosen: SignalStrategy.Parameters) -> SignalRows:
    """Return `signals` as whole numbers; `InvalidInput` names a column that does not fit the bars."""
    size = len(bars)
    long_entry, short_entry = _flags(signals, "long_entry", size), _flags(signals, "short_entry", size)
    long_exit, short_exit = _flags(signals, "long_exit", size), _flags(signals, "short_exit", size)
    if chosen.exit_from is not None:
        out = (bars.minute >= _minute(chosen.exit_from)).view(np.uint8)
        long_exit = out if long_exit is None else long_exit | out
        short_exit = out if short_exit is None else short_exit | out
    tick, lot = (1, 1) if bars.instrument is None else (bars.instrument.tick_size, bars.instrument.lot_size)
    quantity = _quantity(signals, chosen, size, lot)
    codes = _codes((long_entry, long_exit, short_entry, short_exit), size)
    if chosen.last_entry is not None:
        codes[bars.minute > _minute(chosen.last_entry)] &= LONG_EXIT | SHORT_EXIT
    if (quantity <= 0).any():
        codes[np.broadcast_to(quantity <= 0, (size,))] &= LONG_EXIT | SHORT_EXIT
    return SignalRows(
        codes,
        quantity,
        _levels("stop", signals.stop_percent, signals.stop_price, size, tick),
        _levels("target", signals.target_percent, signals.target_price, size, tick),
        _levels("trail", signals.trail_percent, None, size, tick),
    )


def _codes(flags: Sequence[Codes | None], size: int) -> Codes:
    codes: Codes | None = None
    for column, bit in zip(flags, (LONG_ENTRY, LONG_EXIT, SHORT_ENTRY, SHORT_EXIT), strict=True):
        if column is None:
            continue
        bits = column * np.uint8(bit)
        codes = bits if codes is None else np.bitwise_or(codes, bits, out=codes)
    return np.zeros(size, np.uint8) if codes is None else codes


def _flags(signals: Signals, name: str, size: int) -> Codes | None:
    given = getattr(signals, name)
    if given is None:
        return None
    column = np.asarray(given)
    if column.shape != (size,):
        raise InvalidInput(
            f"{name} has the shape {column.shape}; there are {size} bars, so it has to be ({size},)"
        )
    if column.dtype != np.bool_:
        if column.dtype.kind not in "iuf":
            raise InvalidInput(
                f"{name} has values of {column.dtype}; it has to be true or false for each bar"
            )
        column = np.nan_to_num(column) != 0
    return np.ascontiguousarray(column).view(np.uint8)


def _quantity(signals: Signals, chosen: SignalStrategy.Parameters, size: int, lot: int) -> Ints:
    if signals.quantity is None:
        return np.array([chosen.quantity or chosen.lots * lot], np.int64)
    column = np.nan_to_num(np.atleast_1d(np.asarray(signals.quantity)))
    if column.shape not in ((1,), (size,)) or column.dtype.kind not in "iuf":
        raise InvalidInput(
            f"quantity has the shape {column.shape}; it has to be one number or one for each of {size} bars"
        )
    quantity: Ints = column.astype(np.int64)
    return quantity


def _levels(name: str, percent: Any, price: Any, size: int, tick: int) -> Levels:  # noqa: ANN401  of any array kind
    if percent is None and price is None:
        return NO_LEVELS
    if percent is not None and price is not None:
        raise InvalidInput(f"{name}_percent and {name}_price are both given; choose one")
    given = price if percent is None else percent
    column = np.atleast_1d(np.asarray(float(given) if isinstance(given, Decimal) else given, np.float64))
    if column.shape not in ((1,), (size,)):
        raise InvalidInput(
            f"{name} has the shape {column.shape}; it has to be one number or one for each of {size} bars"
        )
    column = np.nan_to_num(column, posinf=0.0, neginf=0.0)
    if percent is not None:
        return Levels(LevelKind.PARTS, np.rint(np.maximum(column, 0.0) * _PER_CENT).astype(np.int64))
    ticks = np.rint(np.maximum(column, 0.0) * RUPEE / tick).astype(np.int64)
    return Levels(LevelKind.PRICE, ticks * tick)


def _minute(clock: time) -> int:
    return clock.hour * 60 + clock.minute
