"""A session's VWAP from snapshots, at any rhythm and with holes."""

import pytest
from tests.strategies.floor import Floor, option_id

from kasauti.domain.money import rupees
from kasauti.strategies import Strategy
from kasauti.strategies.session_vwap import SessionVwap, snapshots


@pytest.mark.parametrize(
    ("rows", "turnover", "volume"),
    [
        # last, day volume
        ([(100, 500)], 0, 0),  # what traded before the first has no known price
        ([(100, 500), (110, 700)], 110 * 200, 200),
        ([(100, 500), (110, 700), (120, 1_000)], 110 * 200 + 120 * 300, 500),
        ([(100, 500), (120, 1_000)], 120 * 500, 500),  # a slower rhythm: the later price for all of it
        ([(100, 0), (90, 10)], 90 * 10, 10),  # nothing had traded before
        ([(100, 500), (0, 700), (120, 1_000)], 120 * 500, 500),  # no price: it counts at the next one
        ([(100, 500), (110, 0), (120, 600)], 120 * 100, 100),  # the volume was missing
        ([(0, 0), (100, 500), (110, 600)], 110 * 100, 100),  # the first snapshot was empty
        ([(100, 500), (110, 500), (110, 500)], 0, 0),  # frozen
        ([(100, 9_000), (110, 50), (120, 70)], 120 * 20, 20),  # yesterday's count stood there at first
    ],
)
def test_what_trades_between_snapshots_counts_at_the_later_price(
    rows: list[tuple[int, int]], turnover: int, volume: int
) -> None:
    vwap = SessionVwap()
    for last, day_volume in rows:
        vwap.see(rupees(last), day_volume)

    assert (vwap.turnover, vwap.volume) == (rupees(turnover), volume)


def test_snapshots_are_those_of_the_chain() -> None:
    floor = Floor(Strategy)
    floor.set(option_id(26_000, "PE"), last=rupees(12), volume=340)

    read = {option: (last, volume) for option, last, volume in snapshots(floor.read_chain())}

    assert len(read) == 26
    assert read[option_id(26_000, "PE")] == (rupees(12), 340)
    assert read[option_id(26_000, "CE")] == (0, 0)
