"""What happens to a position without an order happens to all that hold it: strategies, sides of the band."""

from tests.trading import CALL, SHARE

from kasauti.domain import events as ev
from kasauti.domain.adjustment_events import PositionAdjusted
from kasauti.domain.band_events import BandFilled
from kasauti.domain.charges import Charges
from kasauti.domain.evidence import Evidence, Rule, Source
from kasauti.domain.instrument import Instrument
from kasauti.domain.order import OrderType, Product, Side, position_key
from kasauti.domain.product_events import ProductChanged
from kasauti.domain.settlement_events import PositionConverted, SharesAssigned
from kasauti.domain.state import State

OPENED = ev.AccountOpened("a", "paper", "PAPER", 1_000_000_000, "zerodha")
EVIDENCE = Evidence(Source.PRINT, Rule.LAST, 1, 100_0000, "x/1")
FREE = Charges()
MIS, CNC, NRML = Product.MIS, Product.CNC, Product.NRML
RUPEES_100 = 100_0000


def bought(
    name: str, quantity: int, strategy: str = "", *, product: Product = CNC, of: Instrument = SHARE
) -> list[ev.Event]:
    """Return that `quantity` was bought at 100.00; the order's id is `name`."""
    placed = ev.OrderPlaced(
        name,
        of.id,
        Side.BUY,
        product,
        OrderType.MARKET,
        quantity,
        0,
        strategy=strategy,
        paid_up=product is CNC,
    )
    return [placed, ev.OrderFilled(name, name, quantity, RUPEES_100, FREE, 0, EVIDENCE)]


def band(profile: str, quantity: int, product: Product = CNC, of: Instrument = SHARE) -> ev.Event:
    return BandFilled(profile, of.id, product, Side.BUY, quantity, RUPEES_100, 0)


def fold(*events: ev.Event) -> State:
    return State.replay(
        ev.Recorded(seq, seq, "test", event) for seq, event in enumerate((OPENED, *events), 1)
    )


def held(state: State, product: Product, strategy: str = "", of: Instrument = SHARE) -> int:
    position = state.position(of.id, product, strategy)
    return 0 if position is None else position.quantity


def in_band(state: State) -> dict[str, dict[str, int]]:
    return {profile: shade.held for profile, shade in state.band.items()}


def test_a_change_of_product_takes_the_units_of_the_strategy_and_of_whoever_has_them() -> None:
    state = fold(
        *bought("1", 10, "s", product=MIS),
        band("ltp/1", 6, MIS),
        band("touch/1", 3, MIS),
        band("depth/1", 5, CNC),
        ProductChanged(SHARE.id, MIS, CNC, 4, True, True, 0, 0, "s"),  # noqa: FBT003  as in the log
    )

    assert [held(state, MIS), held(state, CNC)] == [held(state, MIS, "s"), held(state, CNC, "s")] == [6, 4]
    intraday, delivered = position_key(SHARE.id, MIS), position_key(SHARE.id, CNC)
    assert in_band(state) == {
        "ltp/1": {intraday: 2, delivered: 4},
        "touch/1": {delivered: 3},
        "depth/1": {delivered: 5},
    }
    assert state.ledger.trial_balance == 0


def test_a_settlement_pays_the_sides_of_the_band_that_hold_the_contract() -> None:
    state = fold(
        *bought("1", 50, product=NRML, of=CALL),
        band("ltp/1", 50, NRML, CALL),
        band("touch/1", 5, CNC),
        ev.PositionSettled(CALL.id, NRML, 50, 120_0000, FREE, EVIDENCE),
    )

    assert state.band["ltp/1"].held == {}
    assert state.band["ltp/1"].cash == 50 * 20_0000
    assert state.band["touch/1"].held == {position_key(SHARE.id, CNC): 5}


def test_a_split_reaches_every_strategy_and_side_that_holds_the_share() -> None:
    state = fold(
        *bought("1", 10, "s"),
        *bought("2", 5, "t", product=MIS),
        band("ltp/1", 8),
        band("touch/1", 5, MIS),
        PositionAdjusted("split", SHARE.id, CNC, 10, SHARE.id, 20, 2, 1),
    )

    assert (held(state, CNC), held(state, CNC, "s"), held(state, CNC, "t")) == (20, 20, 0)
    assert in_band(state) == {
        "ltp/1": {position_key(SHARE.id, CNC): 16},
        "touch/1": {position_key(SHARE.id, MIS): 5},
    }


def test_shares_of_an_exercise_come_to_the_strategies_that_held_the_contracts() -> None:
    state = fold(
        *bought("1", 10, "s"),
        band("ltp/1", 10),
        SharesAssigned(SHARE.id, 50, 110_0000, FREE, (CALL.id,), EVIDENCE, {"s": 30, "t": 20}),
    )

    assert (held(state, CNC), held(state, CNC, "s"), held(state, CNC, "t")) == (60, 40, 20)
    assert in_band(state) == {"ltp/1": {position_key(SHARE.id, CNC): 60}}


def test_what_is_converted_for_want_of_a_square_off_joins_what_is_delivered_already() -> None:
    state = fold(
        *bought("1", 5, "s"),
        *bought("2", 10, "s", product=MIS),
        *bought("3", 3, "t"),
        PositionConverted(SHARE.id, MIS, CNC, 10, "nobody traded"),
    )

    assert [held(state, MIS), held(state, CNC)] == [0, 18]
    assert (held(state, CNC, "s"), held(state, MIS, "s"), held(state, CNC, "t")) == (15, 0, 3)
    assert state.ledger.trial_balance == 0
