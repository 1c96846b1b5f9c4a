"""What an account may have gone through, as a log: realistic events that fold, without an engine."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path

import msgspec

from kasauti.domain import events as ev
from kasauti.domain.charges import Charges
from kasauti.domain.evidence import Evidence, Rule, Source
from kasauti.domain.ist import NS_PER_MINUTE, NS_PER_SECOND, ist_ns
from kasauti.domain.order import OrderType, Product, Side
from kasauti.store.log_store import StoredLog
from kasauti.store.memory import MemoryLog
from kasauti.store.sqlite import SqliteLog

FIRST_DAY = date(2026, 1, 13)
OPENS = 9 * 60 + 15
CALL = "NFO:NIFTY2611326000CE"


class Story:
    """Numbers and times events as a log does. A method is a thing that may happen, and returns its events."""

    def __init__(self, day: date = FIRST_DAY) -> None:
        self.seq = 0
        self.day = day
        self.at = ist_ns(day) + OPENS * NS_PER_MINUTE - 10 * NS_PER_SECOND
        self._orders = 0

    def event(self, event: ev.Event, cause: str = "session", after_s: float = 1.0) -> ev.Recorded:
        self.seq += 1
        self.at += int(after_s * NS_PER_SECOND)
        return ev.Recorded(self.seq, self.at, cause, event)

    def opened(self) -> list[ev.Recorded]:
        return [self.event(ev.AccountOpened("main", "paper", "P", 10_000_000_000, "zerodha"))]

    def started(self, *, after_crash: bool = False) -> list[ev.Recorded]:
        return [self.event(ev.SessionStarted("0.1.0", "builtin:41", "resume", after_crash, self.at, 2.5))]

    def stopped(self) -> list[ev.Recorded]:
        return [self.event(ev.SessionStopped("stopped by the user"))]

    def day_opened(self) -> list[ev.Recorded]:
        return [self.event(ev.DayOpened(self.day.isoformat()), "timer:day_open")]

    def day_closed(self) -> list[ev.Recorded]:
        rounding = Charges(stt=-800, gst=100)
        return [
            self.event(ev.DayClosed(self.day.isoformat(), {CALL: 1_240_000}, rounding), "timer:day_close")
        ]

    def next_day(self) -> list[ev.Recorded]:
        self.day += timedelta(days=1)
        self.at = max(self.at, ist_ns(self.day) + OPENS * NS_PER_MINUTE)
        return self.day_opened()

    def placed(
        self, side: Side = Side.BUY, quantity: int = 130, *, strategy: str = "momentum", tag: str = "entry"
    ) -> list[ev.Recorded]:
        self._orders += 1
        number = self._orders
        order = ev.OrderPlaced(
            self.last_order,
            CALL,
            side,
            Product.MIS,
            OrderType.LIMIT,
            quantity,
            blocked=quantity * 1_235_000 if side is Side.BUY else 0,
            price=1_235_000,
            command_id=f"click-{number}",
            strategy=strategy,
            tag=tag,
            paid_up=True,
        )
        cause = f"strategy:{strategy}" if strategy else "user"
        return [self.event(order, cause), self.event(ev.OrderOpened(order.order_id, queue_ahead=65), "venue")]

    @property
    def last_order(self) -> str:
        return f"P-{self._orders:05d}"

    def filled(self, quantity: int = 65, price: int = 1_234_500) -> list[ev.Recorded]:
        evidence = Evidence(
            Source.DEPTH,
            Rule.TAKE,
            self.at,
            price,
            "depth/1",
            shown=650,
            level=1,
            tick=self.seq,
            order_price=1,
        )
        charges = Charges(200_000, 0, 28_100, 400, 100, 2_400, 41_100)
        fill = ev.OrderFilled(self.last_order, f"T-{self.seq:06d}", quantity, price, charges, 0, evidence)
        return [self.event(fill, "venue")]

    def traded(self, side: Side = Side.BUY, quantity: int = 130, **terms: str) -> list[ev.Recorded]:
        half = quantity // 2
        return [
            *self.placed(side, quantity, **terms),
            *self.filled(half),
            *self.filled(quantity - half, 1_236_000),
        ]

    def cancelled(self) -> list[ev.Recorded]:
        return [
            self.event(ev.CancelRequested(self.last_order, "asked by the user"), "user"),
            self.event(ev.OrderCancelled(self.last_order, "asked by the user"), "venue"),
        ]

    def noted(self, strategy: str = "momentum", peak: int = 1_290_000) -> list[ev.Recorded]:
        held = {"instrument": CALL, "peak": peak, "levels": {"initial": 926_000}}
        note = msgspec.Raw(msgspec.json.encode({"entries": 1, "held": held}))
        return [self.event(ev.StrategyNoted(strategy, note), f"strategy:{strategy}")]


def session(story: Story, orders: int) -> Iterator[ev.Recorded]:
    """Yield a session: a day opens, options are bought and sold in turn, every fifth order is cancelled."""
    yield from story.started()
    yield from story.day_opened()
    for number in range(orders):
        if number % 5 == 4:
            yield from story.placed(strategy="")
            yield from story.cancelled()
        else:
            yield from story.traded(Side.BUY if number % 2 == 0 else Side.SELL)
            yield from story.noted(peak=1_290_000 + number)


def whole_day(orders: int = 6) -> list[ev.Recorded]:
    """Return the log of an account's first day, to its clean end."""
    story = Story()
    return [*story.opened(), *session(story, orders), *story.day_closed(), *story.stopped()]


def write(log: MemoryLog | StoredLog, events: Iterable[ev.Recorded]) -> None:
    """Append `events` as one group, and commit it."""
    for recorded in events:
        log.append(recorded)
    log.commit()


def written(path: Path, events: Iterable[ev.Recorded]) -> Path:
    """Return a file that holds `events` as the log of the account `main`."""
    with SqliteLog.open(path, "main", create=True) as log:
        write(log, events)
    return path
