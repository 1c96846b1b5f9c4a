"""What legs on shares block more because they end in a delivery, beside what `exchange.span` requires."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date

from kasauti.domain.instrument import Exchange, Instrument, Kind
from kasauti.domain.money import PAISA
from kasauti.domain.order import Product
from kasauti.exchange.calendar import Calendar, Segment
from kasauti.exchange.margins import MarginTable
from kasauti.exchange.span.delivery import of_what_binds, of_what_is_bought
from kasauti.exchange.span.parameters import SpanParameters, Subject, subject_of
from kasauti.exchange.span.sources import Leg, RiskSource, required

#: So many calendar days hold every rule's trading days, whatever holidays are among them.
_MOST_DAYS = 14
#: Tells what a leg blocks more, in money units.
DeliveryMargin = Callable[[Leg], int]


def delivery_margin(
    source: RiskSource, calendar: Calendar, parameters: SpanParameters, on: date
) -> DeliveryMargin:
    """Return what tells the delivery margin of a leg on the day `on`: 0 for most."""
    table = MarginTable()

    def of(leg: Leg) -> int:
        instrument, expiry = leg.instrument, leg.instrument.expiry
        assert expiry is not None, "a derivative expires"
        if subject_of(instrument) is not Subject.SHARE:
            return 0
        row = parameters.delivery(instrument.name, on)
        left = _days_left(calendar, on, expiry, most=len(row.bought_percents))
        bought = instrument.is_option and leg.quantity > 0
        if left is None or (left and not bought):
            return 0
        price = source.holdings([leg])[0].risk.exposed
        notional = abs(leg.quantity) * price
        if not bought:
            return of_what_binds(row, notional, required([leg], source, on).total)
        if (price > instrument.strike) is not (instrument.kind is Kind.CALL) or price == instrument.strike:
            return 0
        of_share = table.of(_share_of(instrument), Product.MIS, on).position(abs(leg.quantity), price)
        return of_what_is_bought(row, notional, of_share, left)

    return of


def delivery_notes(legs: Iterable[Leg], amounts: Sequence[int]) -> list[str]:
    """Return what has to be known beside delivery margins."""
    named = [leg.instrument.tradingsymbol for leg, amount in zip(legs, amounts, strict=True) if amount]
    if not named:
        return []
    return [
        (
            f"{', '.join(named)}: it ends in a delivery, for which brokers ask for more on the last days,"
            " whatever the hedge (span.json, delivery). Accounts of Kasauti do not block that."
        )
    ]


def _days_left(calendar: Calendar, on: date, expiry: date, *, most: int) -> int | None:
    """Return how many trading days come after `on` up to the expiry; None for more than `most`."""
    if (expiry - on).days > _MOST_DAYS:
        return None
    day = on
    for left in range(most + 1):
        if day >= expiry:
            return left
        day = calendar.next_trading_day(day, Segment.DERIVATIVES)
    return None


def _share_of(contract: Instrument) -> Instrument:
    return Instrument(Exchange.NSE, contract.name, Kind.EQUITY, PAISA, name=contract.name)
