"""The log of an account over the native API: page by page behind a cursor, and checked as a whole."""

import asyncio
from itertools import islice

import msgspec
from starlette.responses import Response

from kasauti.desk.account import DeskAccount
from kasauti.errors import InvalidInput, NotThere
from kasauti.store.opening import open_store
from kasauti.web.access import Scope
from kasauti.web.endpoint import Call, Endpoint, Pace
from kasauti.web.native.dialect import answer
from kasauti.web.native.orders import Happened, OfAccount, happened

_MOST = 1_000


class PageAsked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The events behind number `after`, at most `limit`, of an earlier life if `epoch` names one."""

    account: str = ""
    epoch: int = 0
    after: int = 0
    limit: int = 100


class Page(msgspec.Struct, frozen=True):
    """Events in order; `next` is the `after` of the page that follows, `last` the log's last number."""

    events: list[Happened]
    next: int
    last: int


class Verified(msgspec.Struct, frozen=True):
    """How many events the chain holds that were checked; one that is broken is an error."""

    account: str
    events: int


async def page(call: Call) -> Response:
    """Return a page of the log."""
    asked: PageAsked = call.body
    account = call.account(asked.account)
    if not (0 < asked.limit <= _MOST and asked.after >= 0):
        raise InvalidInput(f"limit is 1 to {_MOST} and after a number of an event, or 0 for the beginning")
    if asked.epoch:
        return answer(await asyncio.to_thread(_earlier, call, account, asked))
    last = account.state.seq
    found = []
    if asked.after < last:
        found = [happened(each) for each in islice(account.log.read(asked.after + 1), asked.limit)]
    return answer(Page(found, found[-1].seq if found else min(asked.after, last), last))


def _earlier(call: Call, account: DeskAccount, asked: PageAsked) -> Page:
    """Read the log of one of an account's epochs, beside the desk."""
    accounts = call.play.registry.accounts
    streams = {each.number: each.stream for each in accounts.epochs(accounts.by_stream(account.name).id)}
    if asked.epoch not in streams:
        there = ", ".join(map(str, streams))
        raise NotThere(f"{account.name} has no epoch {asked.epoch}; it has {there}")
    with open_store(call.play.logs, readonly=True) as store:
        log = store.stream(streams[asked.epoch])
        found = [happened(each) for each in islice(log.read(asked.after + 1), asked.limit)]
        return Page(found, found[-1].seq if found else min(asked.after, log.seq), log.seq)


async def verify(call: Call) -> Response:
    """Check the chain of the log from its beginning, beside the desk and not in its way."""
    account = call.account(call.body.account)
    checked = await asyncio.to_thread(_verify, call, account.log.stream)
    return answer(Verified(account.name, checked))


def _verify(call: Call, stream: str) -> int:
    with open_store(call.play.logs, readonly=True) as store:
        return store.stream(stream).verify()


ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/api/log",
        handler=page,
        scope=Scope.READ,
        pace=Pace.READS,
        summary="Events of an account behind a cursor.",
        takes=PageAsked,
        gives=Page,
    ),
    Endpoint(
        method="GET",
        path="/api/log/verify",
        handler=verify,
        scope=Scope.READ,
        pace=Pace.SESSIONS,
        summary="Check the log's hash chain from its beginning.",
        takes=OfAccount,
        gives=Verified,
    ),
)
