"""What the alerts of a hook may order, whoever has its secret; what only closes is always let through."""

from kasauti.domain.money import RUPEE, format_rupees
from kasauti.errors import InvalidInput
from kasauti.web.webhooks.planning import Wish
from kasauti.web.webhooks.settings import WebhookSettings


def check_caps(settings: WebhookSettings, wish: Wish, last: int) -> None:
    """Raise `InvalidInput` with the limit and what was asked; `last` is the price, 0 if none is known."""
    if wish.closes:
        return
    instrument = wish.instrument
    if settings.only and not {instrument.id, instrument.tradingsymbol, instrument.name} & set(settings.only):
        raise InvalidInput(f"this hook may trade {', '.join(settings.only)}, not {instrument.id}")
    if settings.max_quantity and wish.quantity > settings.max_quantity:
        raise InvalidInput(f"this hook may order {settings.max_quantity} units at once, not {wish.quantity}")
    most = settings.max_value * RUPEE
    if most and not last:
        raise InvalidInput(f"{instrument.id} has no price yet, so what the order is worth cannot be checked")
    if most and wish.quantity * last > most:
        worth = format_rupees(wish.quantity * last)
        raise InvalidInput(f"this hook may order for {format_rupees(most)} at once, not {worth}")
