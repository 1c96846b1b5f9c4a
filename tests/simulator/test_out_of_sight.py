"""
Only profiles with a queue, or prints to count, look at ticks that cross no threshold of theirs.

An order whose price no level shows is left alone until one does, and nothing comes of that but speed.

The same orders are traded twice on the built-in market, once on an exchange that is shown every tick.
"""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.traders import World
from tests.trading import SHARE, Session, buys

from kasauti import compiled
from kasauti.compose import parts
from kasauti.domain import events as ev
from kasauti.domain.board import Board
from kasauti.domain.commands import PlaceOrder
from kasauti.domain.evidence import Rule
from kasauti.domain.inputs import Advance, Ask
from kasauti.domain.ist import NS_PER_SECOND
from kasauti.domain.market import TickBatch
from kasauti.domain.money import rupees
from kasauti.domain.order import OrderType, Product, Side
from kasauti.domain.state import State
from kasauti.engine.engine import Engine
from kasauti.simulator.fills import Depth
from kasauti.simulator.interest import NOWHERE, Interest
from kasauti.simulator.latency import FixedLatency
from kasauti.simulator.slippage import TickSlippage
from kasauti.simulator.supervised import SupervisedVenue
from kasauti.simulator.surveillance import Surveillance
from kasauti.store.memory import MemoryLog

WORLD = World()


class Sleepless(Interest):
    """Has every tick looked at where anything rests."""

    def set(
        self,
        slot: int,
        low: int,
        high: int,
        *,
        always: bool,
        last_counts: bool = True,
        part: int = 0,
        sight: tuple[int, int] = NOWHERE,
    ) -> None:
        """See `Interest`."""
        rests = always or (low, high) != NOWHERE
        super().set(slot, low, high, always=rests, last_counts=last_counts, part=part)


def traded(interest: Interest, asked: list[Ask], *, fair_cancels: bool) -> list[ev.Recorded]:
    """Trade the orders; return the log."""
    state, log, board = State(), MemoryLog(), Board(WORLD.market.universe)
    opened = ev.Recorded(1, int(WORLD.ticks[0].at[0]), "session", parts.account_opened(WORLD.loaded))
    log.append(opened)
    state.apply(opened)
    rules = parts.rules(WORLD.loaded.config, "zerodha", 5_000_000_0000, WORLD.market.universe)
    venue = SupervisedVenue(
        board,
        Depth(fair_cancels=fair_cancels),
        TickSlippage(1, 0),
        FixedLatency(0),
        stale_after_ns=5 * NS_PER_SECOND,
        surveillance=Surveillance(board, rules.broker),
        interest=interest,
    )
    engine = Engine(state=state, log=log, board=board, venue=venue, rules=rules)
    waiting = list(asked)
    for batch in WORLD.ticks:
        while waiting and waiting[0].at < batch.at[0]:
            engine.handle(waiting.pop(0))
        engine.handle(batch)
    engine.handle(Advance(int(WORLD.ticks[-1].at[0]) + NS_PER_SECOND))
    return list(log.read())


def near_the_book(seed: int) -> list[Ask]:
    """Return limit orders around the book of one option: inside it, at its levels and beyond them."""
    draw, market = random.Random(seed), WORLD.market
    options = [each for each in market.universe if each.is_option]
    option = options[len(options) // 2 + draw.randint(-3, 3)]
    slot = market.universe.slot(option.id)
    first = WORLD.ticks[0]
    last = int(first.last[first.slot == slot][0])
    begins = int(first.at[0])
    found = []
    for number in range(12):
        side = draw.choice((Side.BUY, Side.SELL))
        away = draw.randint(-3, 40) * option.tick_size
        found.append(
            Ask(
                begins + draw.randint(0, 40) * NS_PER_SECOND + draw.randint(1, NS_PER_SECOND - 1),
                PlaceOrder(
                    option.id,
                    side,
                    option.lot_size * draw.randint(1, 20),
                    OrderType.LIMIT,
                    Product.NRML,
                    max(option.tick_size, last - side.sign * away),
                    command_id=str(number),
                ),
            )
        )
    return sorted(found, key=lambda each: each.at)


@pytest.mark.skipif(
    "kasauti.simulator.interest" in compiled.MODULES,
    reason="a class in Python cannot inherit from a compiled one",
)
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), fair_cancels=st.booleans())
def test_what_is_out_of_sight_misses_nothing(seed: int, fair_cancels: bool) -> None:  # noqa: FBT001
    asked, slots = near_the_book(seed), len(WORLD.market.universe)
    seen_all = traded(Sleepless(slots), asked, fair_cancels=fair_cancels)
    assert traded(Interest(slots), asked, fair_cancels=fair_cancels) == seen_all


def test_some_of_these_orders_fill_in_their_queue_and_some_never() -> None:
    slots = len(WORLD.market.universe)
    logs = [traded(Interest(slots), near_the_book(seed), fair_cancels=False) for seed in range(8)]
    fills = [each.event for log in logs for each in log if isinstance(each.event, ev.OrderFilled)]
    opened = [each.event for log in logs for each in log if isinstance(each.event, ev.OrderOpened)]
    assert Rule.QUEUE in {fill.evidence.rule for fill in fills}
    assert {each.order_id for each in opened} - {fill.order_id for fill in fills}


@pytest.mark.parametrize(
    ("profile", "bid", "looked_at"),
    [
        ("depth", "99.95", False),  # the levels shown end above its price
        ("depth", "99.80", True),
        ("pessimistic", "99.80", True),
        ("touch", "99.80", False),
        ("ltp", "99.80", False),
    ],
)
def test_a_tick_is_looked_at_where_levels_come_to_the_price_of_an_order_in_a_queue(
    profile: str,
    bid: str,
    looked_at: bool,  # noqa: FBT001
) -> None:
    session = Session(profile)
    columns = "time last bid bid_quantity ask ask_quantity volume\n"
    session.ticks(f"{columns}09:15:00 100 99.95 500 100.05 500 1000")
    session.ask("09:15:01", buys(SHARE, 10, "99.80"))
    slot = session.universe.slot(SHARE.id)
    row = TickBatch.of(
        at=[1],
        slot=[slot],
        last=[100_0000],
        bid=[rupees(bid)],
        ask=[100_0500],
        bid_quantity=[1],
        ask_quantity=[1],
    )
    nobody = np.zeros(len(session.universe), np.bool_)
    assert session.venue.interest.rows(row, 0, 1, nobody).tolist() == ([0] if looked_at else [])
    assert session.venue.interest.matters(row, 0, nobody) is looked_at
