"""Price alerts, simple ones and those that lead to orders: made, changed, listed, deleted; their history."""

from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import NAMESPACE_URL, uuid5

import msgspec
from starlette.responses import Response

from kasauti.domain.commands import CancelStanding, ModifyAlert, PlaceAlert, PlaceOrder
from kasauti.domain.comparison import Comparison
from kasauti.domain.instrument import Kind, Universe
from kasauti.domain.standing import Instruction, StandingStatus
from kasauti.errors import InvalidInput
from kasauti.web.dialect import Worded
from kasauti.web.endpoint import Call
from kasauti.web.kite.alert_rows import alert_row, history_row
from kasauti.web.kite.order_requests import Count, NewOrder, Percent, Word
from kasauti.web.kite.placing import ask, book_of, order_of_request
from kasauti.web.kite.reading import decoded, price_of
from kasauti.web.kite.words import Fault, failure, reply

_INDICES = "INDICES"
_ATTRIBUTE = Literal["LastTradedPrice"]


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """An alert as a form has it; `basket` is JSON, prices are rupees."""

    name: Annotated[str, msgspec.Meta(max_length=100)]
    lhs_exchange: Word
    lhs_tradingsymbol: Word
    operator: Literal["<=", ">=", "<", ">", "=="]
    rhs_type: Literal["constant", "instrument"]
    type: Literal["simple", "ato"] = "simple"
    lhs_attribute: _ATTRIBUTE = "LastTradedPrice"
    rhs_constant: Decimal | None = None
    rhs_exchange: str = ""
    rhs_tradingsymbol: str = ""
    rhs_attribute: str = ""
    basket: Annotated[str, msgspec.Meta(max_length=65_536)] | dict[str, Any] = ""
    uuid: str = ""


class OneAlert(msgspec.Struct, frozen=True, kw_only=True):
    """An alert by its uuid."""

    uuid: Word


class SomeAlerts(msgspec.Struct, frozen=True, kw_only=True):
    """Alerts by their uuids."""

    uuid: Annotated[list[str], msgspec.Meta(min_length=1, max_length=500)]


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """Which alerts are listed: all, or those of a status."""

    status: Literal["enabled", "disabled", "deleted"] | None = None


class _Terms(msgspec.Struct, frozen=True, kw_only=True):
    transaction_type: Literal["BUY", "SELL"]
    product: Literal["CNC", "NRML", "MIS", "MTF"]
    order_type: Literal["MARKET", "LIMIT", "SL", "SL-M"]
    quantity: Count
    variety: Literal["regular"] = "regular"
    validity: Literal["DAY", "IOC"] = "DAY"
    price: Decimal = Decimal(0)
    trigger_price: Decimal = Decimal(0)
    disclosed_quantity: Count = 0
    market_protection: Percent | None = None
    tags: list[str] = []


class _Item(msgspec.Struct, frozen=True, kw_only=True):
    exchange: Word
    tradingsymbol: Word
    params: _Terms


class _Basket(msgspec.Struct, frozen=True, kw_only=True):
    items: Annotated[list[_Item], msgspec.Meta(min_length=1)]


async def create(call: Call) -> Response:
    """Make an alert."""
    plan = _plan(call, call.body)
    before = set(call.account().state.standing)
    await ask(call, plan)
    new = [one for key, one in call.account().state.standing.items() if key not in before]
    return reply(alert_row(book_of(call), new[-1], uuid_of(call, new[-1])))


async def modify(call: Call) -> Response:
    """Give an alert another condition or basket."""
    asked: Wanted = call.body
    found = _found(call, asked.uuid)
    await ask(call, ModifyAlert(found.standing_id, _plan(call, asked)))
    return reply(alert_row(book_of(call), _found(call, asked.uuid), asked.uuid))


async def listing(call: Call) -> Response:
    """Return the alerts, oldest first."""
    asked: Listing = call.body
    book = book_of(call)
    rows = [alert_row(book, each, uuid_of(call, each)) for each in _alerts(call)]
    return reply([row for row in rows if asked.status in {None, row["status"]}])


