"""
Every setting: its name, type, default, limits and one line of documentation. The one place for all five.

Units are in the names. Amounts are whole rupees; the properties give them in money units. Nothing here is a
secret: those come from a credentials file.
"""

from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from kasauti.config.words import CLOCK, LATENCY_PROFILE, WEB_ADDRESS
from kasauti.domain.money import RUPEE

_LARGEST = 10**12
_PERCENT = 100

Rupees = Annotated[int, Meta(ge=1, le=_LARGEST)]
Count = Annotated[int, Meta(ge=1, le=1_000_000)]
Percent = Annotated[float, Meta(gt=0, le=_PERCENT)]
Clock = Annotated[str, Meta(pattern=CLOCK, examples=["14:50"])]
Name = Annotated[str, Meta(pattern="^[a-z][a-z0-9_-]{0,31}\\Z", examples=["main"])]
PlanName = Annotated[str, Meta(pattern="^[a-z][a-z0-9_-]{0,31}\\Z", examples=["zerodha"])]
Prefix = Annotated[str, Meta(pattern="^[A-Z][A-Z0-9]{0,9}\\Z", examples=["PAPER"])]
Speed = Annotated[float, Meta(ge=1, le=1_000)] | Literal["max"]


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A group of settings."""


class Account(Section, frozen=True, kw_only=True):
    """The account that trades."""

    name: Annotated[Name, Meta(description="What the account is called; its log has this name.")] = "main"
    capital_rupees: Annotated[Rupees, Meta(description="Cash that a new account begins with.")] = 100_000
    plan: Annotated[
        PlanName,
        Meta(
            description="Whose price list: angelone, dhan, fyers, groww, kotakneo, upstox, zerodha"
            " or your own."
        ),
    ] = "zerodha"
    regime: Annotated[
        Literal["live", "permissive"],
        Meta(
            description="Refuse what the broker refuses on that date, or take every order that makes sense."
        ),
    ] = "live"
    order_prefix: Annotated[Prefix, Meta(description="What the id of every order begins with.")] = "PAPER"
    trading_mode: Annotated[
        Literal["paper"],
        Meta(description="The most that this process may do; the environment's TRADING_MODE sets it too."),
    ] = "paper"

    @property
    def capital(self) -> int:
        """The capital in money units."""
        return self.capital_rupees * RUPEE


class FeedSection(Section, frozen=True, kw_only=True):
    """Where prices come from."""

    kind: Annotated[
        Literal["builtin", "recorded"],
        Meta(description="The built-in market, or data in files."),
    ] = "builtin"
    seed: Annotated[
        Annotated[int, Meta(ge=0, le=2**32 - 1)],
        Meta(description="Which built-in day is drawn: the same seed is the same day, to the byte."),
    ] = 7
    day: Annotated[
        date | None,
        Meta(description="The trading day; null: the built-in expiry day, or every day in the data."),
    ] = None
    speed: Annotated[
        Speed,
        Meta(description="How many times faster than the clock the day runs; max: as fast as it goes."),
    ] = 1.0
    path: Annotated[
        str | None,
        Meta(description="The file or folder with recorded data; needed for recorded."),
    ] = None
    first_day: Annotated[
        date | None, Meta(description="The first day of recorded data; null: all from the beginning.")
    ] = None
    last_day: Annotated[
        date | None, Meta(description="The last day of recorded data; null: all to the end.")
    ] = None
    symbols: Annotated[
        str | None,
        Meta(description="Only these symbols or underlyings of recorded data, with commas between."),
    ] = None
    layout: Annotated[
        str | None,
        Meta(
            description="The layout of recorded data, where its columns alone do not tell; see docs/data.md."
        ),
    ] = None
    time_zone: Annotated[
        Literal["IST", "UTC"], Meta(description="What recorded times without an offset are read as.")
    ] = "IST"
    index_futures: Annotated[
        Literal["none", "near_month"],
        Meta(description="Whether an index comes with a near-month future made from its own bars."),
    ] = "none"
    prices: Annotated[
        Literal["traded", "adjusted", "adjust"],
        Meta(description="Prices as traded, adjusted for corporate actions before, or to be adjusted here."),
    ] = "traded"
    starts_at: Annotated[
        Clock | None,
        Meta(description="IST time at which to begin; null: the session's open."),
    ] = None
    ends_at: Annotated[
        Clock | None,
        Meta(description="IST time at which to stop; null: the session's end."),
    ] = None

    def __post_init__(self) -> None:
        if self.kind == "recorded" and self.path is None:
            raise ValueError("feed.kind is recorded, so feed.path must name a file or folder")
        if self.first_day is not None and self.last_day is not None and self.first_day > self.last_day:
            raise ValueError(
                f"feed.first_day {self.first_day} must not be after feed.last_day {self.last_day}"
            )
        if self.starts_at is not None and self.ends_at is not None and self.starts_at >= self.ends_at:
            raise ValueError(f"feed.starts_at {self.starts_at} must come before feed.ends_at {self.ends_at}")


class Simulator(Section, frozen=True, kw_only=True):
    """How the simulated exchange fills orders."""

    fill_profile: Annotated[
        Literal["depth", "touch", "ltp", "pessimistic"],
        Meta(description="What has to happen in the market for an order to fill; see docs/config.md."),
    ] = "depth"
    beyond_book: Annotated[
        Literal["sweep", "wait"],
        Meta(description="Whether an order larger than the depth shown goes on by estimate, or waits."),
    ] = "sweep"
    hidden_percent: Annotated[
        Annotated[int, Meta(ge=0, le=1_000)],
        Meta(description="How much more the levels beyond the depth shown hold than those shown."),
    ] = 0
    queue_cancels: Annotated[
        Literal["behind", "fair"],
        Meta(description="Where orders that leave our queue stood: behind us, or as likely ahead of us."),
    ] = "behind"
    slippage_ticks: Annotated[
        Annotated[int, Meta(ge=0, le=1_000)],
        Meta(description="How much worse a taker trades where the data shows no book."),
    ] = 1
    slippage_basis_points: Annotated[
        Annotated[int, Meta(ge=0, le=1_000)],
        Meta(description="The least slippage as a share of the price; the larger of the two holds."),
    ] = 0
    latency_low_ms: Annotated[
        Annotated[int, Meta(ge=0, le=60_000)],
        Meta(description="The shortest time an order takes to the exchange."),
    ] = 40
    latency_high_ms: Annotated[
        Annotated[int, Meta(ge=0, le=60_000)],
        Meta(description="The longest; each order's time is drawn between the two from the seed."),
    ] = 120
    latency_profile: Annotated[
        Annotated[str, Meta(pattern=LATENCY_PROFILE, examples=["0:40,50:70,95:250,100:1500"])] | None,
        Meta(description="Instead of the two: the longest of so many per cent of orders, as percent:ms."),
    ] = None
    stale_after_s: Annotated[
        Annotated[int, Meta(ge=1, le=3_600)],
        Meta(description="The age at which a standing quote fills nothing any more."),
    ] = 5

    band: Annotated[
        Literal["none", "edges"],
        Meta(description="With edges: also what the same orders make by the kindest and harshest profile."),
    ] = "none"

    assume_rules_of: Annotated[
        date | None,
        Meta(
            description="Earlier days trade under the rules of this one; null: refused if no rule is known."
        ),
    ] = None

    def __post_init__(self) -> None:
        if self.latency_low_ms > self.latency_high_ms:
            raise ValueError(
                f"simulator.latency_low_ms {self.latency_low_ms} must not be above"
                f" simulator.latency_high_ms {self.latency_high_ms}"
            )
        steps = self.latency_steps
        if steps and not (
            steps[0][0] == 0
            and steps[-1][0] == _PERCENT
            and all(a[0] < b[0] and a[1] <= b[1] for a, b in pairwise(steps))
        ):
            raise ValueError(
                f"simulator.latency_profile {self.latency_profile} must rise from 0 per cent to 100 per cent"
            )

    @property
    def latency_steps(self) -> list[tuple[int, int]]:
        """The latency profile as (per cent, milliseconds); empty where there is none."""
        steps = (self.latency_profile or "").split(",")
        return [(int(percent), int(ms)) for percent, _, ms in (step.partition(":") for step in steps if step)]


class RulesSection(Section, frozen=True, kw_only=True):
    """The exchange's, the law's and the brokers' rules; see docs/rules.md."""

    overlay: Annotated[
        str | None,
        Meta(description="A folder of rule files of your own, whose rows replace or add; null: none."),
    ] = None
    provisional: Annotated[
        bool,
        Meta(description="Whether rules hold that are announced but known from a single source."),
    ] = True
    settlement_prices: Annotated[
        str | None,
        Meta(description="A CSV file of the exchange's settlement prices: date,symbol,price; null: none."),
    ] = None
    daily_lists: Annotated[
        str | None,
        Meta(description="A CSV file of ban periods, circuit limits and suspensions by day; null: none."),
    ] = None
    span_files: Annotated[
        str | None,
        Meta(description="A SPAN file (.spn, .zip) or a folder of them, for margins; null: approximated."),
    ] = None


