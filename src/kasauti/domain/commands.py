"""What may be asked of an account. A command is a wish: it becomes history only as the events it leads to."""

from typing import SupportsIndex

import msgspec

from kasauti.domain.comparison import Comparison
from kasauti.domain.order import OrderType, Product, Side, Validity
from kasauti.domain.plain import whole
from kasauti.errors import InvalidInput

# Looked up once: a member of an enum costs a function call.
_BUY, _SELL = Side.BUY, Side.SELL

#: Market protection by the broker's own table; and none at all.
AUTO_PROTECTION, NO_PROTECTION = -1, 0


class PlaceOrder(msgspec.Struct, frozen=True, gc=False):
    """
    Ask for an order.

    `quantity` is in units, prices in money units. `command_id` is the caller's idempotency key: while
    `State.led_to` knows it, it makes no second order. Strategies need none: a moment is recorded whole or not
    at all.

    `market_protection` is for MARKET and SL-M: how far from the last price, or from the trigger, it may trade
    at most, in hundredths of a per cent up to 10,000; or one of the two above. `autoslice` cuts an order
    above the freeze quantity into several, instead of having it refused.
    """

    instrument: str
    side: Side
    quantity: int
    order_type: OrderType = OrderType.MARKET
    product: Product = Product.NRML
    price: int = 0
    trigger_price: int = 0
    validity: Validity = Validity.DAY
    tag: str = ""
    command_id: str = ""
    market_protection: int = AUTO_PROTECTION
    autoslice: bool = False


class ModifyOrder(msgspec.Struct, frozen=True, gc=False):
    """
    Ask for a working order to change. What is None stays as it is; `quantity` is the new total.

    A price that the new `order_type` does not have goes by itself. A stop that sleeps may become any type;
    what trades already may become LIMIT or MARKET. `market_protection` is as in `PlaceOrder`, by the broker's
    own table where a change makes an order MARKET or SL-M. `validity` also ends a life in minutes.
    `disclosed_quantity` is what the market is shown at a time, in units; 0 is all of it.
    """

    order_id: str
    quantity: int | None = None
    price: int | None = None
    trigger_price: int | None = None
    order_type: OrderType | None = None
    validity: Validity | None = None
    disclosed_quantity: int | None = None
    market_protection: int | None = None


class CancelOrder(msgspec.Struct, frozen=True, gc=False):
    """Ask for a working order to end."""

    order_id: str
    reason: str = "asked by the user"


class Note(msgspec.Struct, frozen=True):
    """
    Ask for a strategy's memory to be recorded.

    `state` is whatever the strategy needs to go on after a crash, as JSON-able data.
    """

    state: msgspec.Struct


class MoveMoney(msgspec.Struct, frozen=True, gc=False):
    """Ask for a deposit, or with a negative `amount` a withdrawal, in money units."""

    amount: int
    reason: str


class HaltTrading(msgspec.Struct, frozen=True, gc=False):
    """Ask that no new risk be taken; what reduces a position goes on."""

    reason: str


class ResumeTrading(msgspec.Struct, frozen=True, gc=False):
    """Ask that new risk be allowed again."""

    reason: str


class ConvertPosition(msgspec.Struct, frozen=True, gc=False):
    """
    Ask for units of a position to be in another product.

    `side` is BUY for a long position. `today` is whether units that were traded today are meant, or those
    that were carried into the day. `quantity` is in units.
    """

    instrument: str
    side: Side
    quantity: int
    product: Product
    to: Product
    today: bool = True


class GttLeg(msgspec.Struct, frozen=True, gc=False):
    """
    One trigger of a GTT and the LIMIT order it leads to.

    It fires when the last price comes to `trigger_price`, from the side on which it stands when it is placed.
    """

    side: Side
    quantity: int
    price: int
    trigger_price: int


class PlaceGtt(msgspec.Struct, frozen=True, tag="gtt"):
    """
    Ask for a good-till-triggered instruction: one leg, or two of which one cancels the other.

    The first leg of two has the lower trigger. `last_price` counts where the account knows no price itself.
    """

    instrument: str
    legs: tuple[GttLeg, ...]
    product: Product = Product.CNC
    tag: str = ""
    command_id: str = ""
    last_price: int = 0


class PlaceCover(msgspec.Struct, frozen=True, tag="co"):
    """
    Ask for a cover order: an intraday entry, MARKET or LIMIT, whose stop goes to the exchange as it fills.

    `trigger_price` is the stop's; with a `stop_price` it is an SL order, without one an SL-M.
    """

    order: PlaceOrder
    trigger_price: int
    stop_price: int = 0


class PlaceBracket(msgspec.Struct, frozen=True, tag="bracket"):
    """
    Ask for an order with exits that the account holds for what fills of it.

    `stoploss` and `target` are prices, or with `relative` distances from what the entry cost on average.
    `trailing` is how far behind the best price the stop follows, in steps of `trail_step` (0: a tenth of it).
    A part that is 0 is left out. Prices and distances are money units.
    """

    order: PlaceOrder
    stoploss: int = 0
    target: int = 0
    trailing: int = 0
    trail_step: int = 0
    relative: bool = False


class PlaceIceberg(msgspec.Struct, frozen=True, tag="iceberg"):
    """Ask for a LIMIT order in `legs` parts, each an order of its own, one after the other."""

    order: PlaceOrder
    legs: int


class PlaceAfterMarket(msgspec.Struct, frozen=True, tag="amo"):
    """Ask, outside trading hours, for an order that is sent when the next trading day takes it."""

    order: PlaceOrder


