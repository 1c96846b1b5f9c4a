"""The option chain around the money."""

import numpy as np
import pytest
from tests.analytics.logs import DAY, Logbook
from tests.cli.screens.drawn import INDEX, NOON, board, drawn

from kasauti.cli.screen_chain import ChainView, at_the_money, chain_titles, near_the_money
from kasauti.cli.screen_memory import DayMemory
from kasauti.cli.typography import DASH
from kasauti.domain.board import Board
from kasauti.domain.money import rupees
from kasauti.domain.order import Side
from kasauti.domain.state import State
from kasauti.domain.view import Chain, ChainLayout


def _chain(market: Board) -> Chain:
    return ChainLayout(market, INDEX, DAY).read(market, NOON)


def _view(
    market: Board, state: State | None = None, memory: DayMemory | None = None, each_side: int = 2
) -> ChainView:
    return ChainView(_chain(market), state or State(), market, memory or DayMemory(), each_side)


@pytest.mark.parametrize(
    ("spot", "strike"), [("26010", 26_000), ("26024", 26_000), ("26026", 26_050), ("1", 25_800)]
)
def test_the_strike_at_the_money_is_the_nearest(spot: str, strike: int) -> None:
    chain = _chain(board(spot=spot))

    assert chain.strikes[at_the_money(chain)] == rupees(strike)


@pytest.mark.parametrize(
    ("spot", "rows"), [("26000", [2, 3, 4, 5, 6]), ("25800", [0, 1, 2]), ("30000", [6, 7, 8])]
)
def test_strikes_near_the_money_end_where_the_chain_ends(spot: str, rows: list[int]) -> None:
    assert near_the_money(_chain(board(spot=spot)), 2).tolist() == rows


def test_without_a_price_of_the_underlying_the_middle_of_the_chain_is_shown() -> None:
    chain = _chain(board(spot="0"))

    assert near_the_money(chain, 1).tolist() == [3, 4, 5]


def test_an_empty_chain_has_no_rows() -> None:
    market = Board(board().universe)
    nothing = ChainLayout(market, "NSE:INFY", DAY).read(market, NOON)

    assert near_the_money(nothing, 5).tolist() == []
    assert len(drawn(ChainView(nothing, State(), market, DayMemory(), 5), 100)) == 1


def test_calls_are_left_and_puts_are_right() -> None:
    """The call at 26,000 is the ninth option of the market, the put the tenth: 9 and 10 rupees."""
    lines = drawn(_view(board()), 60)

    assert lines[0].split() == ["OI", "lakh", "change", "LTP", "Strike", "LTP", "change", "OI", "lakh"]
    money = next(line for line in lines if "26,000" in line)
    assert money.split() == ["9.00", DASH, "9.00", "26,000", "10.00", DASH, "10.00"]


def test_the_spot_stands_between_the_strikes_around_it() -> None:
    shown = [line.split()[len(line.split()) // 2] for line in drawn(_view(board()), 60)[1:]]

    assert shown == ["25,900", "25,950", "26,000", "26,010.00", "26,050", "26,100"]


def test_a_spot_above_every_strike_is_the_last_line() -> None:
    assert drawn(_view(board(spot="30000")), 60)[-1].split() == ["30,000.00"]


def test_changes_of_open_interest_are_since_the_day_was_first_seen() -> None:
    memory = DayMemory()
    market = board()
    memory.see(State(), market, NOON, INDEX, _chain(market))

    line = next(line for line in drawn(_view(board(interest=3), memory=memory), 60) if "26,000" in line)

    assert line.split() == ["12.00", "+3.00", "9.00", "26,000", "10.00", "+3.00", "13.00"]


def test_options_that_are_held_are_marked_long_and_short() -> None:
    book = Logbook()
    book.open_day()
    book.trade(Side.BUY, 75, "9", instrument="NFO:NIFTY26NOV26000CE")
    book.trade(Side.SELL, 75, "10", instrument="NFO:NIFTY26NOV26000PE")

    line = next(line for line in drawn(_view(board(), book.state), 60) if "26,000" in line)

    assert "●9.00" in line
    assert "○10.00" in line


@pytest.mark.parametrize(
    ("width", "heads"),
    [
        (110, "OI lakh change Bid Ask LTP Strike LTP Bid Ask change OI lakh"),
        (60, "OI lakh change LTP Strike LTP change OI lakh"),
        (40, "OI lakh LTP Strike LTP OI lakh"),
    ],
)
def test_a_narrow_chain_has_fewer_columns(width: int, heads: str) -> None:
    assert drawn(_view(board()), width)[0].split() == heads.split()


def test_a_wide_chain_draws_the_open_interest() -> None:
    line = next(line for line in drawn(_view(board()), 110) if "26,100" in line)

    assert line.rstrip().endswith("██████")
    assert "██" not in next(line for line in drawn(_view(board()), 60) if "26,100" in line)


def test_a_strike_without_one_of_its_options_leaves_it_blank() -> None:
    market = board()
    chain = _chain(market)
    lonely = Chain(
        NOON,
        INDEX,
        DAY,
        chain.spot,
        chain.strikes,
        tuple(None for _ in chain.strikes),
        chain.put_ids,
        np.zeros_like(chain.call_last),
        chain.put_last,
        np.zeros_like(chain.call_open_interest),
        chain.put_open_interest,
        chain.call_volume,
        chain.put_volume,
    )

    line = next(
        line for line in drawn(ChainView(lonely, State(), market, DayMemory(), 2), 60) if "26,000" in line
    )

    assert line.split()[0] == "26,000"


def test_titles_say_less_and_less() -> None:
    """18 options with n lakh each: 81 of calls, 90 of puts; the last strike holds most."""
    titles = chain_titles(_chain(board()), NOON)

    assert titles[0] == "NIFTY 50 options, expiry 23 Nov (today) · PCR 1.11 · most OI 26200 CE, 26200 PE"
    assert titles[-1] == "NIFTY 50 options"
    assert sorted(titles, key=len, reverse=True) == titles


@pytest.mark.parametrize(("days", "when"), [(1, "(tomorrow)"), (5, "(in 5 days)")])
def test_titles_count_the_days_to_expiry(days: int, when: str) -> None:
    assert when in chain_titles(_chain(board()), NOON - days * 86_400 * 10**9)[0]
