"""When the momentum strategy enters, what it asks for, and what it says when it does not."""

from datetime import timedelta

import pytest
from tests.strategies.floor import DAY, LOT, Floor, at, option_id
from tests.strategies.momentum import CALL, PUT, QUIET, SPOT, WALL, decide, floor, holding

from kasauti.domain.commands import buy
from kasauti.domain.money import rupees
from kasauti.domain.order import Product
from kasauti.strategies.intraday_momentum_oi import IntradayMomentumOI


def failed(on: Floor) -> list[str]:
    """Return the conditions that the last decision found not to hold."""
    strategy = on.strategy
    assert isinstance(strategy, IntradayMomentumOI)
    return [verdict.condition for verdict in strategy.memory.verdicts if not verdict.holds]


def why(on: Floor) -> str:
    assert isinstance(on.strategy, IntradayMomentumOI)
    return "\n".join(on.strategy.why())


def test_it_buys_the_option_at_the_nearer_wall_when_its_writers_leave() -> None:
    on = floor()
    puts = "most puts at 25,800.00, 190.00 below"

    assert decide(on, "10:00") == [buy(CALL, LOT, product=Product.MIS, tag="entry")]
    assert why(on).splitlines() == [
        "yes: trades: 0 of 1 done today",
        "yes: window: 10:00:00; entries are from 09:30:00 to 14:00:00",
        "yes: free: nothing is held or asked for",
        "yes: chain: every option from 25,750.00 to 26,200.00 has price and open interest",
        f"yes: direction: spot 25,990.00: most calls at 26,000.00, 10.00 above; {puts}",
        f"yes: option: CE 26,000.00 is {CALL}",
        "yes: unwinding: open interest 30,00,000 to 29,70,000, -1.00 %",
        "yes: vwap: last 110.00, VWAP 100.00",
        "yes: size: 1 x 75 at 110.00; a lot is reckoned at ₹8,415.00 and there is ₹2,00,000.00",
    ]


@pytest.mark.parametrize(
    ("spot", "option"),
    [
        (25_990, CALL),  # 10 to the calls, 190 to the puts
        (25_901, CALL),  # 99 and 101
        (25_899, PUT),  # 101 and 99
        (25_810, PUT),
        (26_010, CALL),  # the calls' strike is passed: it breaks out
        (25_795, PUT),  # the puts' strike is passed
    ],
)
def test_direction_is_the_wall_that_spot_is_nearer_to_or_has_passed(spot: int, option: str) -> None:
    on = floor()

    assert decide(on, "10:00", spot=rupees(spot), option=option) == [
        buy(option, LOT, product=Product.MIS, tag="entry")
    ]


def test_as_far_to_both_walls_is_no_direction() -> None:
    on = floor()

    assert decide(on, "10:00", spot=rupees(25_900)) == []
    assert failed(on) == ["direction"]


def test_a_wall_further_than_the_strikes_that_are_looked_at_is_not_seen() -> None:
    """With one strike above and below spot only 26,000 and 25,950 count; the put wall is then at 25,950."""
    on = floor(strikes_above_spot=1, strikes_below_spot=1)
    on.set(option_id(26_000, "PE"), oi=2)

    assert decide(on, "10:00")

    assert "most puts at 25,950.00" in why(on)


@pytest.mark.parametrize(
    ("values", "conditions"),
    [
        ({"oi": WALL}, ["unwinding"]),
        ({"oi": WALL + 1}, ["unwinding"]),
        ({"oi": WALL - 1}, []),
        ({"last": rupees(100)}, ["vwap"]),  # at VWAP is not above it
        ({"last": rupees(100) + 1}, []),
        ({"last": rupees(90)}, ["vwap"]),
        ({"oi": WALL, "last": rupees(90)}, ["unwinding", "vwap"]),
        ({"last": 0}, ["chain"]),
        ({"oi": 0}, ["chain"]),
    ],
)
def test_each_condition_by_itself_keeps_it_out(values: dict[str, int], conditions: list[str]) -> None:
    on = floor()

    assert bool(decide(on, "10:00", values=values)) is not bool(conditions)
    assert failed(on) == conditions


