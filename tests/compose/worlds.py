"""
Small markets and accounts for end-to-end tests: days that take a blink to trade, and ways to trade them.

`momentum_day` is the built-in market thinned to a moment every ten seconds and a few strikes: the
open-interest strategy enters at 11:05 and leaves at 11:36. Other markets are tables of `tests.trading`.
"""

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from msgspec import structs
from tests.tables import ticks_of
from tests.trading import DAY, NAMES, UNIVERSE

from kasauti.compose.account import OpenAccount
from kasauti.compose.account_log import open_log
from kasauti.compose.markets import Batch, Market
from kasauti.compose.trader import Answer, UniversalPaperTrader
from kasauti.config import Loaded, load_config
from kasauti.domain import events as ev
from kasauti.domain.instrument import Universe
from kasauti.domain.ist import NS_PER_SECOND
from kasauti.domain.market import BarBatch
from kasauti.feeds.pacing import moments
from kasauti.ports import Subscriber
from kasauti.simulator.market.built_in import DEMO_DAY, BuiltInMarket
from kasauti.store.codec import encode

#: Strategies of these tests, as settings name them.
CLERK = f"{Path(__file__).with_name('clerk.py')}:Clerk"
COUNTING = f"{Path(__file__).with_name('counting.py')}:Counting"
BUSY_DAY = f"{Path(__file__).with_name('busy_day.py')}:BusyDay"
#: Events of a process, not of the account's trading: what a restart adds to a log.
OF_SESSIONS: tuple[type[ev.Event], ...] = (ev.SessionStarted, ev.SessionStopped)


def settings(**overrides: object) -> Loaded:
    """Return the configuration with these settings, dots written as `__`; no snapshots unless asked for."""
    texts = {"account.capital_rupees": "500000", "storage.snapshot_every": "0"}
    for key, value in overrides.items():
        texts[key.replace("__", ".")] = value if isinstance(value, str) else json.dumps(value)
    return load_config(None, texts, {})


def strategy(path: Path | str, **parameters: object) -> list[dict[str, object]]:
    """Return the setting `strategies` with one strategy."""
    return [{"use": str(path), "parameters": parameters}]


def market_of(batches: Sequence[Batch], source: str, days: Sequence[date] = (DAY,)) -> Market:
    """Return batches of `tests.trading`'s universe as a market."""
    return _market(source, UNIVERSE, days, "NSE:NIFTY 50", batches)


def _market(
    source: str, universe: Universe, days: Sequence[date], underlying: str, batches: Sequence[Batch]
) -> Market:
    def play(start: int | None = None) -> Iterator[Batch]:
        for batch in batches:
            row = int(batch.at.searchsorted(start or 0))
            if row < len(batch):
                yield batch[row:]

    return Market(
        label=source,
        source=source,
        universe=universe,
        days=tuple(days),
        is_bars=isinstance(batches[0], BarBatch),
        is_dense=False,
        underlying=underlying,
        play=play,
    )


def minutes(day: date = DAY, until: int = 60, start: int = 15) -> list[Batch]:
    """Return a quote of ACME for each minute from 09:15 on, each in a batch."""
    lines = [
        f"{9 + minute // 60:02d}:{minute % 60:02d} 100 99.95 100.05 1000 1000 {minute}"
        for minute in range(start, start + until)
    ]
    table = "\n".join(["time last bid ask bid_quantity ask_quantity volume", *lines])
    batch = ticks_of(table, lambda name: UNIVERSE.slot(NAMES[name].id), day)
    return [batch[at : at + 1] for at in range(len(batch))]


@cache
def momentum_day(
    seed: int = 7, every_s: int = 10, strikes_each_side: int = 6, day: date = DEMO_DAY
) -> Market:
    """Return a built-in day, thinned."""
    built_in = BuiltInMarket(seed=seed, day=day, strikes_each_side=strikes_each_side)
    batches = [thinned for batch in built_in.batches() if len(thinned := _every(batch, built_in, every_s))]
    source = f"thin:{seed}:{every_s}:{strikes_each_side}:{day}"
    return _market(source, built_in.universe, (day,), built_in.index_id, batches)


