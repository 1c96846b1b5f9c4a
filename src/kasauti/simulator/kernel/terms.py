"""What holds on each day of a run, looked up once and laid out for the kernel."""

from collections.abc import Sequence
from datetime import date
from math import gcd

import msgspec
import numpy as np

from kasauti.domain.instrument import Instrument, Kind
from kasauti.domain.ist import IST_OFFSET_NS, NS_PER_DAY, NS_PER_SECOND, ist_date
from kasauti.domain.market import Ints
from kasauti.domain.money import PAISA, RUPEE
from kasauti.domain.order import OrderType, Product, Validity
from kasauti.exchange.broker_rules import BrokerRules, uncounted
from kasauti.exchange.calendar import Calendar, Segment, segment
from kasauti.exchange.charge_class import charged
from kasauti.exchange.charges import ChargeBook, ChargeSchedule
from kasauti.exchange.margin import Margin
from kasauti.exchange.products import ProductRules
from kasauti.exchange.rules import ONE
from kasauti.exchange.settlement import Settlement
from kasauti.ports import MarginModel, RiskRule
from kasauti.risk.rules import MaxDailyLoss, MaxOpenOrders, MaxOrdersPerDay, MaxOrderValue, MaxPositions
from kasauti.simulator.kernel.layout import (
    DAY_BILLED,
    DAY_CARRIES,
    DAY_CLOSE_1,
    DAY_CLOSE_2,
    DAY_CUTOFF,
    DAY_DP,
    DAY_DP_GST,
    DAY_DUTY_STEP,
    DAY_EXPIRES,
    DAY_FIRST,
    DAY_INTRADAY_DUTY,
    DAY_INTRADAY_TAX,
    DAY_LAPSE,
    DAY_LAST,
    DAY_LAST_CLOSE,
    DAY_MARGIN_NUMERATOR,
    DAY_MARGIN_STEP,
    DAY_MATCHES,
    DAY_MOST_ASKED,
    DAY_OPEN_1,
    DAY_OPEN_2,
    DAY_SCHEDULE,
    DAY_SLABS,
    DAY_SQUARE_OFF,
    DAY_SQUARE_OFF_GST,
    DAY_TAX_STEP,
    DAY_UNSETTLED,
    DAY_USABLE,
    DAY_USABLE_UNSETTLED,
    DAY_WIDTH,
    ENDLESS,
    NEVER,
    SLAB_SHARE,
    SLAB_WIDTH,
    SLABS,
    STATE_WIDTH,
    TERM_CAPITAL,
    TERM_DELIVERY,
    TERM_FREEZE,
    TERM_LOT,
    TERM_MARKED,
    TERM_MAX_DAILY_LOSS,
    TERM_MAX_OPEN_ORDERS,
    TERM_MAX_ORDER_VALUE,
    TERM_MAX_ORDERS_PER_DAY,
    TERM_OPTION,
    TERM_PAID_UP,
    TERM_SLIP_BASIS_POINTS,
    TERM_SLIP_TICKS,
    TERM_SPANS,
    TERM_STOP_LIMIT,
    TERM_STRIKE,
    TERM_THROUGH,
    TERM_TICK,
)
from kasauti.simulator.kernel.schedules import compiled

#: Profiles in which a bar has to go through a limit; in the others a touch is enough.
_THROUGH = {"depth": 1, "pessimistic": 1, "touch": 0, "ltp": 0}
#: The most orders that a signal strategy asks for at one moment.
_MOST_AT_ONCE = 4
#: Stretches of trading that a day's row has room for.
_MOST_PARTS = 2


class Exchange(msgspec.Struct, frozen=True):
    """The dated rules of exchange and broker, as the engine has them."""

    calendar: Calendar
    charges: ChargeBook
    margins: MarginModel
    products: ProductRules
    settlement: Settlement = msgspec.field(default_factory=Settlement)
    broker: BrokerRules = msgspec.field(default_factory=uncounted)


class Setup(msgspec.Struct, frozen=True):
    """
    What a run is to be like.

    `spans` is whether a sale to open is margined by the price of an underlying that this market has.
    `segments` are those of every instrument of the market: its timers ring until the last of them closes.
    `stop_limit` is how far a stop's limit lies beyond its trigger, in millionths; 0: it has none.
    """

    instrument: Instrument
    product: Product
    profile: str
    slippage_ticks: int
    slippage_basis_points: int
    capital: int
    stop_limit: int
    risk: Sequence[RiskRule] = ()
    segments: frozenset[Segment] = frozenset()
    spans: bool = False


