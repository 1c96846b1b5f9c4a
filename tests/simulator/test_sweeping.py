"""When a market order that is worked up to its band goes on, and when it has come to its band."""

import pytest

from kasauti.domain.market import Level, Quote
from kasauti.simulator.book import Resting
from kasauti.simulator.sweeping import within_reach

#: A buyer's band; a seller's stands as far below 200.
BAND = 101


def answer(side: str, *prices: int, last: int = 0, ask: int = 0, bid: int = 0) -> str:
    """Return what a buyer does against these offers, or a seller against their mirror image."""
    buys = side == "buy"
    levels = tuple(Level(price if buys else 200 - price, 10) for price in prices)
    last, ask, bid = (price if buys or not price else 200 - price for price in (last, ask, bid))
    order = Resting("x", 0, buys, BAND if buys else 200 - BAND, 0, 10, 10, ioc=False, sweeps=True)
    if buys:
        quote = Quote(0, last, ask=ask, bid=bid, asks=levels)
    else:
        quote = Quote(0, last, bid=ask, ask=bid, bids=levels)
    return "goes on" if within_reach(order, quote) else "rests"


@pytest.mark.parametrize("side", ["buy", "sell"])
@pytest.mark.parametrize(
    ("prices", "expected"),
    [
        ((100,), "goes on"),
        ((BAND,), "goes on"),
        ((BAND + 1,), "rests"),
        ((98, 99, 100, BAND), "goes on"),
        # All but the last lie inside: the end of what is displayed decides.
        ((98, 99, 100, BAND + 1), "rests"),
    ],
)
def test_it_goes_on_until_what_is_displayed_ends_beyond_its_band(
    side: str, prices: tuple[int, ...], expected: str
) -> None:
    assert answer(side, *prices, ask=prices[0]) == expected


@pytest.mark.parametrize("side", ["buy", "sell"])
@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ({"ask": BAND}, "goes on"),
        ({"ask": BAND + 1}, "rests"),
        # A last price inside says nothing where a book stands beyond.
        ({"ask": BAND + 1, "last": 100}, "rests"),
        # Nobody is on the other side of a book that stands: there is nothing to go on for.
        ({"bid": 99}, "rests"),
        ({"bid": 99, "last": 100}, "rests"),
        # Where there are only last prices, the last one decides; before the first, nothing is known.
        ({"last": BAND}, "goes on"),
        ({"last": BAND + 1}, "rests"),
        ({}, "goes on"),
    ],
)
def test_without_depth_the_touch_decides_and_without_a_book_the_last_price(
    side: str, shown: dict[str, int], expected: str
) -> None:
    assert answer(side, **shown) == expected
