"""The market over the native API: quotes with their book, candles, chains, instruments."""

from datetime import date

import msgspec
from starlette.responses import Response

from kasauti.brokers.answers import Interval, OptionQuote
from kasauti.brokers.chain import options_chain
from kasauti.brokers.history import history
from kasauti.desk.floor import Floor
from kasauti.desk.quotes import quote_of
from kasauti.domain.instrument import Instrument
from kasauti.domain.ist import parse_ist
from kasauti.domain.market import Level
from kasauti.errors import InvalidInput, NotThere
from kasauti.exchange.calendar import Calendar
from kasauti.web.access import Scope
from kasauti.web.endpoint import Call, Endpoint, Handler, Pace
from kasauti.web.native.dialect import answer
from kasauti.web.native.shown import moment, money

_MOST_QUOTES = 500
_MOST_FOUND = 500
_MOST_NAMED = 20


class QuotesAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`instruments` are ids like NFO:NIFTY26D0126000CE, with commas between them."""

    instruments: str


class BookLevel(msgspec.Struct, frozen=True):
    """One price of a side of the book."""

    price: str
    quantity: int


class QuoteShown(msgspec.Struct, frozen=True, kw_only=True):
    """
    What stands in an instrument; an empty side has no level, "0" is a price that is not known.

    The last quantity, the average price and the range of open interest are of the ticks shown today.
    """

    instrument: str
    at: str
    last: str
    open: str
    high: str
    low: str
    previous_close: str
    last_quantity: int
    average: str
    volume: int
    open_interest: int
    open_interest_high: int
    open_interest_low: int
    lower_circuit: str
    upper_circuit: str
    bids: list[BookLevel]
    asks: list[BookLevel]


class Quotes(msgspec.Struct, frozen=True):
    """Quotes in the order asked for."""

    quotes: list[QuoteShown]


class CandlesAsked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`start` and `end` are IST times in ISO 8601; the day so far if left out."""

    instrument: str
    interval: Interval = Interval.MINUTE
    start: str = ""
    end: str = ""


class CandleShown(msgspec.Struct, frozen=True):
    """One closed candle."""

    start: str
    open: str
    high: str
    low: str
    close: str
    volume: int
    open_interest: int


class Candles(msgspec.Struct, frozen=True):
    """Closed candles, and where there are none although the market was open: (start, end)."""

    candles: list[CandleShown]
    gaps: list[tuple[str, str]]


class ChainAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The nearest expiry if none is given; `underlying` is an id like NSE:NIFTY 50, or a name like NIFTY."""

    underlying: str
    expiry: date | None = None


class OptionShown(msgspec.Struct, frozen=True, kw_only=True):
    """One option; `implied_volatility` is for a year, 0.12 is 12 %."""

    instrument: str
    last: str | None
    bid: str | None
    ask: str | None
    volume: int
    open_interest: int
    open_interest_change: int
    implied_volatility: float | None


class StrikeShown(msgspec.Struct, frozen=True):
    """One strike; None where a side is not listed or has no price yet."""

    strike: str
    call: OptionShown | None
    put: OptionShown | None


class Chain(msgspec.Struct, frozen=True, kw_only=True):
    """An option chain; `forward` is what calls and puts say the underlying will be at expiry."""

    underlying: str
    expiry: date
    expiries: list[date]
    at: str
    spot: str | None
    forward: str | None
    strikes: list[StrikeShown]


class Search(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is looked for: words of the id or name, and which exchange and kind; all if left out."""

    query: str = ""
    exchange: str = ""
    kind: str = ""
    limit: int = 50


class InstrumentShown(msgspec.Struct, frozen=True, kw_only=True):
    """One instrument as it trades today."""

    instrument: str
    exchange: str
    tradingsymbol: str
    name: str
    kind: str
    lot_size: int
    tick_size: str
    freeze_quantity: int
    expiry: date | None
    strike: str
    underlying: str


class Instruments(msgspec.Struct, frozen=True):
    """Instruments, `found` how many there are in all."""

    instruments: list[InstrumentShown]
    found: int


async def quotes(call: Call) -> Response:
    """Return quotes with their book."""
    asked = [each.strip() for each in call.body.instruments.split(",") if each.strip()]
    if not 0 < len(asked) <= _MOST_QUOTES:
        raise InvalidInput(f"{len(asked)} instruments are asked for; ask for 1 to {_MOST_QUOTES} at once")
    return answer(Quotes([quote_shown(call.desk.floor, _slot(call, each)) for each in asked]))


def quote_shown(floor: Floor, slot: int) -> QuoteShown:
    """Return what stands in a slot."""
    known = quote_of(floor, slot)
    quote = known.quote
    return QuoteShown(
        instrument=floor.universe[slot].id,
        at=moment(quote.at),
        last=money(quote.last),
        open=money(known.open),
        high=money(known.high),
        low=money(known.low),
        previous_close=money(known.previous_close),
        last_quantity=known.last_quantity,
        average=money(known.average),
        volume=quote.volume,
        open_interest=quote.open_interest,
        open_interest_high=known.interest_high,
        open_interest_low=known.interest_low,
        lower_circuit=money(known.lower_circuit),
        upper_circuit=money(known.upper_circuit),
        bids=_levels(known.bids),
        asks=_levels(known.asks),
    )


