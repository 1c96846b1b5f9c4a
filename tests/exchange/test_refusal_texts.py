"""The words of refusals: each can be said, and the documentation has all of them."""

from pathlib import Path
from string import Formatter

import pytest

from kasauti.errors import ConfigError
from kasauti.exchange.refusal_texts import FIELDS, RefusalText, RefusalTexts, all_refusals

PAGE = Path(__file__).parents[2] / "docs" / "orders.md"


@pytest.mark.parametrize("row", all_refusals(), ids=lambda row: row.id)
@pytest.mark.parametrize("plan", ["zerodha", "angelone", "shoonya", "kotakneo", "unheard-of"])
def test_every_refusal_can_be_said_for_every_broker(row: RefusalText, plan: str) -> None:
    names = {name for text in (row.own, *row.texts.values()) for _, name, _, _ in Formatter().parse(text)}
    rule, message = RefusalTexts(plan).say(row.id, **{name: f"<{name}>" for name in names if name})

    assert rule == (row.rule or row.id)
    assert message
    assert "{" not in message


def test_each_broker_speaks_its_own_words_where_they_are_known() -> None:
    said = {plan: RefusalTexts(plan).say("rate.second", limit="10", actual="11")[1] for plan in (
        "zerodha", "angelone", "shoonya", "dhan"
    )}  # fmt: skip
    assert said == {
        "zerodha": "Too many requests",
        "angelone": "Access denied because of exceeding access rate",
        "shoonya": "Invalid Input :  Order Recieved 11 in a current second exceeds Limit 10 for user",
        "dhan": "Too many requests",
    }


@pytest.mark.parametrize("row", all_refusals(), ids=lambda row: row.id)
def test_the_documentation_has_every_refusal(row: RefusalText) -> None:
    others = "; ".join(f"{broker}: {text}" for broker, text in row.texts.items() if broker != "zerodha")
    line = f"| {row.check or '-'} | `{row.rule_id}` | {row.words_of('zerodha')} | {others or '-'} |"
    assert f"{line} {row.confidence.value} |" in PAGE.read_text(encoding="utf-8").splitlines()


def test_the_documentation_has_no_refusal_that_does_not_exist() -> None:
    lines = PAGE.read_text(encoding="utf-8").partition("## Every refusal")[2].splitlines()
    assert len([line for line in lines if line.startswith("| ")]) - 1 == len(all_refusals())


def test_the_checks_of_the_reference_are_all_there() -> None:
    """market_rules.md 4.3, but for what a login, a CO and an order of the exchange's own ask (1, 2, 17)."""
    assert {row.check for row in all_refusals()} - {0} == {*range(3, 26)} - {17}


def test_words_with_a_gap_that_nothing_fills_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kasauti.exchange.refusal_texts.FIELDS", FIELDS - {"limit"})
    with pytest.raises(ConfigError, match=r"has \{limit\}, which nothing fills in"):
        RefusalTexts("zerodha")
