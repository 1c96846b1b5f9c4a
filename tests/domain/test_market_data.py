"""The board, batches and views: the last value of everything, and what came when."""

from datetime import date

import numpy as np
import pytest
from tests.tables import bars_of, ticks_of
from tests.trading import CALL, DAY, INDEX, NEXT_CALL, PUT, SHARE, UNIVERSE, Session, buys, moment

from kasauti.domain.board import Board, quote_at
from kasauti.domain.evidence import Evidence, Rule, Source, derive_price
from kasauti.domain.ist import NS_PER_SECOND
from kasauti.domain.market import BarBatch, Candle, Level, Quote, TickBatch
from kasauti.domain.order import Product
from kasauti.domain.state import State
from kasauti.domain.view import ChainLayout, View

SLOTS = {"ACME": SHARE, "NIFTY": INDEX, "CE": CALL, "PE": PUT}


def ticks(table: str) -> TickBatch:
    return ticks_of(table, lambda name: UNIVERSE.slot(SLOTS[name].id), DAY)


def bars(table: str, seconds: int = 60) -> BarBatch:
    return bars_of(table, lambda name: UNIVERSE.slot(SLOTS[name].id), DAY, seconds)


def board_of(*batches: TickBatch | BarBatch) -> Board:
    board = Board(UNIVERSE)
    for batch in batches:
        if isinstance(batch, TickBatch):
            board.apply(batch, 0, len(batch))
        else:
            board.apply_bars(batch, 0, len(batch))
    return board


def stands(board: Board) -> Quote:
    return board.quote(UNIVERSE.slot(SHARE.id))


DEEP = """
    time      last  bids                    asks                        volume  open_interest
    09:15:00  100   99.95x50,99.90x100      100.05x60,100.10x70         1000    500
    09:15:01  101   100.95x5                101.05x6,101.10x7,101.2x8   1100    600
"""


def test_the_board_has_the_last_value_of_every_column() -> None:
    board = board_of(ticks(DEEP))

    assert stands(board) == Quote(
        moment("09:15:01"),
        101_0000,
        100_9500,
        101_0500,
        5,
        6,
        1100,
        600,
        (Level(100_9500, 5),),
        (Level(101_0500, 6), Level(101_1000, 7), Level(101_2000, 8)),
        2,
    )
    assert board.mark(SHARE.id) == 101_0000


def test_before_its_first_tick_everything_is_nothing() -> None:
    board = board_of()

    assert stands(board) == Quote(0)
    assert board.mark(SHARE.id) == board.mark("NSE:NONE") == 0


def test_of_several_rows_of_one_slot_the_last_one_stands_however_they_are_applied() -> None:
    batch = ticks(DEEP)
    together, apart = board_of(batch), board_of(batch[:1], batch[1:])

    assert stands(together) == stands(apart)
    nothing = board_of(batch)
    nothing.apply(batch, 1, 1)
    nothing.apply_bars(bars("time open high low close\n09:15 1 1 1 1"), 0, 0)
    assert stands(nothing) == stands(together)


def test_a_tick_without_depth_takes_the_depth_away() -> None:
    board = board_of(ticks(DEEP), ticks("time last bid ask volume\n09:15:02 102 101.95 102.05 1100"))

    assert (stands(board).bids, stands(board).asks, stands(board).bid) == ((), (), 101_9500)


def test_a_column_that_a_later_source_does_not_fill_is_zero_again() -> None:
    board = board_of(ticks(DEEP), ticks("time last\n09:15:02 102"))

    assert (stands(board).bid, stands(board).volume, stands(board).open_interest) == (0, 0, 0)


def test_a_bar_shows_its_close_and_no_book() -> None:
    first, second = (
        bars("time open high low close volume\n09:15 1 9 1 5 10"),
        bars("time open high low close volume open_interest\n09:16 5 6 4 4 30 70"),
    )
    board = board_of(ticks(DEEP), first, second)
    quote = stands(board)

    assert (quote.last, quote.bid, quote.ask, quote.bids, quote.open_interest) == (4_0000, 0, 0, (), 70)
    assert quote.at == moment("09:17")
    assert quote.volume == 1100 + 40  # the day's volume so far


def test_a_new_day_begins_with_an_empty_board() -> None:
    board = board_of(ticks(DEEP))
    board.clear()

    assert (stands(board).last, stands(board).bid, stands(board).asks, stands(board).volume) == (0, 0, (), 0)


@pytest.mark.parametrize(("row", "traded"), [(0, 0), (1, 100), (2, 0), (3, 50), (4, 0)])
def test_what_a_tick_traded_is_counted_from_the_tick_before_it_of_its_instrument(
    row: int, traded: int
) -> None:
    """Not known for the first; nothing where the count starts again."""
    batch = ticks(
        """
        time      of    last  volume
        09:15:00  ACME  100   1000
        09:15:01  ACME  100   1100
        09:15:01  CE    100   9000
        09:15:01  ACME  100   1150
        09:15:02  ACME  100   10
        """
    )
    for start in range(row + 1):
        board = Board(UNIVERSE)
        board.apply(batch, 0, start)
        assert board.traded(batch, start, row) == traded


def test_a_row_of_a_batch_is_a_quote() -> None:
    batch = ticks(DEEP)

    assert quote_at(batch, 1, 7, 100).fresh == 7
    assert quote_at(batch, 1, 7, 100).traded == 100
    assert quote_at(batch, 0).asks == (Level(100_0500, 60), Level(100_1000, 70))
    assert quote_at(ticks("time last\n09:15:00 5"), 0).asks == ()


