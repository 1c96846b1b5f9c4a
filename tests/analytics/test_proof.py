"""The proof passes on what the engine wrote and names the first thing that is wrong in what it did not."""

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from msgspec.structs import replace
from tests.busy import busy, random_bars, random_ticks
from tests.list_log import ListLog
from tests.trading import CALL, NEXT_DAY, SHARE, UNIVERSE, Session, buys, sells

from kasauti import compiled
from kasauti.analytics.proof import CHECKS, Proof, prove
from kasauti.domain import events as ev
from kasauti.domain.commands import CancelOrder, ModifyOrder
from kasauti.domain.evidence import Rule, Source
from kasauti.domain.ledger import Ledger
from kasauti.domain.money import rupees
from kasauti.domain.order import NO_CHARGES, Product
from kasauti.domain.position import Position
from kasauti.exchange.charges import ChargeBook

#: For what replaces a method of the fold, which compiled code calls without looking it up.
replaced_in_plain_python = pytest.mark.skipif(
    bool(compiled.MODULES), reason="compiled, it cannot be replaced"
)

TABLE = """
    time      of     last   bids                 asks                  volume
    09:15:00  ACME   100    99.95x50,99.90x500   100.05x60,100.10x500  1000
    09:15:00  NIFTY  26000  -                    -                     -
    09:15:00  CE     120    120x650              120x650               1000
    09:15:10  ACME   99.70  99.65x50             99.75x30              1200
    09:15:20  ACME   98     97.95x500            98.05x500             1300
    15:29:59  NIFTY  26200  -                    -                     -
"""


@cache
def written() -> tuple[ev.Recorded, ...]:
    """A day with walks of the book, a resting order that crossed, a stop, a change and an exercise."""
    session = Session(stale_s=100_000)
    session.play(
        TABLE,
        ("09:15:01", buys(SHARE, 100, command_id="first")),
        ("09:15:02", buys(SHARE, 70, "99.80", product=Product.CNC)),
        ("09:15:03", sells(SHARE, 100, trigger="99")),
        ("09:15:04", buys(CALL, 130)),
    )
    session.until("15:31")
    session.ticks(TABLE.replace("15:29:59", "09:15:30"), NEXT_DAY)
    order_id = session.ask("09:15:31", sells(SHARE, 30, "101", product=Product.CNC), NEXT_DAY)
    session.ask("09:15:32", ModifyOrder(order_id, quantity=20), NEXT_DAY)
    session.ask("09:15:33", CancelOrder(order_id), NEXT_DAY)
    session.ask("09:15:34", buys(SHARE, 5), NEXT_DAY)
    return tuple(session.log)


def check(log: list[ev.Recorded] | tuple[ev.Recorded, ...]) -> Proof:
    return prove(log, UNIVERSE.find, ChargeBook)


def place_of(kind: type[ev.Event], number: int = 0) -> int:
    return [n for n, each in enumerate(written()) if isinstance(each.event, kind)][number]


def with_event(number: int, **changes: Any) -> list[ev.Recorded]:
    """Return the log with other values in one event."""
    log = list(written())
    log[number] = replace(log[number], event=replace(log[number].event, **changes))
    return log


def without(number: int) -> list[ev.Recorded]:
    """Return the log without one event, numbered as if it had never been."""
    log = [each for n, each in enumerate(written()) if n != number]
    return [replace(each, seq=n) for n, each in enumerate(log, 1)]


def again(number: int, **changes: Any) -> list[ev.Recorded]:
    """Return the log with one event written twice, the second time with `changes`."""
    log = list(written())
    twice = replace(log[number], event=replace(log[number].event, **changes))
    log.insert(number + 1, twice)
    return [replace(each, seq=n) for n, each in enumerate(log, 1)]


FILL = ev.OrderFilled


def fill(number: int = 0) -> ev.OrderFilled:
    event = written()[place_of(FILL, number)].event
    assert isinstance(event, FILL)
    return event


def with_evidence(number: int = 0, **changes: Any) -> list[ev.Recorded]:
    return with_event(place_of(FILL, number), evidence=replace(fill(number).evidence, **changes))


