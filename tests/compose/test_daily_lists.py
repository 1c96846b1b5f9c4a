"""Ban periods, circuit limits and suspensions from a file of the user's."""

from datetime import date
from pathlib import Path

import pytest
from tests.compose.worlds import settings

from kasauti.compose import parts
from kasauti.compose.daily_lists import daily_lists
from kasauti.domain.money import rupees
from kasauti.errors import ConfigError
from kasauti.exchange.price_range import PriceRange

HEAD = "date,symbol,what,low,high\n"
DAY = date(2026, 11, 24)


def write(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "lists.csv"
    file.write_text(HEAD + text, encoding="utf-8")
    return file


def test_lists_are_read_by_day_and_reach_the_rules(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        "2026-11-24,RBLBANK,ban,,\n2026-11-24,NSE:SBIN,circuit,702.10,858.10\n2026-11-24,NSE:GONE,suspended,,\n",
    )
    loaded = settings(rules__daily_lists=str(file))
    said = parts.rules(loaded.config, "zerodha", rupees(100_000)).restrictions

    assert said.is_banned("RBLBANK", DAY)
    assert not said.is_banned("RBLBANK", date(2026, 11, 25))
    assert said.circuit("NSE:SBIN", DAY) == PriceRange(rupees("702.10"), rupees("858.10"))
    assert said.circuit("NSE:INFY", DAY) is None
    assert said.is_suspended("NSE:GONE", DAY)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("24-11-2026,RBLBANK,ban,,", "line 2: .*write 2026-11-24"),
        ("2026-11-24,NSE:RBLBANK,ban,,", "'ban' of 'NSE:RBLBANK' is none of"),
        ("2026-11-24,RBLBANK,halt,,", "'halt' of 'RBLBANK' is none of"),
        ("2026-11-24,RBLBANK,ban,1,2", "a ban has no prices"),
        ("2026-11-24,SBIN,circuit,1,2", "'SBIN' is no EXCHANGE:TRADINGSYMBOL"),
        ("2026-11-24,NSE:SBIN,circuit,9,8", "is no range of prices"),
        ("2026-11-24,NSE:SBIN,circuit,,8", "line 2: '' is not an amount"),
        ("2026-11-24,NSE:SBIN,circuit", "line 2"),
        ("2026-11-24,NSE:SBIN,circuit,1,2\n2026-11-24,NSE:SBIN,circuit,1,3", "line 3: .* another range"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(tmp_path: Path, row: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        daily_lists(write(tmp_path, row + "\n"))


def test_a_file_that_is_not_there_is_refused_by_its_setting(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"rules\.daily_lists cannot be read"):
        daily_lists(tmp_path / "none.csv")