def test_batches_are_cut_like_lists() -> None:
    batch, day = ticks(DEEP), bars("time open high low close\n09:15 1 2 1 2\n09:16 2 3 2 3")

    assert (len(batch), len(batch[1:]), len(day[:1])) == (2, 1, 1)
    assert batch[1:].depth is not None
    assert int(batch[1:].last[0]) == 101_0000
    assert day.candle(1, SHARE.id) == Candle(SHARE.id, 60, moment("09:16"), 2_0000, 3_0000, 2_0000, 3_0000)


def test_data_can_be_known_no_earlier_than_it_came() -> None:
    late = moment("09:15:00.500")

    assert ticks(DEEP).not_before(late).at.tolist() == [late, moment("09:15:01")]
    assert bars("time open high low close\n09:15 1 2 1 2").not_before(0).at.tolist() == [moment("09:16")]


def test_a_column_that_a_source_does_not_have_is_zeros() -> None:
    batch = TickBatch.of(at=[1, 2], slot=[0, 1], last=[5, 6])

    assert batch.bid.tolist() == batch.volume.tolist() == [0, 0]
    assert batch.slot.dtype == np.int32
    assert batch.depth is None


# Views


def test_a_chain_is_columns_by_strike_with_gaps_where_nothing_is_listed() -> None:
    board = board_of(
        ticks(
            """
            time      of     last   volume  open_interest
            09:15:00  NIFTY  26000  -       -
            09:15:00  CE     120    650     1300
            09:15:00  PE     90     65      2600
            """
        )
    )
    chain = ChainLayout(board, INDEX.id, DAY).read(board, 7)
    assert (chain.at, chain.spot, chain.strikes.tolist()) == (7, 26_000_0000, [26_000_0000])
    assert (chain.call_ids, chain.put_ids) == ((CALL.id,), (PUT.id,))
    assert (chain.call_last.tolist(), chain.put_last.tolist()) == ([120_0000], [90_0000])
    assert (chain.call_open_interest.tolist(), chain.put_volume.tolist()) == ([1300], [65])

    one_sided = ChainLayout(board, INDEX.id, date(2026, 1, 20)).read(board, 7)
    assert (one_sided.call_ids, one_sided.put_ids) == ((NEXT_CALL.id,), (None,))
    assert one_sided.put_last.tolist() == one_sided.put_open_interest.tolist() == [0]


def test_a_view_shows_prices_of_all_and_orders_and_positions_of_one() -> None:
    session = Session(stale_s=1000)
    session.ticks("time last bid bid_quantity ask ask_quantity\n09:15:00 100 99.95 500 100.05 500")
    session.ask("09:15:01", buys(SHARE, 10))
    view = View("ann", session.state, session.board)
    view.at = moment("09:15:02")

    assert view.day == DAY
    assert view.instrument(SHARE.id) is SHARE
    assert view.instrument("NSE:NONE") is None
    assert view.last(SHARE.id) == 100_0000
    assert view.quote(SHARE.id).ask == 100_0500
    assert view.cash == session.state.ledger.cash
    assert (view.position(SHARE.id, Product.MIS), view.positions(), view.working()) == (0, [], [])
    assert not view.is_stopped


def test_a_view_knows_its_moment_by_its_number_or_by_itself() -> None:
    session, moments = Session(), [moment("09:16:00"), moment("09:17:00")]
    view = View("ann", session.state, session.board)

    view.go_through(moments)
    read = []
    for number in range(2):
        view.number = number
        read.append(view.at)
    assert read == moments
    view.at = moment("09:16:30")
    assert view.at == moment("09:16:30")
    assert moments == read  # they are others' too


def test_a_state_without_events_has_nothing() -> None:
    view = View("ann", State(), Board(UNIVERSE))

    assert (view.cash, view.positions(), view.working("x")) == (0, [], [])


# Evidence


@pytest.mark.parametrize(
    ("rule", "buys", "price"),
    [
        (Rule.TAKE, True, 100),
        (Rule.CROSSED, True, 90),
        (Rule.QUEUE, False, 90),
        (Rule.THROUGH, True, 90),
        (Rule.TOUCHED, False, 90),
        (Rule.LAST, True, 103),
        (Rule.LAST, False, 97),
        (Rule.OPEN, False, 97),
        (Rule.GAP, True, 103),
        (Rule.STOP, True, 93),
        (Rule.STOP, False, 87),
        (Rule.SETTLED, True, 100),
    ],
)
def test_a_price_follows_from_its_evidence(rule: Rule, buys: bool, price: int) -> None:  # noqa: FBT001
    """Takers pay what was shown and the slippage; those who rest trade at their own price."""
    slip = 3 if rule in {Rule.LAST, Rule.OPEN, Rule.GAP, Rule.STOP} else 0
    evidence = Evidence(Source.PRINT, rule, 1, 100, "x/1", slip=slip, order_price=90)

    assert derive_price(evidence, buys=buys) == price
    assert rule.is_passive is (rule in {Rule.CROSSED, Rule.QUEUE, Rule.THROUGH, Rule.TOUCHED})


def test_a_second_is_a_billion_nanoseconds() -> None:
    assert moment("09:15:01") - moment("09:15") == NS_PER_SECOND
