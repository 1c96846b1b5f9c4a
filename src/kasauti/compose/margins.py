"""
What orders would block together, and why: `kasauti.margin`, and what `kasauti margin` shows.

Legs are written like orders: `SELL 65 NIFTY26D0126000CE @120`, `BUY 10 NSE:RELIANCE MIS @2500`. With a SPAN
file of the clearing house the answer is exact for the file's moment; without one it is the approximation, and
says so. Shares block by product, whatever else is held.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import SupportsIndex

import msgspec

from kasauti.analytics.amounts import Money
from kasauti.compose.contract_doubts import doubts
from kasauti.compose.delivery_margins import delivery_margin, delivery_notes
from kasauti.compose.given_day import Day, day_of
from kasauti.compose.margin_legs import Contracts, WrittenLeg, merged
from kasauti.compose.margin_limits import left_out
from kasauti.compose.share_legs import ShareLeg, is_share_leg, share_leg, share_notes
from kasauti.compose.span_file import read_span
from kasauti.domain.instrument import Instrument, Kind
from kasauti.domain.money import PAISA, rupees, to_decimal, to_paise_half_up
from kasauti.domain.order import Side
from kasauti.errors import InvalidInput
from kasauti.exchange.calendar import Calendar
from kasauti.exchange.expiries import Expiries
from kasauti.exchange.span.approximation import Market, impossible, spot_of_future
from kasauti.exchange.span.parameters import SpanParameters, subject_of
from kasauti.exchange.span.portfolio import Part
from kasauti.exchange.span.risk import scenario_words
from kasauti.exchange.span.sources import Approximation, FileSource, Leg, RiskSource, required

_DAY_SECONDS = 86_400
#: What is left of an option's last day, where only the day is known: a session.
_LAST_DAY_SECONDS = 22_500
#: How good the figures of shares are.
_OF_SHARES = "shares by product, a percentage of their value (margins.json)"


class LegMargin(msgspec.Struct, frozen=True):
    """
    One leg: what it blocks alone, and what it takes off the whole by being there (0 if it adds).

    `premium` is paid where positive and received where negative; `delivery` is the part of `alone` that is
    asked for because the contract ends in a delivery. Money units.
    """

    side: Side
    quantity: int
    instrument: str
    price: Money
    premium: Money
    alone: Money
    saves: Money
    delivery: Money = 0


class UnderlyingMargin(msgspec.Struct, frozen=True):
    """
    What the legs on one underlying block; `worst` is the number of the scenario, `scenario` its words.

    `option_minimum` is the least that the clearing house asks of what was sold, 0 where the risk is more.
    """

    name: str
    scan_risk: Money
    worst: int
    scenario: str
    calendar_charge: Money
    inter_credit: Money
    net_option_value: Money
    span: Money
    exposure: Money
    expiry_day: Money
    total: Money
    option_minimum: Money = 0


class MarginAnswer(msgspec.Struct, frozen=True):
    """
    What legs block, in money units.

    `total` is blocked while all are held; `order_by_order` what is needed if they are placed in the order
    given, premiums of purchases included; `cash` the total with all premiums paid and received. `shares` is
    the part of the total that legs in shares block; a purchase for delivery is a premium, as it is paid in
    full. `delivery` is the part that contracts ask for because they end in a delivery of shares. `label` says
    how good this is, `notes` what was assumed.
    """

    on: date
    label: str
    total: Money
    span: Money
    exposure: Money
    expiry_day: Money
    premium: Money
    order_by_order: Money
    cash: Money
    legs: tuple[LegMargin, ...]
    underlyings: tuple[UnderlyingMargin, ...]
    notes: tuple[str, ...] = ()
    shares: Money = 0
    delivery: Money = 0

    @property
    def beyond_span(self) -> int:
        """What brokers show as one sum beside SPAN: exposure, the last day's part and that of deliveries."""
        return self.exposure + self.expiry_day + self.delivery


