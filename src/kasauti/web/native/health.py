"""Whether the server lives, whether it can trade, and what it measures of itself."""

from collections.abc import Callable, Iterator, Sequence

import msgspec
from starlette.responses import Response

from kasauti.desk.desk import Desk
from kasauti.domain.ist import NS_PER_SECOND, ist_iso
from kasauti.web.access import Scope
from kasauti.web.endpoint import Call, Endpoint, Handler, Pace
from kasauti.web.metrics import Gauge, Metrics
from kasauti.web.native.dialect import answer

_PROMETHEUS = "text/plain; version=0.0.4"


class Health(msgspec.Struct, frozen=True):
    """The process lives."""

    status: str = "ok"


class Readiness(msgspec.Struct, frozen=True):
    """Whether orders are taken: what stands against it, where the market is, how many accounts trade."""

    ready: bool
    problems: tuple[str, ...]
    market: str
    market_time: str
    accounts: int


async def health(call: Call) -> Response:
    """Say that the process lives."""
    return answer(Health())


async def ready(call: Call) -> Response:
    """Say whether orders are taken; 503 if they are not."""
    desk = call.desk
    problems = tuple(_problems(desk))
    shown = Readiness(not problems, problems, desk.floor.market.label, ist_iso(desk.now), len(desk.accounts))
    return answer(shown, 503 if problems else 200)


def _problems(desk: Desk) -> Iterator[str]:
    if desk.store.failed:
        yield "the log takes nothing more: see the server's own log"
    stopped = sum(bool(account.failed) for account in desk.accounts.values())
    if stopped:
        # Who asks has no key, so no name is told.
        yield f"{stopped} of the accounts stopped: see the server's own log"


def gauges(desk: Desk) -> Iterator[Gauge]:
    """Yield what a desk is at the moment."""
    accounts = list(desk.accounts.values())
    age = max(0, desk.floor.clock.now() - desk.data_at) / NS_PER_SECOND
    yield "kasauti_accounts", "Accounts that trade.", len(accounts)
    yield (
        "kasauti_accounts_failed",
        "Accounts that have stopped.",
        sum(bool(a.failed) for a in accounts),
    )
    yield (
        "kasauti_orders_working",
        "Orders that may trade.",
        sum(len(a.state.working) for a in accounts),
    )
    yield "kasauti_events_total", "Events in the logs of all accounts.", sum(a.state.seq for a in accounts)
    yield "kasauti_commits_total", "Commits of the store.", desk.commits
    yield "kasauti_answers_waiting", "Commands whose answer waits for a commit.", desk.waiting
    yield "kasauti_market_age_seconds", "Market time since the last tick.", age
    yield "kasauti_store_failed", "Whether the log takes nothing more.", float(bool(desk.store.failed))


def health_of(metrics: Metrics, more: Callable[[], Sequence[Gauge]] = tuple) -> tuple[Endpoint, ...]:
    """Return the endpoints that say how a server is, with what it measures, and `more` of its doors."""

    async def measured(call: Call) -> Response:
        """Return what Prometheus reads."""
        return Response(metrics.text([*gauges(call.desk), *more()]), media_type=_PROMETHEUS)

    return (
        _open_to_all("/health", health, "Whether the process lives.", Health),
        _open_to_all("/ready", ready, "Whether orders are taken.", Readiness),
        Endpoint(
            method="GET",
            path="/metrics",
            handler=measured,
            scope=Scope.READ,
            pace=Pace.READS,
            summary="What Prometheus reads, as text.",
        ),
    )


def _open_to_all(path: str, handler: Handler, summary: str, gives: type) -> Endpoint:
    return Endpoint(
        method="GET", path=path, handler=handler, scope=None, pace=Pace.READS, summary=summary, gives=gives
    )
