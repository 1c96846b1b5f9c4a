"""
A small trading session for tests: real rules, real engine, a log in memory, and the market as a table.

`DAY` is a Tuesday on which the NIFTY options of this universe expire; shares and derivatives trade from 09:15
to 15:30 IST, intraday positions are closed from 15:20 (shares) and 15:25 (derivatives).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, time
from typing import Any

import msgspec
from tests.list_log import ListLog
from tests.tables import at_clock, bars_of, ticks_of
from tests.venues import venue_of

from kasauti.analytics.proof import Proof, prove
from kasauti.domain import events as ev
from kasauti.domain.board import Board
from kasauti.domain.commands import Command, PlaceOrder
from kasauti.domain.evidence import Rule
from kasauti.domain.inputs import Advance, Ask, MarketData
from kasauti.domain.instrument import Exchange, Instrument, Kind, Universe
from kasauti.domain.ist import ist_clock
from kasauti.domain.market import Candle, Quote
from kasauti.domain.money import format_price, rupees
from kasauti.domain.order import Order, OrderType, Product, Side, Status
from kasauti.domain.position import Position
from kasauti.domain.state import State
from kasauti.domain.view import Chain, Subscriptions, TimerWanted, View
from kasauti.engine.engine import Engine
from kasauti.engine.host import Guard
from kasauti.engine.rules import Rules
from kasauti.exchange.broker_rules import BrokerRules
from kasauti.exchange.calendar import Calendar
from kasauti.exchange.charges import ChargeBook
from kasauti.exchange.margins import MarginTable
from kasauti.exchange.official_prices import OfficialPrices
from kasauti.exchange.products import ProductRules
from kasauti.exchange.restrictions import Restrictions
from kasauti.ports import LatencyModel, MarginModel, RiskRule, SlippageModel, Strategy, Subscriber
from kasauti.risk.gate import RiskGate
from kasauti.simulator.fills import PROFILES, FillModel
from kasauti.simulator.latency import FixedLatency
from kasauti.simulator.slippage import TickSlippage

DAY = date(2026, 1, 13)
NEXT_DAY = date(2026, 1, 14)
HOLIDAY = date(2026, 1, 15)

INDEX = Instrument(Exchange.NSE, "NIFTY 50", Kind.INDEX, 500, name="NIFTY", on_index=True)
SHARE = Instrument(Exchange.NSE, "ACME", Kind.EQUITY, 500, name="ACME")
OTHER = Instrument(Exchange.NSE, "BETA", Kind.EQUITY, 500, name="BETA")


def _nifty(tradingsymbol: str, kind: Kind, expiry: date, strike: int = 0, tick: int = 500) -> Instrument:
    return Instrument(
        Exchange.NFO,
        tradingsymbol,
        kind,
        tick,
        lot_size=65,
        freeze_quantity=1800,
        name="NIFTY",
        expiry=expiry,
        strike=rupees(strike),
        underlying=INDEX.id,
        on_index=True,
    )


FUTURE = _nifty("NIFTY26JANFUT", Kind.FUTURE, date(2026, 1, 27), tick=1000)
CALL = _nifty("NIFTY2611326000CE", Kind.CALL, DAY, 26000)
PUT = _nifty("NIFTY2611326000PE", Kind.PUT, DAY, 26000)
NEXT_CALL = _nifty("NIFTY2612026000CE", Kind.CALL, date(2026, 1, 20), 26000)
UNIVERSE = Universe([INDEX, SHARE, OTHER, FUTURE, CALL, PUT, NEXT_CALL])

#: Short names for tables.
NAMES = {
    "NIFTY": INDEX, "ACME": SHARE, "BETA": OTHER, "FUT": FUTURE, "CE": CALL, "PE": PUT, "NEXT": NEXT_CALL
}  # fmt: skip

CALENDAR = Calendar()
CHARGES = ChargeBook("zerodha")
MARGINS = MarginTable()
PRODUCTS = ProductRules()
#: The usual broker, who counts no orders.
BROKER = BrokerRules(counts_orders=False)
UNRESTRICTED = Restrictions()
Published = Mapping[tuple[str, date], int] | None


def moment(clock: str, day: date = DAY) -> int:
    """Return the moment of an IST clock like 09:15:00.250."""
    return at_clock(clock, day)


def rules(
    *risk: RiskRule,
    margins: MarginModel = MARGINS,
    official: Published = None,
    broker: BrokerRules = BROKER,
    restrictions: Restrictions = UNRESTRICTED,
) -> Rules:
    """Return the real rules with this gate, and what the exchange has published."""
    published, gate = OfficialPrices(official), RiskGate(risk)
    terms = {"official": published, "broker": broker, "restrictions": restrictions}
    return Rules(CALENDAR, CHARGES, margins, PRODUCTS, gate, **terms)  # type: ignore[arg-type]


class Session:
    """
    One account, its engine and its simulated exchange.

    `latency_ms` is how long an order travels, `slippage` ticks a taker on prints and bars pays; with `band`
    the same orders are matched by the edges of the band too. A `model` stands instead of a `profile`'s.
    """

    def __init__(
        self,
        profile: str = "depth",
        *,
        capital: int | str = 10_000_000,
        latency_ms: int = 0,
        latency: LatencyModel | None = None,
        slippage: SlippageModel | int = 0,
        stale_s: int = 5,
        band: bool = False,
        auctions: bool = True,
        model: FillModel | None = None,
        risk: Sequence[RiskRule] = (),
        margins: MarginModel = MARGINS,
        strategies: Sequence[Callable[[], Strategy]] = (),
        guard: Guard | None = None,
        universe: Universe = UNIVERSE,
        subscribers: Sequence[Subscriber] = (),
        log: Iterable[ev.Recorded] = (),
        official: Published = None,
        broker: BrokerRules = BROKER,
        restrictions: Restrictions = UNRESTRICTED,
    ) -> None:
        self.universe = universe
        self.log = ListLog(log)
        self.state = State.replay(self.log)
        if not self.log:
            opened = ev.AccountOpened("test", "paper", "PAPER", rupees(capital), "zerodha")
            self.log.append(ev.Recorded(1, 0, "session", opened))
            self.state.apply(self.log[0])
        self.board = Board(universe)
        slips = TickSlippage(slippage) if isinstance(slippage, int) else slippage
        self.venue = venue_of(
            self.board,
            self.state,
            (model or PROFILES[profile](), slips, latency or FixedLatency(latency_ms)),
            stale_s * 1_000_000_000,
            broker,
            band=band,
            auctions=auctions,
        )
        self.engine = Engine(
            state=self.state,
            log=self.log,
            board=self.board,
            venue=self.venue,
            rules=rules(*risk, margins=margins, official=official, broker=broker, restrictions=restrictions),
            strategies=strategies,
            guard=guard,
            subscribers=subscribers,
        )

    def ticks(self, table: str, day: date = DAY, **defaults: str) -> "Session":
        """Handle the ticks of a table in one batch."""
        return self.feed(ticks_of(table, self._slot, day, **defaults))

    def bars(self, table: str, day: date = DAY, seconds: int = 60, **defaults: str) -> "Session":
        """Handle the bars of a table in one batch; the time is when a bar begins."""
        return self.feed(bars_of(table, self._slot, day, seconds, **defaults))

    def play(self, table: str, *asks: tuple[str, Command], day: date = DAY, **defaults: str) -> list[str]:
        """
        Handle the ticks of a table and commands at their clocks, in order of time; return the orders' ids.

        What is asked at the moment of a tick is asked after it.
        """
        batch, ids = ticks_of(table, self._slot, day, **defaults), []
        for clock, command in asks:
            cut = int(batch.at.searchsorted(moment(clock, day), "right"))
            self.feed(batch[:cut])
            batch = batch[cut:]
            ids.append(self.ask(clock, command, day))
        self.feed(batch)
        return ids

    def feed(self, batch: MarketData) -> "Session":
        """Handle a batch."""
        self.engine.handle(batch)
        self.engine.commit()
        return self

    def until(self, clock: str, day: date = DAY) -> "Session":
        """Let time come to a clock."""
        return self.until_ns(moment(clock, day))

    def until_ns(self, at: int) -> "Session":
        """Let time come to a moment."""
        self.engine.handle(Advance(at))
        self.engine.commit()
        return self

    def _slot(self, name: str) -> int:
        return self.universe.slot(NAMES[name].id if name in NAMES else name)

    def ask(self, clock: str, command: Command, day: date = DAY) -> str:
        """Have a command decided at a clock; return the id of its order, empty if it has none."""
        order_id = self.engine.handle(Ask(moment(clock, day), command))
        self.engine.commit()
        return order_id or ""

    def order(self, order_id: str) -> Order:
        """Return an order of today."""
        return self.state.orders[order_id]

    def status(self, order_id: str) -> Status:
        """Return where an order is in its life."""
        return self.state.orders[order_id].status

    def position(self, instrument: Instrument, product: Product = Product.NRML) -> Position:
        """Return what is held, an empty position if it was never traded."""
        found = self.state.position(instrument.id, product)
        return found or Position(instrument.id, product, paid_up=False)

    def held(self, instrument: Instrument, product: Product = Product.NRML, strategy: str = "") -> int:
        """Return the signed units that the account, or one strategy, holds."""
        found = self.state.position(instrument.id, product, strategy)
        return 0 if found is None else found.quantity

    def events(self, *kinds: type[ev.Event]) -> list[Any]:
        """Return the events of these kinds, all if none are named."""
        return [each.event for each in self.log if not kinds or isinstance(each.event, kinds)]

    def denial(self) -> ev.OrderDenied:
        """Return the last refusal; there has to be one."""
        return self.events(ev.OrderDenied)[-1]  # type: ignore[no-any-return]

    def fills(self) -> list[tuple[str, int, str]]:
        """Return every trade: (clock, signed quantity, price)."""
        return [(clock, quantity, price) for clock, _, quantity, price, _ in self.trades()]

    def trades(self) -> list[tuple[str, str, int, str, Rule]]:
        """Return every trade: (clock, order id, signed quantity, price, rule)."""
        assert self.events(ev.VenueAnomaly) == [], "the venue has said nothing that cannot be"
        sides = {placed.order_id: placed.side.sign for placed in self.events(ev.OrderPlaced)}
        return [
            (
                ist_clock(at),
                fill.order_id,
                sides[fill.order_id] * fill.quantity,
                format_price(fill.price),
                fill.evidence.rule,
            )
            for at, fill in self.filled()
        ]

    def filled(self) -> list[tuple[int, ev.OrderFilled]]:
        """Return the fills with their moments."""
        return [(each.at, each.event) for each in self.log if isinstance(each.event, ev.OrderFilled)]

    def proof(self) -> Proof:
        """Prove the log."""
        return prove(self.log, self.universe.find, ChargeBook)

    def restart(self, history: Iterable[MarketData] = (), **setup: Any) -> "Session":
        """Return a new session from a copy of this one's log, after it has seen the day's `history`."""
        again = Session(universe=self.universe, log=list(self.log), **setup)
        again.engine.resume(history)
        again.engine.commit()
        return again


def difference(log: Sequence[ev.Recorded], other: Sequence[ev.Recorded]) -> str:
    """Return the first place where two logs differ, empty if they are equal."""
    for mine, theirs in zip(log, other, strict=False):
        if mine != theirs:
            return f"{mine}\n{theirs}"
    return "" if len(log) == len(other) else f"{len(log)} events, {len(other)} events"


def order(side: Side, instrument: Instrument, quantity: int, price: str = "", **terms: Any) -> PlaceOrder:
    """Return a command: a limit order if it has a price, a stop if it has a trigger (`trigger="98"`)."""
    trigger = terms.pop("trigger", "")
    kinds = {
        (False, False): OrderType.MARKET,
        (True, False): OrderType.LIMIT,
        (True, True): OrderType.SL,
        (False, True): OrderType.SL_M,
    }
    default = Product.NRML if instrument.is_derivative else Product.MIS
    return PlaceOrder(
        instrument.id,
        side,
        quantity,
        terms.pop("order_type", kinds[bool(price), bool(trigger)]),
        terms.pop("product", default),
        rupees(price or 0),
        rupees(trigger or 0),
        **terms,
    )


def buys(instrument: Instrument, quantity: int, price: str = "", **terms: Any) -> PlaceOrder:
    """Return a command to buy; see `order`."""
    return order(Side.BUY, instrument, quantity, price, **terms)


def sells(instrument: Instrument, quantity: int, price: str = "", **terms: Any) -> PlaceOrder:
    """Return a command to sell; see `order`."""
    return order(Side.SELL, instrument, quantity, price, **terms)


class Memory(msgspec.Struct):
    """What a strategy of a test may want to remember."""

    count: int


Hook = Callable[..., Iterable[Command] | None]


class Scripted:
    """
    A strategy that is told what to do: one function a hook, by its name.

    `heard` has every call in order: (hook, what it was about, the moment).
    """

    def __init__(
        self,
        name: str = "scripted",
        wants: Subscriptions | None = None,
        heard: list[tuple[str, str, str]] | None = None,
        **hooks: Hook,
    ) -> None:
        self.name = name
        self.wants = wants or Subscriptions()
        self.heard = [] if heard is None else heard
        self.hooks = hooks
        self.restored = b""

    def subscriptions(self) -> Subscriptions:
        return self.wants

    def restore(self, note: bytes) -> None:
        self.restored = note

    def _run(self, hook: str, about: str, view: View, *arguments: Any) -> Iterable[Command]:
        self.heard.append((hook, about, ist_clock(view.at)))
        act = self.hooks.get(hook)
        return () if act is None else act(*arguments, view) or ()

    def on_start(self, view: View) -> Iterable[Command]:
        return self._run("on_start", self.name, view)

    def on_candle(self, candle: Candle, view: View) -> Iterable[Command]:
        return self._run("on_candle", candle.instrument, view, candle)

    def on_chain(self, chain: Chain, view: View) -> Iterable[Command]:
        return self._run("on_chain", chain.underlying, view, chain)

    def on_tick(self, quote: Quote, instrument: Instrument, view: View) -> Iterable[Command]:
        return self._run("on_tick", instrument.tradingsymbol, view, quote, instrument)

    def on_fill(self, fill: ev.OrderFilled, order: Order, view: View) -> Iterable[Command]:
        return self._run("on_fill", order.instrument, view, fill, order)

    def on_timer(self, name: str, view: View) -> Iterable[Command]:
        return self._run("on_timer", name, view, name)


def timed(name: str, *plan: tuple[str, Command], fails_at: str = "") -> Callable[[], Scripted]:
    """Return a maker of a strategy that asks for each command at its clock, and raises at `fails_at`."""
    clocks = dict.fromkeys([*(clock for clock, _ in plan), *([fails_at] if fails_at else [])])
    wants = Subscriptions(timers=[TimerWanted(clock, at=time.fromisoformat(clock)) for clock in clocks])

    def act(clock: str, view: View) -> Iterator[Command]:
        yield from (command for at, command in plan if at == clock)
        if clock == fails_at:
            raise RuntimeError(f"{name} fails at {clock}")

    return lambda: Scripted(name, wants, on_timer=act)
