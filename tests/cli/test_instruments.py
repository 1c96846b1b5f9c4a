"""`kasauti instruments`."""

from pathlib import Path

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


def test_futures_have_a_band_while_shares_close_and_shares_one_without_a_list() -> None:
    future = kasauti("instruments", "limits", "RELIANCE26DECFUT", "--price", "1500", *ON).json()
    share = kasauti("instruments", "limits", "NSE:TINYCO", "--price", "800", *ON).json()

    assert [future[3][each] for each in ("rule", "low", "high")] == [
        "while shares close",
        "1455.00",
        "1545.00",
    ]
    assert [share[3][each] for each in ("rule", "low", "high")] == ["without a list", "640.00", "960.00"]


def test_a_commodity_and_a_currency_have_ticks_of_their_own() -> None:
    gold = kasauti("instruments", "limits", "GOLD26DECFUT", "--price", "125000", "--date", "2026-11-20")
    dollar = kasauti("instruments", "limits", "CDS:USDINR26DECFUT", "--price", "88.5", "--date", "2026-11-20")

    assert "MCX:GOLD26DECFUT on 2026-11-20, around 1,25,000.00, tick 1.00" in gold.out
    assert "tick 0.0025" in dollar.out


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


# Lists

HEADER = (
    "instrument_token,exchange_token,tradingsymbol,name,last_price,expiry,strike,tick_size,lot_size,"
    "instrument_type,segment,exchange"
)
CALL = "12683010,49543,NIFTY26NOV26000CE,NIFTY,0,2026-11-23,26000,0.05,{lot},CE,NFO-OPT,NFO"
SHARE = "779521,3045,SBIN,STATE BANK OF INDIA,0,,0,0.05,1,EQ,NSE,NSE"
PUT = "12683266,49544,NIFTY26NOV26000PE,NIFTY,0,2026-11-23,26000,0.05,65,PE,NFO-OPT,NFO"


def dump(folder: Path, day: str, *rows: str) -> Path:
    file = folder / f"kite-{day}.csv"
    file.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return file


@pytest.fixture
def lists(tmp_path: Path) -> Path:
    """Return a folder with the lists of two days; on the second, a lot is not what our rules say."""
    data = tmp_path / "data"
    for file in (
        dump(tmp_path, "2026-11-19", CALL.format(lot=65), SHARE),
        dump(tmp_path, "2026-11-20", CALL.format(lot=75), PUT, SHARE),
    ):
        assert kasauti("instruments", "load", file, "--data", data).code == 0
    return data


def test_a_list_is_loaded_compared_and_checked(tmp_path: Path) -> None:
    data = tmp_path / "data"
    first = dump(tmp_path, "2026-11-19", CALL.format(lot=65), SHARE)
    second = dump(tmp_path, "2026-11-20", CALL.format(lot=75), PUT, SHARE)

    one = kasauti("instruments", "load", first, "--data", data)
    two = kasauti("instruments", "load", second, "--data", data, "--json").json()

    assert "Kite instrument dump of 2026-11-19: 1 NFO, 1 NSE" in one.out
    assert "no list of an earlier day" in one.out
    assert "Nothing in it contradicts our rules" in one.out
    assert (two["day"], two["compared_with"]) == ("2026-11-20", "2026-11-19")
    assert two["changes"] == {"lot": 1, "new": 1}
    assert two["faults"] == {"NFO:NIFTY26NOV26000CE": "its lot is 75 in the list and 65 by our rules"}


@pytest.mark.parametrize("name", ["NFO:NIFTY26NOV26000CE", "NIFTY26NOV26000CE", "NIFTY23NOV2626000CE"])
def test_an_instrument_is_shown_by_any_of_its_names(lists: Path, name: str) -> None:
    row = kasauti("instruments", "show", name, "--data", lists, "--date", "2026-11-19", "--json").json()

    assert (row["instrument"], row["lot_size"], row["tradable"]) == ("NFO:NIFTY26NOV26000CE", 65, True)
    assert row["freeze_quantity"] == 1800, "Kite's list has none: it is that of our rules"
    assert row["names"] == {
        "zerodha": "NFO:NIFTY26NOV26000CE",
        "openalgo": "NFO:NIFTY23NOV2626000CE",
        "angel": "NFO:NIFTY23NOV2626000CE",
    }


def test_an_instrument_that_does_not_trade_says_why(lists: Path) -> None:
    shown = kasauti("instruments", "show", "NIFTY26NOV26000CE", "--data", lists)

    assert "its lot is 75 in the list and 65 by our rules" in shown.out
    assert "2026-11-20, Kite instrument dump" in shown.out


def test_changes_are_shown(lists: Path) -> None:
    shown = kasauti("instruments", "diff", "--data", lists)

    assert "2026-11-19 to 2026-11-20: 2 changes" in shown.out
    assert kasauti("instruments", "diff", "2026-11-20", "2026-11-19", "--data", lists, "--json").json() == [
        {"instrument": "NFO:NIFTY26NOV26000CE", "kind": "lot", "before": "75", "after": "65"},
        {"instrument": "NFO:NIFTY26NOV26000PE", "kind": "gone", "before": "", "after": ""},
    ]


def test_instruments_are_searched(lists: Path) -> None:
    found = kasauti("instruments", "search", "nifty 26000", "--data", lists, "--json").json()
    assert found == kasauti("instruments", "search", "26000", "nifty", "--data", lists, "--json").json()

    assert [row["instrument"] for row in found] == ["NFO:NIFTY26NOV26000CE", "NFO:NIFTY26NOV26000PE"]
    assert "and 1 more" in kasauti("instruments", "search", "nifty", "--data", lists, "--most", "1").out
    assert "has 'gold' in it" in kasauti("instruments", "search", "gold", "--data", lists).out


@pytest.mark.parametrize(
    ("typed", "code", "sentence"),
    [
        (["show", "SBIM"], 2, "'SBIM' is not in the list of 2026-11-20"),
        (["show", "NIFTY26NOV"], 2, "Close to it: NFO:NIFTY26NOV26000CE, NFO:NIFTY26NOV26000PE"),
        (["show", "SBIN", "--date", "2026-11-18"], 6, "There is no instrument list of 2026-11-18"),
        (["diff", "2026-11-18"], 6, "There is no instrument list of 2026-11-18"),
        (["load", "nowhere.csv"], 6, "nowhere.csv cannot be read"),
    ],
)
def test_what_is_not_there_is_one_sentence(lists: Path, typed: list[str], code: int, sentence: str) -> None:
    ended = kasauti("instruments", *typed, "--data", lists)

    assert (ended.code, sentence in ended.sentence()) == (code, True)


def test_no_list_at_all_is_one_sentence(tmp_path: Path) -> None:
    for typed in (["show", "SBIN"], ["search", "SBIN"], ["diff"]):
        ended = kasauti("instruments", *typed, "--data", tmp_path)
        assert ended.code == 6
        assert "load" in ended.sentence()
