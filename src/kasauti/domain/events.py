"""
What may have happened to an account.

An event carries what depended on the outside (a price, a rate, a draw, the answer of a venue) and never
what follows from other events. Its `TAG` is a promise: it never changes meaning, and a new field comes
with a default. `store.codec` maps tags to these types, and a golden file per tag is kept for ever.
"""

from typing import ClassVar

import msgspec

from kasauti.domain.adjustment_events import PositionAdjusted as PositionAdjusted  # noqa: PLC0414  exported
from kasauti.domain.band_events import BandFilled as BandFilled  # noqa: PLC0414  exported
from kasauti.domain.charges import Charges
from kasauti.domain.event import Event as Event  # noqa: PLC0414  the names they have had always
from kasauti.domain.event import Recorded as Recorded  # noqa: PLC0414  as above
from kasauti.domain.evidence import Evidence
from kasauti.domain.margin_events import MarginReckoned as MarginReckoned  # noqa: PLC0414  exported
from kasauti.domain.margin_events import RiskFileUsed as RiskFileUsed  # noqa: PLC0414  exported
from kasauti.domain.order import NO_CHARGES, OrderType, Product, Side, Validity
from kasauti.domain.product_events import PRODUCT_EVENTS
from kasauti.domain.risk_mark import RiskMark
from kasauti.domain.settlement_events import SETTLEMENT_EVENTS
from kasauti.domain.standing_events import STANDING_EVENTS
from kasauti.domain.strategy_events import IndicatorsNoted as IndicatorsNoted  # noqa: PLC0414  exported
from kasauti.domain.strategy_events import StrategyFailed as StrategyFailed  # noqa: PLC0414  exported
from kasauti.domain.strategy_events import StrategyNoted as StrategyNoted  # noqa: PLC0414  exported


class AccountOpened(Event, frozen=True, gc=False, omit_defaults=True):
    """An account began. `config` is its settings without secrets, `rules` its rule files, both as JSON."""

    TAG: ClassVar[str] = "account.opened"
    VERSION: ClassVar[int] = 2
    account: str
    mode: str
    order_prefix: str
    capital: int
    plan: str
    currency: str = "INR"
    config: str = "{}"
    rules: str = ""


class MoneyMoved(Event, frozen=True, gc=False, omit_defaults=True):
    """Money came in, or with a negative `amount` went out."""

    TAG: ClassVar[str] = "money.moved"
    amount: int
    reason: str


class SessionStarted(Event, frozen=True, gc=False, omit_defaults=True):
    """
    A process took the account up.

    `after_crash` is whether the one before ended without saying so, `last_at` the time of its last event,
    `policy` what was done about it, `feed` where prices come from; `config` and `rules` are as in
    `AccountOpened`.
    """

    TAG: ClassVar[str] = "session.started"
    VERSION: ClassVar[int] = 2
    version: str
    feed: str
    policy: str
    after_crash: bool = False
    last_at: int = 0
    downtime_s: float = 0.0
    config: str = "{}"
    rules: str = ""


class SessionStopped(Event, frozen=True, gc=False, omit_defaults=True):
    """The process left the account cleanly."""

    TAG: ClassVar[str] = "session.stopped"
    reason: str


class DayOpened(Event, frozen=True, gc=False, omit_defaults=True):
    """A trading day (an IST session date, as ISO text) began for the account."""

    TAG: ClassVar[str] = "day.opened"
    day: str


class DayClosed(Event, frozen=True, gc=False, omit_defaults=True):
    """
    A trading day ended. `marks` are the closing prices used to value what is held.

    `rounding` is what the day costs beyond the trades' own charges: in the contract note taxes on shares go
    by what was bought and sold together, and statutory heads are rounded once, on the day's sum; services
    come on top.
    """

    TAG: ClassVar[str] = "day.closed"
    VERSION: ClassVar[int] = 2
    day: str
    marks: dict[str, int] = msgspec.field(default_factory=dict)
    rounding: Charges = NO_CHARGES


class TimerFired(Event, frozen=True, gc=False, omit_defaults=True):
    """A job of the account's day ran; it runs once. `due` is when it should have, `name` which it was."""

    TAG: ClassVar[str] = "timer.fired"
    name: str
    due: int


