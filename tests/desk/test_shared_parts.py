"""What does not depend on an account is made once for all of a desk: what rules say, auctions, limits."""

from pathlib import Path

import pytest

from kasauti.config import load_config
from kasauti.desk.playing import DeskPlay
from kasauti.desk.roll import opened
from kasauti.domain.money import RUPEE
from kasauti.exchange import rules
from kasauti.exchange.rule_text import RuleText


def test_one_more_account_reads_no_rule_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded, read = load_config(None, {}, {}), []
    as_it_is = rules.packaged_text

    def counted(file: str) -> RuleText:
        read.append(file)
        return as_it_is(file)

    with DeskPlay(loaded, tmp_path, 1.0) as play:

        def add(name: str) -> None:
            play.open_account(name, opened(loaded, name, capital=500_000 * RUPEE, plan="zerodha"))

        add("first")
        monkeypatch.setattr(rules, "packaged_text", counted)
        add("second")
        play.close("the test ends it")
    assert [each.state.day_open for each in play.accounts] == [True, True]
    assert read == []