def _levels(levels: tuple[Level, ...]) -> list[BookLevel]:
    return [BookLevel(money(each.price), each.quantity) for each in levels if each.quantity]


def _slot(call: Call, instrument: str) -> int:
    slot = call.desk.floor.universe.slots.get(instrument)
    if slot is None:
        raise NotThere(f"{instrument[:100]!r} is not in this market; /api/instruments finds what is")
    return slot


async def candles(call: Call) -> Response:
    """Return candles of what the market has shown."""
    asked: CandlesAsked = call.body
    slot, desk = _slot(call, asked.instrument), call.desk
    end = min(parse_ist(asked.end), desk.now) if asked.end else desk.now
    start = parse_ist(asked.start) if asked.start else 0
    first = max(start, desk.now - desk.now % 86_400_000_000_000 - 86_400_000_000_000)
    found = history(
        desk.floor.universe[slot],
        slot,
        asked.interval,
        desk.floor.seen.minutes,
        Calendar(),
        start=first,
        end=end,
    )
    rows = [
        CandleShown(
            moment(each.start),
            money(each.open),
            money(each.high),
            money(each.low),
            money(each.close),
            each.volume,
            each.open_interest,
        )
        for each in found.candles
    ]
    return answer(Candles(rows, [(moment(gap.start), moment(gap.end)) for gap in found.gaps]))


async def chain(call: Call) -> Response:
    """Return an option chain as it stands."""
    asked: ChainAsked = call.body
    floor = call.desk.floor
    underlying = _optioned(floor, asked.underlying)
    expiries = floor.universe.expiries(underlying)
    if asked.expiry is not None and asked.expiry not in expiries:
        there = ", ".join(map(str, expiries))
        raise NotThere(f"no options on {underlying} expire on {asked.expiry}; they do on {there}")
    expiry = asked.expiry or expiries[0]
    found = options_chain(floor.seen, Calendar(), underlying, expiry, call.desk.now)
    shown = Chain(
        underlying=underlying,
        expiry=expiry,
        expiries=expiries,
        at=moment(found.at),
        spot=_known(found.spot),
        forward=_known(found.forward),
        strikes=[StrikeShown(money(row.strike), _option(row.call), _option(row.put)) for row in found.rows],
    )
    return answer(shown)


def _optioned(floor: Floor, asked: str) -> str:
    """Return the id of what options are listed on, asked for by that or by a name."""
    if floor.universe.expiries(asked):
        return asked
    by_name = floor.universe.optioned()
    if asked.upper() in by_name:
        return by_name[asked.upper()]
    there = ", ".join(list(by_name)[:_MOST_NAMED]) or "nothing"
    raise NotThere(f"no options on {asked[:100]!r} are listed; there are some on {there}")


def _known(units: int | None) -> str | None:
    return None if units is None else money(units)


def _option(option: OptionQuote | None) -> OptionShown | None:
    if option is None:
        return None
    return OptionShown(
        instrument=option.instrument,
        last=_known(option.last),
        bid=_known(option.bid),
        ask=_known(option.ask),
        volume=option.volume,
        open_interest=option.open_interest,
        open_interest_change=option.open_interest_change,
        implied_volatility=option.implied_volatility,
    )


async def instruments(call: Call) -> Response:
    """Return the instruments of this market that fit."""
    asked: Search = call.body
    if not 0 < asked.limit <= _MOST_FOUND:
        raise InvalidInput(f"limit is {asked.limit}; ask for 1 to {_MOST_FOUND}")
    words = asked.query.upper().split()
    found = [
        each
        for each in call.desk.floor.universe
        if (not asked.exchange or each.exchange == asked.exchange)
        and (not asked.kind or each.kind == asked.kind)
        and all(word in f"{each.id} {each.name}".upper() for word in words)
    ]
    return answer(Instruments([_instrument(each) for each in found[: asked.limit]], len(found)))


def _instrument(each: Instrument) -> InstrumentShown:
    return InstrumentShown(
        instrument=each.id,
        exchange=each.exchange,
        tradingsymbol=each.tradingsymbol,
        name=each.name,
        kind=each.kind,
        lot_size=each.lot_size,
        tick_size=money(each.tick_size),
        freeze_quantity=each.freeze_quantity,
        expiry=each.expiry,
        strike=money(each.strike),
        underlying=each.underlying,
    )


def _data(path: str, handler: Handler, takes: type, gives: type, summary: str) -> Endpoint:
    return Endpoint(
        method="GET",
        path=path,
        handler=handler,
        scope=Scope.READ,
        pace=Pace.DATA,
        summary=summary,
        takes=takes,
        gives=gives,
    )


ENDPOINTS = (
    _data("/api/quotes", quotes, QuotesAsked, Quotes, "Quotes with five levels of their book."),
    _data("/api/candles", candles, CandlesAsked, Candles, "Closed candles of what the market has shown."),
    _data("/api/chain", chain, ChainAsked, Chain, "An option chain with implied volatilities."),
    _data("/api/instruments", instruments, Search, Instruments, "What trades here."),
)
