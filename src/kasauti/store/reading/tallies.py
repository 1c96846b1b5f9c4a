"""What a session and a strategy came to, counted as legs close. Amounts are money units, before charges."""

from typing import Self

import msgspec

from kasauti.domain import events as ev


class LegTally(msgspec.Struct):
    """How many trades there were, how many legs closed, and what those came to."""

    trades: int = 0
    closed: int = 0
    wins: int = 0
    realised: int = 0
    gross_profit: int = 0
    gross_loss: int = 0

    def closed_leg(self, realised: int) -> None:
        """Count a leg that closed."""
        self.closed += 1
        self.wins += realised > 0
        self.realised += realised
        self.gross_profit += max(realised, 0)
        self.gross_loss += max(-realised, 0)


class Session(LegTally, kw_only=True):
    """
    A session of a process; `number` is its first event's.

    `capital_start`, `capital_end` and `capital_peak` are the account's worth with positions at cost,
    `drawdown` the most that it was below its peak. `ended_at` is 0 while it runs, and where it ended without
    a word: then `status` says so, and `last_at` is its last sign of life.
    """

    number: int
    mode: str
    version: str
    prices: str
    config: str
    after_crash: bool
    started_at: int
    capital_start: int
    capital_end: int
    capital_peak: int
    last_at: int
    status: str = "RUNNING"
    ended_by: str = ""
    ended_at: int = 0
    drawdown: int = 0

    @classmethod
    def begin(cls, number: int, event: ev.SessionStarted, at: int, mode: str, worth: int) -> Self:
        """Begin a session."""
        return cls(
            number=number,
            mode=mode,
            version=event.version,
            prices=event.feed,
            config=event.config,
            after_crash=event.after_crash,
            started_at=at,
            capital_start=worth,
            capital_end=worth,
            capital_peak=worth,
            last_at=at,
        )

    def seen(self, at: int, worth: int) -> None:
        """Take over what the account is worth after an event."""
        self.last_at = at
        self.capital_end = worth
        self.capital_peak = max(self.capital_peak, worth)
        self.drawdown = max(self.drawdown, self.capital_peak - worth)

    def end(self, at: int, why: str) -> None:
        """End it: at a time, or with `at` 0 without a word."""
        self.status = "STOPPED" if at else "CRASHED"
        self.ended_at, self.ended_by = at, why


class StrategyResult(LegTally, kw_only=True):
    """What the legs of a strategy came to."""

    strategy: str
    largest_win: int = 0
    largest_loss: int = 0
    last_traded_at: int = 0

    def closed_leg(self, realised: int) -> None:
        """Count a leg that closed."""
        LegTally.closed_leg(self, realised)
        self.largest_win = max(self.largest_win, realised)
        self.largest_loss = max(self.largest_loss, -realised)
