"""Settlement, delivery and interest as sentences that fit on a line."""

from collections.abc import Callable
from datetime import date

from kasauti.cli.typography import calendar_day, quantity
from kasauti.domain import product_events as prod
from kasauti.domain import settlement_events as stl
from kasauti.domain.money import format_price, format_rupees

#: Says what to call an instrument, by its id.
Name = Callable[[str], str]


def futures_marked(event: stl.FuturesMarked, name: Name) -> str:
    """Say that a future was settled for the day."""
    price, amount = format_price(event.price), format_rupees(event.amount, signed=True)
    held = f"{quantity(event.quantity)} {name(event.instrument)}"
    return f"{held} marked at {price} ({event.basis}): {amount}"


def delivery_due(event: stl.DeliveryDue, name: Name) -> str:
    """Say what comes or goes, and when."""
    units, way = quantity(abs(event.quantity)), "come in" if event.quantity > 0 else "leave"
    when = calendar_day(date.fromisoformat(event.settles)) if event.settles else "a day not known yet"
    return f"{units} {name(event.instrument)} {way} on {when}"


def delivery_settled(event: stl.DeliverySettled, name: Name) -> str:
    """Say what came or went."""
    units, way = quantity(abs(event.quantity)), "came in" if event.quantity > 0 else "left"
    traded = calendar_day(date.fromisoformat(event.day))
    return f"{units} {name(event.instrument)} {way}, traded on {traded}"


def proceeds_held(event: stl.ProceedsHeld, name: Name) -> str:
    """Say what of a sale can be used when."""
    until = calendar_day(date.fromisoformat(event.until))
    of = f" of {event.trade_id}" if event.trade_id else ""
    return f"{format_rupees(event.amount)}{of} can be used from {until}: {event.why}"


def shares_assigned(event: stl.SharesAssigned, name: Name) -> str:
    """Say what contracts ended in."""
    price, charges = format_price(event.price), format_rupees(event.charges.total)
    of = ", ".join(name(each) for each in event.contracts)
    if not event.quantity:
        return f"{of} offset each other at {price}, charges {charges}"
    verb = "delivered to the account" if event.quantity > 0 else "to be delivered by it"
    units = quantity(abs(event.quantity))
    return f"{units} {name(event.instrument)} {verb} at {price} for {of}, charges {charges}"


def settlement_missing(event: stl.SettlementMissing, name: Name) -> str:
    """Say what waits for its price."""
    return event.message


def position_converted(event: stl.PositionConverted, name: Name) -> str:
    """Say what is another product now."""
    held = f"{quantity(event.quantity)} {name(event.instrument)}"
    return f"{held} ({event.product}) is {event.to} from now on: {event.why}"


def product_changed(event: prod.ProductChanged, name: Name) -> str:
    """Say what is another product now, as was asked."""
    held = f"{quantity(event.quantity)} {name(event.instrument)}"
    return f"{held} converted from {event.product} to {event.to}"


def product_change_denied(event: prod.ProductChangeDenied, name: Name) -> str:
    """Say why something is not another product."""
    asked = f"{quantity(event.quantity)} {name(event.instrument)} from {event.product} to {event.to}"
    return f"not converted: {asked}: {event.message}"


def shares_auctioned(event: stl.SharesAuctioned, name: Name) -> str:
    """Say what was bought in."""
    price, penalty = format_price(event.price), format_rupees(event.penalty + event.charges.total)
    bought = f"{quantity(event.quantity)} {name(event.instrument)} bought in at {price}"
    return f"{bought} ({event.basis}), penalty {penalty}"


def interest_charged(event: stl.InterestCharged, name: Name) -> str:
    """Say what the broker took."""
    on = format_rupees(event.principal)
    return f"{format_rupees(event.amount)} interest for {event.day}: {event.reason} of {on}"
