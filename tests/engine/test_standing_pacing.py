"""Where many act at once, each waits for its turn: nothing is refused for haste, and nothing is forgotten."""

from tests.engine.standing_tables import HUNDRED, armed, balanced, bracket, ends, placed
from tests.engine.test_gtt import gtt
from tests.engine.test_iceberg import iceberg
from tests.trading import NEXT_CALL, SHARE, Session, moment

from kasauti.domain import events as ev
from kasauti.domain import standing_events as sev
from kasauti.domain.inputs import Ask
from kasauti.domain.ist import ist_clock
from kasauti.domain.order import Product, Side
from kasauti.exchange.broker_rules import BrokerRules

BUY = Side.BUY
BEYOND = """
    time      last  bid    ask
    09:16:00  94    93.95  94.05
    09:16:01  94    93.95  94.05
"""


def counted() -> Session:
    """Return a session of a broker who takes ten orders a second."""
    return Session(broker=BrokerRules()).ticks(HUNDRED)


def seconds(session: Session, first: int) -> list[str]:
    """Return the clocks of the orders from number `first` on."""
    moments = [each.at for each in session.log if isinstance(each.event, ev.OrderPlaced)]
    return [ist_clock(at) for at in moments[first:]]


def test_the_eleventh_that_fires_in_a_second_fires_in_the_next() -> None:
    session = counted()
    for n in range(12):
        session.ask("09:15:02", gtt((BUY, 1, "95", str(95 + n % 3))))
    session.ticks(BEYOND)
    session.until("09:16:02")
    assert seconds(session, 0) == ["09:16:00"] * 10 + ["09:16:01"] * 2
    assert session.events(ev.OrderDenied) == []
    assert len(session.events(sev.StandingTriggered)) == 12


def test_one_that_waits_for_its_turn_fires_though_the_price_has_gone_back() -> None:
    session = counted()
    for _ in range(11):
        session.ask("09:15:02", gtt((BUY, 1, "95", "95")))
    session.ticks("""
        time        last  bid    ask
        09:16:00    94    93.95  94.05
        09:16:00.5  99    98.95  99.05
        09:16:02    99    98.95  99.05
    """)
    assert len(session.events(sev.StandingTriggered)) == 11


def test_exits_wait_for_their_turn_and_are_not_lost() -> None:
    session = counted()
    for n in range(12):
        session.ask(f"09:15:{3 + n // 6:02d}", bracket(BUY, SHARE, 10, stop="95"))
    session.ticks(BEYOND)
    session.until("09:16:03")
    assert session.held(SHARE, Product.MIS) == 0
    assert seconds(session, 12) == ["09:16:00"] * 10 + ["09:16:01"] * 2
    assert [status for status, _ in ends(session)] == ["complete"] * 12
    balanced(session)


def test_the_next_part_of_an_iceberg_waits_also_over_a_restart() -> None:
    session = counted()
    session.ask("09:15:02", iceberg(2_000, 2))
    for _ in range(10):
        session.engine.handle(Ask(moment("09:16:00"), gtt((BUY, 1, "1", "95"))))
    session.ticks("""
        time      last  bid    ask
        09:16:01  100   99.95  100.05
    """)
    before = len(placed(session))
    for _ in range(10):
        session.ask("09:16:02", bracket(BUY, SHARE, 1, "50", stop="49"))
    session.ticks("""
        time        last  bid    ask
        09:16:02.5  -     99.90  99.95   # the first part trades in a second that is full
    """)
    assert len(placed(session)) == before + 10
    again = session.restart(broker=BrokerRules())
    again.until("09:16:03")
    assert len(placed(again)) == before + 11
    session.until("09:16:03")
    assert placed(session)[-1] == ("BUY", 1_000, "")


def test_an_entry_that_is_cut_at_the_freeze_quantity_is_guarded_whole() -> None:
    session = Session().ticks("""
        time      of    last  bid    ask
        09:15:01  NEXT  100   99.95  100.05
    """)
    session.ask("09:15:02", bracket(BUY, NEXT_CALL, 65 * 40, stop="95", autoslice=True))
    session.until("09:15:03")
    assert session.held(NEXT_CALL) == 65 * 40
    assert armed(session)[-1] == (65 * 40, "95.00", "0.00")
    session.ticks("""
        time      of    last  bid    ask
        09:16:00  NEXT  94    93.95  94.05
        09:16:01  NEXT  94    93.95  94.05
    """)
    assert session.held(NEXT_CALL) == 0
    sold = [units for side, units, _ in placed(session) if side == "SELL"]
    assert sum(sold) == 65 * 40
    assert max(sold) <= NEXT_CALL.freeze_quantity
    assert ends(session) == [("complete", "exited by its stoploss")]
    balanced(session)
