"""How a start tells pasts apart, what it records in which order, and what each answer does."""

import errno
from pathlib import Path

import pytest
from tests.compose.worlds import (
    CLERK,
    Cut,
    CutAt,
    events_of,
    fills_of,
    market_of,
    minutes,
    settings,
    strategy,
    trade,
)
from tests.trading import DAY, NEXT_DAY

from kasauti.compose import trader as trader_module
from kasauti.compose.account import OpenAccount
from kasauti.compose.markets import Market
from kasauti.compose.trader import HELD, Answer, Past, UniversalPaperTrader
from kasauti.config import Loaded
from kasauti.domain import events as ev
from kasauti.domain.ist import ist_clock
from kasauti.errors import ConfigError, LogCorrupt, PluginError


@pytest.fixture
def clerk() -> Loaded:
    return settings(strategies=strategy(CLERK), simulator__fill_profile="touch", simulator__stale_after_s=600)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "account"


def past_of(folder: Path, market: Market, loaded: Loaded) -> Past:
    with OpenAccount(folder, "main") as account:
        return UniversalPaperTrader(loaded, account, market).past(account.last_written_ns + 60 * 10**9)


def cut(folder: Path, market: Market, loaded: Loaded, count: int) -> None:
    with pytest.raises(Cut):
        trade(folder, market, loaded, subscribers=[CutAt(count)])


def clocks(folder: Path) -> list[str]:
    return [ist_clock(at)[:5] for at, _ in fills_of(events_of(folder))]


def tags(folder: Path) -> list[str]:
    return [each.event.TAG for each in events_of(folder)]


ONE_DAY = market_of(minutes(), "one day")
BOTH_DAYS = market_of([*minutes(), *minutes(NEXT_DAY)], "two days", (DAY, NEXT_DAY))
SECOND_DAY = market_of(minutes(NEXT_DAY), "second day", (NEXT_DAY,))


# Telling pasts apart


def test_a_new_account_has_no_past(folder: Path, clerk: Loaded) -> None:
    found = past_of(folder, ONE_DAY, clerk)
    assert (found.crashed, found.same_day, found.needs_an_answer, found.downtime_s) == (False,) * 3 + (0.0,)


def test_a_crash_within_the_day_needs_an_answer(folder: Path, clerk: Loaded) -> None:
    cut(folder, ONE_DAY, clerk, 5)
    found = past_of(folder, ONE_DAY, clerk)
    assert (found.crashed, found.same_day, found.needs_an_answer) == (True, True, True)
    assert found.downtime_s == 60
    assert found.last_at == events_of(folder)[-1].at
    assert found.missed == "nothing: the prices go on where the account stopped"


def test_a_clean_stop_within_the_day_needs_none(folder: Path, clerk: Loaded) -> None:
    with OpenAccount(folder, "main") as account:
        trader = UniversalPaperTrader(clerk, account, ONE_DAY)
        trader.begin(trader.past(0), Answer.RESUME)
        trader.end("stopped by the user")
    found = past_of(folder, ONE_DAY, clerk)
    assert (found.crashed, found.needs_an_answer) == (False, False)


def test_a_day_that_is_over_needs_none_even_after_a_crash(folder: Path, clerk: Loaded) -> None:
    trade(folder, ONE_DAY, clerk)
    assert not past_of(folder, BOTH_DAYS, clerk).crashed
    with OpenAccount(folder, "main") as account:
        trader = UniversalPaperTrader(clerk, account, BOTH_DAYS)
        trader.begin(trader.past(0), Answer.RESUME)
    found = past_of(folder, BOTH_DAYS, clerk)
    assert (found.crashed, found.same_day, found.needs_an_answer) == (True, False, False)
    assert found.missed == "nothing: the day was over"


def test_a_crash_before_a_new_trading_day_needs_none(folder: Path, clerk: Loaded) -> None:
    cut(folder, ONE_DAY, clerk, 5)
    found = past_of(folder, SECOND_DAY, clerk)
    assert (found.crashed, found.same_day, found.needs_an_answer) == (True, False, False)
    assert "the close of 2026-01-13" in found.missed


def test_a_wall_clock_that_was_set_back_makes_no_negative_downtime(folder: Path, clerk: Loaded) -> None:
    cut(folder, ONE_DAY, clerk, 5)
    with OpenAccount(folder, "main") as account:
        assert UniversalPaperTrader(clerk, account, ONE_DAY).past(1).downtime_s == 0


# What a start records