async def one(call: Call) -> Response:
    """Return one alert."""
    asked: OneAlert = call.body
    return reply(alert_row(book_of(call), _found(call, asked.uuid), asked.uuid))


async def history(call: Call) -> Response:
    """Return what an alert did: it fires once at most."""
    asked: OneAlert = call.body
    found = _found(call, asked.uuid)
    return reply([history_row(book_of(call), found, asked.uuid)] if found.leg else [])


async def delete(call: Call) -> Response:
    """Delete alerts; all of them have to be there."""
    asked: SomeAlerts = call.body
    for each in [_found(call, uuid) for uuid in asked.uuid]:
        if each.status is not StandingStatus.DELETED:
            await ask(call, CancelStanding(each.standing_id))
    return reply(None)


def uuid_of(call: Call, one: Instruction) -> str:
    """Return the uuid of an alert: the same as long as its account has it."""
    return str(uuid5(NAMESPACE_URL, f"{call.account().name}/{one.standing_id}"))


def _alerts(call: Call) -> list[Instruction]:
    return [one for one in call.account().state.standing.values() if isinstance(one.plan, PlaceAlert)]


def _found(call: Call, uuid: str) -> Instruction:
    for each in _alerts(call):
        if uuid_of(call, each) == uuid:
            return each
    raise Worded(failure(Fault.INPUT, "The alert was not found.", 404))


def _plan(call: Call, asked: Wanted) -> PlaceAlert:
    universe = call.desk.floor.universe
    other = ""
    if asked.rhs_type == "instrument":
        if not asked.rhs_exchange or not asked.rhs_tradingsymbol:
            raise InvalidInput("Invalid request (rhs_exchange and rhs_tradingsymbol are needed)")
        other = _named(universe, asked.rhs_exchange, asked.rhs_tradingsymbol)
    elif asked.rhs_constant is None:
        raise InvalidInput("Invalid request (rhs_constant is needed)")
    if (asked.type == "ato") != bool(asked.basket):
        raise InvalidInput("Invalid request (an alert of type ato has a basket, a simple one has none)")
    return PlaceAlert(
        _named(universe, asked.lhs_exchange, asked.lhs_tradingsymbol),
        Comparison(asked.operator),
        0 if other else price_of(asked.rhs_constant, "rhs_constant"),
        other,
        asked.name,
        _orders(call, asked.basket) if asked.basket else (),
    )


def _named(universe: Universe, exchange: str, symbol: str) -> str:
    """Return the id of an instrument; of an index also under the exchange INDICES."""
    if exchange != _INDICES:
        return f"{exchange}:{symbol}"
    found = (each.id for each in universe if each.kind is Kind.INDEX and each.id.partition(":")[2] == symbol)
    return next(found, f"{exchange}:{symbol}")


def _orders(call: Call, raw: str | dict[str, Any]) -> tuple[PlaceOrder, ...]:
    sent = decoded(raw) if isinstance(raw, str) else raw
    try:
        basket = msgspec.convert(sent, _Basket, strict=False)
    except msgspec.ValidationError as error:
        raise InvalidInput(f"Invalid `basket` ({error})") from None
    return tuple(_order(call, each) for each in basket.items)


def _order(call: Call, item: _Item) -> PlaceOrder:
    terms = item.params
    if terms.disclosed_quantity:
        raise InvalidInput("Invalid `basket` (an order of an alert discloses all of its quantity)")
    return order_of_request(
        call,
        NewOrder(
            exchange=item.exchange,
            tradingsymbol=item.tradingsymbol,
            variety=terms.variety,
            transaction_type=terms.transaction_type,
            quantity=terms.quantity,
            product=terms.product,
            order_type=terms.order_type,
            price=terms.price,
            trigger_price=terms.trigger_price,
            validity=terms.validity,
            tag=terms.tags[0] if terms.tags else "",
            # The screens on which baskets are made leave it to the broker.
            market_protection=terms.market_protection or Decimal(-1),
        ),
    )
