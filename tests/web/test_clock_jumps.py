"""The system's clock is set while a desk runs: what expired stays so, nothing is lost, and it is said."""

import hashlib
import logging
from collections.abc import Callable

import pytest

from kasauti.domain.ist import NS_PER_SECOND
from kasauti.feeds.clock import ForwardClock, MarketClock
from kasauti.web.access import Caller, Scope
from kasauti.web.clock_watch import ClockWatch
from kasauti.web.kite.sessions import REQUEST_TOKEN_NS, Sessions

_HOUR = 3_600 * NS_PER_SECOND


class Clocks:
    """The system's clock, which a test sets, and the monotonic one, which nobody can."""

    def __init__(self) -> None:
        self.wall, self.monotonic = 1_795_405_500 * NS_PER_SECOND, 5 * NS_PER_SECOND
        self.forward = ForwardClock(lambda: self.wall, lambda: self.monotonic)

    def pass_by(self, time_ns: int) -> None:
        """Let time pass."""
        self.wall += time_ns
        self.monotonic += time_ns


class _Anybody:
    """A doorkeeper to whom every key is good."""

    def caller_of(self, secret: str) -> Caller | None:
        return Caller(user="owner", key_id="k", scope=Scope.TRADE, accounts=("main",))

    def refresh(self) -> None:
        """Take over nothing."""


def session(sessions: Sessions) -> Callable[[], bool]:
    """Log in; return whether the session still opens something."""
    token = sessions.log_in("app", "key")
    checksum = hashlib.sha256(f"app{token}key".encode()).hexdigest()
    begun = sessions.begin("app", token, checksum)
    assert begun is not None
    return lambda: sessions.caller_of("app", begun[0]) is not None


def test_a_session_that_has_ended_does_not_begin_again_when_the_clock_is_set_back() -> None:
    clocks = Clocks()
    sessions = Sessions(_Anybody(), clocks.forward.now)
    holds = session(sessions)
    clocks.pass_by(24 * _HOUR)
    assert not holds()
    clocks.wall -= 20 * _HOUR
    assert not holds()
    assert session(sessions)(), "who logs in is let in"


def test_a_request_token_lasts_its_five_minutes_whatever_the_clock_does() -> None:
    clocks = Clocks()
    sessions = Sessions(_Anybody(), clocks.forward.now)
    token = sessions.log_in("app", "key")
    clocks.wall -= 20 * _HOUR
    clocks.pass_by(REQUEST_TOKEN_NS)
    checksum = hashlib.sha256(f"app{token}key".encode()).hexdigest()
    assert sessions.begin("app", token, checksum) is None


@pytest.mark.parametrize(
    ("jump", "words"),
    [
        (-_HOUR, "was set back by 1:00:00"),
        (30 * 24 * _HOUR, "went forward by 30 days, 0:00:00"),
        (NS_PER_SECOND, ""),  # a correction
    ],
)
def test_a_clock_that_is_set_is_said_once(jump: int, words: str, caplog: pytest.LogCaptureFixture) -> None:
    clocks = Clocks()
    watch = ClockWatch(lambda: clocks.wall, lambda: clocks.monotonic)
    with caplog.at_level(logging.WARNING):
        for moved in (0, jump, 0, 0):
            clocks.pass_by(NS_PER_SECOND)
            clocks.wall += moved
            watch.look()
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == (1 if words else 0)
    assert all(words in each and "the market" in each for each in said)


def test_the_market_does_not_move_with_the_systems_clock() -> None:
    clocks = Clocks()
    market = MarketClock(0, 1.0, lambda: clocks.monotonic)
    market.expect(24 * _HOUR)
    for jump in (-_HOUR, 5 * _HOUR):
        before = market.now()
        clocks.wall += jump
        clocks.pass_by(NS_PER_SECOND)
        assert market.now() == before + NS_PER_SECOND
