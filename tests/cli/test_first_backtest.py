"""The first strategy of the documents, taken from them word by word, runs as they say."""

import re
from pathlib import Path
from typing import Any

import pytest
from tests.cli.command import kasauti

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "backtesting.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.+?)^```", PAGE, re.MULTILINE | re.DOTALL)
COMMANDS = re.findall(r"^(kasauti backtest .+)$", PAGE, re.MULTILINE)


def test_the_first_strategy_of_the_page_runs_as_the_page_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "first.py").write_text(BLOCKS[0])
    program, *words = COMMANDS[0].split()

    ran = kasauti(*words)

    assert program == "kasauti"
    assert (ran.code, ran.err) == (0, "")
    assert "BACKTEST   first" in ran.out
    assert "The prices are made up" in ran.out
    report = tmp_path / "data" / "reports" / "first.html"
    assert str(report.relative_to(tmp_path)) in ran.out
    assert "<html" in report.read_text(encoding="utf-8")


def test_it_takes_ten_lines() -> None:
    assert len([line for line in BLOCKS[0].splitlines() if line.strip()]) <= 10


def test_python_of_the_page_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    exec(compile(BLOCKS[1], "backtesting.md", "exec"), names)  # noqa: S102  the page's own text

    assert "Backtest of short_straddle, complete" in capsys.readouterr().out
    assert (tmp_path / "straddle.html").is_file()
    assert names["result"].trades["quantity"].to_list()[0] == 130


def test_the_page_has_every_option() -> None:
    shown = kasauti("backtest", "--help").out
    options = set(re.findall(r"(--[a-z-]+)", shown)) - {"--help", "--seed"}

    assert {each for each in options if each not in PAGE} == set()
