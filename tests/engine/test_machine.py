"""
Whatever is ordered, changed, cancelled, traded, waited for and restarted, in whatever order, the books hold.

The machine keeps the market data it fed, so that every fill can be held against what was really there.
"""

from collections import defaultdict
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule
from tests.engine.changing import Changing
from tests.tables import bars_of, ticks_of
from tests.trading import CALENDAR, DAY, FUTURE, NEXT_CALL, SHARE, Session
from tests.wishes import INSTRUMENTS, START, Wish, instruments, offsets, wishes

from kasauti.domain import events as ev
from kasauti.domain.commands import CancelOrder, HaltTrading, ResumeTrading
from kasauti.domain.evidence import Rule, Source, derive_price
from kasauti.domain.inputs import Advance
from kasauti.domain.instrument import Instrument
from kasauti.domain.ist import NS_PER_SECOND, ist_date, ist_iso
from kasauti.domain.market import BarBatch, TickBatch
from kasauti.domain.money import PAISA, to_decimal
from kasauti.domain.order import DONE, Side, Status, Validity
from kasauti.domain.state import State
from kasauti.exchange.calendar import Segment

PASSIVE = {Rule.CROSSED, Rule.QUEUE, Rule.THROUGH, Rule.TOUCHED}


class Trading(Changing):
    """One account and a market of three instruments."""

    profile = "depth"

    @initialize(
        latency_ms=st.sampled_from([0, 0, 50, 1500]), slippage=st.sampled_from([0, 2]), band=st.booleans()
    )
    def begin(self, latency_ms: int, slippage: int, *, band: bool) -> None:
        self.setup: dict[str, Any] = {
            "profile": self.profile,
            "latency_ms": latency_ms,
            "slippage": slippage,
            "band": band,
        }
        self.session = Session(capital=20_000_000, **self.setup)
        self.at = CALENDAR_OPEN
        self.prices = dict(START)
        self.volumes = dict.fromkeys(START, 0)
        self.history: list[TickBatch | BarBatch] = []
        self.shown: dict[tuple[str, int, bool, int], int] = {}
        self.lasts: dict[tuple[str, int], tuple[int, int]] = {}
        self.bars: dict[tuple[str, int], tuple[int, int, int, int]] = {}
        self.used: dict[tuple[object, ...], int] = defaultdict(int)
        self.placed: dict[str, tuple[ev.OrderPlaced, int]] = {}
        self.ended: dict[str, tuple[Status, int]] = {}
        self.ids: dict[str, tuple[str, date]] = {}
        self.checked = 0
        self.tick([(instrument, 0, 0) for instrument in INSTRUMENTS], "depth", counts=True, wait=0)

    # What may happen.

    @rule(wishes=st.lists(wishes, min_size=1, max_size=4))
    def place(self, wishes: list[Wish]) -> None:
        for wish in wishes:
            order_id = self.ask(wish.command(self.prices[wish.instrument.id]))
            if wish.command_id:
                today = ist_date(self.at)
                first_id, first_day = self.ids.setdefault(wish.command_id, (order_id, today))
                # Known on its trading day and the next one, as `State.led_to` has it.
                if today <= CALENDAR.next_trading_day(first_day):
                    assert order_id == first_id
                else:
                    self.ids[wish.command_id] = order_id, today

    @rule(pick=st.integers(0, 50))
    def cancel(self, pick: int) -> None:
        chosen = self.pick(pick)
        self.ask(CancelOrder(chosen.order_id if chosen else "unknown"))

    @rule(
        moves=st.lists(st.tuples(instruments, st.integers(-3, 3), st.integers(0, 3)), min_size=1, max_size=6),
        kind=st.sampled_from(["depth", "depth", "depth", "quote", "last", "half"]),
        counts=st.sampled_from([True, True, False]),
        wait=st.sampled_from([0, 1, 40, 700, 6000]),
        together=st.booleans(),
    )
    def trade_on(
        self,
        moves: list[tuple[Instrument, int, int]],
        kind: str,
        counts: bool,  # noqa: FBT001
        wait: int,
        together: bool,  # noqa: FBT001
    ) -> None:
        """The market goes on for a few ticks, one after the other or in one moment."""
        for part in [moves] if together else [[move] for move in moves]:
            self.tick(part, kind, counts=counts, wait=wait)

    def tick(self, moves: list[tuple[Instrument, int, int]], kind: str, *, counts: bool, wait: int) -> None:
        self.at += wait * 1_000_000 + 1
        rows = [
            self.tick_row(instrument, move, size, kind, counts=counts) for instrument, move, size in moves
        ]
        book = "bids asks" if kind == "depth" else "bid bid_quantity ask ask_quantity"
        table = "\n".join([f"time of last {book} volume", *rows])
        before = self.resting()
        batch = ticks_of(table, self.session._slot, ist_date(self.at))
        self.history.append(batch)
        self.session.feed(batch)
        self.check_priority(before, self.at)

    def tick_row(self, instrument: Instrument, move: int, size: int, kind: str, *, counts: bool) -> str:
        tick, lot = instrument.tick_size, instrument.lot_size
        last = self.prices[instrument.id] = max(20 * tick, self.prices[instrument.id] + move * tick)
        if counts:
            self.volumes[instrument.id] += size * lot
        bids = [(last - (1 + i) * tick, (1 + (size + i) % 3) * lot) for i in range(3)]
        asks = [(last + (1 + i) * tick, (2 - (size + i) % 2) * lot) for i in range(3)]
        key = (instrument.id, self.at)
        levels = {"depth": 3, "quote": 1, "half": 1, "last": 0}[kind]
        for buys, ladder in ((True, asks), (False, bids[: 0 if kind == "half" else 3])):
            for price, quantity in ladder[:levels]:
                self.shown[*key, buys, price] = max(quantity, self.shown.get((*key, buys, price), 0))
        self.lasts[key] = (last, self.volumes[instrument.id])
        clock = ist_iso_clock(self.at)
        name = {SHARE.id: "ACME", FUTURE.id: "FUT", NEXT_CALL.id: "NEXT"}[instrument.id]
        if kind == "depth":
            book = " ".join(",".join(f"{to_decimal(p)}x{q}" for p, q in side) for side in (bids, asks))
        else:
            best = [(0, 0) if kind in ("last", "half") else bids[0], (0, 0) if kind == "last" else asks[0]]
            book = " ".join(f"{to_decimal(price)} {quantity}" for price, quantity in best)
        return f"{clock} {name} {to_decimal(last)} {book} {self.volumes[instrument.id]}"

    @rule(instrument=instruments, moves=st.tuples(offsets, offsets, offsets, offsets), lots=st.integers(0, 4))
    def bar(self, instrument: Instrument, moves: tuple[int, int, int, int], lots: int) -> None:
        tick, last = instrument.tick_size, self.prices[instrument.id]
        prices = [max(20 * tick, last + move * tick) for move in moves]
        volume = lots * instrument.lot_size
        self.at += 10 * NS_PER_SECOND
        start = self.at - 10 * NS_PER_SECOND
        self.bars[instrument.id, start] = (prices[0], max(prices), min(prices), volume)
        self.prices[instrument.id] = prices[3]
        name = {SHARE.id: "ACME", FUTURE.id: "FUT", NEXT_CALL.id: "NEXT"}[instrument.id]
        figures = " ".join(str(to_decimal(p)) for p in (prices[0], max(prices), min(prices), prices[3]))
        table = f"time of open high low close volume\n{ist_iso_clock(start)} {name} {figures} {volume}"
        before = self.resting()
        batch = bars_of(table, self.session._slot, ist_date(start), 10)
        self.history.append(batch)
        self.session.feed(batch)
        self.check_priority(before, start)

    @rule(
        what=st.sampled_from(
            ["wait"] * 4 + ["restart"] * 3 + ["restart blind", "halt", "resume", "resume", "tomorrow"]
        ),
        seconds=st.sampled_from([0, 1, 60, 60, 3600]),
    )
    def something_else(self, what: str, seconds: int) -> None:
        """Time passes, the process ends and comes back, trading is halted or goes on, a new day begins."""
        if what.startswith("restart"):
            self.restart(remembers=what == "restart", away=seconds)
        elif what == "halt":
            self.ask(HaltTrading("asked"))
        elif what == "resume":
            self.ask(ResumeTrading("asked"))
        else:
            if what == "tomorrow":
                self.session.engine.handle(Advance(self.at))
                self.at = max(self.at, opens(CALENDAR.next_trading_day(ist_date(self.at))))
                self.history.clear()
            self.at += seconds * NS_PER_SECOND
            self.session.until_ns(self.at)

    def restart(self, *, remembers: bool, away: int) -> None:
        self.at += away * NS_PER_SECOND
        again = Session(log=list(self.session.log), **self.setup)
        again.engine.resume(self.history if remembers else [], self.at if away else 0)
        again.engine.commit()
        self.session = again
        self.session.until_ns(self.at)

    # What has to hold.

    @invariant()
    def debits_equal_credits_and_blocks_are_explained(self) -> None:
        state = self.session.state
        assert state.ledger.trial_balance == 0
        needed = sum(each.blocked for each in state.working_orders())
        assert all(each.blocked >= each.blocked_for_change >= 0 for each in state.working_orders())
        assert state.ledger.margin == needed + sum(each.margin for each in state.positions.values())
        assert state.ledger.margin >= 0
        assert all(amount % PAISA == 0 for amount in (state.ledger.charges, state.ledger.margin))

    @invariant()
    def the_log_folds_to_the_state(self) -> None:
        assert State.replay(self.session.log) == self.session.state

    @invariant()
    def orders_live_by_the_table(self) -> None:
        state = self.session.state
        pending: dict[tuple[str, Side], int] = defaultdict(int)
        for each in state.orders.values():
            assert 0 <= each.filled <= each.quantity
            assert (each.order_id in state.working) is (each.status not in DONE)
            if each.status in DONE:
                assert each.blocked == 0
                assert self.ended.setdefault(each.order_id, (each.status, each.filled)) == (
                    each.status,
                    each.filled,
                )
            else:
                pending[each.position_key, each.side] += each.leaves
        for key, position in state.positions.items():
            assert position.pending_buy == pending.pop((key, Side.BUY), 0)
            assert position.pending_sell == pending.pop((key, Side.SELL), 0)
        assert not pending

    @invariant()
    def nothing_impossible_was_reported(self) -> None:
        assert self.session.events(ev.VenueAnomaly) == []

    @invariant()
    def every_fill_was_there(self) -> None:
        for each in self.session.log[self.checked :]:
            if isinstance(each.event, ev.OrderPlaced):
                self.placed[each.event.order_id] = each.event, each.at
            if isinstance(each.event, ev.OrderFilled):
                self.check_fill(each.event, each.at)
        self.checked = len(self.session.log)

    def check_fill(self, fill: ev.OrderFilled, at: int) -> None:
        evidence, (placed, asked) = fill.evidence, self.placed[fill.order_id]
        buys = placed.side is Side.BUY
        assert evidence.at <= at
        assert derive_price(evidence, buys=buys) == fill.price
        sign = placed.side.sign
        limits = [sign * worst for worst in self.worst_prices(fill.order_id)]
        assert 0 in limits or sign * fill.price <= max(limits), "it trades no worse than a limit it had"
        if evidence.rule in PASSIVE:
            assert evidence.slip == 0
            assert sign * fill.price >= sign * evidence.price, "nor better than what was there"
        else:
            assert evidence.slip >= 0
        self.check_source(fill, placed, asked, buys=buys)

    def check_source(self, fill: ev.OrderFilled, placed: ev.OrderPlaced, asked: int, *, buys: bool) -> None:
        evidence = fill.evidence
        key: tuple[object, ...] = (placed.instrument, evidence.at)
        limit = 0
        match evidence.source:
            case Source.DEPTH | Source.QUOTE:
                shown = self.shown[placed.instrument, evidence.at, buys, evidence.price]
                assert evidence.shown <= shown
                limit, key = shown, (placed.instrument, evidence.at, evidence.tick, buys, evidence.price)
            case Source.PRINT:
                assert evidence.at >= asked
                assert self.lasts[placed.instrument, evidence.at]
                limit, key = evidence.shown or 2**62, (placed.instrument, evidence.at, evidence.tick)
            case Source.BAR:
                assert evidence.at >= asked
                opened, high, low, volume = self.bars[placed.instrument, evidence.at]
                assert low <= evidence.price <= high
                assert evidence.rule not in (Rule.OPEN, Rule.GAP) or evidence.price == opened
                limit, key = volume or 2**62, (placed.instrument, evidence.at)
            case Source.SETTLEMENT:
                pytest.fail("an order is not settled")
        self.used[key] += fill.quantity
        assert self.used[key] <= limit, "what was there is filled once"

    def worst_prices(self, order_id: str) -> list[int]:
        """Return the limits and bands that an order has had, 0 for none."""
        placed = self.session.events(ev.OrderPlaced, ev.OrderModified)
        return [event.price or event.band for event in placed if event.order_id == order_id]

    def resting(self) -> dict[str, tuple[int, int, int, int]]:
        """Return what rests: its price, when it came, how much is left, and its place in the log."""
        return {
            each.order_id: (each.price, each.rested_at, each.leaves, number)
            for number, each in enumerate(self.session.state.working_orders())
            if each.status is Status.OPEN and each.order_type.has_limit and each.validity is Validity.DAY
        }

    def check_priority(self, before: dict[str, tuple[int, int, int, int]], opened: int) -> None:
        """Nobody who rested trades while one of ours at a better price, or earlier at its own, is left."""
        state, filled = self.session.state, set()
        for each in self.session.log[self.checked :]:
            event = each.event
            if isinstance(event, ev.OrderFilled) and event.evidence.rule in PASSIVE:
                filled.add(event.order_id)
        for winner in filled & before.keys():
            one = state.orders[winner]
            for loser in before.keys() - {winner}:
                other = state.orders[loser]
                same = (one.instrument, one.side) == (other.instrument, other.side)
                if not same or not other.is_working or other.rested_at > opened or other.modify_asked:
                    continue
                ahead = (one.price - other.price) * one.side.sign
                first = before[loser][1] < before[winner][1]
                assert ahead >= 0, f"{winner} traded before {loser}, which has the better price"
                assert ahead > 0 or not first, f"{winner} traded before {loser}, which was there first"

    def teardown(self) -> None:
        if not hasattr(self, "session"):
            return
        proof = self.session.proof()
        assert proof.passed, f"{proof.failed}: {proof.problem}"
        for order_id, _ in self.ids.values():
            assert sum(event.order_id == order_id for event in self.session.events(ev.OrderPlaced)) <= 1


def opens(day: Any) -> int:
    session = CALENDAR.session(day, Segment.EQUITY)
    assert session is not None
    return session.open


CALENDAR_OPEN = opens(DAY)


def ist_iso_clock(at: int) -> str:
    """Return the clock of a moment with nanoseconds."""
    return f"{ist_iso(at)[11:19]}.{at % NS_PER_SECOND:09d}"


SEARCH = settings(
    max_examples=40,
    stateful_step_count=40,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=list(HealthCheck),
)


class Touching(Trading):
    profile = "touch"


class Doubting(Trading):
    profile = "pessimistic"


class Plumbing(Trading):
    profile = "ltp"


TestDepth = Trading.TestCase
TestTouch = Touching.TestCase
TestPessimistic = Doubting.TestCase
TestLastPrice = Plumbing.TestCase
for case in (TestDepth, TestTouch, TestPessimistic, TestLastPrice):
    case.settings = SEARCH
del case
