"""
What companies do to their shares, and what that makes of shares, contracts and prices on the ex-date.

A split or a bonus multiplies units by a ratio f and divides prices, strikes and futures prices by it; an
extraordinary dividend (2 per cent of the price or more) comes off strikes and futures prices as a whole; an
ordinary one changes no contract. What a position cost stays what it was. A rights issue is only said: whether
its holder pays for new shares, sells the right or lets it lapse is not in a row, and neither is the price
that contracts are adjusted by. Source: market_rules.md 3.4; SEBI's framework of adjustments; rows in
`corporate_actions.json`.
"""

from datetime import date
from decimal import Decimal
from enum import StrEnum

import msgspec

from kasauti.domain.instrument import Exchange, Kind
from kasauti.domain.money import PAISA, format_rupees, rupees
from kasauti.errors import ConfigError, InvalidInput
from kasauti.exchange.rules import Row, RuleFile, Timeline, read_rules
from kasauti.exchange.symbols import Symbol, future_symbol, option_symbol, parse

_FILE = "corporate_actions.json"
#: Adjusted strikes are rounded to this.
_STRIKE_TICK = 5 * PAISA
_SHARES = (Exchange.NSE, Exchange.BSE)
#: How many letters a series behind a symbol has.
_SERIES = 2


class ActionKind(StrEnum):
    """What a company did."""

    SPLIT = "split"
    BONUS = "bonus"
    DIVIDEND = "dividend"
    RENAME = "rename"
    MERGER = "merger"
    RIGHTS = "rights"


class _ActionRow(Row, frozen=True, kw_only=True):
    symbol: str
    kind: ActionKind
    held: int | None = None
    becomes: int | None = None
    new: int | None = None
    for_: int | None = msgspec.field(default=None, name="for")
    rupees: Decimal | None = None
    extraordinary: bool | None = None
    into: str | None = None
    isin: str = ""


class FractionPrice(StrEnum):
    """What a fraction of a share is paid by."""

    LAST_CLOSE = "last_close"


class _FractionRow(Row, frozen=True, kw_only=True):
    paid_by: FractionPrice


class _ActionFile(RuleFile, frozen=True, kw_only=True):
    fractions: tuple[_FractionRow, ...]
    actions: tuple[_ActionRow, ...]


#: The fields that each kind needs, beside the common ones; others may not stand there.
_NEEDS: dict[ActionKind, frozenset[str]] = {
    ActionKind.SPLIT: frozenset({"held", "becomes"}),
    ActionKind.BONUS: frozenset({"new", "for_"}),
    ActionKind.DIVIDEND: frozenset({"rupees", "extraordinary"}),
    ActionKind.RENAME: frozenset({"into"}),
    ActionKind.MERGER: frozenset({"held", "becomes", "into"}),
    ActionKind.RIGHTS: frozenset({"new", "for_", "rupees"}),
}
_VALUES = ("held", "becomes", "new", "for_", "rupees", "extraordinary", "into")


class Adjusted(msgspec.Struct, frozen=True):
    """
    What an action makes of one instrument.

    `into` is its id after it. Of every `denominator` units there are `numerator`; a price is first lowered by
    `off` (money units), then divided by that ratio. `dividend` is paid for each unit held, in money units.
    """

    into: str
    numerator: int = 1
    denominator: int = 1
    off: int = 0
    dividend: int = 0

    @property
    def changes_terms(self) -> bool:
        """Whether it changes the instrument, its units or its prices, and not only pays."""
        return self.numerator != self.denominator or bool(self.off)

    def units(self, quantity: int) -> int:
        """Return what becomes of a signed quantity; a fraction of a unit is left out."""
        size = abs(quantity) * self.numerator // self.denominator
        return size if quantity > 0 else -size

    def fraction(self, quantity: int) -> int:
        """Return what `units` leaves out of a quantity held, in parts of a unit of `denominator` each."""
        return quantity * self.numerator % self.denominator if quantity > 0 else 0

    def price(self, price: int, tick: int = 1) -> int:
        """Return what becomes of a price, to the nearest tick; 0, which is no price, stays 0."""
        if not price:
            return 0
        return max(tick, self.distance(price - self.off, tick))

    def distance(self, distance: int, tick: int = 1) -> int:
        """Return what becomes of a difference of prices, to the nearest tick."""
        return _nearest(distance * self.denominator, self.numerator, tick)


