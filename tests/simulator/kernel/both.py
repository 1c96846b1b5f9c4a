"""A signal strategy lived twice: by the event engine and by the kernel, told alike so that they compare."""

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from tests.trading import CALENDAR, CHARGES, MARGINS, PRODUCTS, Session

from kasauti.compose.kernel_limits import TargetLimits
from kasauti.domain import events as ev
from kasauti.domain.instrument import Instrument, Kind, Universe
from kasauti.domain.ist import NS_PER_SECOND
from kasauti.domain.market import BarBatch
from kasauti.domain.order import Product
from kasauti.exchange.calendar import segment
from kasauti.ports import RiskRule
from kasauti.simulator.kernel import layout as k
from kasauti.simulator.kernel.marks import lay_out_marks
from kasauti.simulator.kernel.running import BarColumns, Outcome, run_kernel
from kasauti.simulator.kernel.terms import Exchange, Setup, days_of, in_session, terms_of
from kasauti.simulator.slippage import TickSlippage
from kasauti.strategies.columns import Bars
from kasauti.strategies.signal_orders import needs_limit
from kasauti.strategies.signals import Signals, SignalStrategy

EXCHANGE = Exchange(CALENDAR, CHARGES, MARGINS, PRODUCTS)

KINDS = {
    k.KIND_LONG: "entry:long",
    k.KIND_SHORT: "entry:short",
    k.KIND_SIGNAL: "exit:signal",
    k.KIND_STOP: "exit:stop",
    k.KIND_TARGET: "exit:target",
    k.KIND_SQUARE_OFF: "square_off",
}
MAKES = {k.MAKE_MARKET: "MARKET", k.MAKE_LIMIT: "LIMIT", k.MAKE_SL: "SL", k.MAKE_SL_M: "SL-M"}
ENDS = {
    k.END_COMPLETE: "COMPLETE",
    k.END_CANCELLED: "CANCELLED",
    k.END_EXPIRED: "EXPIRED",
    k.END_DENIED: "DENIED",
}
WHYS = {
    k.WHY_LOT: "quantity.lot",
    k.WHY_FREEZE: "quantity.freeze",
    k.WHY_CLOSED: "market.closed",
    k.WHY_CUTOFF: "product.mis_cutoff",
    k.WHY_HOLDINGS: "holdings.short",
    k.WHY_FUNDS: "funds.short",
    k.WHY_ORDER_VALUE: "max_order_value",
    k.WHY_OPEN_ORDERS: "max_open_orders",
    k.WHY_ORDERS_PER_DAY: "max_orders_per_day",
    k.WHY_DAILY_LOSS: "max_daily_loss",
}
RULES = {
    k.BY_OPEN: "took the open of the bar",
    k.BY_GAP: "the bar opened beyond the price asked for",
    k.BY_STOP: "the trigger was reached inside the bar",
    k.BY_TOUCH: "a trade touched the limit",
    k.BY_THROUGH: "a trade went through the limit",
}


@dataclass
class Life:
    """What happened: orders and fills as rows of plain values, days, and the account at the end."""

    orders: list[tuple[object, ...]] = field(default_factory=list)
    fills: list[tuple[object, ...]] = field(default_factory=list)
    days: list[tuple[int, int, int, tuple[int, ...]]] = field(default_factory=list)
    cash: int = 0
    funds: int = 0
    position: int = 0


@dataclass
class Case:
    """One strategy, its market and its account."""

    instrument: Instrument
    product: Product
    universe: Universe
    bars: Bars
    signals: Signals
    capital: int = 10_000_000
    profile: str = "depth"
    ticks: int = 0
    basis_points: int = 0
    quantity: int = 0
    risk: tuple[RiskRule, ...] = ()

    @property
    def parameters(self) -> SignalStrategy.Parameters:
        return SignalStrategy.Parameters(
            instrument=self.instrument.id,
            candle_s=self.bars.seconds,
            product=self.product,
            quantity=self.quantity,
            stop_limit_basis_points=100,
        )


def by_engine(case: Case) -> Life:
    """Live it in the event engine."""
    strategy = _Given(case)

    session = Session(
        case.profile,
        capital=case.capital,
        slippage=TickSlippage(case.ticks, case.basis_points),
        risk=case.risk,
        strategies=[lambda: strategy],
        universe=case.universe,
        auctions=False,
    )
    exact = case.bars.exact
    slot = np.full(len(case.bars), case.universe.slot(case.instrument.id), np.int32)
    batch = BarBatch(
        case.bars.seconds, case.bars.end, slot,
        exact.open, exact.high, exact.low, exact.close, exact.volume, exact.open_interest,
    )  # fmt: skip
    session.feed(batch)
    session.until_ns(session.engine.day_closes)
    return _told(session)


class _Given(SignalStrategy):
    """A strategy whose signals are given."""

    name = "given"

    def __init__(self, case: Case) -> None:
        super().__init__(case.parameters)
        self._case = case
        self.with_rows(case.bars, self.rows(case.bars))

    def signals(self, bars: Bars) -> Signals:
        return self._case.signals