class NotHere(Exception):
    """The kernel cannot compute this; the message says why, as the end of a sentence."""


def terms_of(setup: Setup) -> Ints:
    """Return a state with what holds for the whole run; `NotHere` for a risk rule not of Kasauti's own."""
    terms = np.zeros(STATE_WIDTH, np.int64)
    instrument = setup.instrument
    delivery = setup.product is Product.CNC
    terms[TERM_LOT], terms[TERM_TICK] = instrument.lot_size, instrument.tick_size
    terms[TERM_FREEZE] = instrument.freeze_quantity or ENDLESS
    terms[TERM_OPTION], terms[TERM_STRIKE] = instrument.is_option, instrument.strike
    terms[TERM_DELIVERY], terms[TERM_PAID_UP] = delivery, delivery or instrument.is_option
    terms[TERM_MARKED] = instrument.kind is Kind.FUTURE
    terms[TERM_THROUGH] = _THROUGH[setup.profile]
    terms[TERM_SLIP_TICKS], terms[TERM_SLIP_BASIS_POINTS] = setup.slippage_ticks, setup.slippage_basis_points
    terms[TERM_SPANS] = setup.spans
    terms[TERM_STOP_LIMIT], terms[TERM_CAPITAL] = setup.stop_limit, setup.capital
    limits = (TERM_MAX_ORDER_VALUE, TERM_MAX_OPEN_ORDERS, TERM_MAX_ORDERS_PER_DAY, TERM_MAX_DAILY_LOSS)
    terms[list(limits)] = ENDLESS
    columns: dict[type, int] = dict(
        zip((MaxOrderValue, MaxOpenOrders, MaxOrdersPerDay, MaxDailyLoss), limits, strict=True)
    )
    before = -1
    for rule in setup.risk:
        if isinstance(rule, MaxPositions):
            continue  # one instrument is one position, and the least limit is one
        if type(rule) not in columns:
            raise NotHere(f"the risk rule {rule.name} is not one that the kernel knows")
        if columns[type(rule)] <= before:
            raise NotHere("the risk rules are in another order than the kernel asks them in")
        before = columns[type(rule)]
        terms[before] = min(rule.limit, ENDLESS)  # type: ignore[attr-defined]
    return terms


def in_session(
    start: Ints, instrument: Instrument, calendar: Calendar
) -> tuple[Ints, list[tuple[date, int, int]]]:
    """
    Return which rows lie in a session, and the trading days: (day, first, last) of the rows that stay.

    Raises `RuleUnknown` for a day that the calendar does not know.
    """
    cuts = _day_cuts(start)
    where = segment(instrument)
    kept: list[Ints] = []
    days: list[tuple[date, int, int]] = []
    count = 0
    for first, last in zip([0, *cuts.tolist()], [*cuts.tolist(), len(start)], strict=True):
        if first == last:
            continue
        day = ist_date(int(start[first]))
        session = calendar.session(day, where)
        if session is None:
            continue
        low = first + int(start[first:last].searchsorted(session.open, "left"))
        high = first + int(start[first:last].searchsorted(session.close, "left"))
        if low < high:
            kept.append(np.arange(low, high))
            days.append((day, count, count + high - low))
            count += high - low
    return (np.concatenate(kept) if kept else np.zeros(0, np.int64)), days


def days_of(
    days: Sequence[tuple[date, int, int]], seconds: int, start: Ints, setup: Setup, exchange: Exchange
) -> tuple[Ints, Ints]:
    """
    Return the days and the schedules of charges they refer to.

    Raises `NotHere` for what only the engine can do, `RuleUnknown` where a rule is not known.
    """
    table = np.zeros((len(days), DAY_WIDTH), np.int64)
    found: dict[ChargeSchedule, int] = {}
    for number, (day, first, last) in enumerate(days):
        row = table[number]
        row[DAY_FIRST], row[DAY_LAST] = first, last
        _hours(row, day, setup, exchange)
        _check_orders(day, setup, exchange)
        _broker(row, day, seconds, setup, exchange.broker)
        _check_grid(start[first:last], int(row[DAY_OPEN_1]), seconds, day)
        schedule = exchange.charges.schedule(setup.instrument, setup.product, day)
        row[DAY_SCHEDULE] = found.setdefault(schedule, len(found))
        row[DAY_BILLED] = -1
        billed = _billed(day, setup, exchange.charges)
        if billed is not None:
            row[DAY_BILLED] = found.setdefault(billed, len(found))
        _closing(row, day, setup, exchange.charges)
        margin = exchange.margins.of(setup.instrument, setup.product, day)
        if not isinstance(margin, Margin):
            raise NotHere("its margin model is not Kasauti's own")
        _margin(row, margin)
        row[DAY_EXPIRES] = setup.instrument.expiry == day
        if setup.instrument.expiry is not None and setup.instrument.expiry < day:
            raise NotHere(f"{setup.instrument.id} expired on {setup.instrument.expiry}")
    if setup.product is Product.CNC:
        _settling(table, [day for day, _, _ in days], exchange)
    schedules = np.array([compiled(schedule) for schedule in found], np.int64)
    return table, schedules


