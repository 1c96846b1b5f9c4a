"""`kasauti strategies`."""

from pathlib import Path

from tests.cli.command import kasauti

OWN = """
from kasauti.strategies import Strategy


class Mine(Strategy):
    \"\"\"Does nothing, slowly.\"\"\"

    class Parameters(Strategy.Parameters, frozen=True, kw_only=True):
        patience: int
"""


def test_every_strategy_that_ships_is_listed_with_what_it_does() -> None:
    listed = {each["name"]: each for each in kasauti("strategies", "--json").json()}

    assert set(listed) >= {"ema_rsi", "intraday_momentum_oi", "opening_range", "short_straddle"}
    assert all(each["what"] for each in listed.values())
    assert "short_straddle" in kasauti("strategies").out


def test_a_parameter_has_its_usual_value_as_it_is_typed_and_what_it_takes() -> None:
    (found,) = kasauti("strategies", "ema_rsi", "--json").json()
    parameters = {each["name"]: (each["usual"], each["takes"]) for each in found["parameters"]}

    assert parameters["periods"] == ("[9, 21, 14]", "a list")
    assert parameters["rsi_ceiling"] == ("70", "a whole number from 0 to 100")
    assert parameters["instrument"] == (None, "a text")
    assert "must be given" in kasauti("strategies", "ema_rsi").out
    assert ("15:10", "an IST time like 14:50") in [
        (each["usual"], each["takes"])
        for each in kasauti("strategies", "opening_range", "--json").json()[0]["parameters"]
    ]


def test_one_of_my_own_is_described_from_its_file(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(OWN, encoding="utf-8")

    (found,) = kasauti("strategies", f"{file}:Mine", "--json").json()

    assert found["what"] == "Does nothing, slowly."
    assert found["parameters"] == [{"name": "patience", "takes": "a whole number", "usual": None}]


def test_a_name_that_is_none_is_a_sentence_that_names_the_nearest() -> None:
    assert "Did you mean short_straddle?" in kasauti("strategies", "short_stradle").sentence()


def test_a_parameter_that_is_missing_says_where_it_is_described() -> None:
    said = kasauti("backtest", "ema_rsi").sentence()

    assert "needs the parameter 'instrument'" in said
    assert "kasauti strategies ema_rsi" in said
