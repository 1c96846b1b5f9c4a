"""What the machine of `test_machine` asks of working orders: other terms, another kind."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule
from tests.trading import Session
from tests.wishes import offsets

from kasauti.domain.commands import AUTO_PROTECTION, ModifyOrder
from kasauti.domain.inputs import Ask
from kasauti.domain.order import Order, OrderType, Validity


class Changing(RuleBasedStateMachine):
    """An account whose orders are changed; the market is its heir's."""

    session: Session
    at: int
    prices: dict[str, int]

    @rule(
        pick=st.integers(0, 50),
        kind=st.sampled_from(OrderType),
        limit=offsets,
        trigger=offsets,
        validity=st.sampled_from([None, None, *Validity]),
        disclosed=st.sampled_from([None, None, 0, 1]),
        protection=st.sampled_from([None, AUTO_PROTECTION, 50]),
    )
    def become(
        self,
        pick: int,
        kind: OrderType,
        limit: int,
        trigger: int,
        validity: Validity | None,
        disclosed: int | None,
        protection: int | None,
    ) -> None:
        """An order asks to be one of another kind, at prices near the last."""
        chosen = self.pick(pick)
        instrument = None if chosen is None else self.session.universe.find(chosen.instrument)
        if chosen is None or instrument is None:
            return
        tick, last = instrument.tick_size, self.prices[instrument.id]
        change = ModifyOrder(
            chosen.order_id,
            price=last + limit * tick if kind.has_limit else None,
            trigger_price=last + trigger * tick if kind.has_trigger else None,
            order_type=kind,
            validity=validity,
            disclosed_quantity=None if disclosed is None else disclosed * instrument.lot_size,
            market_protection=protection,
        )
        self.ask(change)

    @rule(
        pick=st.integers(0, 50), lots=st.sampled_from([None, 0, 1, 2, 4]), limit=st.one_of(st.none(), offsets)
    )
    def modify(self, pick: int, lots: int | None, limit: int | None) -> None:
        chosen = self.pick(pick)
        if chosen is None:
            return
        instrument = self.session.universe.find(chosen.instrument)
        assert instrument is not None
        quantity = None if lots is None else chosen.filled + lots * instrument.lot_size
        price = None if limit is None else chosen.price + limit * instrument.tick_size
        self.ask(ModifyOrder(chosen.order_id, quantity, price))

    def ask(self, command: Any) -> str:
        answer = self.session.engine.handle(Ask(self.at, command))
        self.session.engine.commit()
        return answer or ""

    def pick(self, number: int) -> Order | None:
        known = list(self.session.state.orders.values())
        return known[number % len(known)] if known else None
