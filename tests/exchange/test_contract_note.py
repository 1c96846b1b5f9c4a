"""The day's contract note against the totals of the fact sheet (market_rules.md 1.8), and its rounding."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kasauti.domain.charges import Charges
from kasauti.domain.instrument import Exchange
from kasauti.domain.money import PAISA, RUPEE, rupees
from kasauti.domain.order import Side
from kasauti.errors import RuleUnknown
from kasauti.exchange.charge_class import ChargeClass
from kasauti.exchange.charges import ChargeBook
from kasauti.exchange.contract_note import NoteLine, contract_note

TODAY = date(2026, 11, 20)
BOOK = ChargeBook()

DERIVATIVES = (ChargeClass.FUTURE, ChargeClass.OPTION)
EXCHANGES = {"CRUDEOIL": Exchange.MCX, "USDINR": Exchange.CDS, "SENSEX": Exchange.BFO}


def line(of: ChargeClass, buy: str, sell: str, brokerage: str, name: str = "") -> NoteLine:
    return NoteLine(
        exchange=EXCHANGES.get(name, Exchange.NFO if of in DERIVATIVES else Exchange.NSE),
        charge_class=of,
        buy_turnover=rupees(buy),
        sell_turnover=rupees(sell),
        brokerage=rupees(brokerage),
        name=name,
    )


NOTES = {
    "V1, the day of the buy": (line(ChargeClass.EQUITY_DELIVERY, "150000", "0", "0"), "178.62"),
    "V1, the day of the sale": (line(ChargeClass.EQUITY_DELIVERY, "0", "151000", "0"), "156.65"),
    "V1 as one note": (line(ChargeClass.EQUITY_DELIVERY, "150000", "151000", "0"), "335.26"),
    "V2": (line(ChargeClass.EQUITY_INTRADAY, "150000", "151000", "40"), "101.46"),
    "V3": (line(ChargeClass.FUTURE, "1560000", "1566500", "40"), "932.40"),
    "V4": (line(ChargeClass.OPTION, "7800", "7865", "40"), "65.79"),
    "V5": (line(ChargeClass.OPTION, "12382.50", "23465", "40"), "97.28"),
    "V7": (line(ChargeClass.COMMODITY_FUTURE, "580000", "585000", "40", "CRUDEOIL"), "148.45"),
    "V8": (line(ChargeClass.CURRENCY_FUTURE, "88500", "88600", "40", "USDINR"), "48.14"),
}


@pytest.mark.parametrize(("traded", "total"), NOTES.values(), ids=NOTES.keys())
def test_the_note_is_that_of_the_fact_sheet(traded: NoteLine, total: str) -> None:
    assert contract_note([traded], TODAY, BOOK).total == rupees(total)


@pytest.mark.parametrize(("bse_ipf", "total"), [(False, "63.20"), (True, "63.27")])
def test_the_sensex_note(bse_ipf: bool, total: str) -> None:  # noqa: FBT001
    """V6: STT 10.50 becomes 11. The levy adds 0.065, so 7 paise, outside the GST base."""
    sensex = line(ChargeClass.OPTION, "6000", "7000", "40", "SENSEX")

    note = contract_note([sensex], TODAY, ChargeBook(bse_ipf=bse_ipf))

    assert note.stt == rupees(11)
    assert note.total == rupees(total)


def test_the_parts_of_the_delivery_note() -> None:
    """The buy day of V1: 150 + 4.61 + 0.15 + 23 + 0.86."""
    note = contract_note([NOTES["V1, the day of the buy"][0]], TODAY, BOOK)

    assert note == Charges(
        stt=rupees(150), exchange=rupees("4.61"), sebi=rupees("0.15"), stamp=rupees(23), gst=rupees("0.86")
    )


def test_an_exercised_option_is_taxed_in_whole_rupees() -> None:
    """V9: 17.603625 becomes 18, before April 2026 14.6696875 becomes 15."""
    exercised = NoteLine(
        exchange=Exchange.NFO, charge_class=ChargeClass.OPTION, exercised=rupees("180.55") * 65
    )

    assert contract_note([exercised], TODAY, BOOK) == Charges(stt=rupees(18))
    assert contract_note([exercised], date(2026, 3, 31), BOOK) == Charges(stt=rupees(15))


def test_half_a_rupee_of_tax_goes_up_and_less_goes_down() -> None:
    """0.15 % of 333.33 is just under 50 paise, of 333.3334 just over."""
    below = line(ChargeClass.OPTION, "0", "333.3333", "0")
    above = line(ChargeClass.OPTION, "0", "333.3334", "0")

    assert contract_note([below], TODAY, BOOK).stt == 0
    assert contract_note([above], TODAY, BOOK).stt == rupees(1)


def test_a_day_without_trades_has_an_empty_note() -> None:
    assert contract_note([], TODAY, BOOK) == Charges()


def test_a_note_of_an_unknown_day_is_refused() -> None:
    with pytest.raises(RuleUnknown, match="2022-11-20"):
        contract_note([NOTES["V4"][0]], date(2022, 11, 20), BOOK)


lines = st.builds(
    NoteLine,
    exchange=st.just(Exchange.NFO),
    charge_class=st.sampled_from([ChargeClass.FUTURE, ChargeClass.OPTION]),
    buy_turnover=st.integers(0, rupees(10**7)),
    sell_turnover=st.integers(0, rupees(10**7)),
    brokerage=st.integers(0, 100).map(lambda n: rupees(20) * n),
    name=st.just("NIFTY"),
)


@given(st.lists(lines, max_size=6))
def test_the_day_is_rounded_once(day: list[NoteLine]) -> None:
    """However the day is cut into lines, tax and duty are whole rupees, at most half a rupee off."""
    note = contract_note(day, TODAY, BOOK)
    exact_stt = exact_stamp = Fraction(0)
    for each in day:
        schedule = BOOK.schedule_of(each.exchange, each.charge_class, each.name, TODAY)
        exact_stt += schedule.exact(Side.SELL, each.sell_turnover)["stt"] * RUPEE
        exact_stamp += schedule.exact(Side.BUY, each.buy_turnover)["stamp"] * RUPEE

    assert note.stt % RUPEE == note.stamp % RUPEE == 0
    assert abs(note.stt - exact_stt) <= RUPEE // 2
    assert abs(note.stamp - exact_stamp) <= RUPEE // 2
    assert note.total % PAISA == 0
    assert note.brokerage == sum(each.brokerage for each in day)


@given(lines, lines)
def test_the_order_of_the_lines_does_not_matter(one: NoteLine, other: NoteLine) -> None:
    assert contract_note([one, other], TODAY, BOOK) == contract_note([other, one], TODAY, BOOK)
