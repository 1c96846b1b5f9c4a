"""Finds options as OpenAlgo's clients name them: by underlying, expiry and how far from the money."""

from datetime import date, datetime

import msgspec

from kasauti.domain.board import Board
from kasauti.domain.instrument import Instrument, Kind
from kasauti.domain.ist import ist_date
from kasauti.errors import InvalidInput
from kasauti.exchange.dated_symbols import parse_dated
from kasauti.web.dialect import Worded
from kasauti.web.endpoint import Call
from kasauti.web.openalgo.option_requests import OnUnderlying
from kasauti.web.openalgo.placing import market
from kasauti.web.openalgo.symbols import Symbols
from kasauti.web.openalgo.words import failure

_NO_EXPIRY = (
    "Expiry date required. Provide via expiry_date parameter or embed in underlying (e.g., NIFTY28OCT25FUT)."
)
#: Where the options on what trades on an exchange are listed.
_OPTIONS_ON = {"NSE_INDEX": "NFO", "NSE": "NFO", "BSE_INDEX": "BFO", "BSE": "BFO"}


class Chain(msgspec.Struct, frozen=True):
    """
    The options of one expiry: `strikes` ascending, in money units, `at` the place of the one at the money.

    `last` is the underlying's price, in money units, `underlying` its instrument, None where only its
    contracts are in the market.
    """

    name: str
    exchange: str
    expiry: date
    underlying: Instrument | None
    last: int
    strikes: tuple[int, ...]
    options: dict[tuple[int, Kind], Instrument]
    at: int

    def option(self, offset: str, kind: Kind) -> Instrument:
        """Return the option `offset` strikes from the money; 400 beyond the last, 404 for one not listed."""
        word = offset.upper()
        away = 0 if word == "ATM" else int(word[3:]) * (1 if word.startswith("OTM") else -1)
        place = self.at + (away if kind is Kind.CALL else -away)
        if not 0 <= place < len(self.strikes):
            message = f"Offset {offset} is out of range for available strikes. Please use a smaller offset."
            raise Worded(failure(message, 400))
        found = self.options.get((self.strikes[place], kind))
        if found is None:
            message = (
                f"Option {self.name} {self.strikes[place] // 10_000}{kind} not found in {self.exchange}."
            )
            raise Worded(failure(message, 404))
        return found

    def label(self, place: int, kind: Kind) -> str:
        """Return how far a strike is from the money, like OTM2."""
        away = place - self.at if kind is Kind.CALL else self.at - place
        return "ATM" if away == 0 else f"OTM{away}" if away > 0 else f"ITM{-away}"


def chain_of(call: Call, asked: OnUnderlying, expiry_date: str = "", *, nearest: bool = False) -> Chain:
    """Return the options that a request is about; with `nearest` it need not name their expiry."""
    symbols, board = market(call), call.desk.floor.board
    name, expiry, future = _read(asked, expiry_date or asked.expiry_date, symbols)
    exchange = _OPTIONS_ON.get(asked.exchange, asked.exchange)
    listed = [
        each
        for each in symbols.universe
        if each.is_option and each.name == name and each.exchange == exchange and each.expiry is not None
    ]
    if expiry is None and nearest:
        today = ist_date(call.desk.now)
        expiry = min((e.expiry for e in listed if e.expiry is not None and e.expiry >= today), default=None)
        expiry = expiry or today
    if expiry is None:
        raise Worded(failure(_NO_EXPIRY, 400))
    options = {(each.strike, each.kind): each for each in listed if each.expiry == expiry}
    if not options:
        shown = f"{expiry:%d%b%y}".upper()
        message = f"No strikes found for {name} expiring {shown}."
        message += " Please check expiry date or update master contract."
        raise Worded(failure(message, 404))
    underlying = future or symbols.universe.find(next(iter(options.values())).underlying)
    last = _last(board, underlying)
    if not last:
        raise Worded(failure(f"Could not determine LTP for {asked.underlying}.", 500))
    strikes = tuple(sorted({strike for strike, _ in options}))
    at = min(range(len(strikes)), key=lambda place: abs(strikes[place] - last))
    return Chain(name, exchange, expiry, underlying, last, strikes, options, at)


def _last(board: Board, underlying: Instrument | None) -> int:
    return 0 if underlying is None else board.mark(underlying.id)


def _read(asked: OnUnderlying, wanted: str, symbols: Symbols) -> tuple[str, date | None, Instrument | None]:
    """Return the name, the expiry if one is given, and the future if the underlying is one."""
    name, future = asked.underlying.upper(), None
    expiry = read_expiry(wanted) if wanted else None
    try:
        contract = parse_dated(name)
    except InvalidInput:
        return name, expiry, None
    if contract.kind is Kind.FUTURE:
        future = symbols.find(_OPTIONS_ON.get(asked.exchange, asked.exchange), name)
    return contract.name, expiry or contract.expiry, future


def read_expiry(text: str) -> date:
    """Return the day of an expiry like 28NOV25; 400 for what is none."""
    try:
        return datetime.strptime(text.strip().replace("-", "").title(), "%d%b%y").date()  # noqa: DTZ007  a day
    except ValueError:
        raise Worded(failure(f"Invalid expiry_date {text[:20]!r}; write it like 28NOV25.", 400)) from None
