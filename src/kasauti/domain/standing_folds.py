"""What events of standing instructions do to the state."""

from typing import TYPE_CHECKING, cast

from kasauti.domain import standing_events as ev
from kasauti.domain.account_folds import Folds
from kasauti.domain.standing import Instruction, StandingStatus, command_id_of

if TYPE_CHECKING:
    from kasauti.domain.state import State


def _placed(state: "State", event: ev.StandingPlaced, at: int) -> None:
    standing_id = event.standing_id
    state.standing[standing_id] = Instruction(
        standing_id, event.plan, event.strategy, at, at, event.reference, event.expires_at, event.blocked
    )
    state.standing_made += 1
    command_id = command_id_of(event.plan)
    if command_id:
        state.commands.setdefault(command_id, standing_id)
    if event.blocked:
        state.ledger.block(event.blocked)


def _denied(state: "State", event: ev.StandingDenied, at: int) -> None:
    state.standing_made += 1
    if event.command_id:
        state.commands[event.command_id] = event.standing_id


def _changed(state: "State", event: ev.StandingChanged, at: int) -> None:
    instruction = state.standing[event.standing_id]
    instruction.plan, instruction.reference, instruction.updated_at = event.plan, event.reference, at
    _block(state, instruction, event.blocked)


def _block(state: "State", instruction: Instruction, amount: int) -> None:
    """Hold `amount` for an instruction, whatever was held before."""
    if amount != instruction.blocked:
        state.ledger.block(amount - instruction.blocked)
        instruction.blocked = amount


def _triggered(state: "State", event: ev.StandingTriggered, at: int) -> None:
    instruction = state.standing[event.standing_id]
    assert not instruction.is_over, f"{event.standing_id} is over and cannot trigger"
    instruction.leg, instruction.trigger, instruction.late = event.leg, event.price, event.late
    instruction.triggered_at = instruction.updated_at = at
    _block(state, instruction, 0)


def _sent(state: "State", event: ev.StandingSent, at: int) -> None:
    instruction = state.standing[event.standing_id]
    assert event.order_id not in instruction.sent, "an order is sent once"
    instruction.sent[event.order_id] = event.leg
    instruction.updated_at = at
    if event.refused:
        instruction.result = event.refused
    else:
        state.standing_orders[event.order_id] = event.standing_id
    if instruction.guarded and not event.rests:
        instruction.guarded = max(0, instruction.guarded - event.quantity)


def _armed(state: "State", event: ev.StandingArmed, at: int) -> None:
    instruction = state.standing[event.standing_id]
    instruction.guarded, instruction.anchor = event.quantity, event.anchor
    instruction.stop, instruction.target = event.stop, event.target
    if not instruction.trailed:
        instruction.best = event.anchor
    instruction.updated_at = at


def _trailed(state: "State", event: ev.StandingTrailed, at: int) -> None:
    instruction = state.standing[event.standing_id]
    instruction.stop, instruction.best, instruction.trailed = event.stop, event.price, True
    instruction.updated_at = at


def _ended(state: "State", event: ev.StandingEnded, at: int) -> None:
    instruction = state.standing[event.standing_id]
    assert not instruction.is_over, f"{event.standing_id} is over already"
    assert event.status is not StandingStatus.ACTIVE, "an end is not active"
    instruction.status, instruction.reason, instruction.updated_at = event.status, event.reason, at
    instruction.guarded = 0
    _block(state, instruction, 0)
    for order_id in instruction.sent:
        state.standing_orders.pop(order_id, None)


FOLDS: Folds = cast(
    "Folds",
    {
        ev.StandingPlaced: _placed,
        ev.StandingDenied: _denied,
        ev.StandingChanged: _changed,
        ev.StandingTriggered: _triggered,
        ev.StandingSent: _sent,
        ev.StandingArmed: _armed,
        ev.StandingTrailed: _trailed,
        ev.StandingEnded: _ended,
    },
)