def test_the_order_of_a_start_is_in_the_log(folder: Path, clerk: Loaded) -> None:
    """Account, session, day, strategy, and only then what it wants: S0-69."""
    cut(folder, ONE_DAY, clerk, 5)
    assert tags(folder)[:5] == [
        "account.opened", "session.started", "day.opened", "strategy.noted", "order.placed"
    ]  # fmt: skip
    before = len(tags(folder))

    trade(folder, ONE_DAY, clerk)

    log = events_of(folder)
    started, noted = log[before : before + 2]
    assert isinstance(started.event, ev.SessionStarted)
    assert (started.event.after_crash, started.event.policy) == (True, "resume")
    assert started.event.last_at == log[before - 1].at
    assert noted.event.TAG == "strategy.noted", "on_start, on the day that goes on: it is not opened again"
    assert tags(folder).count("day.opened") == 1
    assert tags(folder)[-1] == "session.stopped"


def test_what_is_in_force_is_in_the_log(folder: Path, clerk: Loaded) -> None:
    trade(folder, ONE_DAY, clerk)
    started = next(each.event for each in events_of(folder) if isinstance(each.event, ev.SessionStarted))
    assert (started.feed, started.config) == ("one day", clerk.as_json())


@pytest.mark.parametrize(
    ("use", "error", "words"),
    [
        ("no_such_strategy", PluginError, "There is no 'no_such_strategy'"),
        ("nowhere.py:Mine", PluginError, "There is no file"),
        ("{clerk}:Clark", PluginError, "has no Clark. Did you mean Clerk"),
        ("{broken}:Mine", PluginError, "line 2 raised ZeroDivisionError"),
    ],
)
def test_a_wrong_strategy_is_an_error_before_anything_is_recorded(
    folder: Path, tmp_path: Path, clerk: Loaded, use: str, error: type[Exception], words: str
) -> None:
    (tmp_path / "broken.py").write_text("\n1 / 0\n")
    use = use.format(clerk=CLERK.partition(":")[0], broken=tmp_path / "broken.py")
    with pytest.raises(error, match=words):
        trade(folder, ONE_DAY, settings(strategies=strategy(use)))
    with OpenAccount(folder, "main") as account:
        assert account.state.seq == 0


def test_a_wrong_parameter_names_it(folder: Path) -> None:
    loaded = settings(strategies=strategy("ema_rsi", instrument="NSE:ACME", candels_s=3))
    with pytest.raises(ConfigError, match=r"candels_s.*Did you mean .candle_s"):
        trade(folder, ONE_DAY, loaded)


# Answers


def test_fresh_begins_anew_and_keeps_the_old_account(folder: Path, clerk: Loaded) -> None:
    cut(folder, ONE_DAY, clerk, 8)
    old = events_of(folder)
    trade(folder, ONE_DAY, clerk, answer=Answer.FRESH)

    assert events_of(folder / "epochs" / "0001") == old
    assert tags(folder).count("account.opened") == 1
    assert len(fills_of(events_of(folder))) == 3, "the whole day again"


@pytest.mark.parametrize("left", ["files without their log", "a log that is none"])
def test_fresh_puts_away_even_what_cannot_be_read(folder: Path, clerk: Loaded, left: str) -> None:
    trade(folder, ONE_DAY, clerk)
    for each in folder.glob("log.db*"):
        each.unlink()
    if left == "a log that is none":
        (folder / "log.db").write_bytes(b"not a database, but of some length")
        with pytest.raises(LogCorrupt), OpenAccount(folder, "main"):
            pass

    with OpenAccount(folder, "main", anew=True) as account:
        trader = UniversalPaperTrader(clerk, account, ONE_DAY)
        trader.begin(trader.past(0), Answer.FRESH)
        trader.end("enough")

    assert tags(folder).count("account.opened") == 1
    assert any((folder / "epochs" / "0001" / "state").iterdir()), "kept, not lost"


def test_hold_keeps_what_is_held_and_takes_no_new_risk_but_exits_go_on(folder: Path, clerk: Loaded) -> None:
    cut(folder, ONE_DAY, clerk, 4)
    assert len(fills_of(events_of(folder))) == 1

    trade(folder, ONE_DAY, clerk, answer=Answer.HOLD)

    log = events_of(folder)
    denied = [each.event for each in log if isinstance(each.event, ev.OrderDenied)]
    assert [(each.rule, each.tag) for each in denied] == [("trading.halted", "09:40")]
    sold = [each.event for each in log if isinstance(each.event, ev.OrderPlaced) and each.event.tag == "out"]
    assert [each.quantity for each in sold] == [10]


