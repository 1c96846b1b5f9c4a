"""`kasauti backtest`, as people type it: rightly, wrongly, and with strategies and data that fail."""

import json
import os
import re
import signal
from pathlib import Path

import pytest
from tests.cli.command import Ended, ended, kasauti, start

HEAD = "from kasauti import Strategy, buy, sell\n"

WAVES = """
class Waves(Strategy):
    candles = "1m"
    instruments = ("NSE:ACME",)

    def on_candle(self, candle, view):
        held = view.held("NSE:ACME")
        yield sell("NSE:ACME", held, product="MIS") if held else buy("NSE:ACME", 10, product="MIS")
"""


@pytest.fixture
def waves(tmp_path: Path) -> str:
    """Return a strategy by its file."""
    return strategy(tmp_path, WAVES)


def strategy(folder: Path, text: str, name: str = "Waves") -> str:
    file = folder / "own.py"
    file.write_text(HEAD + text)
    return f"{file}:{name}"


def backtest(*words: object) -> Ended:
    return kasauti("backtest", *words, "--no-report")


def bars(folder: Path, name: str, text: str) -> Path:
    """Write bars of ACME as CSV."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text("symbol,ts,open,high,low,close,volume\n" + text)
    return folder


def day_of_bars(day: str = "2026-11-23", minutes: int = 60, step: int = 1, opens: int = 9 * 60 + 15) -> str:
    """Return a wave of bars from `opens` on, minutes after midnight."""
    rows = []
    for number in range(0, minutes, step):
        clock = f"{(opens + number) // 60:02d}:{(opens + number) % 60:02d}"
        price = 100 + number % 7
        rows.append(f"ACME,{day} {clock}:00,{price},{price + 1},{price - 1},{price + 0.5},1000")
    return "\n".join(rows) + "\n"


# What it shows and keeps.


def test_it_shows_what_it_rests_on_the_result_and_the_doubts(waves: str, hour: Path, tmp_path: Path) -> None:
    ran = kasauti("backtest", waves, "--data", hour, "--report", tmp_path / "deep" / "report.html")

    assert ran.code == 0, ran.err
    for words in ("What it rests on", "Result", "Before you believe it", "report.html"):
        assert words in ran.out
    assert (tmp_path / "deep" / "report.html").read_text().startswith("<!doctype html>")


def test_a_machine_reads_the_report_as_json(waves: str, hour: Path) -> None:
    told = backtest(waves, "--data", hour, "--json", "--capital", "5,00,000").json()

    assert told["ending"] == "complete"
    assert told["metrics"]["capital"] == "500000.00"
    assert told["metrics"]["fills"] == len(told["trips"]) * 2 + sum(1 for _ in told["open_at_end"])


def test_frames_are_written_where_they_were_asked_for(waves: str, hour: Path, tmp_path: Path) -> None:
    ran = backtest(waves, "--data", hour, "--csv", tmp_path / "csv", "--parquet", tmp_path / "parquet")

    assert ran.code == 0, ran.err
    names = {"orders", "trades", "round_trips", "equity", "daily"}
    assert {each.name for each in (tmp_path / "csv").iterdir()} == {f"waves.{name}.csv" for name in names}
    assert len(list((tmp_path / "parquet").iterdir())) == len(names)


def test_a_kept_log_is_a_log_and_runs_can_be_compared(waves: str, hour: Path, tmp_path: Path) -> None:
    for name, quantity in (("one.run", "10"), ("two.run", "10"), ("three.log", "10")):
        ran = backtest(waves, "--data", hour, "--save", tmp_path / name)
        assert ran.code == 0, (ran.err, quantity)

    compared = kasauti("compare", *(tmp_path / name for name in ("one.run", "two.run", "three.log")))

    assert compared.code == 0, compared.err
    assert compared.out.count("₹0.00\nthe same") == 2
    told = kasauti("compare", tmp_path / "one.run", tmp_path / "three.log", "--json").json()
    assert told["runs"][1]["why"]["total"] == "0.00"
    assert "name two or more" in kasauti("compare", tmp_path / "one.run").sentence()


def test_a_lookahead_check_passes_what_is_honest(waves: str, hour: Path) -> None:
    ran = kasauti("lookahead-check", waves, "--data", hour)

    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("PASS waves: 60 decisions")
    assert re.search(r"^Cut at \w{3} \d+ \w{3} 20\d\d \d\d:\d\d:\d\d, ", ran.out, re.MULTILINE)
    assert "--cuts N looks more closely" in ran.out


# What was typed wrongly.


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("no_such",), 5, "There is no 'no_such' in kasauti.strategies"),
        ((__file__,), 5, "is a file; name the class in it that is meant, like"),
        (("ema_rsi", "--param", "instrument=NSE:INFY", "--param", "quantiy=1"), 3, "mean 'quantity'"),
        (("ema_rsi", "--param", "instrument=NSE:INFY", "--param", "quantity=0"), 3, "quantity"),
        (("ema_rsi",), 3, "needs the parameter 'instrument'"),
        (("ema_rsi", "--param", "instrument=NSE:INFI"), 3, "Did you mean NSE:INFY?"),
        (("ema_rsi", "--param", "instrument"), 2, "write it like --param fast=9"),
        (("short_straddle", "--param", "entry=15:20"), 3, "entry 15:20 must come before exit 15:10"),
        (("opening_range", "--param", "range_minutes=7"), 3, "no multiple of candle_s"),
        (("short_straddle", "--capital", "lots"), 2, "capital is 'lots'"),
        (("short_straddle", "--profile", "best"), 3, "fill_profile is best"),
        (("short_straddle", "--plan", "zeroda"), 3, "Did you mean zerodha?"),
        (("short_straddle", "--from", "22/01/2026"), 2, "'22/01/2026' is not a day"),
        (("short_straddle", "--data", "nowhere"), 6, "nowhere does not exist"),
        (("short_straddle", "--from", "2027-01-01"), 6, "has no day from 2027-01-01"),
    ],
)
def test_what_was_typed_wrongly_is_a_sentence(words: tuple[str, ...], code: int, sentence: str) -> None:
    ran = backtest(*words)

    assert sentence in ran.sentence()
    assert ran.code == code


# Data that cannot be used.


def test_no_data_in_the_range(waves: str, tmp_path: Path) -> None:
    data = bars(tmp_path / "data", "a.csv", day_of_bars())
    ran = backtest(waves, "--data", data, "--from", "2026-11-24")

    assert ran.code == 6
    assert "2026-11-24" in ran.sentence()


def test_bars_of_two_lengths_are_refused(waves: str, tmp_path: Path) -> None:
    data = bars(tmp_path / "data", "a.csv", day_of_bars())
    bars(data, "b.csv", day_of_bars("2026-11-25", 60, 5))
    ran = backtest(waves, "--data", data)

    assert ran.code == 6
    assert "Traceback" not in ran.err


def test_files_that_overlap_are_told(waves: str, tmp_path: Path) -> None:
    data = bars(tmp_path / "data", "a.csv", day_of_bars())
    bars(data, "b.csv", day_of_bars(minutes=90))
    ran = backtest(waves, "--data", data)

    assert "Traceback" not in ran.err
    assert ran.code == 6 or "gap" in ran.out


def test_times_of_another_zone_are_refused_and_can_be_named(waves: str, tmp_path: Path) -> None:
    data = bars(tmp_path / "data", "a.csv", day_of_bars(minutes=300, opens=3 * 60 + 45))
    ran = backtest(waves, "--data", data)

    assert ran.code == 6
    assert "UTC" in ran.sentence()
    assert backtest(waves, "--data", data, "--set", "feed.time_zone=UTC").code == 0


def test_capital_that_pays_for_nothing_says_what_one_lot_needs() -> None:
    ran = backtest("short_straddle", "--capital", "10000")

    assert ran.code == 2
    told = ran.sentence()
    assert "₹10,000.00 pays for none" in told
    assert "one lot of 65" in told


# Strategies that fail, and people who have seen enough.


def test_a_strategy_that_raises_is_reported_until_there(hour: Path, tmp_path: Path) -> None:
    text = WAVES + "        if candle.start % (30 * 60 * 10**9) == 0:\n            1 / 0\n"
    ran = backtest(strategy(tmp_path, text), "--data", hour, "--save", tmp_path / "kept.run")

    assert ran.code == 5
    assert "BACKTEST, FAILED" in ran.out
    assert "ZeroDivisionError: division by zero" in ran.err
    assert "own.py line 11" in ran.err.replace("\n", "")
    assert "at 2026-01-13T09:31:00.000+05:30, after 17 ticks" in ran.err.replace("\n", " ")
    assert (tmp_path / "kept.run").is_file()


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_ctrl_c_leaves_the_part_until_then_clearly_marked(tmp_path: Path, hour: Path) -> None:
    text = WAVES + (
        "        if candle.start % (30 * 60 * 10**9) == 0:\n"
        "            import os, signal\n"
        "            os.kill(os.getpid(), signal.SIGINT)\n"
    )
    process = start("backtest", strategy(tmp_path, text), "--data", hour, "--json", cwd=tmp_path)
    ran = ended(process)

    assert ran.code == 128 + signal.SIGINT
    told = json.loads(ran.out)
    assert told["ending"] == "interrupted"
    assert "The run was interrupted" in told["doubts"][0]
