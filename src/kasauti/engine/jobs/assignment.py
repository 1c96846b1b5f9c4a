"""
Physical delivery: contracts on shares end in shares.

A long future, a long call and a short put in the money receive; the other side gives. Legs of one expiry on
one share are netted. Each leg is settled at the share's final price, and what they come to together is traded
at that price: so a call's holder has paid its strike in all. Source: market_rules.md 1.1, 1.6 and 4.6.
"""

from datetime import date
from typing import NamedTuple

from kasauti.domain import events as ev
from kasauti.domain import settlement_events as stl
from kasauti.domain.charges import Charges
from kasauti.domain.evidence import Evidence, Rule, Source
from kasauti.domain.instrument import Exchange, Instrument, Kind
from kasauti.domain.money import format_rupees
from kasauti.domain.order import position_key
from kasauti.domain.position import Position
from kasauti.engine.jobs.desk import Desk
from kasauti.engine.jobs.prices import Price
from kasauti.engine.rules import Rules

_SHARES = (Exchange.NFO, Exchange.BFO)


class _Leg(NamedTuple):
    """A contract that ends in shares: units to receive, negative to give, and what one is worth by it."""

    contract: str
    units: int
    worth: int


def is_delivered(instrument: Instrument) -> bool:
    """Whether a contract ends in shares and not in cash."""
    return instrument.exchange in _SHARES and not instrument.on_index


def units_of(instrument: Instrument, quantity: int, final: int) -> int:
    """Return the shares that a position receives when they settle at `final`; negative: it gives them."""
    if instrument.kind is Kind.CALL:
        return quantity if final > instrument.strike else 0
    if instrument.kind is Kind.PUT:
        return -quantity if final < instrument.strike else 0
    return quantity


def assigned(
    desk: Desk,
    rules: Rules,
    share: str,
    positions: list[tuple[Position, Instrument]],
    final: Price,
    expiry: date,
) -> stl.SharesAssigned | None:
    """Return the delivery that contracts on `share` end in, None where nothing is delivered."""
    legs = []
    parts: dict[str, int] = {}
    for position, instrument in positions:
        units = units_of(instrument, position.quantity, final.price)
        legs.append(_Leg(instrument.id, units, instrument.strike or final.price))
        key = position_key(position.instrument, position.product)
        for strategy, book in desk.state.books.items():
            if key in book and book[key].quantity:
                own = units_of(instrument, book[key].quantity, final.price)
                parts[strategy] = parts.get(strategy, 0) + own
    net = sum(leg.units for leg in legs)
    parts = {strategy: units for strategy, units in parts.items() if units}
    charges = _charges(rules, [leg for leg in legs if leg.units], net, expiry)
    if not net and not charges.total and not parts:
        return None
    evidence = Evidence(Source.SETTLEMENT, Rule.SETTLED, final.at, final.price, final.basis)
    contracts = tuple(leg.contract for leg in legs if leg.units)
    return stl.SharesAssigned(share, net, final.price, charges, contracts, evidence, parts)


def _charges(rules: Rules, legs: list[_Leg], net: int, expiry: date) -> Charges:
    """
    Return what the delivery costs: tax and the broker's rate on what is delivered, a lower one on the rest.

    Units are taken off the legs of the net side in their order; all others were offset.
    """
    services, total, left = rules.charges.services, Charges(), abs(net)
    for leg in legs:
        size = abs(leg.units)
        given = min(size, left) if (leg.units > 0) == (net > 0) else 0
        left -= given
        if given:
            value = given * leg.worth
            total = total.plus(services.physical_delivery(expiry, value, receives=net > 0))
        if size > given:
            offset = services.physical_delivery(
                expiry, (size - given) * leg.worth, receives=False, netted=True
            )
            total = total.plus(Charges(brokerage=offset.brokerage, gst=offset.gst))
    return total


def record(desk: Desk, rules: Rules, event: stl.SharesAssigned, expiry: date, cause: str, at: int) -> None:
    """Record a delivery; an account that it leaves in debit takes no new risk."""
    desk.record(event, cause, at)
    if event.quantity:
        share = desk.board.universe.find(event.instrument)
        isin = "" if share is None else share.isin
        settles = rules.settles_on(expiry)
        due = stl.DeliveryDue(event.instrument, event.quantity, expiry.isoformat(), settles, isin)
        desk.record(due, cause, at)
    cash = desk.state.ledger.cash
    if cash < 0 and not desk.state.halted:
        message = (
            f"{abs(event.quantity)} {event.instrument} were delivered at {format_rupees(event.price)}, and"
            f" the account owes {format_rupees(-cash)}: bring money in, then resume"
        )
        desk.record(ev.TradingHalted(message), cause, at)
