"""
How far a desk's market has come, kept beside the logs, and where the next start begins.

A log tells when something last happened to an account; that may be an hour ago. A restart goes on where the
market was. Losing the file costs no more than that: nothing an account has depends on it.
"""

import contextlib
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import msgspec

from kasauti.compose.markets import Market, market_of
from kasauti.config.sections import FeedSection
from kasauti.desk.account import DeskAccount
from kasauti.domain.ist import ist_date
from kasauti.errors import ConfigError
from kasauti.exchange.calendar import Calendar
from kasauti.store.files import write_atomically

_FILE = "market.json"


class MarketTime(msgspec.Struct, frozen=True):
    """The market's name in logs, its day and the moment it has come to, nanoseconds UTC."""

    source: str
    day: date
    at: int


def keep_market_time(folder: Path, reached: MarketTime) -> None:
    """Keep how far the market has come; a disk that does not take it costs only that."""
    with contextlib.suppress(OSError):
        write_atomically(folder / _FILE, msgspec.json.encode(reached), flush=False)


def kept_market_time(folder: Path) -> MarketTime | None:
    """Return how far the market had come, None where that is not known."""
    try:
        return msgspec.json.decode((folder / _FILE).read_bytes(), type=MarketTime)
    except (OSError, msgspec.MsgspecError):
        return None


def check_whole_days(feed: FeedSection) -> None:
    """Raise `ConfigError` for a feed that is to be cut: accounts of a desk live on from day to day."""
    for name, asked in (("starts_at", feed.starts_at), ("ends_at", feed.ends_at)):
        if asked is not None:
            raise ConfigError(
                f"feed.{name} is {asked}, and a desk plays its days whole: leave it out; `kasauti run`,"
                " `replay` and `backtest` take it"
            )


def first_market(feed: FeedSection, folder: Path, accounts: Sequence[DeskAccount], others_at: int) -> Market:
    """
    Return the market of a configuration, at the day that the accounts have come to.

    `others_at` is the moment of the last event of those accounts that other processes have, 0 for none.
    """
    days = [account.state.day for account in accounts if account.state.day]
    open_days = [account.state.day for account in accounts if account.state.day_open]
    if others_at:
        days.append(ist_date(others_at).isoformat())
        open_days.append(days[-1])
    last, kept = max(days, default=""), kept_market_time(folder)
    if feed.kind != "builtin" or feed.day is not None:
        return market_of(feed)
    if kept is not None:
        market = market_of(feed, kept.day)
        if market.source == kept.source and kept.day.isoformat() >= last:
            return market
    if not last:
        return market_of(feed)
    day = date.fromisoformat(last)
    return market_of(feed, day if last in open_days else Calendar().next_trading_day(day))


def reached_in(
    market: Market, kept: MarketTime | None, accounts: Sequence[DeskAccount], others_at: int
) -> int:
    """Return the latest moment that a market or an account has come to in its days, 0 for none."""
    days = set(market.days)
    moments = [a.state.at for a in accounts if a.state.day_open and a.state.day in map(str, days)]
    if kept is not None and kept.source == market.source:
        moments.append(kept.at)
    if others_at and ist_date(others_at) in days:
        moments.append(others_at)
    return max(moments, default=0)
