"""Time as data: a clock that jumps back is held, and nothing is recorded before what was recorded."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.trading import NEXT_DAY, SHARE, Session, buys, moment

from kasauti.domain import events as ev
from kasauti.domain.commands import HaltTrading
from kasauti.domain.inputs import Advance, Ask
from kasauti.domain.reports import Cancelled


def times(session: Session) -> list[int]:
    return [each.at for each in session.log]


def test_a_command_of_the_past_is_of_now() -> None:
    session = Session().ticks("time last\n09:15:00 100\n09:20:00 100")
    session.ask("09:16", buys(SHARE, 1, "99"))

    placed = [each.at for each in session.log if isinstance(each.event, ev.OrderPlaced)]
    assert placed == [moment("09:20")]
    assert session.engine.now == moment("09:20")


def test_time_that_goes_back_stands_still() -> None:
    session = Session().until("10:00").until("09:30")

    assert session.engine.now == moment("10:00")
    session.until("08:00", NEXT_DAY).until("15:00")
    assert session.engine.now == moment("08:00", NEXT_DAY)
    assert session.state.day == NEXT_DAY.isoformat()


def test_market_data_out_of_order_is_our_own_mistake() -> None:
    """Feeds refuse it with a sentence; what gets here is in order."""
    session = Session().ticks("time last\n09:20:00 100")
    with pytest.raises(AssertionError, match="in order of time"):
        session.ticks("time last\n09:19:59 100")
    with pytest.raises(AssertionError, match="in order of time"):
        session.bars("time open high low close\n09:18 1 1 1 1")


@given(st.lists(st.tuples(st.integers(0, 7 * 3600), st.booleans()), max_size=30))
def test_the_log_never_goes_back(steps: list[tuple[int, bool]]) -> None:
    session = Session(latency_ms=500)
    for second, asks in steps:
        at = moment("09:00") + second * 1_000_000_000
        session.engine.handle(Ask(at, HaltTrading("x")) if asks else Advance(at))
        session.engine.handle(Ask(at - 5, buys(SHARE, 1, "99")))

    assert all(earlier <= later for earlier, later in pairwise(times(session)))
    assert [each.seq for each in session.log] == list(range(1, len(session.log) + 1))


def test_what_is_due_is_known_before_it_comes() -> None:
    """A loop against a clock may sleep until then."""
    session = Session(latency_ms=500).ticks("time last\n09:15:00 100")
    assert session.engine.next_due == moment("11:00")  # the first margin snapshot
    session.ask("09:15:01", buys(SHARE, 1, "99"))

    assert session.engine.next_due == moment("09:15:01.500")


def test_a_report_that_comes_late_is_recorded_when_it_comes() -> None:
    session = Session().ticks("time last\n09:15:00 100")
    order_id = session.ask("09:20", buys(SHARE, 1, "99"))
    session.engine.admit([Cancelled(order_id, moment("09:16"), "the venue's clock is slow")])

    assert [each.at for each in session.log if isinstance(each.event, ev.OrderCancelled)] == [moment("09:20")]
    assert session.proof().passed
