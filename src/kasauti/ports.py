"""
Every extension point, on one page.

A plug-in is a class with these few methods; no base class is needed. Built-in ones come in by the same
door: an entry point in the group named beside each protocol, or a local file (`my_rules.py:NoFridays`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, runtime_checkable

from kasauti.domain.candle import BarRow
from kasauti.domain.charges import Charges
from kasauti.domain.commands import Command, ModifyOrder, PlaceOrder
from kasauti.domain.events import ModifyRequested, OrderFilled, Recorded
from kasauti.domain.instrument import Instrument, Universe
from kasauti.domain.market import BarBatch, Candle, Quote, TickBatch
from kasauti.domain.order import Order, Product, Side
from kasauti.domain.reports import Report
from kasauti.domain.risk_mark import RiskMark
from kasauti.domain.trading_answers import Balance, Outcome, ServiceOrder, ServicePosition, ServiceTrade

if TYPE_CHECKING:
    from kasauti.domain.state import State
    from kasauti.domain.view import Chain, Subscriptions, View

HookT = TypeVar("HookT", bound=Callable[..., Any])


class Venue(Protocol):
    """Where orders go (`kasauti.venues`). Answers come back as reports, never as return values."""

    def submit(self, order: Order, at: int) -> None:
        """Send a recorded order."""

    def modify(self, change: ModifyRequested, at: int) -> None:
        """Ask for new terms of a working order."""

    def cancel(self, order: Order, reason: str, at: int) -> None:
        """Ask for the order to end."""


class TradingService(Protocol):
    """
    What business code trades with, the same for a simulated account and for a broker's.

    `kasauti.desk.paper_trading` has both. A refusal is an outcome; what fails (a disk, a line) is raised.
    """

    async def place_order(self, order: PlaceOrder) -> Outcome:
        """Place an order."""

    async def modify_order(self, change: ModifyOrder) -> Outcome:
        """Change an order; a new price or more units cost its place in the queue."""

    async def cancel_order(self, order_id: str) -> Outcome:
        """Cancel an order."""

    async def get_open_orders(self) -> Sequence[ServiceOrder]:
        """Return the orders that can still trade, oldest first."""

    async def get_trade_history(self) -> Sequence[ServiceTrade]:
        """Return the trades of today, oldest first."""

    async def get_positions(self) -> Sequence[ServicePosition]:
        """Return what is held."""

    async def get_account_balance(self) -> Balance:
        """Return the money."""


class Matching(Protocol):
    """A venue inside the process that is driven by market data: what the simulated one adds to `Venue`."""

    @property
    def due(self) -> int:
        """When an order or request on its way arrives next; 2**62 - 1 if none is."""

    def advance(self, to: int) -> Sequence[Report]:
        """Let everything that is due until `to` arrive."""

    def on_quote(self, slot: int, quote: Quote) -> Sequence[Report]:
        """Match what rests in `slot` against a new tick."""

    def on_candle(self, slot: int, candle: Candle) -> Sequence[Report]:
        """Match what rests in `slot` against a bar that has ended."""


class Feed(Protocol):
    """Where prices come from (`kasauti.feeds`)."""

    @property
    def universe(self) -> Universe:
        """The instruments it knows."""

    def batches(self) -> Iterator[TickBatch | BarBatch]:
        """Yield market data in time order."""


class EventLog(Protocol):
    """The append-only record of one account (`kasauti.logs`)."""

    def append(self, recorded: Recorded) -> None:
        """Add one event; durable after the next `commit`."""

    def commit(self) -> None:
        """Make everything appended durable, or raise `LogWriteFailed`."""

    def read(self) -> Iterator[Recorded]:
        """Yield every committed event from the first."""


class Strategy(Protocol):
    """What decides (`kasauti.strategies`); `strategies.base.Strategy` has empty hooks to start from."""

    name: str

    def subscriptions(self) -> "Subscriptions":
        """Say which candles, chains, ticks and times this strategy wants to be called for."""

    def restore(self, note: bytes) -> None:
        """Take up again what the last `Note` of this strategy held, as JSON."""

    def on_start(self, view: "View") -> Iterable[Command]:
        """Begin a trading day, or go on after a restart."""

    def on_candle(self, candle: Candle, view: "View") -> Iterable[Command]:
        """A candle that was asked for has closed."""

    def on_chain(self, chain: "Chain", view: "View") -> Iterable[Command]:
        """An option chain that was asked for is due."""

    def on_tick(self, quote: Quote, instrument: Instrument, view: "View") -> Iterable[Command]:
        """A new price of an instrument that was asked for, or that this strategy holds."""

    def on_fill(self, fill: OrderFilled, order: Order, view: "View") -> Iterable[Command]:
        """One of this strategy's orders traded."""

    def on_timer(self, name: str, view: "View") -> Iterable[Command]:
        """A time that was asked for has come."""


class Indicator(Protocol):
    """
    What follows candles for a strategy; `strategies.indicators.Indicator` is where to begin.

    It is a msgspec struct, and all that it knows stands in its fields: so it is recorded, and goes on.
    """

    @property
    def value(self) -> object:
        """What it reads now, None before there is enough."""

    def follow(self, candle: Candle) -> object:
        """Take the next candle in; return the value then."""

    def over(self, bars: BarRow) -> list[object]:
        """Take bars without gaps in; return the value after each of them, as `follow` would have it."""


