"""Killed between any two commits, every instruction acts as it would have, once."""

from typing import Any

import pytest
from tests.engine.standing_tables import balanced, bracket
from tests.engine.test_cover import cover
from tests.engine.test_gtt import gtt
from tests.engine.test_iceberg import iceberg
from tests.tables import ticks_of
from tests.trading import DAY, SHARE, Session, difference, moment

from kasauti.domain.commands import Command
from kasauti.domain.inputs import Ask
from kasauti.domain.market import TickBatch
from kasauti.domain.order import Side

TICKS = """
    time      of    last   bid     ask     ask_quantity
    09:15:01  ACME  100    99.95   100.05  500
    09:15:10  ACME  -      99.95   100     40
    09:15:11  ACME  -      99.95   100.05  500
    09:15:12  ACME  -      99.95   100     800
    09:15:20  ACME  101.5  101.45  101.55  500
    09:15:21  ACME  102.5  102.45  102.55  500
    09:15:22  ACME  103.5  103.45  103.55  500
    09:15:23  ACME  101    100.95  101.05  500
    09:15:24  ACME  97     96.95   97.05   500
    09:15:25  ACME  95     94.95   95.05   500
    09:15:26  ACME  94     93.95   94.05   500
    09:15:27  ACME  106    105.95  106.05  500
    09:15:28  ACME  100    99.95   100.05  500
"""

PLANS: list[tuple[str, Command]] = [
    ("09:15:02", bracket(Side.BUY, SHARE, 100, "100", stop="96", target="110", trail="2")),
    ("09:15:03", gtt((Side.BUY, 10, "95", "95"), (Side.BUY, 5, "110", "105"))),
    ("09:15:04", cover(Side.SELL, SHARE, 50, "", "106")),
    ("09:15:05", iceberg(1_200, 3)),
]


def inputs() -> list[TickBatch | Ask]:
    """Return a day's ticks, each by itself, and the commands, in order of time."""
    batch = ticks_of(TICKS, lambda _: Session().universe.slot(SHARE.id), DAY)
    ticks: list[TickBatch | Ask] = [batch[n : n + 1] for n in range(len(batch))]
    asks: list[TickBatch | Ask] = [Ask(moment(clock), command) for clock, command in PLANS]
    return sorted([*ticks, *asks], key=lambda each: each.at if isinstance(each, Ask) else int(each.at[0]))


def played(session: Session, items: list[TickBatch | Ask]) -> Session:
    for item in items:
        session.engine.handle(item)
        session.engine.commit()
    return session.until("15:31")


def outcome(session: Session) -> list[tuple[str, str, str, int]]:
    """Return what became of each instruction, and what is held."""
    held = sum(position.quantity for position in session.state.held)
    return [(one.standing_id, one.status.value, one.leg, held) for one in session.state.standing.values()]


@pytest.mark.parametrize("latency_ms", [0, 700])
def test_a_kill_between_any_two_commits_changes_nothing(latency_ms: int) -> None:
    """A cancellation that was on its way begins it again, so with latency the result is compared."""
    everything = inputs()
    setup: dict[str, Any] = {"profile": "ltp", "latency_ms": latency_ms}
    whole = played(Session(**setup), everything)
    balanced(whole)
    assert len({each.cause for each in whole.log if each.cause.startswith("standing:")}) == len(PLANS)
    for cut in range(1, len(everything)):
        before = Session(**setup)
        for item in everything[:cut]:
            before.engine.handle(item)
            before.engine.commit()
        seen = [item for item in everything[:cut] if isinstance(item, TickBatch)]
        after = played(before.restart(seen, **setup), everything[cut:])
        if latency_ms:
            balanced(after)
            assert outcome(after) == outcome(whole), f"killed before input {cut}"
        else:
            assert difference(whole.log, after.log) == "", f"killed before input {cut}"


def test_a_moment_is_recorded_whole_or_not_at_all() -> None:
    """What stands in one commit is what one input led to: an action is never there without its order."""
    session = Session("ltp")
    for item in inputs():
        before = len(session.log)
        session.engine.handle(item)
        group = [type(each.event).__name__ for each in session.log[before:]]
        session.engine.commit()
        assert group.count("StandingTriggered") <= group.count("StandingSent")
        assert session.log.committed == len(session.log)