class Risk(Section, frozen=True, kw_only=True):
    """What the account refuses by itself; null: no such limit. Exits always pass."""

    max_order_value_rupees: Annotated[
        Rupees | None, Meta(description="The most that one order may be worth.")
    ] = None
    max_open_orders: Annotated[Count | None, Meta(description="How many orders may be open at one time.")] = (
        None
    )
    max_orders_per_day: Annotated[
        Count | None, Meta(description="How many orders may be placed in a day.")
    ] = None
    max_daily_loss_rupees: Annotated[
        Rupees | None, Meta(description="The loss after charges at which the day takes no new risk.")
    ] = None
    max_daily_loss_percent: Annotated[
        Percent | None, Meta(description="The same as a share of the capital; the smaller of the two holds.")
    ] = None
    max_positions: Annotated[
        Count | None, Meta(description="How many positions may be open at one time.")
    ] = None

    @property
    def max_order_value(self) -> int | None:
        """The limit in money units."""
        return None if self.max_order_value_rupees is None else self.max_order_value_rupees * RUPEE

    def max_daily_loss(self, capital: int) -> int | None:
        """Return the smaller of the two daily limits in money units, for a capital in money units."""
        limits = []
        if self.max_daily_loss_rupees is not None:
            limits.append(self.max_daily_loss_rupees * RUPEE)
        if self.max_daily_loss_percent is not None:
            limits.append(int(capital * Decimal(str(self.max_daily_loss_percent)) / _PERCENT))
        return min(limits, default=None)


