"""Halts, failures and the gate stop new risk; exits go on, whoever holds what against them."""

from typing import Any

from tests.trading import SHARE, Session, buys, sells, timed

from kasauti.domain import events as ev
from kasauti.domain.commands import HaltTrading, ModifyOrder, ResumeTrading
from kasauti.domain.money import rupees
from kasauti.domain.order import Product
from kasauti.risk.rules import MaxOrderValue

MARKET = """
    time      of    last   bid     bid_quantity  ask     ask_quantity
    09:15:00  ACME  100    99.95   5000          100.05  5000
    09:15:00  FUT   26000  25999   6500          26001   6500
    09:15:00  CE    120    119.95  6500          120.05  6500
    09:15:00  NIFTY 25990  -       -             -       -
"""


def long_ten(**setup: Any) -> Session:
    session = Session(stale_s=60, **setup).ticks(MARKET)
    session.ask("09:15:01", buys(SHARE, 10))
    assert session.position(SHARE, Product.MIS).quantity == 10
    return session


def test_a_halt_lets_only_exits_pass_until_trading_resumes() -> None:
    session = long_ten()
    session.ask("09:15:02", HaltTrading("enough for today"))

    session.ask("09:15:03", buys(SHARE, 1))
    denied = session.denial()
    assert denied.rule == "trading.halted"
    assert "enough for today" in denied.message
    session.ask("09:15:04", sells(SHARE, 11))  # more than is held: the last one would be new
    assert session.denial().quantity == 11
    session.ask("09:15:05", sells(SHARE, 10))
    assert session.position(SHARE, Product.MIS).quantity == 0

    session.ask("09:15:06", ResumeTrading("checked"))
    session.ask("09:15:07", buys(SHARE, 1))
    assert session.position(SHARE, Product.MIS).quantity == 1


def test_what_is_being_closed_already_cannot_be_closed_again_as_an_exit() -> None:
    session = long_ten()
    session.ask("09:15:02", sells(SHARE, 10, "110"))
    session.ask("09:15:03", HaltTrading("stop"))
    session.ask("09:15:04", sells(SHARE, 1, "110"))

    assert session.denial().rule == "trading.halted"


def test_exits_need_no_funds_and_meet_no_rule() -> None:
    session = long_ten(capital="212", risk=[MaxOrderValue(rupees(1001))])
    assert session.state.ledger.cash < rupees(20)
    session.ask("09:15:02", sells(SHARE, 10))

    assert session.position(SHARE, Product.MIS).quantity == 0
    session.ask("09:15:03", buys(SHARE, 10, "100.20"))
    assert session.denial().rule == "max_order_value"


def test_a_cnc_sale_of_what_is_held_passes_and_not_one_share_more() -> None:
    session = Session().ticks(MARKET)
    session.ask("09:15:01", buys(SHARE, 10, product=Product.CNC))
    session.ask("09:15:02", sells(SHARE, 4, "110", product=Product.CNC))
    session.ask("09:15:03", sells(SHARE, 7, product=Product.CNC))
    denied = session.denial()
    assert (denied.rule, denied.limit, denied.actual) == ("holdings.short", "6", "7")

    session.ask("09:15:04", sells(SHARE, 6, product=Product.CNC))
    assert session.position(SHARE, Product.CNC).quantity == 4


# Several strategies in one instrument


LONG, OUT = buys(SHARE, 10), sells(SHARE, 10)


def test_an_exit_of_one_strategy_passes_where_another_holds_the_other_way() -> None:
    """The account is flat; for `ann` it is an exit all the same, and no halt may keep it from going out."""
    session = Session(
        stale_s=3600,
        strategies=[timed("ann", ("09:20", LONG), ("09:40", OUT)), timed("bob", ("09:21", OUT))],
    )
    session.ticks(MARKET)
    session.ask("09:30", HaltTrading("stop"))
    session.until("09:41")

    assert session.events(ev.OrderDenied) == []
    assert session.held(SHARE, Product.MIS, "ann") == 0


def test_an_exit_is_what_a_strategy_holds_less_what_it_sells_already() -> None:
    session = Session(
        stale_s=3600,
        strategies=[
            timed("ann", ("09:20", LONG), ("09:40", sells(SHARE, 6, "110")), ("09:41", sells(SHARE, 5))),
            timed("bob", ("09:21", OUT)),
        ],
    )
    session.ticks(MARKET)
    session.ask("09:30", HaltTrading("stop"))
    session.until("09:42")

    assert [(denied.rule, denied.quantity) for denied in session.events(ev.OrderDenied)] == [
        ("trading.halted", 5)
    ]


def test_a_failed_strategy_closes_what_it_holds_and_nothing_of_others() -> None:
    session = Session(
        stale_s=3600,
        strategies=[
            timed(
                "ann",
                ("09:20", LONG),
                ("09:40", buys(SHARE, 1)),
                ("09:41", OUT),
                ("09:42", OUT),
                fails_at="09:30",
            ),
            timed("bob", ("09:21", LONG)),
        ],
    )
    session.ticks(MARKET)
    session.until("09:43")

    assert [denied.rule for denied in session.events(ev.OrderDenied)] == ["strategy.stopped"] * 2
    assert session.held(SHARE, Product.MIS, "ann") == 0
    assert session.held(SHARE, Product.MIS, "bob") == 10


def test_a_failed_strategy_may_make_its_order_smaller_and_not_larger() -> None:
    changes = [ModifyOrder("PAPER_20260113092000_ACME_01", quantity=quantity) for quantity in (11, 9)]
    session = Session(
        strategies=[
            timed(
                "ann",
                ("09:20", buys(SHARE, 10, "90")),
                ("09:40", changes[0]),
                ("09:41", changes[1]),
                fails_at="09:30",
            )
        ]
    )
    session.ticks(MARKET)
    session.until("09:43")

    assert [denied.rule for denied in session.events(ev.ModifyDenied)] == ["strategy.stopped"]
    assert [order.quantity for order in session.state.working_orders()] == [9]
