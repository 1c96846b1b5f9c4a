"""An account trades commodities and currencies, and blocks what their clearing houses ask for, and 3 %."""

from datetime import date

import pytest
from tests.trading import Session, buys, sells

from kasauti.domain.instrument import Exchange, Instrument, Kind, Universe
from kasauti.domain.money import rupees
from kasauti.domain.order import Product

DAY = date(2026, 11, 20)
GOLD = Instrument(Exchange.MCX, "GOLDM26DECFUT", Kind.FUTURE, 10_000, 10, 0, "GOLDM", date(2026, 12, 4))
CALL = Instrument(
    Exchange.MCX, "GOLDM26DEC130000CE", Kind.CALL, 5_000, 10, 0, "GOLDM", date(2026, 11, 27), rupees(130_000),
    GOLD.id,
)  # fmt: skip
DOLLAR = Instrument(Exchange.CDS, "USDINR26DECFUT", Kind.FUTURE, 25, 1000, 0, "USDINR", date(2026, 12, 29))
OIL = Instrument(
    Exchange.MCX, "MENTHAOIL26DECFUT", Kind.FUTURE, 1000, 360, 0, "MENTHAOIL", date(2026, 12, 31)
)
TICKS = f"""time of last bid bid_quantity ask ask_quantity
09:15:00 {GOLD.id} 125000 125000 500 125000 500
09:15:00 {CALL.id} 900 900 500 900 500
09:15:00 {DOLLAR.id} 88.5 88.5 50000 88.5 50000
09:15:00 {OIL.id} 950 950 5000 950 5000
"""


def session() -> Session:
    universe = Universe([GOLD, CALL, DOLLAR, OIL])
    return Session(universe=universe, capital=10_000_000, stale_s=100_000).ticks(TICKS, DAY)


@pytest.mark.parametrize(
    ("instrument", "units", "blocked"),
    [
        # (8 % + 1 %) of 125,000 x 10, (1.50 % + 1 %) of 88.50 x 1,000, each 3 % more
        (GOLD, 10, "115875"),
        (DOLLAR, 1000, "2278.88"),
    ],
)
def test_a_future_blocks_scan_and_exposure(instrument: Instrument, units: int, blocked: str) -> None:
    made = session()
    made.ask("09:16:00", buys(instrument, units, product=Product.NRML), DAY)
    made.until("09:16:01", DAY)

    assert made.state.ledger.margin == rupees(blocked)
    made.until("23:58", DAY)
    assert made.proof().passed


def test_a_future_protects_an_option_that_is_sold_on_it() -> None:
    apart = session()
    apart.ask("09:16:00", sells(CALL, 10, product=Product.NRML), DAY)
    together = session()
    together.ask("09:16:00", buys(GOLD, 10, product=Product.NRML), DAY)
    together.ask("09:16:01", sells(CALL, 10, product=Product.NRML), DAY)
    for made in (apart, together):
        made.until("09:16:02", DAY)

    assert together.state.ledger.margin < apart.state.ledger.margin + rupees(115_875)
    assert together.proof().passed


def test_what_nobody_published_is_not_traded() -> None:
    made = session()
    made.ask("09:16:00", buys(OIL, 360, product=Product.NRML), DAY)

    assert made.denial().rule == "rule.unknown"
    assert "The price scan range of MENTHAOIL (commodity) is not known" in made.denial().message