@pytest.mark.parametrize(("said", "bought"), [("", 10), ("go on", 20)])
def test_a_hold_lasts_until_somebody_says_to_go_on(
    folder: Path, clerk: Loaded, said: str, bought: int
) -> None:
    cut(folder, ONE_DAY, clerk, 4)
    with OpenAccount(folder, "main") as account:
        trader = UniversalPaperTrader(clerk, account, ONE_DAY)
        trader.begin(trader.past(0), Answer.HOLD)
        assert account.state.halted == HELD
        trader.end("stopped by the user")
    with OpenAccount(folder, "main") as account:
        trader = UniversalPaperTrader(clerk, account, ONE_DAY)
        trader.begin(trader.past(0), Answer.RESUME, lifts_hold=bool(said))
        assert account.state.halted == ("" if said else HELD)
        trader.end("stopped by the user")
    trade(folder, ONE_DAY, clerk)

    placed = [each.event for each in events_of(folder) if isinstance(each.event, ev.OrderPlaced)]
    assert sum(each.quantity for each in placed if each.tag != "out") == bought


def test_a_halt_of_another_cause_is_not_lifted_by_the_way(folder: Path, clerk: Loaded) -> None:
    with OpenAccount(folder, "main") as account:
        trader = UniversalPaperTrader(clerk, account, ONE_DAY)
        trader.begin(trader.past(0), Answer.RESUME)
        account.record(ev.TradingHalted("a contract cannot be settled"), "test", account.state.at)
        trader.end("stopped by the user")
    with OpenAccount(folder, "main") as account:
        trader = UniversalPaperTrader(clerk, account, ONE_DAY)
        trader.begin(trader.past(0), Answer.RESUME, lifts_hold=True)
        assert account.state.halted == "a contract cannot be settled"


# Days


def test_a_day_that_nobody_closed_is_closed_when_the_next_one_begins(folder: Path, clerk: Loaded) -> None:
    cut(folder, ONE_DAY, clerk, 4)
    trade(folder, SECOND_DAY, clerk)

    log = events_of(folder)
    closed = [each.event for each in log if isinstance(each.event, ev.DayClosed)]
    assert [each.day for each in closed] == ["2026-01-13", "2026-01-14"]
    opened = [each.event.day for each in log if isinstance(each.event, ev.DayOpened)]
    assert opened == ["2026-01-13", "2026-01-14"]


def test_a_day_goes_on_on_the_prices_it_was_begun_on(folder: Path, clerk: Loaded) -> None:
    cut(folder, ONE_DAY, clerk, 4)
    before = events_of(folder)
    with pytest.raises(ConfigError, match="was begun on one day and cannot go on on two days"):
        trade(folder, BOTH_DAYS, clerk)
    assert events_of(folder) == before


def test_an_account_does_not_go_back_in_time(folder: Path, clerk: Loaded) -> None:
    trade(folder, SECOND_DAY, clerk)
    before = events_of(folder)
    with pytest.raises(ConfigError, match="has been traded by this account, up to 2026-01-14"):
        trade(folder, ONE_DAY, clerk)
    assert events_of(folder) == before


def test_days_of_one_market_follow_each_other(folder: Path, clerk: Loaded) -> None:
    trade(folder, BOTH_DAYS, clerk)
    assert [day for day in tags(folder) if day.startswith("day.")] == ["day.opened", "day.closed"] * 2


def test_a_session_keeps_to_its_hours(folder: Path, clerk: Loaded) -> None:
    """`feed.starts_at` and `feed.ends_at`; what is left of the day can be traded by another session."""
    hours = {
        "strategies": strategy(CLERK), "simulator__fill_profile": "touch", "simulator__stale_after_s": 600
    }  # fmt: skip
    trade(folder, ONE_DAY, settings(feed__starts_at="09:25", feed__ends_at="09:45", **hours))

    assert clocks(folder) == ["09:40"], "what was to do before it begins is not done"
    assert "day.closed" not in tags(folder)
    assert not past_of(folder, ONE_DAY, clerk).crashed

    trade(folder, ONE_DAY, clerk)

    assert tags(folder).count("day.closed") == 1
    assert clocks(folder) == ["09:40", "10:00"]


def test_an_end_after_the_close_closes_the_day(folder: Path, clerk: Loaded) -> None:
    trade(folder, ONE_DAY, settings(strategies=strategy(CLERK), feed__ends_at="23:00"))
    assert tags(folder).count("day.closed") == 1


# The disk


def test_a_disk_that_takes_no_snapshot_costs_nothing(
    folder: Path, clerk: Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(trader_module, "save_snapshot", full)
    trade(folder, ONE_DAY, settings(strategies=strategy(CLERK), storage__snapshot_every=2))
    assert tags(folder)[-1] == "session.stopped"
