"""How many lots are asked for, worked out by hand."""

import pytest

from kasauti.domain.instrument import Exchange, Instrument, Kind
from kasauti.domain.money import rupees
from kasauti.strategies.sizing import Sizing

OPTION = Instrument(Exchange.NFO, "NIFTY26N2426000CE", Kind.CALL, 500, 75, freeze_quantity=1_800)


@pytest.mark.parametrize(
    ("lots", "share", "price", "cash", "expected"),
    [
        # a lot of 75 at 100.00, with 2 % to spare, is 7,650.00
        (1, None, "100", "7650", 75),
        (1, None, "100", "7649.9999", 0),  # less than a lot costs
        (3, None, "100", "22950", 225),
        (3, None, "100", "22949", 150),  # never more than the cash pays for
        (1, 5_000, "100", "30600", 150),  # half of it pays for two
        (1, 5_000, "100", "30599", 75),
        (1, 10_000, "100", "7650", 75),
        (1, 100, "100", "7650", 0),
        (99, None, "100", "99999999", 1_800),  # one order: freeze quantity 1,800 is 24 lots
        (1, 10_000, "100", "99999999", 1_800),
        (1, None, "100", "-5", 0),
    ],
)
def test_lots(lots: int, share: int | None, price: str, cash: str, expected: int) -> None:
    sizing = Sizing(lots=lots, share=share, buffer=200)

    assert sizing.size(OPTION, rupees(price), rupees(cash)).quantity == expected


def test_a_size_says_what_it_follows_from() -> None:
    size = Sizing(lots=2, share=None, buffer=200).size(OPTION, rupees(100), rupees(10_000))

    assert size.because == "1 x 75 at 100.00; a lot is reckoned at ₹7,650.00 and there is ₹10,000.00"


def test_an_instrument_without_a_freeze_quantity_has_no_such_bound() -> None:
    share = Instrument(Exchange.NSE, "INFY", Kind.EQUITY, 1_000)

    assert Sizing(lots=5_000, share=None, buffer=0).size(share, rupees(1), rupees(9_000)).quantity == 5_000