def crossed() -> int:
    return [event.evidence.rule for event in fills()].index(Rule.CROSSED)


def fills() -> list[ev.OrderFilled]:
    return [each.event for each in written() if isinstance(each.event, FILL)]


def settled(**changes: Any) -> list[ev.Recorded]:
    return with_event(place_of(ev.PositionSettled), **changes)


def _after_cancel() -> list[ev.Recorded]:
    log = list(written())
    cancelled = place_of(ev.OrderCancelled, -1)
    event = log[cancelled].event
    assert isinstance(event, ev.OrderCancelled)
    late = replace(log[place_of(FILL, -1)], at=log[cancelled].at)
    log.insert(cancelled + 1, replace(late, event=replace(fill(-1), order_id=event.order_id, trade_id="new")))
    return [replace(each, seq=n) for n, each in enumerate(log, 1)]


def _same_command() -> list[ev.Recorded]:
    return with_event(place_of(ev.OrderPlaced, 1), command_id="first")


def _beyond_limit() -> list[ev.Recorded]:
    """A resting purchase at 99.80 that says it took 99.85."""
    evidence = replace(
        fill(crossed()).evidence, rule=Rule.TAKE, price=rupees("99.85"), order_price=rupees("99.85")
    )
    return with_event(place_of(FILL, crossed()), price=rupees("99.85"), evidence=evidence)


def _same_level() -> list[ev.Recorded]:
    """The second level of the walk says it was the first one again."""
    first = fill(0)
    return with_event(place_of(FILL, 1), price=first.price, evidence=first.evidence)


#: What is done to the log, and which check has to notice.
FORGERIES: dict[str, tuple[int, Callable[[], list[ev.Recorded]]]] = {
    "an event is missing": (0, lambda: [*written()[:5], *written()[6:]]),
    "an event is repeated": (0, lambda: [*written()[:5], *written()[4:]]),
    "time goes back": (0, lambda: [replace(r, at=r.at - (10**12 if r.seq == 9 else 0)) for r in written()]),
    "a fill is too large": (3, lambda: with_event(place_of(FILL, crossed()), quantity=71)),
    "a cancelled order trades": (3, _after_cancel),
    "a fill of an order that was not placed": (3, lambda: with_event(place_of(FILL), order_id="none")),
    "an event of no order": (3, lambda: with_event(place_of(ev.OrderOpened), order_id="")),
    "an order ends twice": (3, lambda: again(place_of(ev.OrderCancelled))),
    "a command leads to two orders": (4, _same_command),
    "an order id is given twice": (4, lambda: again(place_of(ev.OrderPlaced), command_id="")),
    "a trade id is given twice": (4, lambda: with_event(place_of(FILL, 1), trade_id=fill(0).trade_id)),
    "a job of the day runs twice": (4, lambda: again(place_of(ev.TimerFired))),
    "a price is better than its evidence": (5, lambda: with_event(place_of(FILL), price=fill().price - 500)),
    "a limit is passed": (5, _beyond_limit),
    "the other side never came to the limit": (5, lambda: with_evidence(crossed(), price=rupees("99.85"))),
    "a queue traded elsewhere": (5, lambda: with_evidence(crossed(), rule=Rule.QUEUE)),
    "a trade did not go through": (
        5, lambda: with_evidence(crossed(), rule=Rule.THROUGH, price=fill(crossed()).price)
    ),
    "evidence comes from after the fill": (6, lambda: with_evidence(at=written()[place_of(FILL)].at + 1)),
    "a print is older than its order": (6, lambda: with_evidence(source=Source.PRINT)),
    "less was displayed than was filled": (7, lambda: with_evidence(shown=59)),
    "what was displayed is filled twice": (7, _same_level),
    "a charge is missing": (8, lambda: with_event(place_of(FILL), charges=NO_CHARGES)),
    "brokerage is charged for each fill": (
        8,
        lambda: with_event(
            place_of(FILL, 1), charges=replace(fill(1).charges, brokerage=fill().charges.brokerage)
        ),
    ),
    "more is settled than was held": (9, lambda: settled(quantity=195)),
    "the holder pays no tax on exercise": (8, lambda: settled(charges=NO_CHARGES)),
    "the day's note is not rounded": (8, lambda: with_event(place_of(ev.DayClosed), rounding=NO_CHARGES)),
}  # fmt: skip


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_log_is_found_out_and_the_check_is_named(name: str) -> None:
    number, forge = FORGERIES[name]
    proof = check(forge())

    assert not proof.passed
    assert proof.failed == CHECKS[number], proof.problem
    assert "event " in proof.problem