class StrategySection(Section, frozen=True, kw_only=True):
    """One strategy: its name, or a file and a class in it, and the values of its own parameters."""

    use: Annotated[Annotated[str, Meta(min_length=1)], Meta(description="A name, or my_file.py:MyClass.")]
    parameters: Annotated[dict[str, Any], Meta(description="The strategy's own settings.")] = {}


class Recovery(Section, frozen=True, kw_only=True):
    """What happens at a start after a crash."""

    on_recovery: Annotated[
        Literal["ask", "resume", "fresh", "hold"],
        Meta(description="Ask (without a terminal: resume), go on, begin anew, or take no new risk."),
    ] = "ask"


class Storage(Section, frozen=True, kw_only=True):
    """Where the account's log lives."""

    data_dir: Annotated[
        Annotated[str, Meta(min_length=1)],
        Meta(description="The folder for the log, state/ and logs/; one process at a time."),
    ] = "data"
    snapshot_every: Annotated[
        Annotated[int, Meta(ge=0, le=100_000_000)],
        Meta(description="Events between two snapshots of the state, which only speed up a start; 0: none."),
    ] = 50_000


class Display(Section, frozen=True, kw_only=True):
    """The terminal screen."""

    refreshes_per_s: Annotated[
        Annotated[int, Meta(ge=1, le=30)], Meta(description="How often the screen is drawn.")
    ] = 4
    strikes_each_side: Annotated[
        Annotated[int, Meta(ge=1, le=25)],
        Meta(description="Strikes shown above and below the money."),
    ] = 5
    last_events: Annotated[
        Annotated[int, Meta(ge=1, le=50)], Meta(description="How many of the last events are shown.")
    ] = 8


class Kite(Section, frozen=True, kw_only=True):
    """The twin of Kite Connect that `kasauti up` serves."""

    postback_url: Annotated[
        Annotated[str, Meta(pattern=WEB_ADDRESS, examples=["http://127.0.0.1:9000/kite"])] | None,
        Meta(description="Where postbacks are sent, http or https; null: nowhere."),
    ] = None
    postback_key_file: Annotated[
        str | None,
        Meta(description="The file with the desk's key that signs them; null: the desk's owner.key."),
    ] = None


class Config(Section, frozen=True, kw_only=True):
    """Every setting of one run."""

    account: Account = Account()
    feed: FeedSection = FeedSection()
    simulator: Simulator = Simulator()
    rules: RulesSection = RulesSection()
    risk: Risk = Risk()
    strategies: Annotated[
        tuple[StrategySection, ...],
        Meta(description="What decides, in this order; see docs/config.md."),
    ] = (StrategySection(use="intraday_momentum_oi"),)
    recovery: Recovery = Recovery()
    storage: Storage = Storage()
    display: Display = Display()
    kite: Kite = Kite()
