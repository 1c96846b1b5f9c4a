"""Positions, trades and holdings over the native API."""

from collections import defaultdict
from typing import Literal

import msgspec
from starlette.responses import Response

from kasauti.analytics.explain import explain_fill
from kasauti.desk.account import DeskAccount
from kasauti.desk.books import trades_of
from kasauti.desk.floor import Floor
from kasauti.domain import events as ev
from kasauti.domain.holding import holdings as holdings_of
from kasauti.domain.order import Side
from kasauti.domain.position import Position
from kasauti.web.access import Scope
from kasauti.web.endpoint import Call, Endpoint, Handler, Pace
from kasauti.web.native.dialect import answer
from kasauti.web.native.orders import OfAccount
from kasauti.web.native.shown import charges_shown, moment, money

#: Where an account's positions come from: its orders go to the simulated exchange, or to a broker.
Source = Literal["PAPER", "LIVE"]
PAPER: Source = "PAPER"


class PositionShown(msgspec.Struct, frozen=True, kw_only=True):
    """
    A position; `quantity` is signed, `pnl` is what it made and would make at `last`, before charges.

    `last` and `unrealised` are None where no price is known.
    """

    account: str
    source: Source
    instrument: str
    tradingsymbol: str
    product: str
    strategy: str
    quantity: int
    average_price: str
    last: str | None
    realised: str
    unrealised: str | None
    pnl: str
    charges: str
    margin: str


class Positions(msgspec.Struct, frozen=True):
    """Positions of the trading day, flat ones that were traded today among them."""

    positions: list[PositionShown]


class TradeShown(msgspec.Struct, frozen=True, kw_only=True):
    """A trade with its evidence; `why` says in sentences why it was at that price."""

    trade_id: str
    order_id: str
    instrument: str
    side: Side
    product: str
    quantity: int
    price: str
    at: str
    charges: dict[str, str]
    strategy: str
    tag: str
    evidence: dict[str, str | int]
    why: list[str]


class Trades(msgspec.Struct, frozen=True):
    """The day's trades, oldest first."""

    trades: list[TradeShown]


class HoldingShown(msgspec.Struct, frozen=True, kw_only=True):
    """Shares held from before today; `t1_quantity` has not settled yet, `used_quantity` was sold."""

    instrument: str
    isin: str
    quantity: int
    t1_quantity: int
    used_quantity: int
    average_price: str
    last: str | None
    pnl: str | None


class Holdings(msgspec.Struct, frozen=True):
    """All holdings."""

    holdings: list[HoldingShown]


def last_price(floor: Floor, instrument: str) -> int:
    """Return the price at which something is valued, 0 if none is known."""
    slot = floor.universe.slots.get(instrument)
    return 0 if slot is None else floor.board.mark(instrument)


def position_shown(
    floor: Floor, account: DeskAccount, position: Position, strategy: str = ""
) -> PositionShown:
    """Return a position of an account, or of one strategy's book, for the wire."""
    last = last_price(floor, position.instrument)
    known = bool(last) or not position.quantity
    unrealised = position.unrealised(last) if known else 0
    return PositionShown(
        account=account.name,
        source=PAPER,
        instrument=position.instrument,
        tradingsymbol=position.instrument.partition(":")[2],
        product=position.product,
        strategy=strategy,
        quantity=position.quantity,
        average_price=money(position.average_price),
        last=money(last) if last else None,
        realised=money(position.realised),
        unrealised=money(unrealised) if known else None,
        pnl=money(position.realised + unrealised),
        charges=money(position.charges),
        margin=money(position.margin),
    )


async def positions(call: Call) -> Response:
    """Return an account's positions."""
    account, floor = call.account(call.body.account), call.desk.floor
    return answer(
        Positions([position_shown(floor, account, each) for each in account.state.positions.values()])
    )


async def trades(call: Call) -> Response:
    """Return the day's trades with what paid for them."""
    account = call.account(call.body.account)
    stories: dict[str, list[ev.Recorded]] = defaultdict(list)
    for recorded in account.today:
        stories[getattr(recorded.event, "order_id", "")].append(recorded)
    shown = []
    for trade in trades_of(account):
        fill, order = trade.fill, trade.order
        story = stories[order.order_id]
        is_whole = any(isinstance(each.event, ev.OrderPlaced) for each in story)
        why = [step.text for step in explain_fill(story, fill.trade_id).steps] if is_whole else []
        shown.append(
            TradeShown(
                trade_id=fill.trade_id,
                order_id=order.order_id,
                instrument=order.instrument,
                side=order.side,
                product=order.product,
                quantity=fill.quantity,
                price=money(fill.price),
                at=moment(trade.at),
                charges=charges_shown(fill.charges),
                strategy=order.strategy,
                tag=order.tag,
                evidence=_evidence(fill),
                why=why,
            )
        )
    return answer(Trades(shown))


def _evidence(fill: ev.OrderFilled) -> dict[str, str | int]:
    shown = msgspec.to_builtins(fill.evidence)
    priced = {name: money(shown[name]) for name in ("price", "slip", "order_price") if name in shown}
    return {**shown, **priced, "at": moment(fill.evidence.at)}


async def holdings(call: Call) -> Response:
    """Return the shares held in delivery."""
    account, floor = call.account(call.body.account), call.desk.floor
    shown = []
    for each in holdings_of(account.state):
        last = last_price(floor, each.instrument)
        shown.append(
            HoldingShown(
                instrument=each.instrument,
                isin=each.isin,
                quantity=each.quantity,
                t1_quantity=each.t1,
                used_quantity=each.used,
                average_price=money(each.average_price),
                last=money(last) if last else None,
                pnl=money(each.left * last - each.cost) if last else None,
            )
        )
    return answer(Holdings(shown))


def _look(path: str, handler: Handler, gives: type, summary: str) -> Endpoint:
    return Endpoint(
        method="GET",
        path=path,
        handler=handler,
        scope=Scope.READ,
        pace=Pace.READS,
        summary=summary,
        takes=OfAccount,
        gives=gives,
    )


ENDPOINTS = (
    _look("/api/positions", positions, Positions, "An account's positions."),
    _look("/api/trades", trades, Trades, "The day's trades, and what market data paid for each."),
    _look("/api/holdings", holdings, Holdings, "Shares held in delivery."),
)
