"""What an engine takes in. Every input carries its time."""

import msgspec

from kasauti.domain.bar_grid import BarGrid
from kasauti.domain.commands import Command
from kasauti.domain.market import BarBatch, TickBatch


class Ask(msgspec.Struct, frozen=True, gc=False):
    """
    A command of somebody outside: `cause` says who, like `user` or `api`.

    With a `strategy` it is that strategy's, though its decisions are made elsewhere.
    """

    at: int
    command: Command
    cause: str = "user"
    strategy: str = ""


class Advance(msgspec.Struct, frozen=True, gc=False):
    """Time has come to `at`, and no earlier market data will follow."""

    at: int


#: Market data in any of its forms.
MarketData = TickBatch | BarBatch | BarGrid

Input = MarketData | Ask | Advance
