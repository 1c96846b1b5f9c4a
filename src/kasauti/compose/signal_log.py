"""
What the kernel computed, told as a log: the events that a run and its reports are made of.

Orders, trades, ends of orders and days are there as the event engine records them. What only the engine
knows of is left out: when an order came to rest, what was asked to be cancelled, timers and notes.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from kasauti.domain import events as ev
from kasauti.domain.charges import Charges
from kasauti.domain.evidence import Evidence, Rule, Source
from kasauti.domain.instrument import Instrument
from kasauti.domain.ist import ist_date, ist_ns
from kasauti.domain.order import SQUARE_OFF, OrderType, Product, Side
from kasauti.domain.signals import SignalTag
from kasauti.engine.order_ids import OrderIds
from kasauti.exchange.charge_class import listing
from kasauti.simulator.fills import PROFILES
from kasauti.simulator.kernel import layout
from kasauti.simulator.kernel.running import BarColumns, Outcome
from kasauti.simulator.kernel.terms import Setup
from kasauti.store.memory import MemoryLog

_TAGS: dict[int, str] = {
    layout.KIND_LONG: SignalTag.LONG.value,
    layout.KIND_SHORT: SignalTag.SHORT.value,
    layout.KIND_SIGNAL: SignalTag.SIGNAL.value,
    layout.KIND_STOP: SignalTag.STOP.value,
    layout.KIND_TARGET: SignalTag.TARGET.value,
    layout.KIND_SQUARE_OFF: SQUARE_OFF,
}
_TYPES = {
    layout.MAKE_MARKET: OrderType.MARKET,
    layout.MAKE_LIMIT: OrderType.LIMIT,
    layout.MAKE_SL: OrderType.SL,
    layout.MAKE_SL_M: OrderType.SL_M,
}
_RULES = {
    layout.BY_OPEN: Rule.OPEN,
    layout.BY_GAP: Rule.GAP,
    layout.BY_STOP: Rule.STOP,
    layout.BY_TOUCH: Rule.TOUCHED,
    layout.BY_THROUGH: Rule.THROUGH,
    layout.BY_CLOSE: Rule.LAST,
}
#: Denials: the engine's own name for each, and a sentence.
_DENIALS = {
    layout.WHY_LOT: ("quantity.lot", "The quantity is not a multiple of the lot size."),
    layout.WHY_FREEZE: ("quantity.freeze", "The quantity is above the freeze quantity; split it."),
    layout.WHY_CLOSED: ("market.closed", "Markets are closed right now."),
    layout.WHY_CUTOFF: ("product.mis_cutoff", "Intraday orders (MIS) are not allowed any more today."),
    layout.WHY_HOLDINGS: ("holdings.short", "You don't have sufficient holdings."),
    layout.WHY_FUNDS: (
        "funds.short",
        "Insufficient funds. The required margin is more than what is available.",
    ),
    layout.WHY_ORDER_VALUE: ("max_order_value", "The order is worth more than is allowed."),
    layout.WHY_OPEN_ORDERS: ("max_open_orders", "As many orders are open as are allowed."),
    layout.WHY_ORDERS_PER_DAY: ("max_orders_per_day", "As many orders were placed today as are allowed."),
    layout.WHY_DAILY_LOSS: ("max_daily_loss", "Today's loss has reached its limit."),
}
_ENDS = {
    layout.WHY_OTHER_TRADED: "the other exit has traded",
    layout.WHY_LEAVING: "the position is being left",
    layout.WHY_SQUARE_OFF: "intraday square-off",
    layout.WHY_LAPSED: "a DAY order lapses at the close",
}
#: What comes first of what is of one moment.
_DAY_OPENS, _TRADES, _ORDERS, _ENDED, _DAY_CLOSES = range(5)

_Timed = tuple[int, int, int, ev.Event, str]


def log_of(
    outcome: Outcome,
    opened: ev.AccountOpened,
    setup: Setup,
    days: Sequence[tuple[date, int, int]],
    closes: Sequence[int],
    bars: BarColumns,
    strategy: str,
) -> MemoryLog:
    """
    Return the log of a kernel's run; `closes` are the moments at which the books of each day were closed.

    `strategy` is the name of who asked for the orders.
    """
    log = MemoryLog()
    log.append(ev.Recorded(1, ist_ns(days[0][0]) if days else 0, "session", opened))
    ids = _ids(outcome, setup.instrument, opened.order_prefix)
    timed = [
        *_days(outcome, setup, days, closes, bars),
        *_orders(outcome, setup, ids, strategy),
        *_fills(outcome, setup, ids, opened.order_prefix, bars),
    ]
    timed.sort(key=lambda each: each[:3])
    for seq, (at, _, _, event, cause) in enumerate(timed, 2):
        log.append(ev.Recorded(seq, at, cause, event))
    return log


def _ids(outcome: Outcome, instrument: Instrument, prefix: str) -> list[str]:
    made, ids, count, day = OrderIds(prefix), [], 0, date.min
    ends = -1
    for at in outcome.orders[:, layout.ORDER_AT].tolist():
        if at >= ends:
            day, count = ist_date(at), 0
            ends = ist_ns(date.fromordinal(day.toordinal() + 1))
        count += 1
        ids.append(made.make(at, instrument.tradingsymbol, count))
    return ids


def _days(
    outcome: Outcome,
    setup: Setup,
    days: Sequence[tuple[date, int, int]],
    closes: Sequence[int],
    bars: BarColumns,
) -> Iterator[_Timed]:
    step = bars.seconds * 1_000_000_000
    for number, ((day, first, last), close) in enumerate(zip(days, closes, strict=True)):
        name = day.isoformat()
        yield int(bars.start[first]) + step, _DAY_OPENS, number, ev.DayOpened(name), "timer:day_open"
        rounding = Charges(*outcome.daily[number, layout.DAILY_ROUNDING :].tolist())
        marks = {setup.instrument.id: int(bars.close[last - 1])}
        yield close, _DAY_CLOSES, number, ev.DayClosed(name, marks, rounding), "timer:day_close"


def _orders(outcome: Outcome, setup: Setup, ids: list[str], strategy: str) -> Iterator[_Timed]:
    cause, symbol, product = f"strategy:{strategy}", setup.instrument.id, setup.product
    paid_up = setup.instrument.is_option or product is Product.CNC
    listed = listing(setup.instrument)
    for number, (order_id, row) in enumerate(zip(ids, outcome.orders.tolist(), strict=True)):
        (
            at, kind, buys, make, quantity, price, trigger, end, ended_at, why, blocked, reference, band
        ) = row  # fmt: skip
        side, order_type, tag = (Side.BUY if buys else Side.SELL), _TYPES[make], _TAGS[kind]
        by = "timer:square_off" if kind == layout.KIND_SQUARE_OFF else cause
        if end == layout.END_DENIED:
            rule, message = _DENIALS[why]
            denied = ev.OrderDenied(
                order_id, symbol, side, quantity, rule, message, product=product, order_type=order_type,
                price=price, trigger_price=trigger, strategy=strategy, tag=tag,
            )  # fmt: skip
            yield at, _ORDERS, number, denied, by
            continue
        placed = ev.OrderPlaced(
            order_id, symbol, side, product, order_type, quantity, blocked, price=price,
            trigger_price=trigger, strategy=strategy, tag=tag, paid_up=paid_up, reference=reference,
            listing=listed,
            band=band,
        )  # fmt: skip
        yield at, _ORDERS, number, placed, by
        if end == layout.END_CANCELLED:
            yield ended_at, _ENDED, number, ev.OrderCancelled(order_id, _ENDS[why]), "venue"
        elif end == layout.END_EXPIRED:
            yield ended_at, _ENDED, number, ev.OrderExpired(order_id, _ENDS[why]), "timer:close"


def _fills(outcome: Outcome, setup: Setup, ids: list[str], prefix: str, bars: BarColumns) -> Iterator[_Timed]:
    profile = PROFILES[setup.profile].profile
    orders = outcome.orders
    for number, row in enumerate(outcome.fills.tolist()):
        at, bar, order, price, slip, by, margin, *heads = row
        buys, trigger = bool(orders[order, layout.ORDER_BUYS]), int(orders[order, layout.ORDER_TRIGGER])
        rule = _RULES[by]
        base = price - slip if buys else price + slip
        shown = base
        if by in {layout.BY_STOP, layout.BY_TOUCH, layout.BY_THROUGH}:
            is_high = buys is (by == layout.BY_STOP)
            shown = int((bars.high if is_high else bars.low)[bar])
        evidence = Evidence(
            Source.BAR,
            rule,
            int(bars.start[bar]),
            shown,
            profile,
            int(bars.volume[bar]),
            slip=slip,
            order_price=trigger if by == layout.BY_STOP else base,
        )
        quantity = int(orders[order, layout.ORDER_QUANTITY])
        fill = ev.OrderFilled(
            ids[order], f"{prefix[:1]}T{number + 1}", quantity, price, Charges(*heads), margin, evidence
        )
        yield at, _TRADES, number, fill, "venue"
