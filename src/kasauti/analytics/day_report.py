"""What one or several trading days came to, as a value: the same for every mode, written out by any view."""

import msgspec

from kasauti.analytics.amounts import Moment, Money
from kasauti.analytics.band import Edge
from kasauti.analytics.round_trips import RoundTrip
from kasauti.domain.charges import Charges


class Basis(msgspec.Struct):
    """
    What the result rests on, as the log recorded it.

    `prices` says where prices came from, `plan` whose brokerage, `regimes` whether what brokers refuse was
    refused (live) or taken (permissive), empty where it was not recorded. `profiles`, `sources` and `rules`
    count fills by fill model, kind of market data and rule. The latencies are from our record of an order to
    the venue's first answer, the shortest and the longest; None before the first order. `slipped` fills were
    made worse by the slippage model, by `slippage` money units in all. `simulator` are the simulator's
    settings as the sessions recorded them, as text.
    """

    plan: str = ""
    prices: list[str] = []
    versions: list[str] = []
    profiles: dict[str, int] = {}
    sources: dict[str, int] = {}
    rules: dict[str, int] = {}
    shortest_latency_ns: int | None = None
    longest_latency_ns: int | None = None
    slipped: int = 0
    slippage: Money = 0
    simulator: dict[str, str] = {}
    regimes: list[str] = []


class OrderCounts(msgspec.Struct):
    """
    What became of the orders.

    `complete` traded in full, `part_filled` in part before they ended; `cancelled`, `expired` and
    `rejected` (by the venue) ended without a trade; `working` can still trade. `denied` are our own refusals
    of orders, `changes_denied` those of changes and cancellations.
    """

    placed: int = 0
    complete: int = 0
    part_filled: int = 0
    cancelled: int = 0
    expired: int = 0
    rejected: int = 0
    working: int = 0
    denied: int = 0
    changes_denied: int = 0


class RefusedByRule(msgspec.Struct):
    """Orders that one rule refused, as an exchange or a broker would have, with the first one's message."""

    rule: str
    orders: int
    message: str


class TripResults(msgspec.Struct, frozen=True):
    """
    How the round trips went, each counted at its net result.

    `win_rate` is wins by trips, `profit_factor` what the winners made by what the losers lost; None where
    there is nothing to divide by. Trips at exactly zero are neither.
    """

    trips: int = 0
    wins: int = 0
    losses: int = 0
    won: Money = 0
    lost: Money = 0
    best: Money = 0
    worst: Money = 0
    win_rate: float | None = None
    profit_factor: float | None = None


class Drawdown(msgspec.Struct, frozen=True):
    """
    The deepest fall of the realised result, after charges, from an earlier high.

    `peak_at` is 0 where that high is the start of the report. `part` is `amount` by the equity at that high.
    """

    amount: Money = 0
    peak_at: Moment = 0
    trough_at: Moment = 0
    part: float | None = None


class DayResult(msgspec.Struct):
    """One day's result: `net` is `gross` less `charges`, the contract note's rounding among them."""

    day: str
    fills: int = 0
    trips: int = 0
    gross: Money = 0
    charges: Money = 0
    net: Money = 0


class OpenPosition(msgspec.Struct, frozen=True):
    """A position left open, valued at `mark`: its closing price, or last one; 0 where none is known."""

    instrument: str
    product: str
    strategy: str
    quantity: int
    average_price: Money
    mark: Money
    unrealised: Money


class MarginUse(msgspec.Struct):
    """
    What positions needed at the snapshots of the days.

    `peak` is the most at one of them, `shortfalls` at how many of them money lacked, `largest_shortfall` the
    most that did. `labels` say how good margins of futures and options were, each once.
    """

    peak: Money = 0
    shortfalls: int = 0
    largest_shortfall: Money = 0
    labels: list[str] = []


class DayReport(msgspec.Struct, frozen=True, kw_only=True):
    """
    The report of one or several trading days.

    `days` are ISO dates. `gross` is what was realised before charges, `net` after them; `rounding` is the
    part of `charges` that the contract notes added. Funds are cash, usable or blocked; equity is funds and,
    at cost, what was paid for in full. `roi` is net by equity at the start, as a fraction. `troubles` are
    what went wrong, `band` what the same orders would have made by other fill models since the account began,
    where that was asked, `margin` what positions needed, `remarks` what to think of it all.
    """

    account: str
    mode: str
    days: list[str]
    basis: Basis
    funds_start: Money
    funds_end: Money
    equity_start: Money
    equity_end: Money
    money_moved: Money
    gross: Money
    charges: Charges
    rounding: Charges
    net: Money
    unrealised: Money
    roi: float | None
    results: TripResults
    drawdown: Drawdown
    fills: int
    orders: OrderCounts
    refused: list[RefusedByRule]
    by_day: list[DayResult]
    round_trips: list[RoundTrip]
    left_open: list[OpenPosition]
    troubles: list[str]
    day_closed: bool
    band: tuple[Edge, ...] = ()
    margin: MarginUse = msgspec.field(default_factory=MarginUse)
    remarks: list[str] = []