class Action(msgspec.Struct, frozen=True):
    """
    One corporate action.

    Of every `denominator` shares held there are `numerator` from `ex_date` on, of `into` if that is not the
    symbol itself. `dividend` is money units a share.
    """

    symbol: str
    kind: ActionKind
    ex_date: date
    words: str
    numerator: int = 1
    denominator: int = 1
    dividend: int = 0
    extraordinary: bool = False
    into: str = ""
    isin: str = ""

    @property
    def name(self) -> str:
        """The symbol from the ex-date on."""
        return self.into or self.symbol

    def of_share(self, instrument_id: str) -> Adjusted | None:
        """Return what it makes of a share, None if it is of another; the id may name its series."""
        code, _, symbol = instrument_id.partition(":")
        plain, dash, series = symbol.rpartition("-")
        tail = dash + series if plain == self.symbol and len(series) == _SERIES else ""
        if code not in _SHARES or symbol != self.symbol + tail:
            return None
        into = f"{code}:{self.name}{tail}"
        return Adjusted(into, self.numerator, self.denominator, dividend=self.dividend)

    def of_contract(self, instrument_id: str) -> Adjusted | None:
        """Return what it makes of a future or an option, None if it is on another share or stays as it is."""
        code, _, symbol = instrument_id.partition(":")
        if code in _SHARES or not symbol.startswith(self.symbol):
            return None
        try:
            read = parse(symbol, [self.symbol])
        except InvalidInput:
            return None
        if self.kind is ActionKind.DIVIDEND and not self.extraordinary:
            return None
        if self.kind is ActionKind.RIGHTS:
            return Adjusted(instrument_id)
        into = f"{code}:{self._contract_symbol(read)}"
        off = self.dividend if read.kind is Kind.FUTURE else 0
        found = Adjusted(into, self.numerator, self.denominator, off)
        return found if found.changes_terms or into != instrument_id else None

    def strike(self, strike: int) -> int:
        """Return what becomes of a strike."""
        return _nearest((strike - self.dividend) * self.denominator, self.numerator, _STRIKE_TICK)

    def _contract_symbol(self, read: Symbol) -> str:
        expiry = read.expiry or date(read.year, read.month, 1)
        if read.kind is Kind.FUTURE:
            return future_symbol(self.name, expiry)
        return option_symbol(self.name, expiry, self.strike(read.strike), read.kind, monthly=read.monthly)


class CorporateActions:
    """`corporate_actions.json`, with the user's own rows, in order of the ex-date."""

    def __init__(self) -> None:
        file = read_rules(_FILE, _ActionFile)
        self._actions = sorted((_action(row) for row in file.actions), key=lambda action: action.ex_date)
        self._fractions = Timeline(
            "What a fraction of a share is paid by", file.fractions, file=_FILE, known_to=file.known_to
        )

    def between(self, after: date, last: date) -> list[Action]:
        """Return the actions whose ex-date comes after `after` and not after `last`."""
        return [each for each in self._actions if after < each.ex_date <= last]

    def pays_fractions_by(self, ex_date: date) -> FractionPrice:
        """Return what a fraction that an action leaves is paid by."""
        return self._fractions.on(ex_date).paid_by

    def of(self, symbol: str) -> list[Action]:
        """Return the actions of one share, oldest first."""
        return [each for each in self._actions if each.symbol == symbol]


class NoCorporateActions(CorporateActions):
    """None at all: for prices that were adjusted before they came here."""

    def __init__(self) -> None:
        self._actions = []


def _action(row: _ActionRow) -> Action:
    given = {name for name in _VALUES if getattr(row, name) is not None}
    needed = _NEEDS[row.kind]
    if given != needed:
        words = ", ".join(sorted(name.rstrip("_") for name in needed))
        raise ConfigError(f"{_FILE}: {_which(row)} needs {words}, and nothing else.")
    numerator, denominator = _ratio(row)
    amount = 0 if row.rupees is None else rupees(row.rupees)
    return Action(
        row.symbol,
        row.kind,
        row.effective_from,
        _words(row, amount),
        numerator,
        denominator,
        amount if row.kind is ActionKind.DIVIDEND else 0,
        row.extraordinary or False,
        row.into or "",
        row.isin,
    )


def _which(row: _ActionRow) -> str:
    return f"the {row.kind} of {row.symbol} on {row.effective_from}"


def _ratio(row: _ActionRow) -> tuple[int, int]:
    """Return how many shares there are of how many; one of one where units stay."""
    if row.kind is ActionKind.BONUS and row.new is not None and row.for_ is not None:
        return row.new + row.for_, row.for_
    return row.becomes or 1, row.held or 1


def _words(row: _ActionRow, amount: int) -> str:
    """Return what a person calls it."""
    match row.kind:
        case ActionKind.SPLIT:
            return f"split of {row.held} into {row.becomes}"
        case ActionKind.BONUS:
            return f"bonus of {row.new} for {row.for_}"
        case ActionKind.DIVIDEND:
            return f"{'extraordinary ' if row.extraordinary else ''}dividend of {format_rupees(amount)}"
        case ActionKind.RENAME:
            return f"renamed {row.into}"
        case ActionKind.MERGER:
            return f"merged into {row.into}, {row.becomes} for {row.held}"
        case ActionKind.RIGHTS:
            return f"rights issue of {row.new} for {row.for_} at {format_rupees(amount)}"


def _nearest(numerator: int, denominator: int, tick: int) -> int:
    """Round to the nearest tick, halves up; what is negative keeps its sign."""
    if numerator < 0:
        return -_nearest(-numerator, denominator, tick)
    step = denominator * tick
    return (2 * numerator + step) // (2 * step) * tick
