"""What the open-interest momentum strategy has to remember over a crash."""

import msgspec

from kasauti.strategies.base import Strategy
from kasauti.strategies.momentum_entry import Candidate, Verdict
from kasauti.strategies.momentum_exits import Held
from kasauti.strategies.open_interest import OIReading
from kasauti.strategies.session_vwap import SessionVwap


class ClosedCandle(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a candle of the underlying ended, and its close in money units."""

    ends: int
    close: int


class MomentumMemory(Strategy.Memory, kw_only=True):
    """
    What is known on the IST date `day`.

    `candle` has closed and waits for the next chain; `reading` is the open interest at the one before it;
    `vwaps` are the averages of every option while an entry is possible, then `held` has its own; `asked` is
    the option last asked for, `entry_order` the order that entered, `entries` how many orders did today.
    `verdicts` are what was found at `decided_at` and `last_exit` is why the last option was left: for people.
    """

    day: str = ""
    candle: ClosedCandle | None = None
    reading: OIReading | None = None
    vwaps: dict[str, SessionVwap] = msgspec.field(default_factory=dict)
    asked: Candidate | None = None
    entry_order: str = ""
    entries: int = 0
    held: Held | None = None
    last_exit: str = ""
    decided_at: int = 0
    verdicts: list[Verdict] = msgspec.field(default_factory=list)
