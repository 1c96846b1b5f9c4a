"""What futures settle at each day: the average of their own last half hour, else their last price."""

from tests.trading import DAY, FUTURE, NEXT_DAY, Session, buys

from kasauti.domain import settlement_events as stl
from kasauti.domain.bar_grid import BarGrid
from kasauti.domain.market import BarBatch
from kasauti.domain.money import rupees

HEADER = "time of last bid bid_quantity ask ask_quantity volume\n"
OPEN = HEADER + "09:15:00 FUT 26000 26000 65000 26000 65000 650"


def held(**setup: object) -> Session:
    """Hold one lot from the morning on."""
    session = Session(stale_s=100_000, **setup).ticks(OPEN)  # type: ignore[arg-type]
    session.ask("09:15:01", buys(FUTURE, 65))
    return session


def marks(session: Session) -> list[tuple[int, str]]:
    return [(each.price, each.basis) for each in session.events(stl.FuturesMarked)]


def test_trades_of_the_last_half_hour_count_by_their_units() -> None:
    """26,100 for 130 units and 26,200 for 390: 26,175, though the last price was 26,300."""
    session = held()
    rows = (
        "15:00:00 FUT 26500 1000\n15:10:00 FUT 26100 1130\n15:20:00 FUT 26200 1520\n15:29:00 FUT 26300 1520"
    )
    session.ticks(f"time of last volume\n{rows}").until("15:31")

    assert marks(session) == [(rupees(26_175), "settlement/closing-window")]
    assert session.state.positions[f"{FUTURE.id}|NRML"].marked == rupees(175) * 65


def test_where_nothing_traded_then_the_last_price_stands_in_and_says_so() -> None:
    session = held()
    session.ticks("time of last volume\n14:59:00 FUT 26050 700").until("15:31")

    assert marks(session) == [(rupees(26_050), "settlement/last-price")]


BARS = """
    time of open high low close volume
    14:55 FUT 26000 26900 26000 26900 650
    15:00 FUT 26000 26130 26000 26080 130
    15:25 FUT 26100 26190 26100 26190 260
"""


def test_bars_of_a_day_say_the_same_as_a_batch_and_as_a_grid() -> None:
    """(26,000 + 26,130 + 26,080) / 3 = 26,070 for 130 units, 26,160 for 260: 26,130."""
    told = []
    for as_grid in (False, True):
        session = held()
        session.bars(BARS, seconds=300) if not as_grid else _grid(session)
        session.until("15:31")
        told.append(marks(session))

    assert told == [[(rupees(26_130), "settlement/closing-window")]] * 2


def _grid(session: Session) -> None:
    from tests.tables import bars_of  # noqa: PLC0415

    batch: BarBatch = bars_of(BARS, session._slot, DAY, 300)
    grid = BarGrid.of(batch)
    assert grid is not None
    session.feed(grid)


def test_a_published_price_goes_before_ours_and_a_missed_day_is_settled_at_it() -> None:
    before = held()
    session = Session(log=list(before.log), stale_s=100_000, official={(FUTURE.id, DAY): rupees(26_040)})
    session.ticks(OPEN, NEXT_DAY)

    assert marks(session) == [(rupees(26_040), "settlement/official")]
    assert session.proof().passed
