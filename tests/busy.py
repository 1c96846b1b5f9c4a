"""A market that moves at random and a strategy that trades at random, both from a seed and the data alone."""

import random
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from itertools import pairwise

import numpy as np
from tests.trading import CALL, DAY, FUTURE, INDEX, PUT, SHARE, UNIVERSE, Memory, Scripted, moment, order

from kasauti.domain.commands import CancelOrder, Command, ModifyOrder, Note
from kasauti.domain.events import OrderFilled
from kasauti.domain.instrument import Instrument
from kasauti.domain.market import DEPTH_LEVELS, BarBatch, Candle, Depth, Quote, TickBatch
from kasauti.domain.order import Order, OrderType, Product, Side, Validity
from kasauti.domain.view import CandleWanted, Chain, ChainWanted, Subscriptions, TimerWanted, View

TRADED = (SHARE, FUTURE, CALL)
_START = {
    INDEX.id: 26_000_0000,
    SHARE.id: 100_0000,
    FUTURE.id: 26_050_0000,
    CALL.id: 120_0000,
    PUT.id: 90_0000,
}


def random_ticks(
    seed: int,
    moments: int,
    *,
    day: date = DAY,
    opens: str = "09:15",
    step_ms: int = 700,
    depth: bool = True,
    book: bool = True,
    volume: bool = True,
) -> TickBatch:
    """Return ticks of a few instruments that wander a tick or two at a time; some moments have several."""
    draw = random.Random(seed)
    prices, traded = dict(_START), dict.fromkeys(_START, 0)
    rows: list[tuple[int, ...]] = []
    ladders: list[list[tuple[int, int, int, int]]] = []
    at = moment(opens, day)
    for _ in range(moments):
        at += draw.choice((1, step_ms, step_ms, 3 * step_ms)) * 1_000_000
        for instrument in draw.choices([INDEX, *TRADED, SHARE, SHARE], k=draw.randint(1, 4)):
            tick = instrument.tick_size
            prices[instrument.id] += draw.choice((-2, -1, 0, 0, 1, 2)) * tick
            last = prices[instrument.id]
            if volume and instrument is not INDEX and draw.random() < 0.7:
                traded[instrument.id] += draw.randint(1, 4) * instrument.lot_size
            bid, ask = last - draw.choice((0, 1)) * tick, last + tick
            sizes = [draw.randint(1, 3) * instrument.lot_size for _ in range(2 * DEPTH_LEVELS)]
            shows = book and instrument is not INDEX
            ladders.append(
                [
                    (bid - i * tick, sizes[i], ask + i * tick, sizes[-1 - i]) if shows else (0, 0, 0, 0)
                    for i in range(DEPTH_LEVELS)
                ]
            )
            best = ladders[-1][0]
            slot = UNIVERSE.slot(instrument.id)
            rows.append((at, slot, last, best[0], best[2], best[1], best[3], traded[instrument.id]))
    columns = np.array(rows, np.int64).T
    names = ("at", "slot", "last", "bid", "ask", "bid_quantity", "ask_quantity", "volume")
    levels = np.array(ladders, np.int64)
    deep = Depth(*(levels[:, :, i].copy() for i in range(4))) if depth and book else None
    return TickBatch.of(depth=deep, **dict(zip(names, columns, strict=True)))


def random_bars(seed: int, minutes: int, *, day: date = DAY) -> BarBatch:
    """Return minute bars of the traded instruments."""
    draw = random.Random(seed)
    prices = dict(_START)
    rows = []
    for minute in range(minutes):
        at = moment("09:15", day) + (minute + 1) * 60_000_000_000
        for instrument in TRADED:
            tick = instrument.tick_size
            opened = prices[instrument.id] + draw.choice((-3, 0, 0, 3)) * tick
            closed = prices[instrument.id] = opened + draw.randint(-4, 4) * tick
            high, low = (
                max(opened, closed) + draw.randint(0, 3) * tick,
                min(opened, closed) - draw.randint(0, 3) * tick,
            )
            size = draw.randint(0, 6) * instrument.lot_size
            rows.append((at, UNIVERSE.slot(instrument.id), opened, high, low, closed, size, 0))
    at, slot, *rest = np.array(rows, np.int64).T
    return BarBatch(60, at, slot.astype(np.int32), *rest)


