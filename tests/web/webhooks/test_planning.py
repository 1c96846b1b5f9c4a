"""What a signal leads to, by its strategy's mode and what that strategy holds; modes as OpenAlgo has them."""

import pytest
from tests.trading import SHARE, UNIVERSE, moment

from kasauti.domain import events as ev
from kasauti.domain.order import OrderType, Product, Side
from kasauti.domain.position import Position
from kasauti.domain.state import State
from kasauti.errors import InvalidInput
from kasauti.web.webhooks.planning import wish_of
from kasauti.web.webhooks.reading import Action, Signal
from kasauti.web.webhooks.settings import Mode, WebhookSettings, settings_of

_B, _S, _SH, _C = Action.BUY, Action.SELL, Action.SHORT, Action.COVER

#: Mode, held, action, quantity, position size; then the units that are traded, signed, None for a refusal.
WISHES = [
    (Mode.LONG, 0, _B, 0, None, 5),
    (Mode.LONG, 5, _B, 7, None, 7),
    (Mode.LONG, 0, _B, 7, 3, 3),
    (Mode.LONG, 0, _B, 0, 0, 5),
    (Mode.LONG, 9, _S, 0, None, -9),
    (Mode.LONG, 9, _S, 4, -4, -9),
    (Mode.LONG, -3, _S, 0, None, 0),
    (Mode.LONG, 0, _SH, 0, None, None),
    (Mode.SHORT, 0, _S, 0, None, -5),
    (Mode.SHORT, 0, _SH, 2, None, -2),
    (Mode.SHORT, -8, _B, 0, None, 8),
    (Mode.SHORT, -8, _C, 0, None, 8),
    (Mode.SHORT, 4, _B, 0, None, 0),
    (Mode.BOTH, 0, _B, 0, None, None),
    (Mode.BOTH, -4, _B, 0, 4, 8),
    (Mode.BOTH, 4, _S, 0, -4, -8),
    (Mode.BOTH, 4, _S, 0, 0, -4),
    (Mode.BOTH, 4, _B, 0, -1, None),
    (Mode.BOTH, 4, _S, 0, 1, None),
    (Mode.BOTH, -4, _C, 0, None, 4),
    (Mode.BOTH, 0, _SH, 0, None, -5),
]


def holding(units: int) -> State:
    """Return an account of whose units the strategy `hook` holds some."""
    state = State()
    if units:
        position = Position(SHARE.id, "MIS", paid_up=False, quantity=units)
        state.books["hook"] = {f"{SHARE.id}|MIS": position}
    return state


@pytest.mark.parametrize(("mode", "held", "action", "quantity", "target", "traded"), WISHES)
def test_a_signal_leads_to_what_the_mode_says(
    mode: Mode, held: int, action: Action, quantity: int, target: int | None, traded: int | None
) -> None:
    settings = WebhookSettings(mode=mode, quantity=5)
    signal = Signal(SHARE.tradingsymbol, action, quantity, target)
    now = moment("10:00")
    if traded is None:
        with pytest.raises(InvalidInput):
            wish_of(signal, settings, UNIVERSE, holding(held), "hook", now)
        return
    wish = wish_of(signal, settings, UNIVERSE, holding(held), "hook", now)
    assert traded == (0 if wish is None else wish.side.sign * wish.quantity)


def test_working_orders_count_as_held() -> None:
    state = State()
    placed = ev.OrderPlaced("P-1", SHARE.id, Side.BUY, Product.MIS, OrderType.MARKET, 5, 0, strategy="hook")
    state.take(1, placed, moment("10:00"))
    sell = Signal(SHARE.tradingsymbol, Action.SELL)
    wish = wish_of(sell, WebhookSettings(), UNIVERSE, state, "hook", moment("10:00"))
    assert wish is not None
    assert (wish.side, wish.quantity) == (Side.SELL, 5)


@pytest.mark.parametrize(
    ("clock", "action", "passes"),
    [("09:19", "BUY", False), ("09:20", "BUY", True), ("15:00", "BUY", False), ("15:20", "SELL", True)],
)
def test_new_positions_are_opened_in_the_strategys_hours_and_closed_at_any_time(
    clock: str,
    action: str,
    passes: bool,  # noqa: FBT001  a row of the table
) -> None:
    settings = WebhookSettings(start="09:20", end="15:00", square_off="15:15")
    signal = Signal(SHARE.tradingsymbol, Action(action))
    if passes:
        assert wish_of(signal, settings, UNIVERSE, holding(3), "hook", moment(clock)) is not None
        return
    with pytest.raises(InvalidInput, match="opens positions"):
        wish_of(signal, settings, UNIVERSE, holding(3), "hook", moment(clock))


@pytest.mark.parametrize(
    "params",
    ['{"webhook": {"start": "9:20"}}', '{"webhook": {"quantity": 0, "lots": 0}}', '{"webhook": {"x": 1}}'],
)
def test_settings_that_cannot_be_are_refused(params: str) -> None:
    with pytest.raises(InvalidInput):
        settings_of(params)
