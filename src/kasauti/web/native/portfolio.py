"""Positions of all accounts of a key in one list, and the strategies that hold them."""

from typing import Literal

import msgspec
from starlette.responses import Response

from kasauti.desk.account import DeskAccount
from kasauti.domain.position import Position
from kasauti.web.access import Scope
from kasauti.web.endpoint import Call, Endpoint, Pace
from kasauti.web.native.books import PositionShown, last_price, position_shown
from kasauti.web.native.dialect import answer
from kasauti.web.native.orders import OfAccount
from kasauti.web.native.shown import money


class OfSource(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which positions: of simulated accounts, of live ones, of both if left out."""

    source: Literal["", "PAPER", "LIVE"] = ""


class AllPositions(msgspec.Struct, frozen=True):
    """Open positions with their source."""

    positions: list[PositionShown]


class StrategyShown(msgspec.Struct, frozen=True, kw_only=True):
    """A strategy's own book: what it holds and has made, before charges; `failed` says why it was stopped."""

    account: str
    strategy: str
    is_open: bool
    realised: str
    unrealised: str
    charges: str
    failed: str
    positions: list[PositionShown]


class StrategyBooks(msgspec.Struct, frozen=True):
    """Strategies by account and name."""

    strategies: list[StrategyShown]


def _mine(call: Call) -> list[DeskAccount]:
    assert call.caller is not None, "the endpoint asks for a key"
    return [call.desk.accounts[name] for name in call.caller.accounts if name in call.desk.accounts]


async def positions(call: Call) -> Response:
    """Return what is held in all accounts; every account of a desk is simulated."""
    if call.body.source == "LIVE":
        return answer(AllPositions([]))
    floor = call.desk.floor
    found = [position_shown(floor, account, each) for account in _mine(call) for each in account.state.held]
    return answer(AllPositions(found))


async def open_strategies(call: Call) -> Response:
    """Return the strategies that hold something, with it."""
    books = [book for account in _mine(call) for book in _books(call, account)]
    return answer(StrategyBooks([book for book in books if book.is_open]))


async def strategies(call: Call) -> Response:
    """Return the books of an account's strategies."""
    return answer(StrategyBooks(_books(call, call.account(call.body.account))))


def _books(call: Call, account: DeskAccount) -> list[StrategyShown]:
    return [_book(call, account, name, book) for name, book in sorted(account.state.books.items())]


def _book(call: Call, account: DeskAccount, name: str, book: dict[str, Position]) -> StrategyShown:
    floor = call.desk.floor
    unrealised = sum(
        each.unrealised(last_price(floor, each.instrument)) for each in book.values() if each.quantity
    )
    return StrategyShown(
        account=account.name,
        strategy=name,
        is_open=any(each.quantity for each in book.values()),
        realised=money(sum(each.realised for each in book.values())),
        unrealised=money(unrealised),
        charges=money(sum(each.charges for each in book.values())),
        failed=account.state.failed.get(name, ""),
        positions=[position_shown(floor, account, each, name) for each in book.values()],
    )


#: Two paths are under OpenAlgo's prefix: the documents that ask for them name them so.
PREFIX = "/api/v1/portfolio/"

ENDPOINTS = (
    Endpoint(
        method="GET",
        path=f"{PREFIX}positions",
        handler=positions,
        scope=Scope.READ,
        pace=Pace.READS,
        summary="What all accounts of the key hold, with its source.",
        takes=OfSource,
        gives=AllPositions,
    ),
    Endpoint(
        method="GET",
        path=f"{PREFIX}strategies",
        handler=open_strategies,
        scope=Scope.READ,
        pace=Pace.READS,
        summary="Strategies that hold something, with their positions.",
        gives=StrategyBooks,
    ),
    Endpoint(
        method="GET",
        path="/api/strategies",
        handler=strategies,
        scope=Scope.READ,
        pace=Pace.READS,
        summary="The books of an account's strategies.",
        takes=OfAccount,
        gives=StrategyBooks,
    ),
)
