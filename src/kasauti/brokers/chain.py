"""An option chain as it stands on a tape."""

from datetime import date

from kasauti.brokers.answers import ChainRow, OptionQuote, OptionsChain
from kasauti.brokers.tape import SeenMarket
from kasauti.domain.instrument import Instrument, Kind
from kasauti.domain.ist import NS_PER_SECOND
from kasauti.domain.market import Quote
from kasauti.exchange.black76 import forward_of, implied_volatility
from kasauti.exchange.calendar import Calendar


def options_chain(
    tape: SeenMarket, calendar: Calendar, underlying: str, expiry: date, now: int
) -> OptionsChain:
    """Return the options on `underlying`, an instrument's id, that expire on `expiry`."""
    options = tape.universe.chain(underlying, expiry)
    quotes = {option.id: tape.board.quote(tape.universe.slot(option.id)) for option in options}
    sides: dict[int, dict[Kind, Instrument]] = {}
    for option in options:
        sides.setdefault(option.strike, {})[option.kind] = option
    prices = {option.id: _price(quotes[option.id]) for option in options}
    forward = forward_of(
        (strike, prices[side[Kind.CALL].id], prices[side[Kind.PUT].id])
        for strike, side in sides.items()
        if len(side) > 1
    )
    closes = calendar.close_of(options[0], expiry)
    seconds = 0 if closes is None else (closes - now) // NS_PER_SECOND

    def quoted(option: Instrument | None) -> OptionQuote | None:
        if option is None or not quotes[option.id].at:
            return None
        volatility = None
        if forward is not None:
            volatility = implied_volatility(
                price=prices[option.id],
                forward=forward,
                strike=option.strike,
                seconds=seconds,
                is_call=option.kind is Kind.CALL,
            )
        return _option_quote(option.id, quotes[option.id], tape, volatility)

    spot = tape.board.mark(underlying)
    return OptionsChain(
        underlying,
        expiry,
        now,
        spot or None,
        forward,
        tuple(
            ChainRow(strike, quoted(side.get(Kind.CALL)), quoted(side.get(Kind.PUT)))
            for strike, side in sorted(sides.items())
        ),
    )


def _price(quote: Quote) -> int:
    """Return the middle of the book where there is one, else the last price; 0 if neither."""
    return (quote.bid + quote.ask) // 2 if quote.bid and quote.ask else quote.last


def _option_quote(instrument: str, quote: Quote, tape: SeenMarket, volatility: float | None) -> OptionQuote:
    first = int(tape.first_open_interest[tape.universe.slot(instrument)])
    return OptionQuote(
        instrument=instrument,
        at=quote.at,
        last=quote.last or None,
        bid=quote.bid or None,
        ask=quote.ask or None,
        volume=quote.volume,
        open_interest=quote.open_interest,
        open_interest_change=quote.open_interest - first,
        implied_volatility=volatility,
    )
