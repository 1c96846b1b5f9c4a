"""What one day leaves to the next, through a whole session."""

from tests.trading import CALL, NEXT_DAY, SHARE, UNIVERSE, Session, buys, moment

from kasauti.domain.events import TimerFired
from kasauti.domain.instrument import Universe
from kasauti.domain.order import Product
from kasauti.feeds.clock import MarketClock

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


def test_a_clock_that_jumps_back_is_held_at_the_last_moment() -> None:
    """An hour or a second: no event is before the one before it, and nothing runs twice."""
    session = Session("touch", stale_s=36_000)
    session.ticks(MARKET.format("10:00"))
    session.ask("10:00:05", buys(SHARE, 10))
    session.ask("09:00:00", buys(SHARE, 3))
    session.until("09:59:59")
    session.until("15:21")
    session.until("15:19")
    session.until("15:21")

    moments = [each.at for each in session.log]
    assert moments == sorted(moments)
    assert [each.name for each in session.events(TimerFired)].count("square_off:equity") == 1
    assert session.proof().passed


def test_a_wall_clock_is_not_what_the_market_clock_runs_on() -> None:
    passed = iter([0, 0, 2_000_000_000, 2_000_000_000])
    clock = MarketClock(moment("09:15"), 60, lambda: next(passed))
    clock.expect(moment("10:00"))
    assert clock.now() == moment("09:15")
    assert clock.now() == moment("09:17")
    clock.expect(moment("09:16"))
    assert clock.now() == moment("09:16") - 1, "what is still to come cannot have passed"


def test_the_market_clock_never_shows_less_than_it_was_told() -> None:
    clock = MarketClock(moment("09:15"), 60, lambda: 0)
    clock.tell(moment("09:20"))
    clock.tell(moment("09:18"))
    assert clock.now() == moment("09:20")


OPTIONS = """
time      of     last   bid     ask     bid_quantity  ask_quantity  volume
10:00     NIFTY  26000  -       -       -             -             -
10:00     CE     120    119.95  120.05  65000         65000         65000
10:00     ACME   1000   999.95  1000    50000         50000         50000
"""


def test_a_contract_that_the_next_market_does_not_have_halts_trading_and_a_share_does_not() -> None:
    """The option expired while nobody was here, and tomorrow's data has no row of it."""
    before = Session("touch", stale_s=36_000).ticks(OPTIONS)
    before.ask("10:00:01", buys(SHARE, 5, product=Product.CNC))
    without = Universe([instrument for instrument in UNIVERSE if instrument not in (CALL, SHARE)])

    share = Session("touch", universe=without, log=list(before.log))
    share.ticks("time of last\n09:15 NIFTY 26000", NEXT_DAY)
    assert share.state.halted == ""

    before.ask("10:00:02", buys(CALL, 65))
    both = Session("touch", universe=without, log=list(before.log))
    both.ticks("time of last\n09:15 NIFTY 26000", NEXT_DAY)
    assert both.state.halted == f"{CALL.id} is held, and is not in this market: it cannot be closed here"
    assert both.held(CALL) == 65, "nothing is guessed"
