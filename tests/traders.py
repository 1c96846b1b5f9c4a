"""Traders for tests: the first seconds of the built-in market, and what somebody asks for in them."""

import random
from itertools import islice

from kasauti.compose.markets import Market, built_in_market
from kasauti.config import load_config
from kasauti.domain.commands import Command, PlaceOrder
from kasauti.domain.ist import NS_PER_SECOND
from kasauti.domain.market import TickBatch
from kasauti.domain.order import OrderType, Product, Side
from kasauti.feeds.pacing import moments
from kasauti.simulator.market.built_in import DEMO_DAY

SECONDS = 60
Timed = tuple[int, Command]


class World:
    """Settings under which orders take a moment to arrive, and the first seconds of the built-in market."""

    def __init__(self) -> None:
        self.loaded = load_config(
            None, {"account.capital_rupees": "5000000", "account.regime": "permissive"}, {}
        )
        self.market = built_in_market(7, DEMO_DAY)
        self.ticks: list[TickBatch] = []
        for _, moment in islice(moments(self.market.play(None)), SECONDS):
            assert isinstance(moment, TickBatch)
            self.ticks.append(moment)


def wishes(seed: int, market: Market, begins: int) -> list[Timed]:
    """Return what one trader asks for and when: market, limit and stop orders near the money."""
    draw = random.Random(seed)
    options = [each for each in market.universe if each.is_option]
    near = options[len(options) // 2 - 4 : len(options) // 2 + 4]
    found: list[Timed] = []
    for number in range(draw.randint(3, 12)):
        at = begins + draw.randint(1, SECONDS - 5) * NS_PER_SECOND + draw.randint(0, NS_PER_SECOND - 1)
        option, kind = draw.choice(near), draw.choice(list(OrderType))
        price = draw.randint(200, 4_000) * option.tick_size
        found.append(
            (
                at,
                PlaceOrder(
                    option.id,
                    draw.choice((Side.BUY, Side.SELL)),
                    option.lot_size * draw.randint(1, 3),
                    kind,
                    Product.NRML,
                    price if kind.has_limit else 0,
                    price if kind.has_trigger else 0,
                    command_id=f"{seed}-{number}",
                ),
            )
        )
    return sorted(found, key=lambda each: each[0])