def test_the_log_as_it_was_written_passes() -> None:
    proof = check(written())

    assert proof.passed
    assert (proof.failed, proof.problem) == ("", "")
    assert (proof.events, proof.days) == (len(written()), 2)
    assert (proof.orders, proof.trades) == (6, len(fills()))
    assert Rule.CROSSED in {event.evidence.rule for event in fills()}


def test_equal_logs_have_equal_digests_and_others_have_not() -> None:
    assert check(written()).digest == check(list(written())).digest
    assert check(written()).digest != check(written()[:-1]).digest


@replaced_in_plain_python
def test_a_fold_that_loses_money_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def leaks(self: Ledger, amount: int) -> None:
        self.margin += amount

    monkeypatch.setattr(Ledger, "block", leaks)
    assert check(written()).failed == CHECKS[1]


@replaced_in_plain_python
def test_a_fold_that_forgets_a_margin_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def halves(self: Ledger, amount: int) -> None:
        self.margin += amount // 2
        self.cash -= amount // 2

    monkeypatch.setattr(Ledger, "block", halves)
    assert check(written()).failed == CHECKS[2]


@replaced_in_plain_python
def test_a_fold_that_averages_wrongly_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    trade = Position.trade

    def rounds(self: Position, signed: int, price: int, charges: int = 0, at: int = 0) -> tuple[int, int]:
        change, realised = trade(self, signed, price, charges, at)
        return change + 1, realised

    monkeypatch.setattr(Position, "trade", rounds)
    assert check(written()).failed == CHECKS[9]


@replaced_in_plain_python
@pytest.mark.parametrize("account", ["securities", "clearing", "cash"])
def test_a_fold_that_books_to_the_wrong_account_is_found_out(
    monkeypatch: pytest.MonkeyPatch, account: str
) -> None:
    book_trade = Ledger.book_trade

    def strays(self: Ledger, cost_change: int, realised: int, paid_up: bool, blocks: int) -> None:  # noqa: FBT001  as there
        book_trade(self, cost_change, realised, paid_up, blocks)
        setattr(self, account, getattr(self, account) + 100)
        self.realised -= 100

    monkeypatch.setattr(Ledger, "book_trade", strays)
    assert check(written()).failed == CHECKS[9]


@replaced_in_plain_python
def test_a_fold_that_loses_a_position_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Position, "is_idle", property(lambda _: True))
    assert not check(written()).passed


def test_charges_of_an_instrument_that_is_not_known_any_more_are_taken_as_they_are() -> None:
    forged = with_event(place_of(FILL), charges=NO_CHARGES)
    proof = prove(forged, lambda _: None, ChargeBook)

    assert proof.passed, proof.problem


@pytest.mark.parametrize("profile", ["depth", "touch", "pessimistic", "ltp"])
@pytest.mark.parametrize("seed", range(3))
def test_busy_days_prove(profile: str, seed: int) -> None:
    session = Session(profile, strategies=busy(seed, rarity=2), latency_ms=40, slippage=1)
    session.feed(random_ticks(seed, 150, opens="15:05")).until("15:31")

    assert session.proof().problem == ""
    assert session.proof().trades > 10


def test_a_busy_day_of_bars_proves() -> None:
    session = Session("touch", strategies=busy(3, rarity=2), slippage=1)
    session.feed(random_bars(3, 60)).until("15:31")

    assert session.proof().problem == ""
    assert session.proof().trades > 10


def test_an_empty_log_proves_nothing_and_passes() -> None:
    proof = prove(ListLog(), UNIVERSE.find, ChargeBook)

    assert (proof.events, proof.passed) == (0, True)
