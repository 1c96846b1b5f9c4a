"""What `kasauti holdings` and `positions --day` show of an account that bought, held and sold shares."""

import json

from tests.cli.screens.drawn import drawn
from tests.trading import DAY, NEXT_DAY, SHARE, Session, buys, sells

from kasauti.cli.day_positions import day_rows, day_table
from kasauti.cli.holdings import holding_rows, holdings_table
from kasauti.cli.json_view import to_json
from kasauti.domain.money import rupees
from kasauti.domain.order import Product

MARKET = "time of last bid bid_quantity ask ask_quantity\n09:15:00 ACME {0} {0} 50000 {0} 50000"


def account() -> Session:
    """Buy ten at 100 on one day, sell four at 110 on the next."""
    session = Session(stale_s=1_000_000).ticks(MARKET.format(100), DAY)
    session.ask("09:16", buys(SHARE, 10, product=Product.CNC))
    session.until("15:31").ticks(MARKET.format(110), NEXT_DAY)
    session.ask("09:16", sells(SHARE, 4, product=Product.CNC), NEXT_DAY)
    return session


def test_holdings_for_machines_say_what_is_settled_on_its_way_and_used() -> None:
    (row,) = json.loads(to_json(holding_rows(account().state, lambda _: rupees(110))))

    assert (row["quantity"], row["t1_quantity"], row["used_quantity"], row["authorised_quantity"]) == (
        0,
        6,
        4,
        0,
    )
    assert (row["average_price"], row["last"], row["pnl"]) == ("100.00", "110.00", "60.00")


def test_holdings_for_people_fit_on_a_line() -> None:
    lines = drawn(holdings_table(account().state, lambda _: 0))

    assert any(line.split()[:1] == ["ACME"] and " 6 " in line for line in lines)
    assert any("No shares are held" in line for line in drawn(holdings_table(Session().state, lambda _: 0)))


def test_positions_of_the_day_leave_out_what_was_held_before() -> None:
    state = account().state
    (row,) = day_rows(state)

    assert (row.quantity, row.buy_quantity, row.sell_quantity) == (-4, 0, 4)
    assert (row.sell_price, row.realised) == (rupees(110), rupees(40))
    assert any("ACME" in line and "-4" in line for line in drawn(day_table(state)))
