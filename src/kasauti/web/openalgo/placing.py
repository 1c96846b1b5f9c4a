"""From a request to a command, and from what became of it to OpenAlgo's answer. One order at a time."""

import msgspec
from starlette.responses import Response

from kasauti.desk.answer import Answer
from kasauti.domain import events as ev
from kasauti.domain.commands import Command, PlaceBracket, PlaceOrder, PlaceWithTerms
from kasauti.domain.order import OrderType, Product, Side
from kasauti.domain.standing_events import StandingDenied
from kasauti.errors import KeyRefused
from kasauti.web.endpoint import Call
from kasauti.web.openalgo.order_requests import Item, NewOrder
from kasauti.web.openalgo.symbols import Symbols, symbols_of
from kasauti.web.openalgo.words import MODE, RETRY_AFTER_S, TOO_OFTEN, failure, reply

#: What an order of this API becomes.
Placing = PlaceOrder | PlaceBracket | PlaceWithTerms
#: What the log names as the cause.
CAUSE = "openalgo"
#: Refusals of these rules are about haste, not about the order.
_HASTE = "rate."
#: Words of the API, by which nothing else is meant.
_SIDES = {str(each): each for each in Side}
TYPES = {str(each): each for each in OrderType}
#: A strategy's name is cut here; the order carries it as its tag.
_MOST_TAG = 200


class Outcome(msgspec.Struct, frozen=True):
    """What became of an order: its id, and why it was refused, "" if it was not; `status` is HTTP's."""

    order_id: str
    refused: str = ""
    status: int = 200

    def as_part(self) -> dict[str, object]:
        """Return it as a row of the answer to several orders."""
        if self.refused:
            return {"status": "error", "message": self.refused}
        return {"status": "success", "orderid": self.order_id}

    def as_answer(self, **more: object) -> Response:
        """Return it as an answer of its own."""
        if self.status == 429:  # noqa: PLR2004  HTTP's
            return failure(TOO_OFTEN, self.status, retry_after=RETRY_AFTER_S, mode=MODE)
        if self.refused:
            return failure(self.refused, self.status, mode=MODE)
        return reply({"status": "success", "orderid": self.order_id, **more, "mode": MODE})


def market(call: Call) -> Symbols:
    """Return the symbols of the market that plays."""
    return symbols_of(call.desk.floor.universe)


def outcome_of(answer: Answer) -> Outcome:
    """Return what became of a command."""
    for each in answer.events:
        event = each.event
        if isinstance(event, ev.OrderDenied | ev.ModifyDenied | StandingDenied):
            order_id = event.standing_id if isinstance(event, StandingDenied) else event.order_id
            return Outcome(order_id, event.message, 429 if event.rule.startswith(_HASTE) else 400)
    return Outcome(answer.order_id or "")


def command_of(item: Item, instrument: str, strategy: str) -> Placing:
    """
    Return the command that an order of a client is.

    MARKET and SL-M carry no protection in this API: the account's broker adds its own. Exits make it a
    bracket that the account holds; a disclosed quantity is checked as the broker checks it.
    """
    order = PlaceOrder(
        instrument,
        _SIDES[item.action.upper()],
        item.quantity,
        TYPES[item.pricetype],
        Product(item.product),
        # A price that its type does not have is sent along by many clients, and means nothing.
        item.price if item.pricetype in {"LIMIT", "SL"} else 0,
        item.trigger_price if item.pricetype in {"SL", "SL-M"} else 0,
        tag=strategy[:_MOST_TAG],
    )
    trailing = item.trailing or item.trailing_sl
    if item.stoploss or item.target or trailing:
        return PlaceBracket(order, item.stoploss, item.target, trailing)
    if item.disclosed_quantity:
        return PlaceWithTerms(order, disclosed_quantity=item.disclosed_quantity)
    return order


async def ask(call: Call, command: Command) -> Outcome:
    """
    Have the key's account decide a command; return what became of it once that is durable.

    What the key may not trade is refused as an order of its own: the others of a request are not concerned.
    """
    try:
        return outcome_of(await call.ask(call.account(), command, CAUSE))
    except KeyRefused as refused:
        return Outcome("", str(refused), 403)


async def place(call: Call) -> Response:
    """Place an order."""
    asked: NewOrder = call.body
    instrument = market(call).id_of(asked.exchange, asked.symbol)
    outcome = await ask(call, command_of(asked, instrument, asked.strategy))
    return outcome.as_answer()