def by_moments(market: Market) -> Market:
    """Return `market` with each of its moments in a batch of its own, so that each has its own commit."""

    def play(start: int | None = None) -> Iterator[Batch]:
        return (moment for _, moment in moments(market.play(start)))

    return structs.replace(market, play=play)


def _every(batch: Any, built_in: BuiltInMarket, seconds: int) -> Any:
    kept = (batch.at - built_in.opens_at) // NS_PER_SECOND % seconds == 0
    return batch[np.flatnonzero(kept)]


class Cut(BaseException):
    """A process that ends without a word, in the middle of things."""


class CutAt:
    """A subscriber after whose `count`-th event the process is gone; the event itself is durable."""

    def __init__(self, count: int) -> None:
        self.left = count

    def told(self, recorded: Sequence[ev.Recorded]) -> None:
        self.left -= len(recorded)
        if self.left <= 0:
            raise Cut


def trade(
    folder: Path,
    market: Market,
    loaded: Loaded,
    *,
    answer: Answer = Answer.RESUME,
    subscribers: Sequence[Subscriber] = (),
    speed: float = 0,
    at_wall: int = 0,
    during: Callable[[UniversalPaperTrader], None] | None = None,
) -> UniversalPaperTrader:
    """Run one session from its start to its end, as `kasauti run` does."""
    with OpenAccount(folder, loaded.config.account.name) as account:
        trader = UniversalPaperTrader(loaded, account, market, subscribers=subscribers, guarded=False)
        trader.begin(trader.past(at_wall), answer)
        if during is not None:
            during(trader)
        asyncio.run(trader.run(speed))
        trader.end("the market's data ended")
    return trader


def trade_until_cut(folder: Path, market: Market, loaded: Loaded, count: int) -> bool:
    """Run a session that is gone after `count` events; return whether it came so far."""
    try:
        trade(folder, market, loaded, subscribers=[CutAt(count)])
    except Cut:
        return True
    return False


def events_of(folder: Path) -> list[ev.Recorded]:
    """Return the log of the account in `folder`, verified."""
    with open_log(folder) as log:
        return list(log.read(verify=True))


Row = tuple[int, str, str, bytes]


def rows(log: Iterator[ev.Recorded] | Sequence[ev.Recorded], *without: type[ev.Event]) -> list[Row]:
    """Return what happened, without the numbers of the events: (moment, cause, tag, payload)."""
    left_out: tuple[type[ev.Event], ...] = (*OF_SESSIONS, *without)
    return [
        (each.at, each.cause, each.event.TAG, encode(each.event))
        for each in log
        if not isinstance(each.event, left_out)
    ]


def renumbered(log: Sequence[ev.Recorded], *without: type[ev.Event]) -> list[Row]:
    """
    Return `rows` with order ids counted anew.

    An order's id ends in the number of its event, and what a restart records moves those numbers.
    """
    names: dict[str, str] = {}
    for each in log:
        if isinstance(each.event, ev.OrderPlaced | ev.OrderDenied):
            names[each.event.order_id] = f"order {len(names) + 1}"
    return [(at, cause, tag, _renamed(payload, names)) for at, cause, tag, payload in rows(log, *without)]


def _renamed(payload: bytes, names: Mapping[str, str]) -> bytes:
    for order_id in sorted(names, key=len, reverse=True):
        payload = payload.replace(order_id.encode(), names[order_id].encode())
    return payload


def fills_of(log: Sequence[ev.Recorded]) -> list[tuple[int, ev.OrderFilled]]:
    """Return the trades with their moments."""
    return [(each.at, each.event) for each in log if isinstance(each.event, ev.OrderFilled)]
