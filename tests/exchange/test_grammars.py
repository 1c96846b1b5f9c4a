"""One instrument in the words of Zerodha, OpenAlgo, Angel One and the exchanges (market_rules.md 3.6)."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kasauti.domain.instrument import Exchange, Instrument, Kind
from kasauti.domain.money import rupees
from kasauti.errors import InvalidInput, RuleUnknown
from kasauti.exchange.calendar import Calendar
from kasauti.exchange.dated_symbols import Contract, dated_symbol, parse_dated
from kasauti.exchange.expiries import Expiries
from kasauti.exchange.grammars import Grammar, Spelling, canonical, spell, zerodha_symbol
from kasauti.exchange.indices import INDICES
from kasauti.exchange.symbols import parse
from kasauti.exchange.udiff import Named, columns, read_columns, series_symbol

EXPIRIES = Expiries(Calendar())
TICK = rupees("0.05")


def option(
    name: str,
    symbol: str,
    expiry: str,
    strike: str,
    kind: Kind = Kind.CALL,
    exchange: Exchange = Exchange.NFO,
) -> Instrument:
    on_index = name in EXPIRIES.names
    day = date.fromisoformat(expiry)
    return Instrument(
        exchange, symbol, kind, TICK, name=name, expiry=day, strike=rupees(strike), on_index=on_index
    )


def future(name: str, symbol: str, expiry: str, exchange: Exchange = Exchange.NFO) -> Instrument:
    day = date.fromisoformat(expiry)
    on_index = name in EXPIRIES.names
    return Instrument(exchange, symbol, Kind.FUTURE, TICK, name=name, expiry=day, on_index=on_index)


def share(symbol: str, series: str = "", exchange: Exchange = Exchange.NSE) -> Instrument:
    return Instrument(exchange, symbol, Kind.EQUITY, TICK, name=symbol, series=series)


#: Instrument, OpenAlgo's symbol. The sheet gives NIFTY28MAR2420800CE, NIFTY28NOV24FUT and NIFTY2660223700CE.
CONTRACTS = [
    (option("NIFTY", "NIFTY24MAR20800CE", "2024-03-28", "20800"), "NIFTY28MAR2420800CE"),
    (future("NIFTY", "NIFTY24NOVFUT", "2024-11-28"), "NIFTY28NOV24FUT"),
    (option("NIFTY", "NIFTY24NOV24000CE", "2024-11-28", "24000"), "NIFTY28NOV2424000CE"),
    (option("NIFTY", "NIFTY2660223700CE", "2026-06-02", "23700"), "NIFTY02JUN2623700CE"),
    # one-letter months in Zerodha's, three letters in the dated form
    (option("NIFTY", "NIFTY25O0724800PE", "2025-10-07", "24800", Kind.PUT), "NIFTY07OCT2524800PE"),
    (option("NIFTY", "NIFTY26N1726000CE", "2026-11-17", "26000"), "NIFTY17NOV2626000CE"),
    (option("NIFTY", "NIFTY26D0126000CE", "2026-12-01", "26000"), "NIFTY01DEC2626000CE"),
    # the weekly that falls on the month's last expiry has the month's form
    (option("NIFTY", "NIFTY26OCT26000CE", "2026-10-27", "26000"), "NIFTY27OCT2626000CE"),
    # a monthly that a holiday moved (24 November 2026 is Guru Nanak's day) keeps it
    (option("NIFTY", "NIFTY26NOV26000CE", "2026-11-23", "26000"), "NIFTY23NOV2626000CE"),
    (future("NIFTY", "NIFTY26NOVFUT", "2026-11-23"), "NIFTY23NOV26FUT"),
    # names that end in digits, begin with them, or hold signs
    (option("NIFTYNXT50", "NIFTYNXT5025NOV68700CE", "2025-11-25", "68700"), "NIFTYNXT5025NOV2568700CE"),
    (future("NIFTYNXT50", "NIFTYNXT5025NOVFUT", "2025-11-25"), "NIFTYNXT5025NOV25FUT"),
    (option("360ONE", "360ONE25NOV1100PE", "2025-11-25", "1100", Kind.PUT), "360ONE25NOV251100PE"),
    (option("M&M", "M&M25NOV3600CE", "2025-11-25", "3600"), "M&M25NOV253600CE"),
    (option("BAJAJ-AUTO", "BAJAJ-AUTO25NOV9000CE", "2025-11-25", "9000"), "BAJAJ-AUTO25NOV259000CE"),
    (option("RELIANCE", "RELIANCE26NOV1400CE", "2026-11-23", "1400"), "RELIANCE23NOV261400CE"),
    # strikes that a dividend left with decimals
    (option("ADANIENT", "ADANIENT25NOV2423.7CE", "2025-11-25", "2423.7"), "ADANIENT25NOV252423.7CE"),
    (option("TCS", "TCS26JAN1042.5PE", "2026-01-27", "1042.5", Kind.PUT), "TCS27JAN261042.5PE"),
    (
        option("SENSEX", "SENSEX26N1984000CE", "2026-11-19", "84000", exchange=Exchange.BFO),
        "SENSEX19NOV2684000CE",
    ),
]


@pytest.mark.parametrize(("instrument", "symbol"), CONTRACTS, ids=lambda each: getattr(each, "id", each))
@pytest.mark.parametrize("grammar", [Grammar.OPENALGO, Grammar.ANGEL])
def test_a_contract_in_the_dated_form_and_back(instrument: Instrument, symbol: str, grammar: Grammar) -> None:
    spelling = Spelling(str(instrument.exchange), symbol)

    assert spell(instrument, grammar) == spelling
    assert canonical(spelling, grammar, EXPIRIES) == instrument.id


@pytest.mark.parametrize("instrument", [row[0] for row in CONTRACTS], ids=lambda each: each.id)
def test_a_contract_in_the_exchanges_columns_and_back(instrument: Instrument) -> None:
    read = read_columns(columns(instrument))

    assert instrument.expiry is not None
    assert read == Named(
        instrument.exchange,
        instrument.name,
        instrument.kind,
        instrument.expiry,
        instrument.strike,
        instrument.on_index,
    )
    assert zerodha_symbol(Contract(read.name, read.kind, instrument.expiry, read.strike), EXPIRIES) == (
        instrument.tradingsymbol
    )


@pytest.mark.parametrize(
    ("instrument", "openalgo", "angel"),
    [
        (share("SBIN"), ("NSE", "SBIN"), ("NSE", "SBIN-EQ")),
        (share("SBIN", "EQ"), ("NSE", "SBIN"), ("NSE", "SBIN-EQ")),
        (share("RELIANCE"), ("NSE", "RELIANCE"), ("NSE", "RELIANCE-EQ")),  # ends like a call
        (share("BAJAJ-AUTO"), ("NSE", "BAJAJ-AUTO"), ("NSE", "BAJAJ-AUTO-EQ")),
        (share("M&M"), ("NSE", "M&M"), ("NSE", "M&M-EQ")),
        (share("360ONE"), ("NSE", "360ONE"), ("NSE", "360ONE-EQ")),
        (share("CENTRALBK-BE", "BE"), ("NSE", "CENTRALBK-BE"), ("NSE", "CENTRALBK-BE")),
        (share("SBIN", exchange=Exchange.BSE), ("BSE", "SBIN"), ("BSE", "SBIN")),
    ],
)
def test_a_share_in_each_grammar_and_back(
    instrument: Instrument, openalgo: tuple[str, str], angel: tuple[str, str]
) -> None:
    for grammar, words in ((Grammar.OPENALGO, openalgo), (Grammar.ANGEL, angel)):
        assert spell(instrument, grammar) == Spelling(*words)
        assert canonical(Spelling(*words), grammar, EXPIRIES) == instrument.id


@pytest.mark.parametrize(
    ("instrument", "symbol", "series"),
    [
        (share("SBIN"), "SBIN", "EQ"),
        (share("CENTRALBK-BE", "BE"), "CENTRALBK", "BE"),
        (share("BAJAJ-AUTO"), "BAJAJ-AUTO", "EQ"),
    ],
)
def test_a_share_in_the_exchanges_columns_and_back(instrument: Instrument, symbol: str, series: str) -> None:
    cells = columns(instrument)
    read = read_columns(cells)

    assert (cells["TckrSymb"], cells["SctySrs"], cells["FinInstrmTp"]) == (symbol, series, "STK")
    assert series_symbol(read.name, read.series) == instrument.tradingsymbol


def test_an_index_has_a_segment_of_its_own_at_openalgo() -> None:
    nifty = Instrument(Exchange.NSE, "NIFTY 50", Kind.INDEX, TICK, name="NIFTY")

    assert spell(nifty, Grammar.OPENALGO) == Spelling("NSE_INDEX", "NIFTY")
    assert spell(nifty, Grammar.ANGEL) == Spelling("NSE", "Nifty 50")
    assert spell(nifty, Grammar.ZERODHA) == Spelling("NSE", "NIFTY 50")


@pytest.mark.parametrize("grammar", list(Grammar))
def test_every_index_is_found_again(grammar: Grammar) -> None:
    for index in INDICES:
        if grammar is Grammar.ANGEL and not index.angel:
            continue
        own = Instrument(index.exchange, index.tradingsymbol, Kind.INDEX, TICK, name=index.name)
        assert canonical(spell(own, grammar), grammar, EXPIRIES) == index.id


@pytest.mark.parametrize(
    ("grammar", "exchange", "symbol", "says"),
    [
        (Grammar.OPENALGO, "NSE_INDEX", "RELIANCE", "is not a known index"),
        (Grammar.OPENALGO, "BSE_INDEX", "NIFTY", "is not a known index"),
        (Grammar.OPENALGO, "NSEINDEX", "NIFTY", "is not an exchange segment"),
        (Grammar.OPENALGO, "NFO", "RELIANCE", "not the symbol of a future or an option"),
        (Grammar.OPENALGO, "NFO", "NIFTY31NOV2626000CE", "not the symbol of a future"),
        (Grammar.OPENALGO, "NFO", "NIFTY24NOV2626000XX", "not the symbol of a future"),
        (
            Grammar.OPENALGO,
            "NFO",
            "NIFTY24NOV26026000CE",
            "not the symbol of a future",
        ),  # no strike has a 0 first
        (Grammar.ANGEL, "NSE", "RELIANCE", "has no series behind it"),
        (Grammar.ANGEL, "NSE", "RELIANCE-INDEX", "has no series behind it"),
        (Grammar.ANGEL, "NSE", "BAJAJ-AUTO", "has no series behind it"),
        (Grammar.ZERODHA, "XYZ", "SBIN", "is not an exchange segment"),
    ],
)
def test_what_names_nothing_is_refused(grammar: Grammar, exchange: str, symbol: str, says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        canonical(Spelling(exchange, symbol), grammar, EXPIRIES)


@pytest.mark.parametrize("symbol", ["NIFTY24NOV2626000CE", "NIFTY25JUN3526000CE", "CRUDEOIL17NOV265800CE"])
def test_an_expiry_that_the_rules_do_not_know_is_looked_up_elsewhere(symbol: str) -> None:
    """On 24 November 2026 nothing expires: the monthly one was moved to the 23rd."""
    with pytest.raises(RuleUnknown):
        canonical(Spelling("NFO", symbol), Grammar.OPENALGO, EXPIRIES)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"FinInstrmTp": "OPTIDX"}, "FinInstrmTp is 'OPTIDX'; known are STK, IDF, IDO, STF, STO"),
        ({"OptnTp": "XX"}, "OptnTp is 'XX'"),
        ({"OptnTp": ""}, "OptnTp is empty"),
        ({"StrkPric": "0"}, "a strike is above 0"),
        ({"StrkPric": "many"}, "StrkPric is 'many'"),
        ({"XpryDt": "24-11-2026"}, "which is no day"),
        ({"TckrSymb": " "}, "TckrSymb is empty"),
        ({"Src": "MCX"}, "Src and Sgmt are 'MCX' and 'FO'"),
    ],
)
def test_a_row_that_names_nothing_is_refused(change: dict[str, str], says: str) -> None:
    row = columns(CONTRACTS[0][0]) | change

    with pytest.raises(InvalidInput, match=says):
        read_columns(row)


def test_an_index_is_in_no_file_of_contracts() -> None:
    with pytest.raises(InvalidInput, match="is in no UDiFF file"):
        columns(Instrument(Exchange.NSE, "NIFTY 50", Kind.INDEX, TICK))


# Any contract

NAMES = ["NIFTY", "BANKNIFTY", "NIFTYNXT50", "SENSEX", "SENSEX50", "360ONE", "M&M", "BAJAJ-AUTO", "NAM-INDIA"]
contracts = st.builds(
    Contract,
    name=st.sampled_from(NAMES) | st.text("AMZ05&-", min_size=1, max_size=12),
    kind=st.sampled_from([Kind.CALL, Kind.PUT]),
    expiry=st.dates(date(2010, 1, 1), date(2049, 12, 31)),
    strike=st.integers(1, 200_000).map(rupees) | st.integers(20, 4_000_000).map(lambda steps: steps * 500),
)


@given(contracts)
def test_any_option_is_read_back_from_its_dated_symbol(contract: Contract) -> None:
    assert parse_dated(dated_symbol(contract)) == contract


@given(contracts)
def test_any_future_is_read_back_from_its_dated_symbol(contract: Contract) -> None:
    future = Contract(contract.name, Kind.FUTURE, contract.expiry)

    assert parse_dated(dated_symbol(future)) == future


listed = st.sampled_from(
    [
        (name, expiry.day)
        for name in ("NIFTY", "BANKNIFTY", "NIFTYNXT50", "SENSEX", "BANKEX", "360ONE", "M&M", "BAJAJ-AUTO")
        for expiry in EXPIRIES.expiries(name, date(2025, 1, 1), date(2026, 12, 31))
    ]
)


@given(
    listed, st.integers(20, 4_000_000).map(lambda steps: steps * 500), st.sampled_from([Kind.CALL, Kind.PUT])
)
def test_a_listed_option_goes_through_every_grammar(
    contract: tuple[str, date], strike: int, kind: Kind
) -> None:
    name, expiry = contract
    exchange = Exchange.BFO if name in {"SENSEX", "BANKEX"} else Exchange.NFO
    symbol = zerodha_symbol(Contract(name, kind, expiry, strike), EXPIRIES)
    on_index = name in EXPIRIES.names
    instrument = Instrument(
        exchange, symbol, kind, TICK, name=name, expiry=expiry, strike=strike, on_index=on_index
    )

    for grammar in Grammar:
        assert canonical(spell(instrument, grammar), grammar, EXPIRIES) == instrument.id
    read = parse(symbol, [*NAMES, "BANKEX"])
    assert (read.name, read.kind, read.strike) == (name, kind, strike)
    assert (read.expiry or expiry, read.monthly) == (expiry, EXPIRIES.is_monthly(name, expiry))
    assert read_columns(columns(instrument)).strike == strike
