"""
Charges against the reference computation of market_rules.md, appendix B, for any order and day.

The appendix leaves out SEBI's ceiling of 2.5 % of turnover (1.6), which small orders reach; it is added here.
"""

from datetime import date
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from kasauti.domain.instrument import Exchange
from kasauti.domain.money import rupees
from kasauti.domain.order import Side
from kasauti.exchange.charge_class import ChargeClass
from kasauti.exchange.charges import ChargeBook

D = Decimal
Dated = list[tuple[date, Decimal]]

# As in the appendix: fractions of turnover from a date on. Taxes are on the sale, delivery's on both sides.
STT: dict[str, Dated] = {
    "DELIVERY": [(date(2013, 6, 1), D("0.001"))],
    "INTRADAY": [(date(2013, 6, 1), D("0.00025"))],
    "FUT": [
        (date(2013, 6, 1), D("0.0001")),
        (date(2023, 4, 1), D("0.000125")),
        (date(2024, 10, 1), D("0.0002")),
        (date(2026, 4, 1), D("0.0005")),
    ],
    "OPT": [
        (date(2016, 6, 1), D("0.0005")),
        (date(2023, 4, 1), D("0.000625")),
        (date(2024, 10, 1), D("0.001")),
        (date(2026, 4, 1), D("0.0015")),
    ],
}
FEE: dict[str, Dated] = {
    "CASH": [
        (date(2023, 4, 1), D("0.0000325")),
        (date(2024, 4, 1), D("0.0000322")),
        (date(2024, 10, 1), D("0.0000297")),
        (date(2026, 3, 1), D("0.0000307")),
    ],
    "FUT": [
        (date(2023, 4, 1), D("0.000019")),
        (date(2024, 4, 1), D("0.0000188")),
        (date(2024, 10, 1), D("0.0000173")),
        (date(2026, 3, 1), D("0.0000183")),
    ],
    "OPT": [
        (date(2023, 4, 1), D("0.0005")),
        (date(2024, 4, 1), D("0.000495")),
        (date(2024, 10, 1), D("0.0003503")),
        (date(2026, 3, 1), D("0.0003553")),
    ],
}
IPFT: dict[str, Decimal] = {"CASH": D("0.000001"), "FUT": D("0.000001"), "OPT": D("0.000005")}
IPFT_ENDS = date(2026, 3, 1)
STAMP = {"DELIVERY": D("0.00015"), "INTRADAY": D("0.00003"), "FUT": D("0.00002"), "OPT": D("0.00003")}
SEBI, GST = D("0.000001"), D("0.18")

CLASSES = {
    "DELIVERY": (Exchange.NSE, ChargeClass.EQUITY_DELIVERY),
    "INTRADAY": (Exchange.NSE, ChargeClass.EQUITY_INTRADAY),
    "FUT": (Exchange.NFO, ChargeClass.FUTURE),
    "OPT": (Exchange.NFO, ChargeClass.OPTION),
}


def pick(rows: Dated, day: date) -> Decimal:
    return [value for start, value in rows if start <= day][-1]


def reference(segment: str, side: Side, turnover: Decimal, day: date) -> dict[str, Decimal]:
    kind = "CASH" if segment in {"DELIVERY", "INTRADAY"} else segment
    if segment == "DELIVERY":
        brokerage = D(0)
    elif segment == "OPT":
        brokerage = D(20)
    else:
        brokerage = min(D(20), turnover * D("0.0003"))
    brokerage = min(brokerage, turnover * D("0.025"))
    taxed = side is Side.SELL or segment == "DELIVERY"
    fee, sebi = pick(FEE[kind], day) * turnover, SEBI * turnover
    return {
        "brokerage": brokerage,
        "stt": pick(STT[segment], day) * turnover if taxed else D(0),
        "exchange": fee,
        "ipft": IPFT[kind] * turnover if day < IPFT_ENDS else D(0),
        "sebi": sebi,
        "stamp": STAMP[segment] * turnover if side is Side.BUY else D(0),
        "gst": GST * (brokerage + fee + sebi),
    }


BOOK = ChargeBook()


@given(
    segment=st.sampled_from(sorted(CLASSES)),
    side=st.sampled_from(Side),
    turnover=st.decimals("0.0001", "9999999999", places=4),
    day=st.dates(date(2023, 4, 1), date(2026, 12, 31)),
)
def test_the_exact_parts_are_those_of_the_reference(
    segment: str, side: Side, turnover: Decimal, day: date
) -> None:
    exchange, of = CLASSES[segment]
    schedule = BOOK.schedule_of(exchange, of, "NIFTY", day)

    expected = reference(segment, side, turnover, day)

    assert schedule.exact(side, rupees(turnover)) == {name: Fraction(part) for name, part in expected.items()}
