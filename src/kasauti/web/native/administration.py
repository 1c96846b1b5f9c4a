"""For admins: the audit trail, what accounts are opened with, and how many of everything there are."""

import asyncio
from collections.abc import Sequence

import msgspec
from starlette.responses import Response

from kasauti.domain.ist import ist_iso
from kasauti.domain.money import rupees
from kasauti.domain.state import State
from kasauti.errors import InvalidInput
from kasauti.exchange.brokerage import plan_named
from kasauti.feeds.clock import wall_ns
from kasauti.store.registry.accounts import Currency
from kasauti.store.registry.defaults import AccountDefaults
from kasauti.store.registry.rows import Actor
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


class DefaultsAsked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to change of it; what is left out stays."""

    capital: str = ""
    currency: Currency | None = None
    plan: str = ""
    presets: list[str] | None = None


class CurrencyTotals(msgspec.Struct, frozen=True, kw_only=True):
    """The accounts of one currency: what was paid in, what there is now, result and charges so far."""

    currency: str
    accounts: int
    capital: str
    funds: str
    realised: str
    charges: str


class Statistics(msgspec.Struct, frozen=True, kw_only=True):
    """How many of everything the desk has now; amounts of different currencies are never added up."""

    users: int
    accounts: int
    accounts_stopped: int
    orders_today: int
    trades_today: int
    denied_today: int
    orders_working: int
    positions_open: int
    events: int
    totals: list[CurrencyTotals]


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
    return answer(_defaults_shown(await asyncio.to_thread(_current, call)))


async def change_defaults(call: Call) -> Response:
    """Change what accounts are opened with."""
    asked: DefaultsAsked = call.body
    assert call.caller is not None, "the endpoint asks for a key"
    by = Actor(call.caller.user, call.request.client.host if call.request.client else "")
    if asked.plan:
        plan_named(asked.plan)

    def change() -> AccountDefaults:
        now = _current(call)
        new = AccountDefaults(
            capital=rupees(asked.capital) if asked.capital else now.capital,
            currency=asked.currency or now.currency,
            plan=asked.plan or now.plan,
            presets=now.presets if asked.presets is None else tuple(map(rupees, asked.presets)),
        )
        return call.play.registry.defaults.change(new, by, wall_ns())

    return answer(_defaults_shown(await asyncio.to_thread(change)))


def _current(call: Call) -> AccountDefaults:
    return call.play.registry.defaults.current(call.play.usual)


def _defaults_shown(found: AccountDefaults) -> DefaultsShown:
    presets = [money(each) for each in found.presets]
    return DefaultsShown(
        capital=money(found.capital), currency=found.currency, plan=found.plan, presets=presets
    )


async def statistics(call: Call) -> Response:
    """Count what there is."""
    accounts = list(call.desk.accounts.values())
    states = [each.state for each in accounts]
    by_currency: dict[str, list[State]] = {}
    for state in states:
        assert state.account is not None, "an account of a desk is open"
        by_currency.setdefault(state.account.currency, []).append(state)
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
            totals=[_total(currency, those) for currency, those in sorted(by_currency.items())],
        )
    )


def _total(currency: str, states: Sequence[State]) -> CurrencyTotals:
    ledgers = [each.ledger for each in states]
    return CurrencyTotals(
        currency=currency,
        accounts=len(states),
        capital=money(-sum(each.capital for each in ledgers)),
        funds=money(sum(each.funds for each in ledgers)),
        realised=money(-sum(each.realised for each in ledgers)),
        charges=money(sum(each.by_head.total for each in ledgers)),
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
    Endpoint(
        method="PUT",
        path="/api/admin/defaults",
        handler=change_defaults,
        scope=Scope.ADMIN,
        pace=Pace.READS,
        summary="Change what accounts are opened with.",
        takes=DefaultsAsked,
        gives=DefaultsShown,
    ),
    _admins("/api/admin/statistics", statistics, Statistics, "How many of everything there are."),
)