@pytest.mark.parametrize(("oi", "enters"), [(WALL * 9901 // 10000, False), (WALL * 99 // 100, True)])
def test_the_least_unwinding_on_both_sides(oi: int, *, enters: bool) -> None:
    """0.99 % and 1.00 % where 1 % is asked for."""
    on = floor(min_unwinding_percent=1)

    assert bool(decide(on, "10:00", values={"oi": oi})) is enters


@pytest.mark.parametrize(
    ("clock", "enters"), [("09:25", False), ("09:30", True), ("14:00", True), ("14:05", False)]
)
def test_the_entry_window_includes_both_its_ends(clock: str, *, enters: bool) -> None:
    on = floor()

    assert bool(decide(on, clock)) is enters
    assert failed(on) == ([] if enters else ["window"])


@pytest.mark.parametrize("option", [option_id(25_750, "CE"), option_id(26_200, "PE"), CALL])
def test_one_option_without_data_near_spot_is_a_chain_not_to_decide_on(option: str) -> None:
    on = floor()

    on.set(option, oi=0)

    assert decide(on, "10:00", values={"oi": 0} if option == CALL else None) == []
    assert failed(on) == ["chain"]


def test_an_option_without_data_far_from_spot_does_not_matter() -> None:
    on = floor()

    on.set(option_id(25_700, "PE"), oi=0, last=0)

    assert decide(on, "10:00")


def test_the_first_candle_has_nothing_to_compare_with() -> None:
    on = floor()
    on.now = at("10:00")
    on.candle(SPOT)

    assert on.chain() == []
    assert failed(on) == ["unwinding", "vwap"]
    assert "not known" in why(on)


@pytest.mark.parametrize(("gap_s", "enters"), [(600, True), (900, False)])
def test_a_reading_is_compared_with_over_one_missing_candle_not_more(gap_s: int, *, enters: bool) -> None:
    on = floor()
    on.now = at("10:00")
    on.candle(SPOT)
    on.chain()
    on.now += 60 * 10**9
    on.set(CALL, volume=60_000)
    on.chain()
    on.now = at("10:00") + gap_s * 10**9
    on.set(CALL, last=rupees(110), oi=WALL - 10)
    on.candle(SPOT)

    assert bool(on.chain()) is enters


def test_a_candle_without_a_chain_within_its_time_is_not_acted_on() -> None:
    on = floor()
    decide(on, "09:55", values={"oi": WALL})
    on.now = at("10:00")
    on.set(CALL, oi=WALL * 98 // 100)
    on.candle(SPOT)
    on.now = at("10:05")

    assert on.chain() == []
    assert on.chain() == []


def test_the_chain_of_a_candle_may_come_later_than_the_candle() -> None:
    on = floor()
    decide(on, "09:55", values={"oi": WALL})
    on.now = at("10:00")
    on.set(CALL, oi=WALL * 98 // 100)
    early = on.read_chain()
    on.candle(SPOT)
    on.now = at("10:00:30")

    assert on.chain() == [buy(CALL, LOT, product=Product.MIS, tag="entry")]
    assert early.at == at("10:00")


def test_a_chain_from_before_the_candle_closed_is_not_the_one_it_waits_for() -> None:
    on = floor()
    decide(on, "09:55", values={"oi": WALL})
    on.now = at("09:59")
    on.set(CALL, oi=WALL * 98 // 100)
    early = on.read_chain()
    on.now = at("10:00")
    on.candle(SPOT)

    assert on.chain(early) == []
    assert on.chain() != []


@pytest.mark.parametrize(("capital", "quantity"), [("8415", LOT), ("8414.99", 0)])
def test_it_never_asks_for_more_than_the_cash_pays_for(capital: str, quantity: int) -> None:
    """A lot of 75 at 110.00 with 2 % to spare is 8,415.00."""
    on = floor(rupees(capital))

    orders = decide(on, "10:00")

    assert orders == ([buy(CALL, quantity, product=Product.MIS, tag="entry")] if quantity else [])
    assert failed(on) == ([] if quantity else ["size"])


def test_a_share_of_the_cash_and_the_product_are_parameters() -> None:
    on = floor(rupees(100_000), capital_percent=20, product="NRML")

    assert decide(on, "10:00") == [buy(CALL, 2 * LOT, product=Product.NRML, tag="entry")]


# Once a day


def test_a_second_signal_of_the_day_is_not_taken() -> None:
    on = holding()
    on.now = at("10:01")
    on.tick(CALL, last=rupees(50))
    on.fill(rupees(50))
    assert on.held(CALL) == 0

    assert decide(on, "10:30") == []
    assert failed(on) == ["trades"]
    on.restart()
    assert decide(on, "11:00") == []
    assert failed(on) == ["trades"]


def test_the_next_day_has_its_own_trade() -> None:
    on = holding()
    on.tick(CALL, last=rupees(50))
    on.fill(rupees(50))
    tomorrow = DAY + timedelta(days=3)
    on.now = at("09:15", tomorrow)
    on.restart()
    on.now = at("10:00", tomorrow)
    on.set(CALL, last=rupees(100), oi=WALL)
    on.candle(SPOT)
    on.chain()
    on.now += 60 * 10**9
    on.set(CALL, volume=500_000)
    on.chain()
    on.now = at("10:05", tomorrow)
    on.set(CALL, last=rupees(110), oi=WALL - 5)
    on.candle(SPOT)

    assert on.chain() == [buy(CALL, LOT, product=Product.MIS, tag="entry")]


def test_an_entry_on_its_way_is_not_asked_for_again() -> None:
    on = floor()
    assert decide(on, "10:00")

    assert decide(on, "10:05") == []
    assert failed(on) == ["free"]


def test_an_entry_that_was_denied_is_no_trade() -> None:
    on = floor()
    on.denies = True
    assert decide(on, "10:00")
    on.denies = False

    assert decide(on, "10:30") == [buy(CALL, LOT, product=Product.MIS, tag="entry")]


def test_an_entry_that_does_not_trade_in_time_is_taken_back_once() -> None:
    on = floor()
    decide(on, "10:00")
    (order,) = on.working
    on.now = at("10:09:59")
    assert on.timer() == []
    on.now = at("10:10")

    (taken_back,) = on.timer()

    assert getattr(taken_back, "order_id", "") == order.order_id
    assert on.timer() == []
    on.end(order)
    assert decide(on, "10:30") == [buy(CALL, LOT, product=Product.MIS, tag="entry")]


def test_a_working_entry_is_taken_back_at_the_mandatory_exit() -> None:
    on = floor(mandatory_exit="14:01")
    decide(on, "14:00")
    on.now = at("14:00:59")
    assert on.timer() == []
    on.now = at("14:01")

    assert len(on.timer("mandatory_exit")) == 1


def test_the_memory_stays_small_once_no_entry_is_possible() -> None:
    on = floor()
    on.now = at("13:59")
    on.chain()
    before = len(on.notes[-1])
    on.now = at("14:01")
    on.chain()

    assert len(on.notes[-1]) < 1_000 < before
    assert on.view.quote(PUT).open_interest == WALL > QUIET
