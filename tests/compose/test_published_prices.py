from datetime import date
from pathlib import Path

import pytest

from kasauti.compose.published_prices import published_prices
from kasauti.domain.money import rupees
from kasauti.errors import ConfigError


def test_prices_are_read_by_symbol_and_day(tmp_path: Path) -> None:
    file = tmp_path / "prices.csv"
    file.write_text("date,symbol,price\n2026-11-24,NSE:NIFTY 50,26150.05\n2026-11-24,NSE:M&M,3010\n")
    prices = published_prices(file)

    assert prices.price("NSE:NIFTY 50", date(2026, 11, 24)) == rupees("26150.05")
    assert prices.price("NSE:NIFTY 50", date(2026, 11, 23)) == 0
    assert len(prices) == 2


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("date,price\n", "line 1: the header has to be date,symbol,price"),
        ("date,symbol,price\n24-11-2026,NSE:A,1\n", "line 2: .*write 2026-11-24,NSE:NIFTY 50,26150.05"),
        ("date,symbol,price\n2026-11-24,NSE:A,a lot\n", "line 2: 'a lot' is not an amount"),
        ("date,symbol,price\n2026-11-24,NSE:A\n", "line 2"),
        ("date,symbol,price\n2026-11-24,NSE:A,0\n", "line 2: .* is no price"),
        ("date,symbol,price\n2026-11-24,A,5\n", "line 2: .* is no price of EXCHANGE:TRADINGSYMBOL"),
        ("date,symbol,price\n2026-11-24,NSE:A,5\n2026-11-24,NSE:A,6\n", "line 3: NSE:A has another price"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "prices.csv"
    file.write_text(text)
    with pytest.raises(ConfigError, match=says):
        published_prices(file)


def test_a_file_that_is_not_there_is_refused_by_its_setting(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"rules\.settlement_prices cannot be read"):
        published_prices(tmp_path / "none.csv")
