"""Where values come from, which one wins, and what is said about those that cannot be used."""

from datetime import date
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.config.files import write

from kasauti.config import Config, Loaded, StrategySection, load_config
from kasauti.config.environment import variable
from kasauti.config.keys import keys
from kasauti.errors import ConfigError


def load(
    folder: Path, text: str | None = None, overrides: dict[str, str] | None = None, **environ: str
) -> Loaded:
    path = None if text is None else write(folder, text)
    return load_config(path, overrides or {}, environ)


def refusal(
    folder: Path, text: str | None = None, overrides: dict[str, str] | None = None, **environ: str
) -> str:
    with pytest.raises(ConfigError) as refused:
        load(folder, text, overrides, **environ)
    return str(refused.value)


def origin(loaded: Loaded, key: str) -> str:
    return next(setting.origin for setting in loaded.explain() if setting.key == key)


# Which place wins

FILE = "account:\n  capital_rupees: 200000\n"
ENVIRONMENT = {"KASAUTI_ACCOUNT__CAPITAL_RUPEES": "300000"}
COMMAND_LINE = {"account.capital_rupees": "400000"}


@pytest.mark.parametrize(
    ("text", "environ", "overrides", "capital", "where"),
    [
        (None, {}, {}, 100_000, "default"),
        (FILE, {}, {}, 200_000, "config.yaml line 2"),
        (FILE, ENVIRONMENT, {}, 300_000, "environment KASAUTI_ACCOUNT__CAPITAL_RUPEES"),
        (None, {"PAPER_DEFAULT_BALANCE": "50000.00"}, {}, 50_000, "environment PAPER_DEFAULT_BALANCE"),
        (FILE, ENVIRONMENT, COMMAND_LINE, 400_000, "command line"),
        (FILE, {}, COMMAND_LINE, 400_000, "command line"),
    ],
)
def test_the_command_line_wins_over_the_environment_over_the_file_over_the_default(
    tmp_path: Path,
    text: str | None,
    environ: dict[str, str],
    overrides: dict[str, str],
    capital: int,
    where: str,
) -> None:
    loaded = load(tmp_path, text, overrides, **environ)

    assert loaded.config.account.capital_rupees == capital
    assert origin(loaded, "account.capital_rupees").endswith(where)


@pytest.mark.parametrize("path", [path for path in keys() if path != "strategies"])
def test_every_setting_can_be_given_in_every_place(tmp_path: Path, path: str) -> None:
    """The default of each, written out in file, environment and command line, is the default again."""
    section, name = path.split(".")
    default = keys()[path].default
    text = "null" if default is None else str(default).lower() if default is True else str(default)
    extra = {"feed.path": "somewhere"} if path == "feed.kind" else {}

    in_file = load(tmp_path, f"{section}:\n  {name}: {text}\n")
    in_environment = load(tmp_path, None, extra, **{variable(path): text})
    on_command_line = load(tmp_path, None, {path: text, **extra})

    for loaded in (in_file, in_environment, on_command_line):
        assert getattr(getattr(loaded.config, section), name) == default
        assert origin(loaded, path) != "default"


def test_explain_lists_every_setting_once_with_its_documentation(tmp_path: Path) -> None:
    settings = load(tmp_path).explain()
    names = [setting.key for setting in settings]

    assert [name for name in names if not name.startswith("strategies")] == [
        k for k in keys() if k != "strategies"
    ]
    assert len(set(names)) == len(names)
    assert all(setting.description for setting in settings)


STRATEGIES = """
strategies:
  - use: intraday_momentum_oi
    parameters:
      trailing_percent: 12.5
  - use: mine.py:Mine
"""


def test_strategies_keep_their_order_and_each_of_their_lines(tmp_path: Path) -> None:
    loaded = load(tmp_path, STRATEGIES)

    assert [strategy.use for strategy in loaded.config.strategies] == ["intraday_momentum_oi", "mine.py:Mine"]
    assert float(loaded.config.strategies[0].parameters["trailing_percent"]) == 12.5
    assert origin(loaded, "strategies[0].parameters.trailing_percent").endswith("line 5")
    assert origin(loaded, "strategies[1].use").endswith("line 6")
    assert loaded.place("strategies[0].parameters.not_there").endswith("line 4")


def test_strategies_can_be_named_on_the_command_line(tmp_path: Path) -> None:
    loaded = load(tmp_path, STRATEGIES, {"strategies": "[{use: other, parameters: {fast: 9}}]"})

    assert loaded.config.strategies == (StrategySection(use="other", parameters={"fast": 9}),)
    assert origin(loaded, "strategies[0].parameters.fast") == "command line"


