"""Whatever is asked for, filled, cancelled and restarted: an instruction acts once and never for too much."""

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tests.engine.standing_tables import balanced
from tests.tables import ticks_of
from tests.trading import DAY, SHARE, Session, moment, order

from kasauti.domain import events as ev
from kasauti.domain import standing_events as sev
from kasauti.domain.commands import (
    CancelOrder,
    CancelStanding,
    Command,
    ExitBracket,
    GttLeg,
    ModifyExits,
    PlaceBracket,
    PlaceCover,
    PlaceGtt,
    PlaceIceberg,
)
from kasauti.domain.inputs import Ask
from kasauti.domain.ist import ist_clock
from kasauti.domain.market import TickBatch
from kasauti.domain.money import RUPEE, rupees, to_decimal
from kasauti.domain.order import OrderType, Product, Side
from kasauti.domain.state import State

sides = st.sampled_from([Side.BUY, Side.SELL])
units = st.sampled_from([1, 7, 40, 100])
away = st.integers(1, 4)


class Standing(RuleBasedStateMachine):
    """One account, one share, and everything that can stand in it."""

    @initialize(latency_ms=st.sampled_from([0, 0, 300, 1500]), profile=st.sampled_from(["depth", "ltp"]))
    def begin(self, latency_ms: int, profile: str) -> None:
        self.setup: dict[str, Any] = {"profile": profile, "latency_ms": latency_ms}
        self.session = Session(capital=10_000_000, **self.setup)
        self.at = moment("09:15:01")
        self.last = rupees(100)
        self.history: list[TickBatch] = []
        self.shadow, self.checked = State(), 0
        self.tick(0, 500)

    # What may happen.

    def ask(self, command: Command) -> None:
        self.at += 1_000_000
        self.session.engine.handle(Ask(self.at, command))
        self.session.engine.commit()

    @rule(side=sides, quantity=units, limit=st.booleans(), stop=away, goal=away, trail=st.integers(0, 2))
    def bracket(self, side: Side, quantity: int, limit: bool, stop: int, goal: int, trail: int) -> None:  # noqa: FBT001
        price = str(to_decimal(self.last)) if limit else ""
        entry = order(side, SHARE, quantity, price)
        self.ask(PlaceBracket(entry, stop * RUPEE, goal * RUPEE, trail * RUPEE, relative=True))

    @rule(side=sides, quantity=units, limit=st.booleans(), stop=away)
    def cover(self, side: Side, quantity: int, limit: bool, stop: int) -> None:  # noqa: FBT001
        price = str(to_decimal(self.last)) if limit else ""
        self.ask(PlaceCover(order(side, SHARE, quantity, price), self.last - side.sign * stop * RUPEE))

    @rule(side=sides, quantity=units, below=away, above=away, legs=st.integers(1, 2))
    def gtt(self, side: Side, quantity: int, below: int, above: int, legs: int) -> None:
        prices = [self.last - below * RUPEE, self.last + above * RUPEE][:legs]
        made = tuple(GttLeg(side, quantity, price, price) for price in prices)
        self.ask(PlaceGtt(SHARE.id, made, Product.CNC))

    @rule(side=sides, legs=st.integers(2, 5))
    def iceberg(self, side: Side, legs: int) -> None:
        self.ask(PlaceIceberg(order(side, SHARE, 1_300, str(to_decimal(self.last))), legs))

    @rule(side=sides, quantity=units, offset=st.sampled_from([None, -1, 1]))
    def plain(self, side: Side, quantity: int, offset: int | None) -> None:
        price = "" if offset is None else str(to_decimal(self.last + offset * RUPEE))
        self.ask(order(side, SHARE, quantity, price))

    @rule(pick=st.integers(0, 30))
    def cancel_order(self, pick: int) -> None:
        working = self.session.state.working_orders()
        if working:
            self.ask(CancelOrder(working[pick % len(working)].order_id))

    @rule(pick=st.integers(0, 30))
    def cancel_standing(self, pick: int) -> None:
        known = list(self.session.state.standing)
        if known:
            self.ask(CancelStanding(known[pick % len(known)]))

    @rule(pick=st.integers(0, 30))
    def leave(self, pick: int) -> None:
        active = [one for one in self.session.state.standing.values() if not one.is_over]
        if active:
            self.ask(ExitBracket(active[pick % len(active)].standing_id))

    @rule(pick=st.integers(0, 30), stop=away)
    def change(self, pick: int, stop: int) -> None:
        active = [one for one in self.session.state.standing.values() if not one.is_over]
        if active:
            one = active[pick % len(active)]
            self.ask(ModifyExits(one.standing_id, stoploss=self.last - stop * RUPEE))

    @rule(
        move=st.integers(-40, 40),
        size=st.sampled_from([0, 10, 60, 2_000]),
        wait_ms=st.sampled_from([1, 200, 2_000]),
    )
    def trade_on(self, move: int, size: int, wait_ms: int) -> None:
        self.at += wait_ms * 1_000_000
        self.tick(move, size)

    def tick(self, move: int, size: int) -> None:
        self.at += 1_000_000
        self.last = max(rupees(50), self.last + move * 1_000)
        clock = f"{ist_clock(self.at)}.{self.at % 10**9 // 10**6:03d}"
        last = to_decimal(self.last)
        bid, ask = to_decimal(self.last - 500), to_decimal(self.last + 500)
        row = f"{clock} {last} {bid} {size} {ask} {size}"
        table = f"time last bid bid_quantity ask ask_quantity\n{row}"
        batch = ticks_of(table, lambda _: self.session.universe.slot(SHARE.id), DAY)
        self.history.append(batch)
        self.session.feed(batch)

    @rule()
    def restart(self) -> None:
        self.session = self.session.restart(self.history, **self.setup)

    # What has to hold.

    @invariant()
    def exits_close_no_more_than_is_held(self) -> None:
        """At the moment each is sent: what its owner holds, less what his other orders may close."""
        for recorded in self.session.log[self.checked :]:
            event = recorded.event
            if isinstance(event, ev.OrderPlaced) and "BRACKET" in recorded.cause:
                self.check_exit(event)
            elif isinstance(event, ev.ModifyRequested) and "BRACKET" in recorded.cause:
                self.check_growth(event)
            self.shadow.apply(recorded)
        self.checked = len(self.session.log)

    def check_exit(self, event: ev.OrderPlaced) -> None:
        rests = event.tag == "target"
        assert rests or event.order_type is OrderType.MARKET, "an entry is sent by who asks for it"
        position = self.shadow.position(SHARE.id, event.product)
        assert position is not None
        free = -event.side.sign * position.quantity
        free -= position.pending_buy if event.side is Side.BUY else position.pending_sell
        assert 0 < event.quantity <= free

    def check_growth(self, event: ev.ModifyRequested) -> None:
        order = self.shadow.orders[event.order_id]
        more = event.quantity - order.quantity
        position = self.shadow.position(SHARE.id, order.product)
        assert position is not None
        pending = position.pending_buy if order.side is Side.BUY else position.pending_sell
        assert more <= max(0, -order.side.sign * position.quantity - pending)

    @invariant()
    def nothing_acts_twice(self) -> None:
        acted = [each.standing_id for each in self.session.events(sev.StandingTriggered)]
        assert len(acted) == len(set(acted))
        sent = [each.order_id for each in self.session.events(sev.StandingSent)]
        assert len(sent) == len(set(sent))
        over = [each.standing_id for each in self.session.events(sev.StandingEnded)]
        assert len(over) == len(set(over))

    @invariant()
    def no_more_is_guarded_than_is_held(self) -> None:
        position = self.session.state.position(SHARE.id, Product.MIS)
        held = 0 if position is None else position.quantity
        for side in (Side.BUY, Side.SELL):
            guarded = sum(
                one.guarded
                for one in self.session.state.standing.values()
                if isinstance(one.plan, PlaceBracket) and one.plan.order.side is side
            )
            assert guarded <= max(0, side.sign * held)

    @invariant()
    def links_are_of_active_instructions(self) -> None:
        state = self.session.state
        assert all(not state.standing[each].is_over for each in state.standing_orders.values())

    def teardown(self) -> None:
        """At the end of the day nothing intraday is held, and no money for it."""
        if not hasattr(self, "session"):
            return
        self.session.until("15:19:59")
        self.at = moment("15:20:00")
        for _ in range(3):
            self.at += 61 * 10**9
            self.tick(0, 50_000)
        self.session.until("15:31")
        balanced(self.session)
        held = self.session.state.position(SHARE.id, Product.MIS)
        assert held is None or (held.quantity, held.margin) == (0, 0)
        assert self.session.events(ev.VenueAnomaly) == []
        active = [one for one in self.session.state.standing.values() if not one.is_over]
        assert {one.variety for one in active} <= {"gtt"}


TestStanding = Standing.TestCase
TestStanding.settings = settings(
    max_examples=40,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
