"""A price wakes what it has reached and looks at nothing else."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.trading import SHARE, UNIVERSE, Session, moment

from kasauti.domain.market import TickBatch
from kasauti.domain.money import rupees
from kasauti.engine.price_watch import PriceWatch
from kasauti.simulator.interest import NEVER_HIGH, NEVER_LOW, Interest

SLOT = UNIVERSE.slot(SHARE.id)
prices = st.integers(1, 40)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.integers(0, 5), st.lists(st.tuples(prices, st.booleans()), max_size=3)),
        st.tuples(st.just("drop"), st.integers(0, 5), st.just([])),
        st.tuples(st.just("price"), prices, st.just([])),
    ),
    max_size=40,
)


@given(steps)
def test_it_finds_what_a_look_at_everything_finds(
    asked: list[tuple[str, int, list[tuple[int, bool]]]],
) -> None:
    watch = PriceWatch(Interest(len(UNIVERSE)))
    plain: dict[str, list[tuple[str, int, bool]]] = {}
    for what, number, levels in asked:
        name = str(number)
        if what == "price":
            found = {(each.standing_id, each.leg) for each in watch.reached(SLOT, number, number)}
            assert found == {
                (one, leg)
                for one, waits in plain.items()
                for leg, price, above in waits
                if (number >= price if above else number <= price)
            }
        elif what == "put":
            plain[name] = [(str(n), price, above) for n, (price, above) in enumerate(levels)]
            watch.put(SLOT, name, plain[name])
        else:
            plain.pop(name, None)
            watch.drop(name)
        assert (SLOT in watch.slots) == any(plain.values())


def test_the_first_that_was_put_comes_first() -> None:
    watch = PriceWatch(Interest(len(UNIVERSE)))
    watch.put(SLOT, "b", [("1", 10, True)])
    watch.put(SLOT, "a", [("1", 9, True)])
    assert [each.standing_id for each in watch.reached(SLOT, 12, 12)] == ["b", "a"]


def ticks_at(price: int, count: int) -> TickBatch:
    """Return ticks of the share at one price, with no book."""
    at = moment("09:20") + np.arange(count, dtype=np.int64)
    zeros = np.zeros(count, np.int64)
    return TickBatch(
        at=at,
        slot=np.full(count, SLOT, np.int64),
        last=np.full(count, price, np.int64),
        bid=zeros,
        ask=zeros,
        bid_quantity=zeros,
        ask_quantity=zeros,
        volume=zeros,
        open_interest=zeros,
    )


def test_ten_thousand_that_wait_have_no_tick_looked_at() -> None:
    """Also where the data has only last prices: a missing ask is no reason to look."""
    session = Session("ltp").ticks("time last\n09:15:01 100")
    watch = session.engine._keeper.watch
    for rank in range(10_000):
        away = rupees(5) + rank
        watch.put(SLOT, str(rank), [("1", rupees(100) - away, False), ("2", rupees(100) + away, True)])
    interest, nobody = session.venue.interest, np.zeros(len(UNIVERSE), np.bool_)
    quiet = ticks_at(rupees(100), 1_000)
    assert len(interest.rows(quiet, 0, len(quiet), nobody)) == 0
    beyond = ticks_at(rupees(106), 3)
    assert interest.rows(beyond, 0, 3, nobody).tolist() == [0, 1, 2]
    assert all(interest.matters(beyond, row, nobody) for row in range(3))
    assert not interest.matters(quiet, 0, nobody)


def test_a_missing_price_reaches_nothing() -> None:
    interest = Interest(len(UNIVERSE))
    interest.arm(SLOT, rupees(95), NEVER_HIGH)
    nobody = np.zeros(len(UNIVERSE), np.bool_)
    assert len(interest.rows(ticks_at(0, 5), 0, 5, nobody)) == 0


def test_a_slot_with_nothing_left_is_not_held() -> None:
    interest = Interest(len(UNIVERSE))
    interest.arm(SLOT, rupees(95), NEVER_HIGH)
    assert interest.held == {SLOT}
    interest.set(SLOT, NEVER_LOW, NEVER_HIGH, always=False)
    assert interest.held == {SLOT}
    interest.arm(SLOT, NEVER_LOW, NEVER_HIGH)
    assert interest.held == set()
