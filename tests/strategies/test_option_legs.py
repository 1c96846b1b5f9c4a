"""Option legs, hook by hook: entry by rule, stops that rest, all out together; and after a restart."""

from datetime import time
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from tests.strategies.floor import INDEX, LOT, STRIKES, Floor, at, option_id

from kasauti import plugins
from kasauti.domain import events as ev
from kasauti.domain.commands import CancelOrder, Command, PlaceOrder
from kasauti.domain.money import rupees
from kasauti.domain.order import OrderType, Product, Side, Status
from kasauti.errors import ConfigError
from kasauti.strategies.leg_stops import Stop, stop_of
from kasauti.strategies.legs import Leg, atm, chosen, delta, otm, premium
from kasauti.strategies.option_delta import deltas
from kasauti.strategies.option_legs import OptionLegs
from kasauti.strategies.short_straddle import ShortStraddle

CALL, PUT = (f"NFO:NIFTY26N2426000{kind}" for kind in ("CE", "PE"))


def floor(**parameters: Any) -> Floor:
    """Return a floor at 09:20 with spot near 26,000 and a price for every option."""
    on = Floor(lambda: ShortStraddle.from_parameters(parameters), rupees(1_000_000))
    on.start()
    on.now = at("09:20")
    on.set(INDEX, last=rupees("26012.35"))
    for strike in STRIKES:
        on.set(option_id(strike, "CE"), last=rupees(max(5, 100 - (strike - 26_000) // 4)))
        on.set(option_id(strike, "PE"), last=rupees(max(5, 100 + (strike - 26_000) // 4)))
    return on


def entered(**parameters: Any) -> Floor:
    """Return a floor with both legs sold, the call at 100 and the put at 120.25."""
    on = floor(**parameters)
    on.timer("entry")
    call, put = on.working
    on.set(PUT, last=rupees("120.25"))
    on.fill(rupees(100), order=call)
    on.fill(rupees("120.25"), order=put)
    return on


def placed(commands: list[Command]) -> list[tuple[str, Side, int, OrderType, int, int, str]]:
    return [
        (c.instrument, c.side, c.quantity, c.order_type, c.trigger_price, c.price, c.tag)
        for c in commands
        if isinstance(c, PlaceOrder)
    ]


def test_at_the_entry_the_call_and_the_put_at_the_money_are_sold() -> None:
    on = floor(lots=2)

    assert placed(on.timer("entry")) == [
        (CALL, Side.SELL, 2 * LOT, OrderType.MARKET, 0, 0, "entry"),
        (PUT, Side.SELL, 2 * LOT, OrderType.MARKET, 0, 0, "entry"),
    ]
    assert on.timer() == [], "asked for once"


def test_each_leg_gets_its_stop_when_its_entry_has_traded() -> None:
    """25 % above 100 is 125; above 120.25 it is 150.3125, on the next tick 150.35; limits are 5 % beyond."""
    on = floor()
    on.timer("entry")
    call, put = on.working

    assert placed(on.fill(rupees(100), order=call)) == [
        (CALL, Side.BUY, LOT, OrderType.SL, rupees(125), rupees("131.25"), "exit:stop")
    ]
    assert placed(on.fill(rupees("120.25"), order=put)) == [
        (PUT, Side.BUY, LOT, OrderType.SL, rupees("150.35"), rupees("157.90"), "exit:stop")
    ]
    assert on.timer() == []


def test_an_entry_that_trades_in_parts_is_covered_when_all_of_it_has() -> None:
    on = floor(lots=2)
    on.timer("entry")
    call = on.working[0]

    assert placed(on.fill(rupees(100), LOT, call)) == []
    assert placed(on.fill(rupees(110), LOT, call)) == [
        (CALL, Side.BUY, 2 * LOT, OrderType.SL, rupees("131.25"), rupees("137.85"), "exit:stop")
    ]


def test_what_is_above_the_freeze_quantity_is_sliced() -> None:
    """One order may have 1,800 units: 24 lots of 75."""
    on = floor(lots=30)

    assert [(o[0], o[2]) for o in placed(on.timer("entry"))] == [
        (CALL, 1_800),
        (CALL, 450),
        (PUT, 1_800),
        (PUT, 450),
    ]


def test_a_stop_that_traded_leaves_the_other_leg_alone() -> None:
    on = entered()
    stop = next(o for o in on.working if o.instrument == CALL)

    assert on.fill(rupees(126), order=stop) == []
    assert (on.held(CALL), on.held(PUT)) == (0, -LOT)
    assert on.timer() == []


def test_a_price_that_has_passed_the_stop_already_is_closed_at_the_market() -> None:
    on = floor()
    on.timer("entry")
    on.set(CALL, last=rupees(130))

    assert placed(on.fill(rupees(100), order=on.working[0])) == [
        (CALL, Side.BUY, LOT, OrderType.MARKET, 0, 0, "exit:stop")
    ]


def test_a_stop_that_triggered_and_did_not_trade_is_replaced_at_the_next_monitor() -> None:
    on = entered()
    stop = next(o for o in on.working if o.instrument == CALL)
    on._record(ev.OrderOpened(stop.order_id, trigger_pending=True))
    assert on.timer() == [], "it waits for its trigger"
    on._record(ev.OrderTriggered(stop.order_id, rupees(140)))
    on.set(CALL, last=rupees(140))
    assert on.state.orders[stop.order_id].status is Status.OPEN

    assert on.tick(CALL) == [], "its limit may still trade"
    assert on.timer() == [CancelOrder(stop.order_id, "not traded")]
    on.end(stop)
    assert placed(on.timer()) == [(CALL, Side.BUY, LOT, OrderType.MARKET, 0, 0, "exit:stop")]


def test_at_the_exit_stops_are_taken_back_before_anything_is_closed() -> None:
    on = entered()
    on.now = at("15:10")
    stops = list(on.working)

    assert on.timer("exit") == [CancelOrder(stop.order_id, "time") for stop in stops]
    assert on.timer("out") == [], "what is covered twice could be bought twice"
    for stop in stops:
        on.end(stop)
    assert placed(on.timer("out")) == [
        (CALL, Side.BUY, LOT, OrderType.MARKET, 0, 0, "exit:time"),
        (PUT, Side.BUY, LOT, OrderType.MARKET, 0, 0, "exit:time"),
    ]
    assert on.timer() == []


@pytest.mark.parametrize(
    ("parameters", "call", "reason"),
    [
        ({"stop_rupees": 1_500}, "120.00", "combined_stop"),
        ({"stop_rupees": 1_501}, "120.00", ""),
        ({"target_rupees": 1_500}, "80.00", "target"),
        ({"target_rupees": 1_501}, "80.00", ""),
    ],
)
def test_all_legs_leave_at_their_combined_stop_or_target(
    parameters: dict[str, int], call: str, reason: str
) -> None:
    """20 rupees on 75 units are 1,500; the put stands at its entry."""
    on = entered(**parameters)

    commands = on.tick(CALL, last=rupees(call))

    assert [type(c) for c in commands] == ([CancelOrder] * 2 if reason else [])
    assert on.strategy.memory.reason == reason  # type: ignore[attr-defined]


def test_a_result_counts_what_stopped_legs_have_lost() -> None:
    """The call lost 26 x 75 = 1,950 at its stop; the put's first 0.70 x 75 of loss make it 2,002.50."""
    on = entered(stop_rupees=2_000)
    on.fill(rupees(126), order=next(o for o in on.working if o.instrument == CALL))
    assert on.tick(PUT, last=rupees("120.90")) == []

    assert [type(c) for c in on.tick(PUT, last=rupees("120.95"))] == [CancelOrder]


def test_legs_of_which_one_was_refused_leave_together() -> None:
    on = floor()
    on.timer("entry")
    call, put = on.working
    on.fill(rupees(100), order=call)
    on.end(put)

    assert [type(c) for c in on.timer()] == [CancelOrder]
    on.end(on.working[0])
    assert placed(on.timer()) == [(CALL, Side.BUY, LOT, OrderType.MARKET, 0, 0, "exit:incomplete")]


def test_an_entry_that_does_not_trade_in_time_is_taken_back() -> None:
    on = floor(entry_patience_s=120)
    on.timer("entry")
    call, put = on.working
    on.fill(rupees(100), order=call)
    on.now = at("09:22")

    assert {c.order_id for c in on.timer() if isinstance(c, CancelOrder)} == {o.order_id for o in on.working}
    assert put.order_id in {o.order_id for o in on.working}


def test_without_a_price_it_waits_and_says_why() -> None:
    on = Floor(lambda: ShortStraddle.from_parameters({}))
    on.start()
    on.now = at("09:20")
    assert on.timer("entry") == []
    assert on.strategy.memory.why == "no option with a price for the leg SELL CE"  # type: ignore[attr-defined]

    on.now = at("09:22")
    for name, price in ((INDEX, 26_012), (CALL, 100), (PUT, 110)):
        on.set(name, last=rupees(price))
    assert len(placed(on.timer())) == 2, "within its patience it looks again"


def test_after_its_patience_it_does_not_enter_any_more() -> None:
    on = floor()
    on.now = at("09:25")

    assert on.timer() == []


def test_what_an_earlier_day_left_over_leaves_first() -> None:
    on = entered()
    for order in on.working:
        on.end(order)
    on.strategy.memory = ShortStraddle.Memory(day="2026-11-20")

    assert [o[-1] for o in placed(on.timer("entry"))] == ["exit:left_over"] * 2


@pytest.mark.parametrize("moment", range(6))
def test_a_restart_at_any_moment_changes_nothing(moment: int) -> None:
    def told(restarts_at: int) -> list[object]:
        on = floor()
        log: list[object] = []

        def step(number: int, commands: list[Command]) -> None:
            log.extend(placed(commands) + [type(c).__name__ for c in commands if isinstance(c, CancelOrder)])
            if number == restarts_at:
                on.restart()

        step(0, on.timer("entry"))
        step(1, on.fill(rupees(100), order=on.working[0]))
        step(2, on.fill(rupees("120.25"), order=next(o for o in on.working if o.tag == "entry")))
        step(3, on.fill(rupees(126), order=next(o for o in on.working if o.instrument == CALL)))
        on.now = at("15:10")
        step(4, on.timer("exit"))
        on.end(on.working[0])
        step(5, on.timer("out"))
        return log

    assert told(moment) == told(-1)


def test_notes_are_read_back_whole() -> None:
    on = entered()

    assert msgspec.json.decode(on.notes[-1])["legs"] == [
        {"instrument": CALL, "entered": LOT, "value": rupees(100) * LOT},
        {"instrument": PUT, "entered": LOT, "value": rupees("120.25") * LOT},
    ]


# Rules that choose a strike.


@pytest.mark.parametrize(
    ("leg", "name"),
    [
        (Leg("SELL", "CE", atm()), "26000CE"),
        (Leg("SELL", "CE", atm(2)), "26100CE"),
        (Leg("SELL", "PE", atm(-2)), "25900PE"),
        (Leg("BUY", "CE", otm(3)), "26150CE"),
        (Leg("BUY", "PE", otm(3)), "25850PE"),
        (Leg("SELL", "CE", premium(60)), "26150CE"),
        (Leg("SELL", "PE", premium(60)), "25850PE"),
        (Leg("SELL", "CE", atm(40)), None),
        (Leg("SELL", "CE", delta(0.5)), "26000CE"),
    ],
)
def test_a_rule_chooses_the_option_it_means(leg: Leg, name: str | None) -> None:
    """Premiums fall by 12.50 a strike from 100 at 26,000: 62 (whole rupees) at the third."""
    found = chosen(leg, floor().read_chain())

    assert found == (None if name is None else f"NFO:NIFTY26N24{name}")


def test_an_option_without_a_price_is_not_chosen() -> None:
    on = floor()
    on.set(CALL, last=0)

    assert chosen(Leg("SELL", "CE", atm()), on.read_chain()) is None


def test_deltas_of_a_call_and_its_put_are_one_apart_and_agree_with_black_76() -> None:
    """
    F = K = 26,000, T = 30 days / 365, v = 15 %: call = put = F (2 N(v sqrt(T) / 2) - 1) = 446.02.

    Hull, Options, Futures and Other Derivatives, section 18.8; the call's delta is N(0.0215) = 0.50858.
    """
    chain = floor().read_chain()
    row = [*chain.strikes].index(rupees(26_000))
    worth = rupees("446.02")
    calls, puts = chain.call_last.copy(), chain.put_last.copy()
    calls[row] = puts[row] = worth
    month = msgspec.structs.replace(
        chain, at=at("15:30") - 26 * 86_400 * 10**9, spot=rupees(26_000), call_last=calls, put_last=puts
    )

    (call,) = deltas(month, "CE", chain.strikes[row : row + 1], calls[row : row + 1])
    (put,) = deltas(month, "PE", chain.strikes[row : row + 1], puts[row : row + 1])

    assert call == pytest.approx(0.50858, abs=1e-4)
    assert put == pytest.approx(0.50858 - 1, abs=1e-4)


# Where a stop stands.


@pytest.mark.parametrize(
    ("average", "way", "stop", "trigger", "limit"),
    [
        ("100", Side.SELL, 2_500, "125", "131.25"),
        ("120.25", Side.SELL, 2_500, "150.35", "157.90"),
        ("100", Side.BUY, 2_500, "75", "71.25"),
        ("0.10", Side.BUY, 9_000, "0.05", "0.05"),
        ("10.05", Side.BUY, 3_333, "6.70", "6.35"),
        ("50", Side.SELL, 10_000, "100", "105"),
    ],
)
def test_a_stop_is_on_the_tick_and_never_nearer_than_asked(
    average: str, way: Side, stop: int, trigger: str, limit: str
) -> None:
    assert stop_of(rupees(average) * 75, 75, way, stop, 500, 500) == Stop(way, rupees(trigger), rupees(limit))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"entry": "15:10", "exit": "09:20"}, "must come before"),
        ({"stop_percent": Decimal(0)}, "stop_percent"),
        ({"lots": 0}, "lots"),
        ({"stop_precent": 25}, "Did you mean 'stop_percent'"),
    ],
)
def test_parameters_that_make_no_sense_are_refused(parameters: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        plugins.make(ShortStraddle, parameters, lambda name: name)


def test_the_example_is_the_strategy_that_ships() -> None:
    example = plugins.find("kasauti.strategies", "examples/short_straddle.py:Straddle")
    assert issubclass(example, OptionLegs)
    shown = [(leg.side, leg.right) for leg in example.legs]

    assert shown == [(leg.side, leg.right) for leg in ShortStraddle.legs]
    assert example.from_parameters({}).parameters == msgspec.convert(
        msgspec.to_builtins(ShortStraddle.from_parameters({}).parameters), example.Parameters
    )
    assert example.Parameters().exit == time(15, 10)
    assert ShortStraddle.from_parameters({}).parameters.product == Product.MIS
