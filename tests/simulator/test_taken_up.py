"""What the venue takes up again after a restart: what was left of an order, and no quote of before."""

import pytest
from tests.tables import ticks_of
from tests.trading import DAY, SHARE, Session, buys

HEADER = "time last bid bid_quantity ask ask_quantity volume"
QUIET = f"{HEADER}\n09:15:00 100 99.95 500 100.05 500 1000"


def test_after_a_restart_an_order_goes_on_with_what_was_left_of_it() -> None:
    session = Session().ticks(QUIET)
    session.ask("09:15:01", buys(SHARE, 100, "99.80"))
    session.ticks(f"{HEADER}\n09:15:02 99.8 99.70 500 99.80 60 1000")
    again = session.restart()
    again.ticks(f"{HEADER}\n09:15:03 99.7 99.65 500 99.75 500 1000")

    assert [quantity for _, quantity, _ in again.fills()] == [60, 40]
    assert again.state.working == {}
    assert again.proof().passed


@pytest.mark.parametrize("rows", [["ACME", "BETA"], ["BETA", "ACME"]])
def test_no_quote_of_before_a_restart_stands_after_it(rows: list[str]) -> None:
    table = "time of last bid bid_quantity ask ask_quantity\n"
    seen = table + "\n".join(f"09:15:00 {name} 100 99.95 500 100.05 500" for name in rows)
    session = Session().ticks(seen)
    again = session.restart([ticks_of(seen, session._slot, DAY)])
    again.ask("09:15:01", buys(SHARE, 10))
    assert again.fills() == []
    again.ticks(table + "09:15:02 ACME 100 99.95 500 100.10 500")

    assert again.fills() == [("09:15:02", 10, "100.10")]


def test_a_stop_that_woke_before_a_restart_does_not_sleep_after_it() -> None:
    """Its trigger traded, its limit was not reached: it is a limit order, and the last price is no matter."""
    session = Session().ticks(QUIET)
    session.ask("09:15:01", buys(SHARE, 100, "101.05", trigger="101"))
    session.ticks(f"{HEADER}\n09:15:02 101 101.00 500 101.50 500 1100")
    assert session.fills() == []
    again = session.restart()
    again.ticks(f"{HEADER}\n09:15:03 100 99.95 500 101.00 500 1200")

    assert again.fills() == [("09:15:03", 100, "101.05")]


def test_a_stop_that_sleeps_at_a_restart_sleeps_on() -> None:
    session = Session().ticks(QUIET)
    session.ask("09:15:01", buys(SHARE, 100, "101.05", trigger="101"))
    again = session.restart()
    again.ticks(f"{HEADER}\n09:15:02 100.95 100.90 500 101.00 500 1100")
    assert again.fills() == []
    again.ticks(f"{HEADER}\n09:15:03 101 100.90 500 101.00 500 1200")

    assert again.fills() == [("09:15:03", 100, "101.00")]
