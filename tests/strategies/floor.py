"""
A trading floor by hand: what a strategy's hooks are called with, without an engine.

It keeps a real `Board`, `State` and `View`, plays the venue that accepts every order and fills when told to,
and takes what a hook yields as the engine does: commands in order, notes encoded when the hook is over.
"""

from collections.abc import Callable, Sequence
from datetime import date, time

import msgspec

from kasauti.domain import events as ev
from kasauti.domain.board import Board
from kasauti.domain.charges import Charges
from kasauti.domain.commands import CancelOrder, Command, Note, PlaceOrder
from kasauti.domain.evidence import Evidence, Rule, Source
from kasauti.domain.instrument import Exchange, Instrument, Kind, Universe
from kasauti.domain.ist import NS_PER_SECOND, ist_ns
from kasauti.domain.market import Candle, Quote, TickBatch
from kasauti.domain.money import rupees
from kasauti.domain.order import Order
from kasauti.domain.state import State
from kasauti.domain.view import Chain, ChainLayout, View
from kasauti.strategies import Strategy

DAY = date(2026, 11, 20)
EXPIRY = date(2026, 11, 24)
INDEX = "NSE:NIFTY 50"
SHARE = "NSE:INFY"
FUTURE = "NFO:NIFTY26NOVFUT"
STRIKES = tuple(range(25_700, 26_350, 50))
LOT = 75


def option_id(strike: int, kind: str) -> str:
    return f"NFO:NIFTY26N24{strike}{kind}"


def universe(strikes: Sequence[int] = STRIKES) -> Universe:
    options = [
        Instrument(
            Exchange.NFO,
            option_id(strike, kind)[4:],
            Kind(kind),
            500,
            LOT,
            freeze_quantity=1_800,
            expiry=EXPIRY,
            strike=rupees(strike),
            underlying=INDEX,
            on_index=True,
        )
        for strike in strikes
        for kind in ("CE", "PE")
    ]
    index = Instrument(Exchange.NSE, "NIFTY 50", Kind.INDEX, 500)
    futures = [
        Instrument(Exchange.NFO, name, Kind.FUTURE, 500, LOT, expiry=day, underlying=INDEX, on_index=True)
        for name, day in (("NIFTY26DECFUT", date(2026, 12, 29)), (FUTURE.removeprefix("NFO:"), EXPIRY))
    ]
    return Universe([index, Instrument(Exchange.NSE, "INFY", Kind.EQUITY, 1_000), *options, *futures])


def at(clock: str, day: date = DAY) -> int:
    """Return the moment at which IST clocks show `clock`, like 09:20 or 09:20:01, on `day`."""
    return ist_ns(day, time.fromisoformat(clock))


class Floor:
    """One account with one strategy; `make` makes it, again after each `restart`."""

    def __init__(self, make: Callable[[], Strategy], capital: int = rupees(200_000)) -> None:
        self._make = make
        self.board = Board(universe())
        self.state = State()
        self.layout = ChainLayout(self.board, INDEX, EXPIRY)
        self.now = at("09:15")
        self.notes: list[bytes] = []
        self.denies = False
        self._record(ev.AccountOpened("test", "paper", "T", capital, "none"))
        self.strategy = make()
        self.view = View(self.strategy.name, self.state, self.board)

    # The market.

    def set(
        self, instrument: str, *, last: int | None = None, oi: int | None = None, volume: int | None = None
    ) -> None:
        """Put values on the board; what is not named stays."""
        slot, board = self.board.universe.slot(instrument), self.board
        row = TickBatch.of(
            at=[self.now],
            slot=[slot],
            last=[int(board.last[slot]) if last is None else last],
            open_interest=[int(board.open_interest[slot]) if oi is None else oi],
            volume=[int(board.volume[slot]) if volume is None else volume],
        )
        board.apply(row, 0, 1)

    def read_chain(self) -> Chain:
        return self.layout.read(self.board, self.now)

    # The hooks.

    def start(self, *, resumed: bool = False) -> list[Command]:
        self.view.resumed = resumed
        if self.notes:
            self.strategy.restore(self.notes[-1])
        return self.call("on_start")

    def restart(self) -> None:
        """End the process and begin a new one: only what is recorded goes on."""
        self.strategy = self._make()
        self.view = View(self.strategy.name, self.state, self.board)
        self.start(resumed=True)

    def candle(self, close: int, instrument: str = INDEX, seconds: int = 300) -> list[Command]:
        start = self.now - seconds * NS_PER_SECOND
        return self.call("on_candle", Candle(instrument, seconds, start, close, close, close, close))

    def chain(self, chain: Chain | None = None) -> list[Command]:
        return self.call("on_chain", chain or self.read_chain())

    def timer(self, name: str = "monitor") -> list[Command]:
        return self.call("on_timer", name)

    def tick(self, instrument: str, *, last: int | None = None, oi: int | None = None) -> list[Command]:
        self.set(instrument, last=last, oi=oi)
        quote: Quote = self.view.quote(instrument)
        return self.call("on_tick", quote, self.board.universe.find(instrument))

    def call(self, hook: str, *arguments: object) -> list[Command]:
        """Call a hook and take what it asks for; return that without the notes."""
        self.view.at = self.now
        answer: Sequence[Command] = list(getattr(self.strategy, hook)(*arguments, self.view))
        for command in answer:
            self._take(command)
        return [command for command in answer if not isinstance(command, Note)]

    # The venue.

    def _take(self, command: Command) -> None:
        match command:
            case Note():
                self.notes.append(msgspec.json.encode(command.state))
            case PlaceOrder() if not self.denies:
                self._record(
                    ev.OrderPlaced(
                        f"T{self.state.seq + 1}",
                        command.instrument,
                        command.side,
                        command.product,
                        command.order_type,
                        command.quantity,
                        0,
                        price=command.price,
                        trigger_price=command.trigger_price,
                        strategy=self.strategy.name,
                        tag=command.tag,
                        paid_up=True,
                    )
                )
            case CancelOrder():
                self._record(ev.CancelRequested(command.order_id, command.reason))

    def fill(self, price: int, quantity: int | None = None, order: Order | None = None) -> list[Command]:
        """Let the oldest working order, or `order`, trade; all of it unless `quantity` says less."""
        order = order or self.working[0]
        evidence = Evidence(Source.QUOTE, Rule.TAKE, self.now, price, "test/1")
        traded = order.leaves if quantity is None else quantity
        filled = ev.OrderFilled(order.order_id, f"t{self.state.seq}", traded, price, Charges(), 0, evidence)
        self._record(filled)
        return self.call("on_fill", filled, self.state.orders[order.order_id])

    def end(self, order: Order) -> None:
        """Let the venue cancel what is left of an order."""
        self._record(ev.OrderCancelled(order.order_id, "test"))

    @property
    def working(self) -> list[Order]:
        return self.state.working_orders()

    def held(self, instrument: str) -> int:
        return sum(p.quantity for p in self.view.positions() if p.instrument == instrument)

    def _record(self, event: ev.Event) -> None:
        self.state.apply(ev.Recorded(self.state.seq + 1, self.now, "test", event))
