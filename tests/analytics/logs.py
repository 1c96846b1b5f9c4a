"""A log written by hand: events in order, with a clock that moves when it is told to."""

from collections.abc import Iterator
from datetime import date, time

from kasauti.domain import events as ev
from kasauti.domain.charges import Charges
from kasauti.domain.evidence import Evidence, Rule, Source
from kasauti.domain.ist import NS_PER_SECOND, ist_ns
from kasauti.domain.money import rupees
from kasauti.domain.order import NO_CHARGES, OrderType, Product, Side
from kasauti.domain.state import State

CALL = "NFO:NIFTY26NOV26000CE"
PUT = "NFO:NIFTY26NOV26000PE"
SHARE = "NSE:INFY"
DAY = date(2026, 11, 23)


def evidence(at: int, price: int, **terms: object) -> Evidence:
    """Return evidence of a print at `price`, or of what `terms` say."""
    fields: dict[str, object] = {"source": Source.PRINT, "rule": Rule.LAST, "profile": "depth/1"}
    return Evidence(at=at, price=price, **{**fields, "order_price": price, **terms})  # type: ignore[arg-type]


class Logbook:
    """Events as they are written, and the state they fold to. Prices are given in rupees."""

    def __init__(self, capital: str = "100000") -> None:
        self.events: list[ev.Recorded] = []
        self.state = State()
        self.at = ist_ns(DAY, time(9, 0))
        self._orders = self._trades = 0
        self.write(ev.AccountOpened("demo", "paper", "PAPER", rupees(capital), "zerodha"), "user")

    def __iter__(self) -> Iterator[ev.Recorded]:
        return iter(self.events)

    def write(self, event: ev.Event, cause: str = "venue") -> None:
        recorded = ev.Recorded(len(self.events) + 1, self.at, cause, event)
        self.events.append(recorded)
        self.state.apply(recorded)

    def clock(self, hour: int, minute: int, second: int = 0, *, day: date | None = None) -> None:
        self.at = ist_ns(day or DAY, time(hour, minute, second))

    def wait(self, seconds: float) -> None:
        self.at += round(seconds * NS_PER_SECOND)

    def open_day(self, day: date = DAY, feed: str = "recorded day") -> None:
        self.at = max(self.at, ist_ns(day, time(9, 0)))
        self.write(ev.SessionStarted("0.1.0", feed, "start"), "session")
        self.write(ev.DayOpened(day.isoformat()), "timer:day_open")

    def close_day(self, rounding: Charges = NO_CHARGES, **marks: str) -> None:
        self.at = max(self.at, ist_ns(date.fromisoformat(self.state.day), time(15, 30)))
        named = {f"NFO:{symbol}": rupees(mark) for symbol, mark in marks.items()}
        self.write(ev.DayClosed(self.state.day, named, rounding), "timer:day_close")

    def place(
        self,
        side: Side,
        quantity: int,
        instrument: str = CALL,
        *,
        order_type: OrderType = OrderType.MARKET,
        product: Product = Product.NRML,
        price: str = "0",
        trigger: str = "0",
        strategy: str = "",
        tag: str = "",
        paid_up: bool = True,
    ) -> str:
        self._orders += 1
        order_id = f"PAPER_20261123091500_{instrument.partition(':')[2]}_{self._orders}"
        event = ev.OrderPlaced(
            order_id,
            instrument,
            side,
            product,
            order_type,
            quantity,
            0,
            price=rupees(price),
            trigger_price=rupees(trigger),
            strategy=strategy,
            tag=tag,
            paid_up=paid_up,
        )
        self.write(event, f"strategy:{strategy}" if strategy else "user")
        return order_id

    def fill(
        self,
        order_id: str,
        price: str,
        quantity: int = 0,
        charges: Charges = NO_CHARGES,
        why: Evidence | None = None,
    ) -> str:
        order = self.state.orders[order_id]
        self._trades += 1
        units = rupees(price)
        event = ev.OrderFilled(
            order_id,
            f"PT{self._trades}",
            quantity or order.leaves,
            units,
            charges,
            0,
            why or evidence(self.at, units),
        )
        self.write(event)
        return event.trade_id

    def trade(
        self,
        side: Side,
        quantity: int,
        price: str,
        charges: str = "0",
        instrument: str = CALL,
        **terms: object,
    ) -> str:
        """Place an order and fill it at once; `charges` in rupees, all of it brokerage."""
        order_id = self.place(side, quantity, instrument, **terms)  # type: ignore[arg-type]
        return self.fill(order_id, price, charges=Charges(brokerage=rupees(charges)))