def by_kernel(case: Case) -> Life:
    """Live it in the kernel; `NotHere` where that cannot be."""
    rows = _Given(case).rows(case.bars)
    exact = case.bars.exact
    setup = Setup(
        case.instrument,
        case.product,
        case.profile,
        case.ticks,
        case.basis_points,
        case.capital * 10_000,
        case.parameters.stop_limit if needs_limit(case.instrument) else 0,
        case.risk,
        frozenset(segment(each) for each in case.universe if each.kind is not Kind.INDEX),
    )
    kept, days = in_session(exact.start, case.instrument, CALENDAR)
    assert len(kept) == len(case.bars), "the bars of these cases lie in sessions"
    TargetLimits(case.instrument, days, exact, None).check(rows)
    table, schedules = days_of(days, case.bars.seconds, exact.start, setup, EXCHANGE)
    values = exact.start, exact.high, exact.low, exact.close, exact.volume
    lay_out_marks(table, days, setup, EXCHANGE, seconds=case.bars.seconds, columns=values)
    prices = exact.open, exact.high, exact.low, exact.close
    columns = BarColumns.of(exact.start, prices, exact.volume, case.bars.seconds)
    return _kernel_told(run_kernel(columns, rows, table, schedules, terms_of(setup)))


def _kernel_told(outcome: Outcome) -> Life:
    life = Life()
    for order in outcome.orders.tolist():
        denied = order[k.ORDER_END] == k.END_DENIED
        life.orders.append(
            (
                order[k.ORDER_AT],
                "BUY" if order[k.ORDER_BUYS] else "SELL",
                MAKES[order[k.ORDER_MAKE]],
                order[k.ORDER_QUANTITY],
                order[k.ORDER_PRICE],
                order[k.ORDER_TRIGGER],
                KINDS[order[k.ORDER_KIND]],
                ENDS[order[k.ORDER_END]],
                order[k.ORDER_ENDED_AT],
                WHYS[order[k.ORDER_WHY]] if denied else "",
            )
        )
    for fill in outcome.fills.tolist():
        order = outcome.orders[fill[k.FILL_ORDER]].tolist()
        life.fills.append(
            (
                fill[k.FILL_AT],
                KINDS[order[k.ORDER_KIND]],
                order[k.ORDER_QUANTITY],
                fill[k.FILL_PRICE],
                fill[k.FILL_SLIP],
                RULES[fill[k.FILL_RULE]],
                tuple(fill[k.FILL_CHARGES :]),
            )
        )
    for day in outcome.daily.tolist():
        rounding = tuple(day[k.DAILY_ROUNDING :])
        life.days.append((day[k.DAILY_GROSS], day[k.DAILY_CHARGES], day[k.DAILY_FILLS], rounding))
    state = outcome.state.tolist()
    life.cash, life.funds, life.position = state[k.ACC_CASH], state[k.ACC_FUNDS], state[k.ACC_POSITION]
    return life


def _told(session: Session) -> Life:
    life = Life()
    places: dict[str, int] = {}
    tags: dict[str, tuple[str, int]] = {}
    charges = fills = gross = held = paid = 0
    for recorded in session.log:
        at, event = recorded.at, recorded.event
        if isinstance(event, (ev.OrderPlaced, ev.OrderDenied)):
            denied = isinstance(event, ev.OrderDenied)
            places[event.order_id] = len(life.orders)
            tags[event.order_id] = (event.tag, event.quantity)
            life.orders.append(
                (
                    at,
                    str(event.side),
                    str(event.order_type),
                    event.quantity,
                    event.price,
                    event.trigger_price,
                    event.tag,
                    "DENIED" if denied else "",
                    at if denied else 0,
                    event.rule if isinstance(event, ev.OrderDenied) else "",
                )
            )
        elif isinstance(event, ev.OrderFilled):
            tag, quantity = tags[event.order_id]
            evidence = event.evidence
            assert evidence is not None
            assert quantity == event.quantity, "the kernel says so where an order trades in part"
            *heads, services = (getattr(event.charges, name) for name in event.charges.__struct_fields__)
            assert not services, "services are the day's"
            life.fills.append(
                (at, tag, quantity, event.price, evidence.slip, str(evidence.rule), tuple(heads))
            )
            charges += event.charges.total
            fills += 1
            signed = quantity if life.orders[places[event.order_id]][1] == "BUY" else -quantity
            held, paid = held + signed, paid + signed * event.price
            if not held:
                gross, paid = gross - paid, 0
            _end(life, places[event.order_id], "COMPLETE", at)
        elif isinstance(event, ev.OrderCancelled):
            _end(life, places[event.order_id], "CANCELLED", at)
        elif isinstance(event, ev.OrderExpired):
            _end(life, places[event.order_id], "EXPIRED", at)
        elif isinstance(event, ev.DayClosed):
            rounded = tuple(getattr(event.rounding, name) for name in event.rounding.__struct_fields__)
            life.days.append((gross, charges + event.rounding.total, fills, rounded))
            charges = fills = gross = 0
        assert not isinstance(event, (ev.StrategyFailed, ev.VenueAnomaly)), event
    state = session.state
    assert state.ledger.trial_balance == 0
    life.cash, life.funds = state.ledger.cash, state.ledger.funds
    life.position = sum(position.quantity for position in state.positions.values())
    return life


def _end(life: Life, place: int, status: str, at: int) -> None:
    row = life.orders[place]
    life.orders[place] = (*row[:7], status, at, "")


def bars_on(instrument: Instrument, seconds: int, starts: list[int], prices: list[tuple[int, ...]]) -> Bars:
    """Return bars that begin at `starts`; prices are (open, high, low, close, volume)."""
    assert all(after - before >= seconds * NS_PER_SECOND for before, after in pairwise(starts))
    table = np.array(prices, np.int64).reshape(len(starts), 5)
    return Bars.of(
        start=np.array(starts, np.int64),
        open=table[:, 0],
        high=table[:, 1],
        low=table[:, 2],
        close=table[:, 3],
        volume=table[:, 4],
        seconds=seconds,
        instrument=instrument,
    )