def idle(hook: HookT) -> HookT:
    """Mark a hook that does nothing. Nobody is woken for it, so it costs nothing not to use one."""
    hook.idle = True  # type: ignore[attr-defined]
    return hook


class RiskRule(Protocol):
    """One reason to refuse new risk (`kasauti.risk_rules`). Orders that only reduce never reach it."""

    @property
    def name(self) -> str:
        """The rule's name, as a refusal has it."""

    def refuses(self, order: "Proposal", state: "State") -> "Refusal | None":
        """Return why not, or None."""


class SlippageModel(Protocol):
    """How much worse than its evidence a taker's price is (`kasauti.slippage`)."""

    def slip(self, instrument: Instrument, price: int, quantity: int) -> int:
        """Return money units per unit traded, never negative."""


class LatencyModel(Protocol):
    """How long an order takes to the venue (`kasauti.latency`)."""

    def entry_ns(self, order_id: str) -> int:
        """Return nanoseconds from our record to the venue's book; the same order always gets the same."""


class ChargeModel(Protocol):
    """What an order costs (`kasauti.charges`)."""

    def order_charges(self, side: Side, turnover: int) -> Charges:
        """Return the charges of one order that has traded `turnover` money units in all."""


class MarginModel(Protocol):
    """What an order or position blocks (`kasauti.margins`)."""

    def of(self, instrument: Instrument, product: Product, on: date) -> "Margin":
        """Return what `instrument` blocks in `product` on `on`, ready to be asked many times."""


@runtime_checkable
class NettingModel(MarginModel, Protocol):
    """A margin model under which positions on one underlying can offset each other."""

    def netting(self, on: date) -> "Netting":
        """Return how positions are netted on `on`, ready to be asked many times."""


class Netting(Protocol):
    """
    What contracts on one underlying require together on one day, in money units.

    Holdings are signed units of each contract, no contract twice; each has its mark, unless `file` names the
    risk file that requirements come from: that needs no prices. It is empty where they are approximated.
    """

    @property
    def file(self) -> str:
        """The risk file in force, in words."""

    @property
    def moments(self) -> Sequence[int]:
        """When during the day risk is reckoned anew."""

    @property
    def grace_ns(self) -> int:
        """How long an account may be short of margin before the broker closes positions."""

    def lacks(self, instrument: Instrument) -> str:
        """
        Return why a contract is not in the risk file, as a sentence that says what to do; empty if it is.

        What is held of it can only be closed; it stands beside no others and is margined by itself.
        """

    def reckoned_from(self, at: int) -> int:
        """Return the moment since which marks hold at `at`: risk is reckoned anew a few times a day."""

    def mark(self, instrument: Instrument, at: int, spot: int, price: int) -> RiskMark:
        """Return the mark of a contract: what its risk rests on until it is reckoned anew."""

    def spot_of(self, future: Instrument, price: int, at: int) -> int:
        """Return the price of the underlying that a future at `price` implies."""

    def required(self, holdings: Sequence[tuple[Instrument, int]], marks: Mapping[str, RiskMark]) -> int:
        """Return what holdings require together."""

    def shares(self, holdings: Sequence[tuple[Instrument, int]], marks: Mapping[str, RiskMark]) -> list[int]:
        """Return what each holding takes of the requirement of all; they sum up to it."""


class Margin(Protocol):
    """What one instrument blocks in one product on one day, in money units."""

    def order(self, quantity: int, price: int, *, buys: bool) -> int:
        """Return what an order blocks for `quantity` units that open exposure."""

    def position(self, quantity: int, price: int) -> int:
        """Return what holding the signed `quantity` blocks."""


class Subscriber(Protocol):
    """Who is told what was recorded, after it is durable (`kasauti.notifiers`)."""

    def told(self, recorded: Sequence[Recorded]) -> None:
        """Take note of a committed group of events."""


class Proposal(Protocol):
    """An order on its way through the gate, as a rule sees it. Amounts are money units."""

    @property
    def instrument(self) -> Instrument:
        """What it trades."""

    @property
    def side(self) -> Side:
        """Which way."""

    @property
    def quantity(self) -> int:
        """How many units."""

    @property
    def opens(self) -> int:
        """How many of them add to the exposure."""

    @property
    def value(self) -> int:
        """Price, or the reference price, times quantity."""

    @property
    def strategy(self) -> str:
        """Who asks; empty for a person."""

    @property
    def at(self) -> int:
        """When."""

    @property
    def changes(self) -> bool:
        """Whether it changes an order that was placed before; then `quantity` is its new total."""


class Refusal(Protocol):
    """Why not: the rule's name, a sentence, what it allows and what was asked."""

    @property
    def rule(self) -> str:
        """Which rule."""

    @property
    def message(self) -> str:
        """Why, as a sentence."""

    @property
    def limit(self) -> str:
        """What it allows."""

    @property
    def actual(self) -> str:
        """What was asked."""
