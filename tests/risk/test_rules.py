"""Each rule on both sides of its boundary; exits never meet one."""

from collections.abc import Sequence

import pytest
from tests.trading import CALL, FUTURE, OTHER, SHARE, Session, buys, sells

from kasauti.domain import events as ev
from kasauti.domain.commands import CancelOrder, PlaceOrder
from kasauti.domain.money import rupees
from kasauti.domain.order import Product, Side
from kasauti.domain.state import State
from kasauti.ports import Proposal, RiskRule
from kasauti.risk import gate
from kasauti.risk.gate import Refusal, RiskGate
from kasauti.risk.rules import (
    MaxDailyLoss,
    MaxOpenOrders,
    MaxOrdersPerDay,
    MaxOrderValue,
    MaxPositions,
)

HEADER = "time of last bid bid_quantity ask ask_quantity\n"
MARKET = (
    HEADER
    + """
    09:15:00  ACME  100    100    50000  100    50000
    09:15:00  BETA  50     50     50000  50     50000
    09:15:00  FUT   26000  26000  65000  26000  65000
    09:15:00  CE    120    120    65000  120    65000
    """
)


def after(risk: Sequence[RiskRule], *commands: PlaceOrder) -> Session:
    """Place orders under some rules, one a second, in a market that stands still."""
    session = Session(stale_s=10_000, risk=risk).ticks(MARKET)
    for second, command in enumerate(commands, 1):
        session.ask(f"09:15:{second:02d}", command)
    return session


def refused(session: Session) -> list[tuple[str, str, str]]:
    return [(denied.rule, denied.limit, denied.actual) for denied in session.events(ev.OrderDenied)]


@pytest.mark.parametrize(
    ("command", "refusals"),
    [
        (buys(SHARE, 100, "99"), []),
        (buys(SHARE, 100), []),  # exactly 10,000 at the ask
        (buys(SHARE, 101), [("max_order_value", "₹10,000.00", "₹10,100.00")]),
        (buys(SHARE, 100, "100.05"), [("max_order_value", "₹10,000.00", "₹10,005.00")]),
        (sells(SHARE, 101, "1"), [("max_order_value", "₹10,000.00", "₹10,100.00")]),  # it sells at 100
        (sells(SHARE, 100, trigger="90"), []),
        (buys(SHARE, 100, trigger="101"), [("max_order_value", "₹10,000.00", "₹10,100.00")]),
    ],
)
def test_an_order_may_be_worth_so_much(command: PlaceOrder, refusals: list[tuple[str, str, str]]) -> None:
    assert refused(after([MaxOrderValue(rupees(10_000))], command)) == refusals


def test_so_many_orders_may_be_open_at_once() -> None:
    resting = [buys(SHARE, 1, "90"), buys(SHARE, 1, "91")]
    session = after([MaxOpenOrders(2)], *resting, buys(SHARE, 1, "92"))
    assert refused(session) == [("max_open_orders", "2", "2")]
    session.ask("09:16", CancelOrder(next(iter(session.state.working))))
    session.ask("09:16", buys(SHARE, 1, "92"))
    assert len(refused(session)) == 1


def test_so_many_orders_may_be_placed_in_a_day() -> None:
    session = after([MaxOrdersPerDay(2)], buys(SHARE, 0), buys(SHARE, 1), buys(SHARE, 1), buys(SHARE, 1))

    assert refused(session)[1:] == [("max_orders_per_day", "2", "2")]


@pytest.mark.parametrize(("more", "passes"), [(0, False), (1, True)])
def test_new_risk_ends_where_the_day_s_loss_reaches_the_limit(more: int, passes: bool) -> None:  # noqa: FBT001
    """Ten bought at 100 and sold at 90.10 lose 99.00, and charges on top count as loss."""
    session = after([], buys(OTHER, 1), buys(SHARE, 10))
    session.ticks(HEADER + "09:15:03 ACME 90.10 90.10 5000 90.10 5000")
    session.ask("09:15:03", sells(SHARE, 10))
    loss = rupees(99) + session.state.ledger.charges
    session.engine._rules.gate.rules = (MaxDailyLoss(loss + more),)
    session.ask("09:15:04", buys(SHARE, 1))

    assert bool(refused(session)) is not passes
    session.ask("09:15:05", sells(OTHER, 1))
    assert session.held(OTHER, Product.MIS) == 0


def test_so_many_instruments_may_be_held_or_asked_for() -> None:
    session = after(
        [MaxPositions(2)],
        buys(SHARE, 1),
        buys(OTHER, 1, "40"),  # asked for
        buys(CALL, 65),  # a third
        buys(SHARE, 1),  # more of the first
        buys(SHARE, 1, product=Product.CNC),  # in another product
        buys(OTHER, 1, "41"),
    )
    assert refused(session) == [("max_positions", "2", "2")]

    session.ask("09:16", sells(SHARE, 2))
    session.ask("09:16", sells(SHARE, 1, product=Product.CNC))
    session.ask("09:16", buys(CALL, 65))
    assert len(refused(session)) == 1


EVERYTHING_FORBIDDEN: list[RiskRule] = [
    MaxOrderValue(0),
    MaxOpenOrders(0),
    MaxOrdersPerDay(0),
    MaxDailyLoss(-(10**18)),
    MaxPositions(0),
]


@pytest.mark.parametrize("rule", EVERYTHING_FORBIDDEN, ids=lambda rule: rule.name)
def test_an_exit_passes_every_rule(rule: RiskRule) -> None:
    session = after([], buys(SHARE, 10), sells(FUTURE, 65))
    session.engine._rules.gate.rules = (rule,)
    session.ask("09:16", buys(OTHER, 1))
    assert [each[0] for each in refused(session)] == [rule.name]

    session.ask("09:16", sells(SHARE, 10))
    session.ask("09:16", buys(FUTURE, 65))
    assert session.state.held == []
    assert len(refused(session)) == 1


def test_the_first_refusal_stands() -> None:
    session = after(EVERYTHING_FORBIDDEN, buys(SHARE, 1))

    assert session.denial().rule == "max_order_value"


def test_a_rule_sees_the_order_and_answers_in_its_own_words() -> None:
    seen: list[Proposal] = []

    class NoFutures:
        name = "no_futures"

        def refuses(self, order: Proposal, state: State) -> Refusal | None:
            seen.append(order)
            if order.instrument is not FUTURE:
                return None
            return Refusal(self.name, "no futures here", "0", str(order.quantity))

    session = after([NoFutures()], buys(SHARE, 4), sells(SHARE, 9, "99"), buys(FUTURE, 65))

    assert [(each.quantity, each.opens, each.value, each.strategy) for each in seen] == [
        (4, 4, rupees(400), ""),
        (9, 5, rupees(900), ""),  # four of the nine close what is held; it sells at 100
        (65, 65, rupees(26_000 * 65), ""),
    ]
    assert refused(session) == [("no_futures", "0", "65")]
    assert session.denial().message == "no futures here"


def test_an_empty_gate_lets_everything_pass() -> None:
    proposal = gate.Proposal(SHARE, Side.BUY, 1, 1, rupees(100), "", 0)
    assert RiskGate().review(proposal, Session().state) is None
