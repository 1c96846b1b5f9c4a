"""A snapshot is read by a form of the state: it has to be the state's own, field by field."""

from typing import get_type_hints

import pytest

from kasauti import compiled
from kasauti.domain.order import Order
from kasauti.domain.state import State
from kasauti.store.state_form import OrderForm, StateForm


@pytest.mark.skipif("kasauti.domain.state" in compiled.MODULES, reason="a compiled class does not keep types")
def test_the_form_has_the_fields_of_a_state_with_their_types_in_order() -> None:
    of_state = {**get_type_hints(State), "orders": dict[str, OrderForm]}
    assert list(get_type_hints(StateForm).items()) == list(of_state.items())


@pytest.mark.skipif("kasauti.domain.order" in compiled.MODULES, reason="a compiled class does not keep types")
def test_the_form_of_an_order_has_its_fields_with_their_types_in_order() -> None:
    assert list(get_type_hints(OrderForm).items()) == list(get_type_hints(Order).items())


def test_the_state_of_a_form_has_what_the_form_has() -> None:
    state = State(seq=7, day="2026-11-26", commands={"mine": "P1"})
    form = StateForm(**{name: getattr(state, name) for name in StateForm.__struct_fields__})
    assert form.state() == state
