"""
A strategy that hangs where it looks for entries delays no exit: not another's, not its own square-off.

Through the real session: the live loop, its guard, the log on disk. A hang costs the wall clock the guard's
budget, once; the moments in the log are those of the market and do not move at all.
"""

from pathlib import Path

import pytest
from tests.cli.command import kasauti
from tests.compose.worlds import events_of, fills_of, market_of, rows
from tests.tables import ticks_of
from tests.trading import DAY, NAMES, UNIVERSE

from kasauti.compose import trader as trader_module
from kasauti.domain import events as ev
from kasauti.domain.ist import ist_clock
from kasauti.feeds.recorded.writing import write_recording

HERE = Path(__file__)
HUNG = f"{HERE.with_name('hung.py')}:Hung"
STOPPED = f"{HERE.with_name('stopped.py')}:Stopped"

#: Candles close at 09:20 and 09:25; the price falls through the stop at 09:21:30, while the hang lasts.
PRICES = """
time      last   bid    ask    bid_quantity ask_quantity volume
09:15:00  100    99.95  100.05 1000         1000         100
09:16:00  100    .      .      .            .            200
09:17:00  100    .      .      .            .            300
09:18:00  100    .      .      .            .            400
09:20:00  100    .      .      .            .            500
09:21:00  99.5   99.45  99.55  .            .            600
09:21:30  98.9   98.85  98.95  .            .            700
09:22:00  98.5   98.45  98.55  .            .            800
09:26:00  98.5   .      .      .            .            900
15:19:59  98     97.95  98.05  .            .            950
15:20:01  98     .      .      .            .            960
15:21:01  98     .      .      .            .            970
"""


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the prices as a file."""
    file = tmp_path_factory.mktemp("day") / "day.parquet"
    batch = ticks_of(PRICES, lambda name: UNIVERSE.slot(NAMES[name].id), DAY)
    write_recording(file, UNIVERSE, market_of([batch], "day").play(None))
    return file


def replayed(day: Path, folder: Path, *strategies: str) -> list[ev.Recorded]:
    chosen = ", ".join(f"{{use: '{each}'}}" for each in strategies)
    ran = kasauti(
        "replay", day, "--data", folder, "--quiet", "--set", f"strategies=[{chosen}]",
        "--set", "simulator.fill_profile=touch", "--set", "simulator.stale_after_s=30",
    )  # fmt: skip
    assert (ran.code, ran.err) == (0, "")
    assert kasauti("prove", "--data", folder).code == 0
    return events_of(folder)


def of_strategy(log: list[ev.Recorded], name: str) -> list[tuple[str, str, int]]:
    """Return (clock, tag, units) of a strategy's trades."""
    placed = {e.event.order_id: e.event for e in log if isinstance(e.event, ev.OrderPlaced)}
    return [
        (ist_clock(at), order.tag, fill.quantity)
        for at, fill in fills_of(log)
        if (order := placed[fill.order_id]).strategy == name
    ]


def variant(folder: Path, instead: str) -> str:
    """Return the hung strategy with something else where it hangs."""
    file = folder / "variant.py"
    text = HERE.with_name("hung.py").read_text(encoding="utf-8")
    file.write_text(text.replace("threading.Event().wait()", instead), encoding="utf-8")
    return f"{file}:Hung"


@pytest.mark.parametrize("hung_first", ["first", "last"])
def test_a_hang_moves_no_exit(
    day: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hung_first: str
) -> None:
    monkeypatch.setattr(trader_module, "HOOK_BUDGET_S", 0.2)

    def both(hung: str) -> list[str]:
        return [hung, STOPPED] if hung_first == "first" else [STOPPED, hung]

    log = replayed(day, tmp_path / "hung", *both(HUNG))
    polite = replayed(day, tmp_path / "polite", *both(variant(tmp_path, "return")))

    assert of_strategy(log, "stopped") == [("09:17:00", "in", 10), ("09:21:30", "stop", 10)]
    assert fills_of(log) == fills_of(polite), "to the nanosecond and the paisa"


def test_a_hang_is_recorded_once_and_the_square_off_closes_what_was_bought(
    day: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trader_module, "HOOK_BUDGET_S", 0.2)
    log = replayed(day, tmp_path / "account", HUNG)

    failed = [(ist_clock(e.at), e.event) for e in log if isinstance(e.event, ev.StrategyFailed)]
    assert [(clock, event.hook, event.stopped) for clock, event in failed] == [
        ("09:20:00", "on_candle", "entries")
    ]
    assert "no answer within 0.2 s" in failed[0][1].error
    trades = of_strategy(log, "hung")
    assert [(tag, units) for _, tag, units in trades] == [("in", 5), ("square_off", 5)]
    assert trades[1][0] == "15:20:00", "intraday shares are closed at 15:20"


def test_a_strategy_that_raises_does_the_same(
    day: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trader_module, "HOOK_BUDGET_S", 0.2)
    hung = replayed(day, tmp_path / "hung", HUNG, STOPPED)
    raising = variant(tmp_path, "raise ZeroDivisionError(threading.active_count())")
    raised = replayed(day, tmp_path / "raising", raising, STOPPED)

    different = (ev.AccountOpened, ev.StrategyFailed)
    assert rows(hung, *different) == rows(raised, *different)


def test_the_budget_is_one_second() -> None:
    """An exit may be a minute late at most; this is far less, and more than any honest hook takes."""
    assert trader_module.HOOK_BUDGET_S == 1.0
