"""For admins: the audit trail, what accounts are opened with, and how many of everything there are."""

import asyncio

import msgspec
from starlette.responses import Response

from kasauti.domain.ist import ist_iso
from kasauti.errors import InvalidInput
from kasauti.store.registry.accounts import Currency
from kasauti.web.access import Scope
from kasauti.web.endpoint import Call, Endpoint, Handler, Pace
from kasauti.web.native.dialect import answer
from kasauti.web.native.shown import money

_MOST = 1_000


class AuditAsked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Lines behind number `after`, at most `limit`, of one category if one is named."""

    after: int = 0
    limit: int = 100
    category: str = ""


class AuditLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the audit trail; `before` and `after` are JSON as text."""

    id: int
    at: str
    user: str
    address: str
    event: str
    subject: str
    before: str
    after: str


class AuditTrail(msgspec.Struct, frozen=True):
    """Lines, oldest first; `next` is the `after` of the page that follows."""

    lines: list[AuditLine]
    next: int


class DefaultsShown(msgspec.Struct, frozen=True, kw_only=True):
    """What an account is opened with if nothing else is said, in rupees."""

    capital: str
    currency: Currency
    plan: str
    presets: list[str]


class Statistics(msgspec.Struct, frozen=True, kw_only=True):
    """How many of everything the desk has now."""

    users: int
    accounts: int
    accounts_stopped: int
    orders_today: int
    trades_today: int
    denied_today: int
    orders_working: int
    positions_open: int
    events: int
    capital: str
    funds: str


async def audit(call: Call) -> Response:
    """Return lines of the audit trail."""
    asked: AuditAsked = call.body
    if not (0 < asked.limit <= _MOST and asked.after >= 0):
        raise InvalidInput(f"limit is 1 to {_MOST} and after a number of a line, or 0 for the beginning")
    trail = call.play.registry.audit
    found = await asyncio.to_thread(trail.entries, asked.after, asked.limit, asked.category)
    lines = [
        AuditLine(
            id=each.id, at=ist_iso(each.at), user=each.user_name, address=each.address, event=each.event,
            subject=each.subject, before=each.before, after=each.after,
        )
        for each in found
    ]  # fmt: skip
    return answer(AuditTrail(lines, lines[-1].id if lines else asked.after))


async def defaults(call: Call) -> Response:
    """Return what accounts are opened with."""
    found = await asyncio.to_thread(call.play.registry.defaults.current)
    presets = [money(each) for each in found.presets]
    return answer(
        DefaultsShown(capital=money(found.capital), currency=found.currency, plan=found.plan, presets=presets)
    )


async def statistics(call: Call) -> Response:
    """Count what there is."""
    accounts = list(call.desk.accounts.values())
    states = [each.state for each in accounts]
    users = await asyncio.to_thread(call.play.registry.users.all) if call.play.has_registry else []
    return answer(
        Statistics(
            users=len(users),
            accounts=len(accounts),
            accounts_stopped=sum(bool(each.failed) for each in accounts),
            orders_today=sum(each.day_orders for each in states),
            trades_today=sum(each.day_trades for each in states),
            denied_today=sum(each.day_denied for each in states),
            orders_working=sum(len(each.working) for each in states),
            positions_open=sum(len(each.held) for each in states),
            events=sum(each.seq for each in states),
            capital=money(-sum(each.ledger.capital for each in states)),
            funds=money(sum(each.ledger.funds for each in states)),
        )
    )


def _admins(path: str, handler: Handler, gives: type, summary: str, takes: type | None = None) -> Endpoint:
    return Endpoint(
        method="GET",
        path=path,
        handler=handler,
        scope=Scope.ADMIN,
        pace=Pace.READS,
        summary=summary,
        takes=takes,
        gives=gives,
    )


ENDPOINTS = (
    _admins("/api/admin/audit", audit, AuditTrail, "The audit trail behind a cursor.", AuditAsked),
    _admins("/api/admin/defaults", defaults, DefaultsShown, "What accounts are opened with."),
    _admins("/api/admin/statistics", statistics, Statistics, "How many of everything there are."),
)
