"""What the owner of a strategy has set for the alerts that come to its hook."""

from enum import StrEnum
from typing import Annotated, Any, Final

import msgspec

from kasauti.domain.order import Product
from kasauti.errors import InvalidInput

#: The parameter of a strategy under which they are kept.
KEY: Final = "webhook"

_CLOCK: Final = r"^([01]\d|2[0-3]):[0-5]\d$"
_ClockText = Annotated[str, msgspec.Meta(pattern=_CLOCK)]


class Mode(StrEnum):
    """Which side a strategy may hold, as OpenAlgo's strategies have it."""

    LONG = "LONG"
    SHORT = "SHORT"
    BOTH = "BOTH"


class Mapped(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a symbol of the alerts stands for: an instrument's id, and units or lots of its own."""

    instrument: str
    quantity: int = 0
    lots: int = 0


class WebhookSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    How alerts become orders.

    An order has `quantity` units, or `lots` lots of its instrument; what the alert says goes before both. New
    positions are opened from `start` to `end`, IST of the market's day like 09:20, and closed at
    `square_off`; "" is no limit. An alert that could not be carried out within `oldest_s` seconds is not
    carried out any more; the same content within `window_s` seconds is the same alert. What opens a position
    has to be one of `only` (an id, a trading symbol or an underlying), at most `max_quantity` units and
    `max_value` rupees; nothing and 0 are no limit.
    """

    mode: Mode = Mode.LONG
    exchange: str = "NSE"
    product: Product = Product.MIS
    quantity: int = 0
    lots: int = 1
    symbols: dict[str, Mapped] = {}
    start: str = ""
    end: str = ""
    square_off: str = ""
    oldest_s: int = 60
    window_s: int = 10
    only: tuple[str, ...] = ()
    max_quantity: int = 0
    max_value: int = 0

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        for clock in (self.start, self.end, self.square_off):
            if clock:
                msgspec.convert(clock, _ClockText)
        if min(
            self.quantity, self.lots, self.oldest_s, self.window_s, self.max_quantity, self.max_value
        ) < 0 or not (self.quantity or self.lots):
            raise ValueError("quantity or lots has to be more than nothing, and no number below it")


def settings_of(params: str) -> WebhookSettings:
    """Return the settings in a strategy's parameters, JSON text; `InvalidInput` if they cannot be used."""
    try:
        found = msgspec.json.decode(params, type=dict[str, Any]).get(KEY, {})
        return msgspec.convert(found, WebhookSettings)
    except msgspec.MsgspecError as error:
        raise InvalidInput(f"the webhook settings of the strategy cannot be used: {error}") from error
