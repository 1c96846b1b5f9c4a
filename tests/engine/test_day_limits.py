"""Price bands without the exchange's daily list: what no band reaches is refused, and nothing else."""

from datetime import date
from typing import Any

import pytest
from tests.trading import DAY, NEXT_DAY, SHARE, Session, buys, sells

from kasauti.domain import events as ev
from kasauti.domain.instrument import Exchange, Fund, Instrument, Kind, Universe
from kasauti.domain.money import rupees
from kasauti.domain.order import Product
from kasauti.exchange.broker_rules import BrokerRules
from kasauti.exchange.price_bands import PriceBands
from kasauti.exchange.price_range import PriceRange
from kasauti.exchange.restrictions import Restrictions

LIQUID = Instrument(Exchange.NSE, "RELIANCE", Kind.EQUITY, 500, name="RELIANCE")
CNC = Product.CNC


def holding(share: Instrument = SHARE, **setup: Any) -> Session:
    """Return the morning after a share was bought that closed at 100."""
    session = Session(universe=Universe([SHARE, LIQUID]), stale_s=1_000_000, **setup)
    session.ticks(f"time of last bid ask\n09:15:01 {share.id} 100 99.95 100.05")
    session.ask("09:15:02", buys(share, 10, product=CNC))
    session.until("15:36")
    return session.ticks(f"time of last bid ask\n09:15:01 {share.id} 101 100.95 101.05", NEXT_DAY)


def refused(session: Session, share: Instrument, price: str) -> list[tuple[str, str]]:
    session.ask("09:15:02", sells(share, 1, price, product=CNC), NEXT_DAY)
    return [(each.rule, each.limit) for each in session.events(ev.OrderDenied)]


@pytest.mark.parametrize(
    ("price", "found"),
    [("120", []), ("120.05", [("price.circuit", "120.00")]), ("79.95", [("price.circuit", "80.00")])],
)
def test_a_share_without_derivatives_is_bound_by_the_widest_band(
    price: str, found: list[tuple[str, str]]
) -> None:
    assert refused(holding(), SHARE, price) == found


def test_a_share_with_derivatives_has_a_band_without_an_end() -> None:
    assert refused(holding(LIQUID), LIQUID, "150") == []


def test_a_list_goes_before_and_a_permissive_account_has_none() -> None:
    limits = Restrictions({NEXT_DAY: {SHARE.id: PriceRange(rupees(95), rupees(105))}})
    assert refused(holding(restrictions=limits), SHARE, "106") == [("price.circuit", "105.00")]
    assert refused(holding(broker=BrokerRules(counts_orders=False, lenient=True)), SHARE, "150") == []


def test_a_close_that_is_not_of_the_day_before_bounds_nothing() -> None:
    session = Session(universe=Universe([SHARE]), stale_s=1_000_000)
    session.ticks("time last bid ask\n09:15:01 100 99.95 100.05")
    session.ask("09:15:02", buys(SHARE, 10, product=CNC))
    session.until("15:36")
    later = date(2026, 1, 19)
    session.ticks("time last bid ask\n09:15:01 130 129.95 130.05", later)

    session.ask("09:15:02", sells(SHARE, 1, "150", product=CNC), later)

    assert session.events(ev.OrderDenied) == []


def test_funds_are_bound_since_their_band_has_an_end() -> None:
    fund = Instrument(Exchange.NSE, "NIFTYBEES", Kind.EQUITY, 1, name="NIFTYBEES", fund=Fund.EQUITY)
    bands = PriceBands()

    assert bands.widest(fund, DAY, rupees(100)) is None
    assert bands.widest(fund, date(2026, 9, 7), rupees(100)) == PriceRange(rupees(80), rupees(120))