def _billed(day: date, setup: Setup, book: ChargeBook) -> ChargeSchedule | None:
    """
    Return what orders in shares are billed by on a day with buys and sells, where their product is another.

    An intraday position never outlives its day here, so intraday orders are billed as such: see
    `exchange.share_brokerage`.
    """
    key = charged(setup.instrument, setup.product)
    if not key.of.is_share or key.of.delivered is not key.of or not book.bills_by_nature(day):
        return None
    intraday = key.of.intraday
    return book.schedule_of(
        key.exchange, intraday, key.name, day, series=key.series, product=Product.MIS.value
    )


def _closing(row: Ints, day: date, setup: Setup, book: ChargeBook) -> None:
    """Lay out what closing the day's books costs: the taxes of a share's day, and services."""
    instrument = setup.instrument
    key = charged(instrument, setup.product)
    if key.of.is_share:
        if book.is_trade_to_trade(key.exchange, key.series, day):
            raise NotHere(f"{instrument.id} is delivered trade by trade")
        intraday, delivered = (
            book.taxes(key.exchange, of, key.name, key.series, day)
            for of in (key.of.intraday, key.of.delivered)
        )
        if intraday.stt_buy:
            raise NotHere("intraday purchases are taxed")
        taxes = (intraday.stt_sell, delivered.stt_buy, delivered.stt_sell)
        duties = (intraday.stamp_buy, delivered.stamp_buy)
        row[DAY_MATCHES] = 1
        row[DAY_INTRADAY_TAX : DAY_TAX_STEP + 1] = _reduced(taxes)
        row[DAY_INTRADAY_DUTY : DAY_DUTY_STEP + 1] = _reduced(duties)
    if key.of.is_share and key.of.delivered is key.of:
        if setup.product is not Product.CNC:
            raise NotHere(f"shares under {setup.product} are not computed there")
        fee, other = (book.services.dp(day, value) for value in (0, RUPEE * ONE))
        if fee != other:
            raise NotHere(f"the depository charge of {book.plan.name} is a part of what is sold")
        row[DAY_DP], row[DAY_DP_GST] = fee
    if setup.product is Product.MIS:
        row[DAY_SQUARE_OFF], row[DAY_SQUARE_OFF_GST] = book.services.auto_square_off(day)


