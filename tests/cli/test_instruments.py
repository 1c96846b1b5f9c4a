"""`kasauti instruments`."""

import pytest
from tests.cli.command import kasauti

ON = ("--date", "2026-11-20", "--json")


def test_the_limits_of_an_index_option() -> None:
    rows = kasauti("instruments", "limits", "NIFTY26NOV26000CE", "--price", "120", *ON).json()

    assert [(row["rule"], row["low"], row["high"]) for row in rows] == [
        ("limit price protection", "72.00", "168.00"),
        ("market orders", "96.00", "144.00"),
        ("daily band", None, None),
    ]
    assert "circuit limits in its quote" in rows[2]["note"]


def test_the_limits_of_a_share_with_its_own_band() -> None:
    typed = ("instruments", "limits", "NSE:TINYCO", "--price", "101.35", "--tick", "0.05")

    rows = kasauti(*typed, "--band", "5", *ON).json()

    assert [(row["low"], row["high"]) for row in rows] == [(None, None), (None, None), ("96.30", "106.40")]
    assert "it is one of 2, 5, 10, 20 %" in kasauti(*typed, *ON).json()[2]["note"]


def test_the_levels_of_an_index_that_stop_the_market() -> None:
    rows = kasauti("instruments", "limits", "NIFTY 50", "--price", "24198.85", *ON).json()

    assert [(row["low"], row["high"]) for row in rows] == [
        ("21778.95", "26618.75"),
        ("20569.00", "27828.70"),
        ("19359.10", "29038.60"),
    ]
    assert rows[0]["note"] == "before 13:00 for 45 minutes, before 14:30 for 15 minutes, later not at all"
    assert rows[2]["note"] == "at any time for the day"


def test_the_limits_as_a_table() -> None:
    shown = kasauti("instruments", "limits", "RELIANCE26NOVFUT", "--price", "1400", "--date", "2026-11-20")

    assert shown.code == 0
    assert "NFO:RELIANCE26NOVFUT on 2026-11-20, around 1,400.00, tick 0.10" in shown.out
    assert "1,358.00  1,442.00" in shown.out
    assert "10 % of the previous close, widened after 15 minutes" in shown.out


@pytest.mark.parametrize(
    ("symbol", "instrument"),
    [
        ("RELIANCE", "NSE:RELIANCE"),  # ends like a call
        ("BAJFINANCE", "NSE:BAJFINANCE"),
        ("360ONE", "NSE:360ONE"),
        ("BSE:SBIN", "BSE:SBIN"),
        ("SENSEX26N2684000CE", "BFO:SENSEX26N2684000CE"),
        ("NIFTYNXT5026NOVFUT", "NFO:NIFTYNXT5026NOVFUT"),
    ],
)
def test_a_symbol_is_a_share_or_a_contract(symbol: str, instrument: str) -> None:
    shown = kasauti("instruments", "limits", symbol, "--price", "300", "--date", "2026-11-20")

    assert shown.out.startswith(instrument + " on ")


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (["NIFTY26XXX26000CE", "--price", "120"], "is not the tradingsymbol of a future or an option"),
        (["NFO:RELIANCE", "--price", "1400"], "is not a future or an option, and NFO trades nothing else"),
        (["RELIANCE26NOV1400CE", "--price", "12"], "give --tick"),
        (["RELIANCE", "--price", "twelve"], "is not an amount in rupees"),
        (["NSE:TINYCO", "--price", "12", "--band", "wide"], "'wide' is not a per cent"),
    ],
)
def test_what_cannot_be_is_one_sentence(typed: list[str], sentence: str) -> None:
    ended = kasauti("instruments", "limits", *typed, "--date", "2026-11-20")

    assert ended.code == 2
    assert sentence in ended.sentence()
