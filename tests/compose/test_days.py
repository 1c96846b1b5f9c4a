"""What one day leaves to the next, through a whole session."""

from tests.trading import NEXT_DAY, SHARE, Session, buys

from kasauti.domain.order import Product

MARKET = """
time      of    last  bid     ask     bid_quantity  ask_quantity  volume
{0}       ACME  1000  999.95  1000    50000         50000         50000
"""


def test_a_leftover_from_yesterday_is_closed_and_todays_trades_are_left_alone() -> None:
    session = Session("touch", stale_s=3600)
    session.ticks(MARKET.format("09:15"))
    session.ask("09:15:01", buys(SHARE, 10))
    session.until("15:31")
    session.ticks(MARKET.format("09:15"), NEXT_DAY)
    session.ask("09:15:01", buys(SHARE, 3), NEXT_DAY)
    assert session.held(SHARE, Product.MIS) == 13, "the book was gone when yesterday closed"

    session.ticks(MARKET.format("09:16:30"), NEXT_DAY)
    session.until("09:17", NEXT_DAY)
    assert session.held(SHARE, Product.MIS) == 0, "a position that began yesterday is closed as a whole"
    waiting = session.ask("09:17:01", buys(SHARE, 2, "990"), NEXT_DAY)
    session.ask("09:17:02", buys(SHARE, 4), NEXT_DAY)
    session.until("09:40", NEXT_DAY)

    assert session.held(SHARE, Product.MIS) == 4
    assert session.order(waiting).is_working
    assert session.proof().passed


def test_a_restart_closes_nothing_that_was_opened_today() -> None:
    session = Session("touch", stale_s=3600)
    session.ticks(MARKET.format("09:15"))
    session.ask("09:15:01", buys(SHARE, 10))
    waiting = session.ask("09:15:02", buys(SHARE, 2, "990"))

    again = session.restart(profile="touch", stale_s=3600)
    again.ticks(MARKET.format("09:16"))
    again.until("11:00")

    assert again.held(SHARE, Product.MIS) == 10
    assert again.order(waiting).is_working
