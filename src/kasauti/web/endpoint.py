"""
An endpoint is a row of a table: what it takes and gives, who may call it, how often, how large a body.

The table makes the routes, the checks and the OpenAPI page, so an endpoint without one of them cannot be.
"""

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from kasauti.desk.account import DeskAccount
from kasauti.desk.answer import Answer
from kasauti.desk.desk import Desk
from kasauti.desk.playing import DeskPlay
from kasauti.domain.commands import Command
from kasauti.errors import AccountElsewhere, InvalidInput
from kasauti.web.access import Caller, Scope
from kasauti.web.caps import check_within

#: Larger bodies are refused unless an endpoint says otherwise.
USUAL_BYTES = 64 * 1024


class Pace(StrEnum):
    """How often one caller may call; `web.limits` has the numbers."""

    ORDERS = "orders"
    DATA = "data"
    QUOTES = "quotes"
    HISTORY = "history"
    READS = "reads"
    SESSIONS = "sessions"
    WEBHOOKS = "webhooks"
    #: Not an endpoint's: how often one address may name keys that nobody has.
    WRONG_KEYS = "wrong keys"


class Call(msgspec.Struct):
    """One request, checked: `body` is what the endpoint takes, `caller` None only where it is public."""

    play: DeskPlay
    request: Request
    caller: Caller | None
    body: Any

    @property
    def desk(self) -> Desk:
        """The desk of the market that plays now."""
        return self.play.desk

    def account(self, name: str = "") -> DeskAccount:
        """
        Return the caller's account `name`, or the usual one.

        Raises `InvalidInput` for one that is not theirs, `AccountElsewhere` if another process has it.
        """
        assert self.caller is not None, "a public endpoint has no account"
        stream = self.caller.stream_of(name)
        found = self.desk.accounts.get(stream)
        if found is None:
            if stream and self.play.is_shared:
                raise AccountElsewhere(self.play.why_not_here(stream))
            raise InvalidInput(f"there is no account {name!r} that this key opens")
        return found

    async def ask(self, account: DeskAccount, command: Command, cause: str) -> Answer:
        """
        Have a command of the caller decided; see `Desk.ask`.

        Raises `KeyRefused` for an order beyond what the key may trade.
        """
        caller = self.caller
        assert caller is not None, "a public endpoint has no account"
        if caller.symbols or caller.max_quantity:
            check_within(caller, self.desk.floor.universe, account.state, command)
        return await self.desk.ask(account, command, cause)


Handler = Callable[[Call], Awaitable[Response]]


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """
    One endpoint.

    `scope` is what the caller's key must be good for, None for everybody. `takes` is the struct of the body,
    None for one without, `gives` that of the answer, `fails` that of a refusal where it is not only the
    dialect's own.
    """

    method: str
    path: str
    handler: Handler
    scope: Scope | None
    pace: Pace
    summary: str
    takes: Any = None
    gives: Any = None
    fails: Any = None
    max_bytes: int = USUAL_BYTES
