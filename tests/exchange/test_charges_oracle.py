"""
Today's charges against the package indian-trading-charges, which was written apart from this one.

It rounds every part of every order to the paisa, has no ceiling of brokerage, and counts BSE's levy into the
GST base.
"""

from datetime import date
from decimal import Decimal
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from kasauti.domain.instrument import Exchange, Fund, Instrument, Kind
from kasauti.domain.money import rupees, to_decimal
from kasauti.domain.order import Product, Side
from kasauti.exchange.brokerage import plan_named
from kasauti.exchange.charges import ChargeBook

TODAY = date(2026, 11, 20)
PAISA = Decimal("0.01")
LEVY_IN_GST = ChargeBook(replace(plan_named("zerodha"), ipft_in_gst=True))

SEGMENTS = {
    "delivery": (Kind.EQUITY, Product.CNC),
    "intraday": (Kind.EQUITY, Product.MIS),
    "futures": (Kind.FUTURE, Product.NRML),
    "options": (Kind.CALL, Product.NRML),
}
EXCHANGES = {
    ("NSE", True): Exchange.NSE,
    ("BSE", True): Exchange.BSE,
    ("NSE", False): Exchange.NFO,
    ("BSE", False): Exchange.BFO,
}
FUNDS = {"": None, "equity": Fund.EQUITY, "other": Fund.OTHER}


@pytest.fixture(scope="module")
def oracle() -> ModuleType:
    found: ModuleType = pytest.importorskip(
        "indian_charges", reason="indian-trading-charges is not installed"
    )
    return found


@given(
    st.sampled_from(sorted(SEGMENTS)),
    st.sampled_from(["NSE", "BSE"]),
    st.sampled_from(Side),
    st.decimals("800", "500000000", places=2),
    st.sampled_from(["", "A", "T", "M", "IF", "X", "XT", "Z", "P", "ZP"]),
    st.sampled_from(sorted(FUNDS)),
)
def test_every_part_of_an_order_is_the_oracles_to_the_paisa(
    oracle: ModuleType, segment: str, exchange: str, side: Side, turnover: Decimal, group: str, fund: str
) -> None:
    kind, product = SEGMENTS[segment]
    is_share = kind is Kind.EQUITY
    series = group if is_share and exchange == "BSE" else ""
    of_fund = FUNDS[fund] if is_share else None
    name = "SENSEX" if exchange == "BSE" else "NIFTY"
    traded = Instrument(
        EXCHANGES[exchange, is_share], f"XYZ{kind}", kind, 100, name=name, series=series, fund=of_fund
    )

    ours = LEVY_IN_GST.schedule(traded, product, TODAY).order_charges(side, rupees(turnover))
    theirs = oracle.leg(
        turnover=turnover, side=side.value, segment=segment, exchange=exchange, bse_group=series,
        fund=fund if is_share else "",
    )  # fmt: skip

    pairs = {
        "brokerage": (ours.brokerage, theirs.brokerage),
        "STT": (ours.stt, theirs.stt),
        "exchange and levy": (ours.exchange + ours.ipft, theirs.exchange_txn + theirs.ipft),
        "SEBI": (ours.sebi, theirs.sebi_fee),
        "stamp duty": (ours.stamp, theirs.stamp_duty),
        "GST": (ours.gst, theirs.gst),
    }
    for part, (mine, other) in pairs.items():
        assert abs(to_decimal(mine) - other) <= PAISA, part


def test_the_depository_charge_is_the_oracles(oracle: ModuleType) -> None:
    sold = oracle.leg(turnover=1000, side="sell", segment="delivery", dp_scrips=1)

    assert to_decimal(LEVY_IN_GST.services.dp(TODAY, rupees(1000)).total) == sold.dp_charge