class PlaceWithTerms(msgspec.Struct, frozen=True, tag="terms"):
    """
    Ask for an order that lives for some `minutes` (validity TTL), or of which the market is shown a part.

    0 leaves either out. The order itself is a DAY order.
    """

    order: PlaceOrder
    minutes: int = 0
    disclosed_quantity: int = 0


class PlaceAuction(msgspec.Struct, frozen=True, tag="auction"):
    """
    Ask to offer shares that are held in the exchange's auction of what others failed to deliver.

    `order` is a LIMIT sale for delivery, `auction_number` the exchange's.
    """

    order: PlaceOrder
    auction_number: str


class PlaceAlert(msgspec.Struct, frozen=True, tag="alert"):
    """
    Ask for a price alert on `instrument`: its last price against `value`, or against that of `other`.

    When the comparison first holds, it fires, once, and its `orders` are sent in their order.
    """

    instrument: str
    comparison: Comparison
    value: int = 0
    other: str = ""
    name: str = ""
    orders: tuple[PlaceOrder, ...] = ()
    tag: str = ""
    command_id: str = ""

    @property
    def product(self) -> Product:
        """The product that its instrument's hours are looked up in; its orders have their own."""
        return Product.NRML


#: What the account can be asked to hold for somebody.
Plan = (
    PlaceGtt
    | PlaceCover
    | PlaceBracket
    | PlaceIceberg
    | PlaceAfterMarket
    | PlaceWithTerms
    | PlaceAuction
    | PlaceAlert
)


class ModifyAlert(msgspec.Struct, frozen=True):
    """Ask for an alert that has not fired to be this one instead."""

    standing_id: str
    plan: PlaceAlert


class ModifyGtt(msgspec.Struct, frozen=True):
    """Ask for an active GTT to have these legs instead."""

    standing_id: str
    legs: tuple[GttLeg, ...]
    last_price: int = 0


class ModifyExits(msgspec.Struct, frozen=True, gc=False):
    """Ask for other exits of a bracket, as prices, or another trigger of a cover. None stays, 0 takes out."""

    standing_id: str
    stoploss: int | None = None
    target: int | None = None
    trailing: int | None = None


class ModifyAfterMarket(msgspec.Struct, frozen=True, gc=False):
    """
    Ask for other terms of an after-market order that has not been sent; what is None stays.

    A price that the new `order_type` does not have goes by itself.
    """

    standing_id: str
    quantity: int | None = None
    price: int | None = None
    trigger_price: int | None = None
    order_type: OrderType | None = None
    validity: Validity | None = None
    market_protection: int | None = None


class CancelStanding(msgspec.Struct, frozen=True, gc=False):
    """
    Ask for a standing instruction to end, and its working orders with it.

    A cover order is exited: its stop is cancelled and what it holds is sold, or bought back, at market.
    """

    standing_id: str
    reason: str = "asked by the user"


class ExitBracket(msgspec.Struct, frozen=True, gc=False):
    """Ask for a bracket to close at market what its exits guard; its target is taken back first."""

    standing_id: str


#: Commands that the account's standing instructions answer.
StandingCommand = (
    Plan | ModifyGtt | ModifyAlert | ModifyExits | ModifyAfterMarket | CancelStanding | ExitBracket
)

Command = (
    PlaceOrder
    | ModifyOrder
    | CancelOrder
    | Note
    | MoveMoney
    | HaltTrading
    | ResumeTrading
    | ConvertPosition
    | StandingCommand
)


#: What may stand for a term of an order, by the name of its field.
_WORDS: dict[str, dict[str, object]] = {
    "product": {str(each): each for each in Product},
    "order_type": {str(each): each for each in OrderType},
    "validity": {str(each): each for each in Validity},
}

_NUMBERS = ("quantity", "price", "trigger_price", "disclosed_quantity", "market_protection")


def buy(instrument: str, quantity: SupportsIndex, **terms: object) -> PlaceOrder:
    """Return a command to buy; `terms` are the other fields of `PlaceOrder`, like product="MIS"."""
    units = quantity if type(quantity) is int else whole("quantity", quantity)
    return _order(instrument, _BUY, units, terms) if terms else PlaceOrder(instrument, _BUY, units)


def sell(instrument: str, quantity: SupportsIndex, **terms: object) -> PlaceOrder:
    """Return a command to sell; `terms` are the other fields of `PlaceOrder`, like product="MIS"."""
    units = quantity if type(quantity) is int else whole("quantity", quantity)
    return _order(instrument, _SELL, units, terms) if terms else PlaceOrder(instrument, _SELL, units)


def change(order_id: str, **terms: object) -> ModifyOrder:
    """Return a command to change an order; `terms` are fields of `ModifyOrder`, like order_type="MARKET"."""
    return ModifyOrder(order_id, **_in_words_of_ours(terms))  # type: ignore[arg-type]


def _order(instrument: str, side: Side, quantity: int, terms: dict[str, object]) -> PlaceOrder:
    """Return the order; words for product, type and validity become those of the domain."""
    return PlaceOrder(instrument, side, quantity, **_in_words_of_ours(terms))  # type: ignore[arg-type]


def _in_words_of_ours(terms: dict[str, object]) -> dict[str, object]:
    for name, words in _WORDS.items():
        if name in terms:
            word = terms[name]
            if word not in words:
                raise InvalidInput(f"{name} is {word!r}, which is none of {', '.join(words)}")
            terms[name] = words[word]
    for name in _NUMBERS:
        if name in terms and type(terms[name]) is not int:
            terms[name] = whole(name, terms[name])
    return terms