def cut(batch: TickBatch, places: Iterable[int]) -> list[TickBatch]:
    """Cut a batch near `places`, never through a moment."""
    edges = {0, len(batch)}
    for place in places:
        row = place % len(batch)
        edges.add(int(batch.at.searchsorted(batch.at[row], "left")))
    return [batch[start:stop] for start, stop in pairwise(sorted(edges)) if stop > start]


class Busy(Scripted):
    """Trades on every fifth or so of what it hears; what it does depends on what it sees and nothing else."""

    def __init__(self, name: str, seed: int, rarity: int = 5) -> None:
        wants = Subscriptions(
            candles=[CandleWanted(SHARE.id, 60)],
            chains=[ChainWanted(INDEX.id, 180)],
            ticks=[SHARE.id, FUTURE.id],
            timers=[TimerWanted("minute", seconds=60)],
        )
        super().__init__(name, wants)
        self._seed, self._rarity = seed, rarity

    def _act(self, view: View, *seen: object) -> Iterable[Command]:
        draw = random.Random(f"{self._seed}/{self.name}/{view.at}/{seen}")
        if draw.randrange(self._rarity):
            return
        working = view.working()
        what = draw.randrange(6)
        if what == 0 and working:
            yield CancelOrder(draw.choice(working).order_id)
        elif what == 1 and working:
            chosen = draw.choice(working)
            lot = next(i.lot_size for i in TRADED if i.id == chosen.instrument)
            if draw.randrange(2):
                yield self._other_kind(draw, view, chosen)
            else:
                yield ModifyOrder(chosen.order_id, quantity=chosen.filled + draw.randint(1, 4) * lot)
        elif what == 2:
            yield Note(Memory(draw.randrange(3)))
        else:
            yield self._order(draw, view)

    @staticmethod
    def _other_kind(draw: random.Random, view: View, chosen: Order) -> Command:
        kind, last = draw.choice(list(OrderType)), view.last(chosen.instrument)
        away = last + chosen.side.sign * draw.randint(1, 4) * 1_000
        return ModifyOrder(
            chosen.order_id,
            price=away if kind.has_limit else None,
            trigger_price=away if kind.has_trigger else None,
            order_type=kind,
            validity=draw.choice((None, Validity.DAY, Validity.IOC)),
        )

    @staticmethod
    def _order(draw: random.Random, view: View) -> Command:
        instrument = draw.choice(TRADED)
        tick, side = instrument.tick_size, draw.choice(list(Side))
        near = view.last(instrument.id) + draw.randint(-3, 3) * tick
        away = view.last(instrument.id) + side.sign * draw.randint(1, 4) * tick
        terms: dict[str, str] = draw.choice(
            [{}, {"price": str(near / 10_000)}, {"trigger": str(away / 10_000)}]
        )
        if "trigger" in terms and instrument.is_option:
            terms["price"] = str((away + side.sign * 3 * tick) / 10_000)
        products = (Product.MIS, Product.NRML if instrument.is_derivative else Product.CNC)
        return order(
            side,
            instrument,
            draw.randint(1, 3) * instrument.lot_size,
            validity=draw.choice((Validity.DAY, Validity.DAY, Validity.IOC)),
            product=draw.choice(products),
            **terms,
        )

    def on_tick(self, quote: Quote, instrument: Instrument, view: View) -> Iterable[Command]:
        return self._act(view, instrument.id, quote.last, quote.volume)

    def on_candle(self, candle: Candle, view: View) -> Iterable[Command]:
        return self._act(view, candle)

    def on_chain(self, chain: Chain, view: View) -> Iterable[Command]:
        return self._act(view, chain.spot, int(chain.call_last.sum()))

    def on_fill(self, fill: OrderFilled, order: Order, view: View) -> Iterable[Command]:
        return self._act(view, fill.trade_id)

    def on_timer(self, name: str, view: View) -> Iterable[Command]:
        return self._act(view, name, view.position(SHARE.id, Product.MIS))


def busy(seed: int, rarity: int = 5) -> Sequence[Callable[[], Busy]]:
    """Return two of them."""
    return [lambda: Busy("ann", seed, rarity), lambda: Busy("bob", seed, rarity)]
