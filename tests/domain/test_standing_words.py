"""What a standing instruction is called in one line."""

import pytest
from tests.trading import CALL, SHARE, buys, sells

from kasauti.domain.commands import (
    GttLeg,
    PlaceAfterMarket,
    PlaceAlert,
    PlaceAuction,
    PlaceBracket,
    PlaceCover,
    PlaceGtt,
    PlaceIceberg,
    PlaceWithTerms,
    Plan,
)
from kasauti.domain.comparison import Comparison
from kasauti.domain.order import Product, Side
from kasauti.domain.standing_words import plan_text

BUY = buys(SHARE, 1_00_000, "99.95")
LINE = "BUY 1,00,000 NSE:ACME MIS LIMIT at 99.95"


@pytest.mark.parametrize(
    ("plan", "line"),
    [
        (
            PlaceGtt(
                SHARE.id,
                (
                    GttLeg(Side.SELL, 9, 94_0000, 95_0000),
                    GttLeg(Side.SELL, 9, 99_0000, 98_0000),
                ),
                Product.CNC,
            ),
            "NSE:ACME CNC: SELL 9 at 94.00 when it comes to 95.00, or SELL 9 at 99.00 when it comes to 98.00",
        ),
        (PlaceAlert(SHARE.id, Comparison.ABOVE, 101_0000), "NSE:ACME > 101.00"),
        (
            PlaceAlert(SHARE.id, Comparison.BELOW, other=CALL.id, orders=(BUY, sells(SHARE, 5))),
            f"NSE:ACME < {CALL.id}: {LINE}; then SELL 5 NSE:ACME MIS MARKET",
        ),
        (PlaceCover(BUY, 98_0000), f"{LINE}, stop 98.00 at the exchange"),
        (PlaceBracket(BUY, stoploss=98_0000, target=104_0000), f"{LINE}, stop 98.00, target 104.00"),
        (
            PlaceBracket(BUY, target=4_0000, trailing=1_0000, relative=True),
            f"{LINE}, target 4.00 away, stop trailing 1.00 behind",
        ),
        (PlaceIceberg(BUY, 5), f"{LINE}, in 5 legs"),
        (PlaceWithTerms(BUY, minutes=1), f"{LINE}, for 1 minute"),
        (
            PlaceWithTerms(BUY, minutes=30, disclosed_quantity=20_000),
            f"{LINE}, for 30 minutes, showing 20,000",
        ),
        (PlaceAuction(BUY, "17"), f"{LINE}, in auction 17"),
        (PlaceAfterMarket(BUY), f"{LINE}, when the next trading day takes it"),
        (
            PlaceAfterMarket(sells(SHARE, 5, "97.50", trigger="98")),
            "SELL 5 NSE:ACME MIS SL at 97.50, trigger 98.00, when the next trading day takes it",
        ),
    ],
)
def test_a_plan_is_told_in_one_line(plan: Plan, line: str) -> None:
    assert plan_text(plan) == line


def test_instruments_are_called_what_the_reader_calls_them() -> None:
    assert plan_text(PlaceCover(BUY, 98_0000), lambda _: "Acme").startswith("BUY 1,00,000 Acme MIS")