def margin(
    legs: Iterable[str],
    *,
    on: Day | None = None,
    file: str | Path | None = None,
    spot: Mapping[str, Decimal | str | SupportsIndex | float] | None = None,
) -> MarginAnswer:
    """
    Return what `legs` would block together on the day `on`.

    A leg is `BUY|SELL QUANTITY SYMBOL [@PRICE]`, prices in rupees; of a share `BUY|SELL QUANTITY SYMBOL
    [CNC|MIS|MTF] @PRICE`, for delivery unless its product is another. `file` is a SPAN file (.spn, or a zip
    with one); without `on`, its day. `spot` has the price of an underlying by its name, which only the
    approximation asks for. Raises `InvalidInput`, `RuleUnknown` or `MarketDataError`, each a sentence.
    """
    day, texts, prices = day_of(on, "on"), list(legs), spot_prices(spot or {})
    of_shares = [text for text in texts if is_share_leg(text)]
    written = [WrittenLeg.of(text) for text in texts if text not in of_shares]
    if of_shares and not written and day is not None:
        return _with_shares(_NOTHING, [share_leg(text, day) for text in of_shares], day)
    if not texts:
        raise InvalidInput("No legs are given; write one like 'SELL 65 NIFTY26D0126000CE @120'.")
    names = {each.symbol.name for each in written}
    risks = None if file is None or not written else read_span(Path(file), names)
    if risks is not None:
        day = day or risks.day
    if day is None:
        raise InvalidInput("No day is given; margins are those of a day. Say which, like on='2026-11-20'.")
    calendar = Calendar()
    found = Contracts(Expiries(calendar), risks, day)
    resolved = merged([found.leg(each) for each in written])
    notes: list[str] = []
    source: RiskSource
    if risks is not None:
        source = FileSource(risks, Path(str(file)).name, SpanParameters(), day)
    else:
        source = _approximation(resolved, day, prices, notes)
    unused = ", ".join(sorted(prices.keys() - names))
    if unused:
        notes.append(f"The price of {unused} is not used: no leg is on it.")
    notes += left_out((leg.instrument for leg in resolved), day, by_file=risks is not None)
    notes += doubts([(leg.instrument, leg.quantity) for leg in resolved], day)
    shares = [share_leg(text, day) for text in of_shares]
    of_delivery = delivery_margin(source, calendar, SpanParameters(), day)
    extra = [of_delivery(leg) for leg in resolved]
    notes += delivery_notes(resolved, extra)
    return _with_shares(_answer(resolved, extra, source, day, notes), shares, day)


def spot_prices(given: Mapping[str, Decimal | str | SupportsIndex | float]) -> dict[str, int]:
    """Return prices of underlyings in money units; `InvalidInput` for what is none."""
    prices = {}
    for name, price in given.items():
        try:
            units = rupees(repr(float(price)) if isinstance(price, float) else price)
        except InvalidInput as error:
            raise InvalidInput(f"The price of {name} cannot be used: {error}.") from error
        if units <= 0:
            raise InvalidInput(f"The price of {name} is {price}; an underlying has a price above 0.")
        prices[name] = units
    return prices


def _approximation(legs: Sequence[Leg], on: date, spot: Mapping[str, int], notes: list[str]) -> Approximation:
    def seconds(instrument: Instrument) -> int:
        assert instrument.expiry is not None, "a derivative expires"
        return max((instrument.expiry - on).days * _DAY_SECONDS, _LAST_DAY_SECONDS)

    parameters = SpanParameters()
    markets = {}
    for name in {leg.instrument.name for leg in legs}:
        held = [leg for leg in legs if leg.instrument.name == name]
        given = spot[name] if name in spot else _spot(name, held, seconds, parameters, on, notes)
        market = markets[name] = Market(given, on)
        for each in (leg for leg in held if leg.instrument.is_option and leg.price > 0):
            ranges = parameters.ranges(subject_of(each.instrument), name, on)
            notes += filter(
                None, [impossible(each.instrument, each.price, market, ranges, seconds(each.instrument))]
            )
    return Approximation(markets, seconds, parameters, on, {subject_of(leg.instrument) for leg in legs})