class OrderPlaced(Event, frozen=True, gc=False, omit_defaults=True):
    """
    An order passed every check and goes to the venue.

    `blocked` is the money held for it. `paid_up` is whether its trades are paid in full at once (delivery,
    option premium) or only their profit and loss is (futures, intraday equity). `reference` is the price
    the block was computed from where the order names none. `band` is the worst price of a protected market
    order, 0: any; what does not trade stays there. `parent` is the first slice of an order that was cut.
    `listing` is what a share's id does not say and its charges depend on: series or group, what a fund holds.
    `risk_marks` are new prices that margins rest on.
    """

    TAG: ClassVar[str] = "order.placed"
    VERSION: ClassVar[int] = 3
    order_id: str
    instrument: str
    side: Side
    product: Product
    order_type: OrderType
    quantity: int
    blocked: int
    validity: Validity = Validity.DAY
    price: int = 0
    trigger_price: int = 0
    command_id: str = ""
    strategy: str = ""
    tag: str = ""
    paid_up: bool = False
    reference: int = 0
    band: int = 0
    parent: str = ""
    listing: str = ""
    risk_marks: tuple[RiskMark, ...] = ()


class OrderDenied(Event, frozen=True, gc=False, omit_defaults=True):
    """
    We refused an order before a venue saw it: the rule, what it allows, what was asked.

    `nearest` is what to change in the command so that this rule lets it pass, `advice` that as a sentence.
    """

    TAG: ClassVar[str] = "order.denied"
    VERSION: ClassVar[int] = 2
    order_id: str
    instrument: str
    side: Side
    quantity: int
    rule: str
    message: str
    limit: str = ""
    actual: str = ""
    product: str = ""
    order_type: str = ""
    price: int = 0
    trigger_price: int = 0
    command_id: str = ""
    strategy: str = ""
    tag: str = ""
    nearest: dict[str, int | str] = msgspec.field(default_factory=dict)
    advice: str = ""


class OrderOpened(Event, frozen=True, gc=False, omit_defaults=True):
    """The venue has the order. `queue_ahead` is what was displayed at its price before it."""

    TAG: ClassVar[str] = "order.opened"
    order_id: str
    trigger_pending: bool = False
    queue_ahead: int = 0


class OrderTriggered(Event, frozen=True, gc=False, omit_defaults=True):
    """A stop order woke: `price` traded at or beyond its trigger."""

    TAG: ClassVar[str] = "order.triggered"
    order_id: str
    price: int


class ModifyRequested(Event, frozen=True, gc=False, omit_defaults=True):
    """
    A change of a working order passed our checks and goes to the venue.

    `blocked` is the sum held until it answers: what the old or the new terms need, whichever is more. What is
    None is not to change: type, validity, and the units `disclosed` to the market at a time (0: all).
    """

    TAG: ClassVar[str] = "order.modify_requested"
    VERSION: ClassVar[int] = 3
    order_id: str
    quantity: int
    price: int
    trigger_price: int
    blocked: int
    band: int = 0
    order_type: OrderType | None = None
    validity: Validity | None = None
    disclosed: int | None = None


class ModifyDenied(Event, frozen=True, gc=False, omit_defaults=True):
    """
    We refused a change of an order; the order stays as it was.

    `limit`, `actual`, `nearest` and `advice` are as in `OrderDenied`.
    """

    TAG: ClassVar[str] = "order.modify_denied"
    VERSION: ClassVar[int] = 2
    order_id: str
    rule: str
    message: str
    limit: str = ""
    actual: str = ""
    nearest: dict[str, int | str] = msgspec.field(default_factory=dict)
    advice: str = ""


class OrderModified(Event, frozen=True, gc=False, omit_defaults=True):
    """
    The venue changed the order.

    `kept_priority` is whether it kept its place in the queue, `blocked` the money held for it from now on.
    Type, validity and what is `disclosed` are as they were where they are None.
    """

    TAG: ClassVar[str] = "order.modified"
    VERSION: ClassVar[int] = 3
    order_id: str
    quantity: int
    price: int
    trigger_price: int
    kept_priority: bool
    queue_ahead: int = 0
    blocked: int = 0
    band: int = 0
    order_type: OrderType | None = None
    validity: Validity | None = None
    disclosed: int | None = None


