"""`kasauti margin` takes shares beside contracts: a percentage of their value by product, without netting."""

import pytest
from tests.cli.command import kasauti

from kasauti import margin
from kasauti.domain.money import rupees
from kasauti.errors import InvalidInput

DAY = "2026-11-20"
SOLD = "SELL 65 NIFTY26N2426000CE @120"


@pytest.mark.parametrize(
    ("leg", "blocked", "paid", "first"),
    [
        ("BUY 10 RELIANCE @2500", 0, 25_000, 25_000),  # delivery is paid in full
        ("BUY 10 NSE:RELIANCE MIS @2500", 5_000, 0, 5_000),  # 20 %
        ("SELL 10 NSE:RELIANCE MIS @2500", 5_000, 0, 5_000),
        ("BUY 10 BSE:RELIANCE MTF @2500", 12_500, 0, 12_500),  # 50 %
        ("SELL 10 NSE:ANYSHARE CNC @2500", 0, -25_000, 0),
    ],
)
def test_a_share_blocks_by_its_product(leg: str, blocked: int, paid: int, first: int) -> None:
    answer = margin([leg], on=DAY)

    assert (answer.total, answer.shares, answer.premium) == (rupees(blocked), rupees(blocked), rupees(paid))
    assert answer.order_by_order == rupees(first)
    assert answer.cash == rupees(blocked + paid)
    assert answer.label == "shares by product, a percentage of their value (margins.json)"
    assert answer.underlyings == ()


def test_shares_stand_beside_contracts_and_offset_nothing() -> None:
    spot = {"NIFTY": 25_980}
    alone, both = margin([SOLD], on=DAY, spot=spot), margin([SOLD, "BUY 10 SBIN MIS @800"], on=DAY, spot=spot)

    assert both.total == alone.total + rupees(1_600)
    assert both.legs[:-1] == alone.legs
    assert (both.legs[-1].instrument, both.legs[-1].alone) == ("NSE:SBIN MIS", rupees(1_600))
    assert both.label.startswith("approximate (SPAN-lite")


def test_a_person_reads_the_sum_of_both() -> None:
    told = kasauti("margin", "BUY 10 RELIANCE @2500", "SELL 100 NSE:SBIN MIS @800", "--date", DAY).out

    assert "+ shares 16,000.00 = 16,000.00" in told
    assert "Premiums and deliveries paid: 25,000.00; cash needed in all: 41,000.00" in told
    assert "the general rates of margins.json" in told


@pytest.mark.parametrize(
    ("leg", "says"),
    [
        ("BUY 10 RELIANCE", "has no price; what a share blocks rests on it"),
        ("BUY 10 RELIANCE NRML @2500", "shares are held in CNC, MIS, MTF"),
        ("BUY 0 RELIANCE @2500", "has a quantity of 0"),
        ("BUY 10 NOSUCHTHING @5", "is not the tradingsymbol of a future or an option"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(leg: str, says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        margin([leg], on=DAY)
