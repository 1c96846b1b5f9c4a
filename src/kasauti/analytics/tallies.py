"""The counts of a day report, one fold each. Every fold takes events in the order of the log."""

from collections.abc import Iterable

import msgspec

from kasauti.analytics.day_report import Basis, Drawdown, OrderCounts, RefusedByRule, TripResults
from kasauti.analytics.lateness import late_by
from kasauti.analytics.round_trips import RoundTrip
from kasauti.domain import events as ev
from kasauti.domain.ist import ist_iso
from kasauti.domain.state import State


class OrderTally:
    """What became of orders, which rules refused some, and what went wrong."""

    def __init__(self) -> None:
        self.counts = OrderCounts()
        self.fills = 0
        self.troubles: list[str] = []
        self._refused: dict[str, RefusedByRule] = {}
        self._traded: dict[str, None] = {}

    @property
    def refused(self) -> list[RefusedByRule]:
        """The rules that refused orders, the busiest first."""
        return sorted(self._refused.values(), key=lambda each: (-each.orders, each.rule))

    def apply(self, event: ev.Event, state: State) -> None:
        """Count one event; `state` is the account after it."""
        match event:
            case ev.OrderPlaced():
                self.counts.placed += 1
            case ev.OrderFilled():
                self._filled(event.order_id, state)
            case ev.OrderCancelled() | ev.OrderExpired() | ev.OrderRejected():
                self._ended(event)
            case ev.OrderDenied():
                self.counts.denied += 1
                refused = self._refused.setdefault(event.rule, RefusedByRule(event.rule, 0, event.message))
                refused.orders += 1
            case ev.ModifyDenied():
                self.counts.changes_denied += 1
            case _:
                trouble = trouble_of(event) or _late(event, state.at)
                if trouble:
                    self.troubles.append(trouble)

    def _filled(self, order_id: str, state: State) -> None:
        self.fills += 1
        if order_id in state.working:
            self._traded[order_id] = None
        else:
            self._traded.pop(order_id, None)
            self.counts.complete += 1

    def _ended(self, event: ev.OrderCancelled | ev.OrderExpired | ev.OrderRejected) -> None:
        if event.order_id in self._traded:
            del self._traded[event.order_id]
            self.counts.part_filled += 1
        elif isinstance(event, ev.OrderCancelled):
            self.counts.cancelled += 1
        elif isinstance(event, ev.OrderExpired):
            self.counts.expired += 1
        else:
            self.counts.rejected += 1


def _late(event: ev.Event, at: int) -> str:
    """Say of a job of the day that it ran late; empty where it did not, or an event is none."""
    if not late_by(event, at):
        return ""
    job = event.name if isinstance(event, ev.TimerFired) else event.TAG
    due: int = getattr(event, "due", 0)
    return f"{job} was due at {ist_iso(due)[:19]} and was done at {ist_iso(at)[:19]}: nobody was here."


def trouble_of(event: ev.Event) -> str:
    """Return what went wrong as a sentence, empty if nothing did."""
    match event:
        case ev.SessionStarted(after_crash=True):
            return (
                f"The process before ended without saying so; {event.downtime_s:,.0f} s went by,"
                f" then: {event.policy}."
            )
        case ev.StrategyFailed():
            return f"{event.strategy} failed in {event.hook}: {event.error}."
        case ev.TradingHalted():
            return f"Trading was halted: {event.reason}."
        case ev.VenueAnomaly():
            return f"The venue reported what cannot be ({event.message}): {event.report}."
        case _:
            return ""


class BasisTally:
    """What the fills rest on."""

    def __init__(self) -> None:
        self.basis = Basis()
        self._sent: dict[str, int] = {}

    def session(self, session: ev.SessionStarted) -> None:
        """Note a process of the report's days, and where its prices came from."""
        if session.feed not in self.basis.prices:
            self.basis.prices.append(session.feed)
        if session.version not in self.basis.versions:
            self.basis.versions.append(session.version)
        settings = msgspec.json.decode(session.config, type=_Settings)
        self.basis.simulator.update(settings.simulator_words())
        if settings.account.regime and settings.account.regime not in self.basis.regimes:
            self.basis.regimes.append(settings.account.regime)

    def apply(self, recorded: ev.Recorded) -> None:
        """Count one event."""
        match recorded.event:
            case ev.SessionStarted() as session:
                self.session(session)
            case ev.OrderPlaced() as placed:
                self._sent[placed.order_id] = recorded.at
            case ev.OrderFilled() as fill:
                self._answered(fill.order_id, recorded.at)
                self._filled(fill)
            case ev.OrderOpened() | ev.OrderRejected() | ev.OrderCancelled() as answer:
                self._answered(answer.order_id, recorded.at)
            case ev.OrderExpired() as expired:
                self._sent.pop(expired.order_id, None)
            case _:
                pass

    def _answered(self, order_id: str, at: int) -> None:
        sent = self._sent.pop(order_id, None)
        if sent is None:
            return
        basis, took = self.basis, at - sent
        shortest, longest = basis.shortest_latency_ns, basis.longest_latency_ns
        basis.shortest_latency_ns = took if shortest is None else min(took, shortest)
        basis.longest_latency_ns = took if longest is None else max(took, longest)

    def _filled(self, fill: ev.OrderFilled) -> None:
        evidence, basis = fill.evidence, self.basis
        basis.profiles[evidence.profile] = basis.profiles.get(evidence.profile, 0) + 1
        basis.sources[evidence.source.value] = basis.sources.get(evidence.source.value, 0) + 1
        basis.rules[evidence.rule.value] = basis.rules.get(evidence.rule.value, 0) + 1
        if evidence.slip:
            basis.slipped += 1
            basis.slippage += evidence.slip * fill.quantity


class _Account(msgspec.Struct, frozen=True):
    regime: str = ""


class _Settings(msgspec.Struct):
    """The part of a recorded configuration that says which orders were taken, and how they were filled."""

    simulator: dict[str, str | int | float | bool | None] = {}
    account: _Account = _Account()

    def simulator_words(self) -> dict[str, str]:
        """Return the simulator's settings as text."""
        return {name: "none" if value is None else str(value) for name, value in self.simulator.items()}


class DrawdownTally:
    """The deepest fall of a result that starts at zero, on an `equity` of so many money units."""

    def __init__(self, equity: int) -> None:
        self.worst = Drawdown()
        self._equity = equity
        self._result = self._peak = self._peak_at = 0

    def add(self, change: int, at: int) -> None:
        """Take in by how much the result changed at a moment."""
        self._result += change
        if self._result >= self._peak:
            self._peak, self._peak_at = self._result, at
            return
        fall = self._peak - self._result
        if fall > self.worst.amount:
            base = self._equity + self._peak
            self.worst = Drawdown(fall, self._peak_at, at, fall / base if base > 0 else None)


def trip_results(trips: Iterable[RoundTrip]) -> TripResults:
    """Return how these round trips went."""
    nets = [trip.net for trip in trips]
    won = sum(net for net in nets if net > 0)
    lost = -sum(net for net in nets if net < 0)
    wins = sum(net > 0 for net in nets)
    return TripResults(
        trips=len(nets),
        wins=wins,
        losses=sum(net < 0 for net in nets),
        won=won,
        lost=lost,
        best=max(nets, default=0),
        worst=min(nets, default=0),
        win_rate=wins / len(nets) if nets else None,
        profit_factor=won / lost if lost else None,
    )