def _reduced(rates: tuple[int, ...]) -> tuple[int, ...]:
    """Return rates in billionths, and the divisor that makes whole rupees, without common factors."""
    step = RUPEE * ONE
    common = gcd(*rates, step // 2)
    return (*(rate // common for rate in rates), step // common)


def _hours(row: Ints, day: date, setup: Setup, exchange: Exchange) -> None:
    calendar, where = exchange.calendar, segment(setup.instrument)
    session = calendar.session(day, where)
    closes = calendar.close_of(setup.instrument, day)
    if session is None or closes is None:
        raise NotHere(f"{day} is no trading day of {setup.instrument.id}")
    parts = [(opens, min(ends, closes)) for opens, ends in session.parts]
    if len(parts) > _MOST_PARTS:
        raise NotHere(f"{day} has more than two stretches of trading")
    (row[DAY_OPEN_1], row[DAY_CLOSE_1]), *rest = parts
    row[DAY_OPEN_2], row[DAY_CLOSE_2] = rest[0] if rest else (NEVER, NEVER)
    row[DAY_CUTOFF] = calendar.square_off(day, where) if setup.product is Product.MIS else NEVER
    others = [calendar.session(day, each) for each in setup.segments or {where}]
    row[DAY_LAST_CLOSE] = max(other.close for other in others if other is not None)
    row[DAY_LAPSE] = closes if setup.instrument.expiry == day else session.close


def _settling(table: Ints, days: Sequence[date], exchange: Exchange) -> None:
    """Say of each day whose purchases have not settled, and how much of a sale can be used."""
    rules = exchange.settlement
    first = 0
    for number, day in enumerate(days):
        while first < number and rules.settles_on(days[first], exchange.calendar) < day:
            first += 1
        table[number, DAY_UNSETTLED] = first
        usable = [percent * 100 for percent in rules.usable_percents(day)]
        if any(part % 1 for part in usable):
            raise NotHere(
                f"the part of a sale that can be used on {day} is finer than a hundredth of a per cent"
            )
        table[number, [DAY_USABLE, DAY_USABLE_UNSETTLED]] = [int(part) for part in usable]


def _check_orders(day: date, setup: Setup, exchange: Exchange) -> None:
    stop = OrderType.SL if setup.stop_limit else OrderType.SL_M
    for order_type in (OrderType.MARKET, OrderType.LIMIT, stop):
        refusal = exchange.products.refusal(setup.instrument, setup.product, order_type, Validity.DAY, on=day)
        if refusal is not None:
            raise NotHere(f"{order_type} orders are refused on {day}: {refusal.message}")


def _broker(row: Ints, day: date, seconds: int, setup: Setup, broker: BrokerRules) -> None:
    """Lay out what the broker asks of market orders, and how many orders it takes."""
    if broker.lenient:
        raise NotHere("the account's regime is permissive")
    slabs = broker.protection(setup.instrument, day).slabs
    if len(slabs) > SLABS:
        raise NotHere(f"market protection has {len(slabs)} slabs, there is room for {SLABS}")
    row[DAY_SLABS + SLAB_SHARE] = -1
    for number, slab in enumerate(slabs):
        place = DAY_SLABS + number * SLAB_WIDTH
        row[place : place + SLAB_WIDTH] = slab
    row[DAY_MOST_ASKED] = ENDLESS
    if broker.counts_orders:
        limits = broker.limits(day)
        row[DAY_MOST_ASKED] = limits.per_day
        if limits.per_minute * seconds < _MOST_AT_ONCE * 60:
            raise NotHere(f"on bars of {seconds} s a minute may have more orders than the broker takes")


def _check_grid(start: Ints, opens: int, seconds: int, day: date) -> None:
    step = seconds * NS_PER_SECOND
    if ((start - opens) % step).any():
        raise NotHere(f"some bars of {day} do not begin a whole number of {seconds} s after the open")


def _margin(row: Ints, margin: Margin) -> None:
    row[DAY_MARGIN_NUMERATOR] = margin.numerator
    row[DAY_MARGIN_STEP] = margin.denominator * PAISA


def _day_cuts(start: Ints) -> Ints:
    """Return the places at which an IST day begins, but for the first."""
    if not len(start):
        return np.zeros(0, np.int64)
    first, last = ((int(at) + IST_OFFSET_NS) // NS_PER_DAY for at in (start[0], start[-1]))
    midnights = np.arange(first + 1, last + 1) * NS_PER_DAY - IST_OFFSET_NS
    cuts: Ints = np.unique(start.searchsorted(midnights, "left"))
    return cuts


def joined_days(start: Ints, schedule: ChargeSchedule, margin: Margin | None) -> tuple[Ints, Ints]:
    """
    Return days without hours: nothing lapses, and a signal of a day's last bar acts on the next one's open.

    Every day has the same charges and margin, none at all where `margin` is None.
    """
    cuts = _day_cuts(start)
    table = np.zeros((len(cuts) + 1, DAY_WIDTH), np.int64)
    table[1:, DAY_FIRST] = table[:-1, DAY_LAST] = cuts
    table[-1, DAY_LAST] = len(start)
    table[:, [DAY_CLOSE_1, DAY_CUTOFF, DAY_LAST_CLOSE, DAY_LAPSE, DAY_OPEN_2, DAY_CLOSE_2]] = NEVER
    table[:, DAY_OPEN_1] = -NEVER
    table[:, DAY_MOST_ASKED], table[:, DAY_SLABS + SLAB_SHARE] = ENDLESS, -1
    table[:, DAY_CARRIES] = 1
    table[:, DAY_MARGIN_STEP] = PAISA
    if margin is not None:
        table[:, DAY_MARGIN_NUMERATOR] = margin.numerator
        table[:, DAY_MARGIN_STEP] = margin.denominator * PAISA
    return table, compiled(schedule)[np.newaxis]