class ModifyRejected(Event, frozen=True, gc=False, omit_defaults=True):
    """The venue refused a change; `blocked` is again what the unchanged order needs."""

    TAG: ClassVar[str] = "order.modify_rejected"
    order_id: str
    message: str
    blocked: int


class CancelRequested(Event, frozen=True, gc=False, omit_defaults=True):
    """A cancellation goes to the venue."""

    TAG: ClassVar[str] = "order.cancel_requested"
    order_id: str
    reason: str


class OrderCancelled(Event, frozen=True, gc=False, omit_defaults=True):
    """The order ended before it was complete."""

    TAG: ClassVar[str] = "order.cancelled"
    order_id: str
    reason: str


class OrderRejected(Event, frozen=True, gc=False, omit_defaults=True):
    """The venue refused the order."""

    TAG: ClassVar[str] = "order.rejected"
    order_id: str
    message: str


class OrderExpired(Event, frozen=True, gc=False, omit_defaults=True):
    """The order's validity ran out."""

    TAG: ClassVar[str] = "order.expired"
    order_id: str
    reason: str


class OrderFilled(Event, frozen=True, gc=False, omit_defaults=True):
    """
    A trade.

    `charges` is what this trade adds to its order's charges; `position_margin` the money the whole
    position needs after it, `margins` what others do by their keys, where that changed, by new `risk_marks`;
    `evidence` what market data paid for it.
    """

    TAG: ClassVar[str] = "order.filled"
    VERSION: ClassVar[int] = 3
    order_id: str
    trade_id: str
    quantity: int
    price: int
    charges: Charges
    position_margin: int
    evidence: Evidence
    margins: dict[str, int] = {}  # noqa: RUF012  msgspec copies it
    risk_marks: tuple[RiskMark, ...] = ()


class PositionSettled(Event, frozen=True, gc=False, omit_defaults=True):
    """
    A position ended without an order: an expired contract, in cash, at `price`.

    `delivers` is whether shares change hands beside it, at the same price: there is no tax on exercise then.
    """

    TAG: ClassVar[str] = "position.settled"
    VERSION: ClassVar[int] = 2
    instrument: str
    product: Product
    quantity: int
    price: int
    charges: Charges
    evidence: Evidence
    delivers: bool = False


class TradingHalted(Event, frozen=True, gc=False, omit_defaults=True):
    """No new risk is taken until trading resumes."""

    TAG: ClassVar[str] = "trading.halted"
    reason: str


class TradingResumed(Event, frozen=True, gc=False, omit_defaults=True):
    """New risk is allowed again."""

    TAG: ClassVar[str] = "trading.resumed"
    reason: str


class VenueAnomaly(Event, frozen=True, gc=False, omit_defaults=True):
    """A venue reported what cannot be: nothing was changed, trading in the instrument is to be looked at."""

    TAG: ClassVar[str] = "venue.anomaly"
    order_id: str
    report: str
    message: str


EVENTS: tuple[type[Event], ...] = (
    AccountOpened,
    MoneyMoved,
    SessionStarted,
    SessionStopped,
    DayOpened,
    DayClosed,
    TimerFired,
    OrderPlaced,
    OrderDenied,
    OrderOpened,
    OrderTriggered,
    ModifyRequested,
    ModifyDenied,
    OrderModified,
    ModifyRejected,
    CancelRequested,
    OrderCancelled,
    OrderRejected,
    OrderExpired,
    OrderFilled,
    PositionSettled,
    PositionAdjusted,
    StrategyNoted,
    IndicatorsNoted,
    StrategyFailed,
    TradingHalted,
    TradingResumed,
    BandFilled,
    VenueAnomaly,
    MarginReckoned,
    RiskFileUsed,
    *PRODUCT_EVENTS,
    *SETTLEMENT_EVENTS,
    *STANDING_EVENTS,
)
