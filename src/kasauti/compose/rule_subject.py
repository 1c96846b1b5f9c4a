"""What a symbol is, in the words that rule files use, and which rules of a day are about it."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import product

import msgspec

from kasauti.compose.rule_book import Rule
from kasauti.config.words import did_you_mean
from kasauti.domain.instrument import Exchange, Instrument, Kind
from kasauti.domain.money import PAISA
from kasauti.errors import InvalidInput, RuleUnknown
from kasauti.exchange.calendar import Calendar
from kasauti.exchange.charge_class import ChargeClass
from kasauti.exchange.contract_class import ContractClass, contract_class
from kasauti.exchange.expiries import Expiries
from kasauti.exchange.indices import BY_NAME, index_named
from kasauti.exchange.rules import packaged_text
from kasauti.exchange.segments import Segment, has_derivatives, segment, shares_with_derivatives
from kasauti.exchange.symbols import Symbol, parse

_SIZES = "contract_sizes.json"
_DECEMBER = 12
_DERIVATIVES = (Kind.FUTURE, Kind.CALL, Kind.PUT)
_SHARES = (Exchange.NSE, Exchange.BSE)
_NAMES = ("name", "names")
#: The rows for every broker that has none of its own.
_ANY_PLAN = "*"
#: How expiry rules name every share with derivatives, and a share file a row for ordinary series.
_ANY_SHARE, _ORDINARY = "shares", ("EQ", "A")

_CHARGED: dict[ContractClass, tuple[ChargeClass, ...]] = {
    ContractClass.SHARE: (ChargeClass.EQUITY_DELIVERY, ChargeClass.EQUITY_INTRADAY),
    ContractClass.INDEX_FUTURE: (ChargeClass.FUTURE,),
    ContractClass.STOCK_FUTURE: (ChargeClass.FUTURE,),
    ContractClass.INDEX_OPTION: (ChargeClass.OPTION,),
    ContractClass.STOCK_OPTION: (ChargeClass.OPTION,),
    ContractClass.COMMODITY_FUTURE: (ChargeClass.COMMODITY_FUTURE,),
    ContractClass.COMMODITY_OPTION: (ChargeClass.COMMODITY_OPTION,),
    ContractClass.CURRENCY_FUTURE: (ChargeClass.CURRENCY_FUTURE,),
    ContractClass.CURRENCY_OPTION: (ChargeClass.CURRENCY_OPTION,),
}


class Subject(msgspec.Struct, frozen=True):
    """
    Instruments, and what rules may say of them.

    `words` has, by field, the words that fit; words of a field that are in `known` and do not fit are about
    something else, and any other word says nothing about an instrument. `guessed` says that the symbol is in
    no list of ours and what it is taken for, "" for one that is.
    """

    title: str
    instruments: tuple[Instrument, ...]
    words: dict[str, frozenset[str]]
    guessed: str = ""


_KINDS = frozenset(str(kind) for kind in Kind)
_CLASSES = frozenset(str(each) for each in ContractClass) | {
    "equity", "share", "share_with_derivatives", "index", "other", "equity_fund", "fund",
    "commodity", "currency",
    "equity_etf", "debt_etf", "commodity_etf", "overnight_etf", "new_listing", "relisting",
}  # fmt: skip
_KNOWN: dict[str, frozenset[str]] = {
    "exchange": frozenset(str(each) for each in Exchange),
    "segment": frozenset(str(each) for each in Segment),
    "kind": _KINDS,
    "charge_class": frozenset(str(each) for each in ChargeClass),
    "class": _CLASSES,
    "of": _CLASSES,
    "instrument": _CLASSES,
    "applies_to": _CLASSES,
    "subject": _CLASSES,
}
#: Files that are about shares alone, and about contracts alone.
_OF_ONE_KIND = {True: "margins.json", False: "span.json"}
_SINGULAR = {"classes": "class", "charge_classes": "charge_class", "names": "name"}


def subject_of(symbol: str) -> Subject:
    """
    Return what `symbol` names: an index (its contracts are meant), a share, a contract, MCX:NAME or CDS:NAME.

    Raises `InvalidInput` for a contract that cannot be read.
    """
    code, _, bare = symbol.upper().rpartition(":")
    instruments = _instruments(code, bare)
    words: dict[str, set[str]] = {}
    for each in instruments:
        for field, found in _words(each).items():
            words.setdefault(field, set()).update(found)
    fitting = {field: frozenset(each) for field, each in words.items()}
    return Subject(_title(bare, instruments), instruments, fitting, _guessed(bare, instruments))


def _guessed(bare: str, instruments: Sequence[Instrument]) -> str:
    """Return what a name in none of our lists is taken for: there is none of all shares."""
    if instruments[0].kind is not Kind.EQUITY or has_derivatives(bare, ever=True):
        return ""
    meant = did_you_mean(bare, sorted({*BY_NAME, *shares_with_derivatives()}))
    return f"{bare} is taken for a share without derivatives, of which there is no list here.{meant}"


def about(rules: Iterable[Rule], subject: Subject | None, plan: str) -> list[Rule]:
    """Return the rules that are about `subject` (None: about anything) at the broker `plan`."""
    words = {} if subject is None else dict(subject.words)
    words["plan"] = frozenset({plan, _ANY_PLAN})
    fitting = [kept for rule in rules if (kept := _narrowed(rule, words)) is not None]
    fitting = [rule for rule in fitting if subject is None or rule.file not in _not_about(subject)]
    own = {(rule.file, rule.of) for rule in fitting if rule.about.get("plan") == [plan]}
    fitting = [r for r in fitting if r.about.get("plan") != [_ANY_PLAN] or (r.file, r.of) not in own]
    return [rule for rule in fitting if subject is None or not _is_overruled(rule, fitting)]


def _not_about(subject: Subject) -> set[str]:
    """Return the files that are about shares alone, or contracts alone, where none of them is meant."""
    kinds = {each.kind is Kind.EQUITY for each in subject.instruments}
    return {name for is_share, name in _OF_ONE_KIND.items() if is_share not in kinds}


def _instruments(code: str, bare: str) -> tuple[Instrument, ...]:
    if not bare:
        raise InvalidInput("the symbol is empty; write an index, a share or a contract, like NSE:SBIN")
    index = index_named(bare)
    if index is not None:
        return tuple(
            _contract(index.derivatives, bare, kind, index.name, on_index=True) for kind in _DERIVATIVES
        )
    exchange = _exchange(code) or _other_market(bare)
    if exchange in _SHARES:
        return (Instrument(exchange, bare, Kind.EQUITY, PAISA, name=bare),)
    if exchange is not None and bare.isalpha():
        return tuple(_contract(exchange, bare, kind, bare) for kind in _DERIVATIVES)
    if exchange is None and (has_derivatives(bare, ever=True) or not any(each.isdigit() for each in bare)):
        return tuple(Instrument(each, bare, Kind.EQUITY, PAISA, name=bare) for each in _SHARES)
    read = parse(bare)
    on = index_named(read.name)
    where = exchange or (_derivatives(read.name) if on is None else on.derivatives)
    expiry = read.expiry or _monthly(read)
    return (_contract(where, bare, read.kind, read.name, on_index=on is not None, expiry=expiry),)


def _monthly(read: Symbol) -> date | None:
    """Return the expiry of a monthly contract, None where no rule tells it."""
    first = date(read.year, read.month, 1)
    last = date(read.year + read.month // _DECEMBER, read.month % _DECEMBER + 1, 1) - timedelta(days=1)
    try:
        found = Expiries(Calendar()).expiries(read.name, first, last)
    except RuleUnknown:
        return None
    return next((each.day for each in found if each.monthly), None)


def _other_market(name: str) -> Exchange | None:
    """Return where a commodity or a pair of currencies trades, None for any other name."""
    rows = packaged_text(_SIZES).values["contracts"]
    return next((Exchange(row["exchange"]) for row in rows if row["name"] == name), None)


def _derivatives(name: str) -> Exchange:
    """Return where contracts on a name trade; `InvalidInput` for a name that nobody knows."""
    other = _other_market(name)
    if other is None and not has_derivatives(name, ever=True):
        raise InvalidInput(
            f"{name} is no index, commodity or currency, and no share with contracts that is known; write the"
            f" exchange before it, like NFO:{name}26DECFUT, if it is one."
        )
    return other or Exchange.NFO


def _exchange(code: str) -> Exchange | None:
    if not code:
        return None
    try:
        return Exchange(code)
    except ValueError as error:
        known = ", ".join(Exchange)
        raise InvalidInput(
            f"{code} is no exchange that is known; write one of {known}, or leave it out"
        ) from error


def _contract(
    exchange: Exchange,
    symbol: str,
    kind: Kind,
    name: str,
    *,
    on_index: bool = False,
    expiry: date | None = None,
) -> Instrument:
    return Instrument(exchange, symbol, kind, PAISA, name=name, on_index=on_index, expiry=expiry)


def _words(instrument: Instrument) -> dict[str, set[str]]:
    of = contract_class(instrument)
    is_share = instrument.kind is Kind.EQUITY
    on_share = of in {ContractClass.STOCK_FUTURE, ContractClass.STOCK_OPTION}
    liquid = is_share and has_derivatives(instrument.tradingsymbol)
    on_what = "index" if instrument.on_index else "share" if on_share else of.partition("_")[0]
    return {
        "exchange": {instrument.exchange},
        "segment": {segment(instrument)},
        "kind": {instrument.kind},
        "name": {instrument.name, _ANY_SHARE} if on_share or liquid else {instrument.name},
        "charge_class": set(_CHARGED[of]),
        "class": {of},
        "of": {"share_with_derivatives" if liquid else of},
        "instrument": {"equity" if is_share else of},
        "applies_to": {"equity" if is_share else on_what},
        "subject": {"index" if instrument.on_index else "share" if on_share or is_share else "other"},
        "series": set(_ORDINARY),
        "symbol": {instrument.name},
    }


def _title(bare: str, instruments: tuple[Instrument, ...]) -> str:
    exchanges = ", ".join(dict.fromkeys(str(each.exchange) for each in instruments))
    kinds = ", ".join(dict.fromkeys(str(each.kind) for each in instruments))
    return f"{bare} ({kinds} on {exchanges})"


def _narrowed(rule: Rule, words: dict[str, frozenset[str]]) -> Rule | None:
    """Return the rule with those of its things that fit, None if none does."""
    narrowed: dict[str, list[str]] = {}
    for field, told in rule.about.items():
        name = _SINGULAR.get(field, field.removesuffix("s") if field.removesuffix("s") in words else field)
        fitting = [word for word in told if _fits(name, word, words)]
        if told and not fitting:
            return None
        narrowed[field] = fitting
    return msgspec.structs.replace(rule, about=narrowed)


def _fits(name: str, word: str, words: dict[str, frozenset[str]]) -> bool:
    if not word or name not in words or word in words[name]:
        return True
    known = _KNOWN.get(name)
    return known is not None and word not in known


def _is_overruled(rule: Rule, among: list[Rule]) -> bool:
    """Whether a rule for all others is about nothing that a rule with a name is not about too."""
    field = next((each for each in (*_NAMES, "applies_to") if each in rule.about), None)
    if field is None or any(rule.about[field]):
        return False
    named = [
        each for each in among if (each.file, each.of) == (rule.file, rule.of) and any(each.about[field])
    ]
    covered = {thing for each in named for thing in _things(each, field)}
    return set(_things(rule, field)) <= covered


def _things(rule: Rule, apart_from: str) -> list[tuple[str, ...]]:
    return list(product(*(words or [""] for field, words in rule.about.items() if field != apart_from)))