def _spot(
    name: str,
    legs: Sequence[Leg],
    seconds: Callable[[Instrument], int],
    parameters: SpanParameters,
    on: date,
    notes: list[str],
) -> int:
    """Return what stands for the price of the underlying where nobody gave it: a future, a pair, a strike."""
    first = legs[0].instrument
    ranges = parameters.ranges(subject_of(first), name, on)
    for leg in legs:
        if not leg.instrument.is_option and leg.price:
            notes.append(f"{name} itself is taken from {leg.instrument.tradingsymbol}, less carry.")
            return spot_of_future(leg.price, seconds(leg.instrument), ranges)
    priced = {
        (leg.instrument.expiry, leg.instrument.strike, leg.instrument.kind): leg for leg in legs if leg.price
    }
    for (expiry, strike, kind), call in priced.items():
        put = priced.get((expiry, strike, Kind.PUT))
        if kind is Kind.CALL and put is not None:
            notes.append(f"{name} itself is taken from the call and the put at {to_decimal(strike)}.")
            return spot_of_future(strike + call.price - put.price, seconds(call.instrument), ranges)
    sold = [leg for leg in legs if leg.quantity < 0] or list(legs)
    nearest = max(sold, key=lambda leg: leg.price).instrument
    notes.append(
        f"The price of {name} is not given: the strike of {nearest.tradingsymbol} stands for it, as if it"
        f" were at the money. Give --spot {name}=PRICE."
    )
    return nearest.strike


def _answer(
    legs: Sequence[Leg], extra: Sequence[int], source: RiskSource, on: date, notes: Sequence[str]
) -> MarginAnswer:
    """Return the answer for `legs`, each with what it blocks more for its delivery."""
    whole = required(legs, source, on)
    parts, so_far, step = [], 0, 0
    for place, leg in enumerate(legs):
        others = [*legs[:place], *legs[place + 1 :]]
        without = required(others, source, on).total if others else 0
        held = required(legs[: place + 1], source, on).total
        premium = leg.price * leg.quantity if leg.instrument.is_option else 0
        step += max(0, held - so_far) + max(0, premium) + extra[place]
        so_far = held
        parts.append(
            LegMargin(
                Side.BUY if leg.quantity > 0 else Side.SELL,
                abs(leg.quantity),
                leg.instrument.id,
                leg.price,
                premium,
                required([leg], source, on).total + extra[place],
                max(0, without - whole.total - extra[place]),
                extra[place],
            )
        )
    premium, delivery = sum(part.premium for part in parts), sum(extra)
    return MarginAnswer(
        on,
        source.label,
        whole.total + delivery,
        whole.span,
        whole.exposure,
        whole.last_day,
        premium,
        step,
        whole.total + delivery + premium,
        tuple(parts),
        tuple(_of_underlying(part) for part in whole.parts),
        tuple(notes),
        delivery=delivery,
    )


#: The answer where no leg is a contract; its day is that of the shares.
_NOTHING = MarginAnswer(date.min, "", 0, 0, 0, 0, 0, 0, 0, (), ())


def _with_shares(answer: MarginAnswer, shares: Sequence[ShareLeg], on: date) -> MarginAnswer:
    """Return `answer` with legs in shares: nothing offsets them, and they come last."""
    if not shares:
        return answer
    blocked, paid = sum(leg.blocked for leg in shares), sum(leg.paid for leg in shares)
    legs = [
        LegMargin(
            leg.side, leg.quantity, f"{leg.instrument.id} {leg.product}", leg.price, leg.paid, leg.blocked, 0
        )
        for leg in shares
    ]
    said = doubts([(leg.instrument, leg.quantity) for leg in shares], on)
    notes = [*answer.notes, *share_notes(shares), *(each for each in said if each not in answer.notes)]
    return msgspec.structs.replace(
        answer,
        on=on,
        label=f"{answer.label}; {_OF_SHARES}" if answer.label else _OF_SHARES,
        total=answer.total + blocked,
        premium=answer.premium + paid,
        order_by_order=answer.order_by_order + blocked + sum(max(0, leg.paid) for leg in shares),
        cash=answer.cash + blocked + paid,
        legs=(*answer.legs, *legs),
        notes=tuple(notes),
        shares=blocked,
    )


def _of_underlying(part: Part) -> UnderlyingMargin:
    netted = part.netted
    worst = max(netted.scans, key=lambda scan: scan.risk).worst
    risk = netted.scan_risk + netted.calendar - netted.inter_credit
    return UnderlyingMargin(
        netted.name,
        _paise_up(netted.scan_risk),
        worst + 1,
        scenario_words(worst),
        _paise_up(netted.calendar),
        to_paise_half_up(netted.inter_credit),
        to_paise_half_up(netted.option_value),
        part.span,
        part.exposure,
        part.last_day,
        part.total,
        _paise_up(netted.minimum) if netted.minimum > risk else 0,
    )


def _paise_up(units: int) -> int:
    """Return what is asked for in whole paise, rounded up as the sum is, so that its parts make it up."""
    return -(-units // PAISA) * PAISA