def test_no_strategy_is_a_choice_too(tmp_path: Path) -> None:
    loaded = load(tmp_path, "strategies: []\n")

    assert loaded.config.strategies == ()
    assert origin(loaded, "strategies").endswith("line 1")


# What cannot be used


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("acount:\n  plan: zerodha\n", "line 1: acount is not a setting. Did you mean account?"),
        (
            "risk:\n  max_positons: 3\n",
            "line 2: risk.max_positons is not a setting. Did you mean risk.max_positions?",
        ),
        ("account:\n  capital: 5\n", "Did you mean account.capital_rupees?"),
        ("risk:\n  capital_rupees: 5\n", "Did you mean account.capital_rupees?"),
        ("feed:\n  latency_high_ms: 5\n", "Did you mean simulator.latency_high_ms?"),
        ("account:\n  frobnicate: 5\n", "Settings of account: name, capital_rupees"),
        ("account: 5\n", "line 1: account is a section"),
        ("account:\n  capital_rupees: 1,00,000\n", "line 2: account.capital_rupees is 1,00,000"),
        ("account:\n  capital_rupees: 1,00,000\n", "Write it without commas: 100000."),
        ("account:\n  capital_rupees: 0\n", "a whole number from 1 to"),
        ("account:\n  capital_rupees: 100.5\n", "account.capital_rupees is 100.5"),
        ("account:\n  capital_rupees: '5'\n", "account.capital_rupees is 5"),
        ("account:\n  capital_rupees: true\n", "account.capital_rupees is true"),
        ("account:\n  capital_rupees:\n", "account.capital_rupees is null"),
        ("account:\n  name: ../elsewhere\n", "account.name is ../elsewhere"),
        ('account:\n  name: "main\\n"\n', "account.name is main"),
        ("account:\n  trading_mode: live\n", "this version has no live gateway"),
        ("feed:\n  day: 23-11-2026\n", "a date like 2026-11-23"),
        ("feed:\n  day: 2026-02-30\n", "feed.day is 2026-02-30"),
        (
            "feed:\n  starts_at: 9:15\n",
            "feed.starts_at is 9:15, which cannot be used. Allowed: a text like 14:50",
        ),
        ("feed:\n  starts_at: 25:00\n", "feed.starts_at is 25:00"),
        ("feed:\n  starts_at: 09:15:00+00:00\n", "feed.starts_at is 09:15:00+00:00"),
        ("feed:\n  speed: 0.5\n", "a number from 1 to 1_000, or max"),
        ("feed:\n  speed: .inf\n", "feed.speed is .inf"),
        ("feed:\n  kind: recorded\n", "feed.path must name a file or folder (feed.kind: "),
        ("feed:\n  starts_at: 14:00\n  ends_at: 10:00\n", "must come before feed.ends_at"),
        ("simulator:\n  stale_after_s: 5s\n", "simulator.stale_after_s is 5s"),
        ("simulator:\n  latency_low_ms: 500\n", "must not be above simulator.latency_high_ms 120"),
        ("risk:\n  max_daily_loss_percent: 0\n", "a number above 0, at most 100"),
        ("risk:\n  max_daily_loss_percent: 1e99\n", "risk.max_daily_loss_percent is"),
        ("strategies:\n  use: x\n", "line 1: strategies is a list"),
        ("strategies:\n  - x\n", "line 2: strategies[0] needs 'use:'"),
        ("strategies:\n  - use: x\n    parms: {}\n", "line 3: strategies[0].parms is not a setting."),
        ("strategies:\n  - use: x\n    fast: 9\n", "stands under 'parameters:'"),
        ("strategies:\n  - use: 5\n", "line 2: strategies[0].use is 5"),
        ("strategies:\n  - use: ''\n", "line 2: strategies[0].use is "),
        ("strategies:\n  - use: x\n    parameters: [1]\n", "line 3: strategies[0].parameters is"),
        ("position_sizing:\n  initial_capital: 5\n", "In its place: account.capital_rupees"),
        ("timing:\n  eod_exit: 14:50\n", "line 1: timing is not a setting here"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_with_line_value_and_what_is_allowed(
    tmp_path: Path, text: str, says: str
) -> None:
    message = refusal(tmp_path, text)

    assert says in message
    assert "config.yaml" in message


def test_everything_that_is_wrong_is_reported_at_once(tmp_path: Path) -> None:
    message = refusal(
        tmp_path,
        "account:\n  trading_mode: x\n  capital_rupees: -1\n",
        {"feed.sped": "5"},
        KASAUTI_RISK__MAX_POSITIONS="none",
    )

    assert message.count("\n") == 3
    assert "config.yaml line 2" in message
    assert "config.yaml line 3" in message
    assert "command line: feed.sped" in message
    assert "environment KASAUTI_RISK__MAX_POSITIONS: risk.max_positions is none" in message


def test_a_wrong_value_is_refused_also_where_another_place_wins(tmp_path: Path) -> None:
    assert "line 2" in refusal(tmp_path, "account:\n  capital_rupees: -1\n", {"account.capital_rupees": "5"})


@pytest.mark.parametrize(
    ("environ", "says"),
    [
        ({"TRADING_MODE": "live"}, "this version has no live gateway"),
        ({"TRADING_MODE": "LIVE"}, "Allowed: paper."),
        ({"TRADING_MODE": "papier"}, "account.trading_mode is papier, which cannot be used. Allowed: paper."),
        ({"TRADING_MODE": ""}, "is empty"),
        ({"KASAUTI_ACCOUNT__TRADING_MODE": "live"}, "this version has no live gateway"),
        ({"PAPER_DEFAULT_BALANCE": "50,000"}, "Write it without commas: 50000."),
        ({"PAPER_DEFAULT_BALANCE": "50000.50"}, "account.capital_rupees is 50000.50"),
        (
            {"PAPER_DEFAULT_BALANCE": "1", "KASAUTI_ACCOUNT__CAPITAL_RUPEES": "2"},
            "PAPER_DEFAULT_BALANCE and KASAUTI_ACCOUNT__CAPITAL_RUPEES contradict each other",
        ),
        ({"KASAUTI_RISK__MAX_POSITION": "3"}, "Did you mean KASAUTI_RISK__MAX_POSITIONS?"),
        ({"KASAUTI_RISK_MAX_POSITIONS": "3"}, "Did you mean KASAUTI_RISK__MAX_POSITIONS?"),
        ({"KASAUTI_RISK__MAX_POSITIONS": " "}, "is empty"),
        ({"KASAUTI_STRATEGIES": "[{use: x"}, "environment KASAUTI_STRATEGIES line 1 is not YAML"),
    ],
)
def test_the_environment_is_held_to_the_same_rules(
    tmp_path: Path, environ: dict[str, str], says: str
) -> None:
    message = refusal(tmp_path, None, None, **environ)

    assert says in message
    assert "environment" in message


def test_the_mode_that_runs_is_paper(tmp_path: Path) -> None:
    assert load(tmp_path, TRADING_MODE="paper").config.account.trading_mode == "paper"
    assert load(tmp_path).config.account.trading_mode == "paper"


def test_other_programs_variables_are_not_ours(tmp_path: Path) -> None:
    assert load(tmp_path, KASAUTI_SHARED="x", PATH="y", HOME="z").config == Config()


# What becomes of it


def test_money_leaves_the_configuration_in_exact_units(tmp_path: Path) -> None:
    risk = load(
        tmp_path, "risk:\n  max_order_value_rupees: 25000\n  max_daily_loss_percent: 2.7\n"
    ).config.risk

    assert risk.max_order_value == 250_000_000
    assert risk.max_daily_loss(capital=1_000_000_000) == 27_000_000
    assert risk.max_daily_loss(capital=0) == 0


def test_of_two_daily_losses_the_smaller_holds(tmp_path: Path) -> None:
    text = "risk:\n  max_daily_loss_percent: 3\n  max_daily_loss_rupees: 2500\n"
    risk = load(tmp_path, text).config.risk

    assert risk.max_daily_loss(capital=1_000_000_000) == 25_000_000
    assert risk.max_daily_loss(capital=500_000_000) == 15_000_000


def test_the_log_gets_the_whole_configuration_without_secrets(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        "feed:\n  day: 2026-11-23\nstrategies:\n  - use: x\n    parameters:\n"
        "      fast: 9\n      ratio: 1.5\n      api_key: canary\n      nested: [{totp: canary}]\n",
    )
    text = loaded.as_json()

    assert "canary" not in text
    assert "canary" not in str(loaded.explain())
    again = msgspec.json.decode(text, type=Config)
    assert again.feed.day == date(2026, 11, 23)
    assert again.strategies[0].parameters["ratio"] == 1.5
    assert again.account == loaded.config.account


@settings(deadline=None)
@given(
    capital=st.integers(1, 10**12),
    percent=st.decimals("0.01", 100, places=2),
    positions=st.none() | st.integers(1, 10**6),
    speed=st.integers(1, 1000) | st.just("max"),
)
def test_what_was_logged_is_the_configuration(
    capital: int, percent: object, positions: int | None, speed: object
) -> None:
    overrides = {
        "account.capital_rupees": str(capital),
        "risk.max_daily_loss_percent": str(percent),
        "risk.max_positions": "null" if positions is None else str(positions),
        "feed.speed": str(speed),
    }

    loaded = load_config(None, overrides, {})

    assert loaded.config.account.capital == capital * 10_000
    assert msgspec.json.decode(loaded.as_json(), type=Config) == loaded.config
