"""
Reading a clearing house's SPAN file (XML, file format 4.00) as its bytes come.

A file has tens of megabytes; each portfolio is taken as soon as it is complete, and forgotten. Nothing is
defaulted: what a margin needs and a file lacks is an error. Amounts become money units, a loss that is finer
is rounded to the nearest.

    spanFile/pointInTime: date, clearingOrg
    clearingOrg: ccDef (cc, somTiers/tier/rate/val, dSpread), interSpreads/dSpread, exchange
    exchange: phyPf/phy (p), futPf/fut, oopPf/series/opt; each with pfCode
    a contract: pe (expiry), k and o (option), p (price), cvf, ra: sixteen a (losses), d (delta)

Source: CME SPAN 4.00; market_rules.md 5.4.
"""

from collections.abc import Iterable
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import cast
from xml.etree.ElementTree import Element, ParseError, XMLPullParser

import msgspec

from kasauti.domain.instrument import Kind
from kasauti.domain.money import RUPEE
from kasauti.errors import MarketDataError
from kasauti.exchange.span.risk import (
    ONE_DELTA,
    SCENARIOS,
    CalendarSpread,
    InterSpread,
    Risk,
    Underlying,
)

_PORTFOLIOS = frozenset({"phyPf", "futPf", "oopPf"})
#: What is forgotten once it has been taken.
_TAKEN = _PORTFOLIOS | {"ccDef", "interSpreads"}
#: Charge methods of calendar spreads that are flat amounts for each spread.
_FLAT = frozenset({"F", "P"})
_KINDS = {"C": Kind.CALL, "P": Kind.PUT}

#: A contract of a file: underlying, expiry, kind, strike in money units.
ContractKey = tuple[str, date, Kind, int]


class RiskFile(msgspec.Struct):
    """What a SPAN file says: the day it is for, spot prices, contracts, underlyings and their spreads."""

    day: date
    spots: dict[str, int]
    contracts: dict[ContractKey, Risk]
    underlyings: dict[str, Underlying]
    inter: tuple[InterSpread, ...]


def parse_span(
    chunks: Iterable[bytes], what: str, names: Iterable[str] | None = None, *, may_lack: bool = False
) -> RiskFile:
    """
    Return what a SPAN file of these bytes says; `names` limits it to those underlyings.

    `what` names the file in messages; one that `may_lack` them is not refused for having none. Raises
    `MarketDataError` for what is no SPAN file, or not whole.
    """
    reading = _Reading(what, None if names is None else frozenset(names))
    parser: XMLPullParser[Element] = XMLPullParser(events=("end",))
    try:
        for chunk in chunks:
            parser.feed(chunk)
            reading.take(cast("Iterable[tuple[str, Element]]", parser.read_events()))
        parser.close()
        reading.take(cast("Iterable[tuple[str, Element]]", parser.read_events()))
    except ParseError as error:
        raise MarketDataError(f"{what} is not a whole SPAN file: {error}. Fetch it again.") from error
    return reading.result(may_lack=may_lack)


class _Reading:
    """One file on its way in."""

    def __init__(self, what: str, names: frozenset[str] | None) -> None:
        self._what = what
        self._names = names
        self._day: date | None = None
        self._spots: dict[str, int] = {}
        self._contracts: dict[ContractKey, tuple[Risk, Decimal]] = {}
        self._underlyings: dict[str, Underlying] = {}
        self._inter: list[InterSpread] = []

    def take(self, events: Iterable[tuple[str, Element]]) -> None:
        """Take in what has become complete."""
        for _, element in events:
            tag = element.tag
            if tag == "date" and self._day is None:
                self._day = self._date(element.text or "", "the day")
            if tag not in _TAKEN:
                continue
            if tag == "interSpreads":
                self._inter.extend(
                    self._inter_spread(each) for each in element.findall("dSpread") if len(each)
                )
            else:
                code = self._text(element, "cc" if tag == "ccDef" else "pfCode", tag)
                if self._names is None or code in self._names:
                    self._portfolio(tag, code, element)
            element.clear()

    def result(self, *, may_lack: bool) -> RiskFile:
        """Return the whole file."""
        if self._day is None or not (self._underlyings or may_lack):
            what = "no day" if self._day is None else "no underlying that was asked for"
            raise MarketDataError(
                f"{self._what} has {what}: it is no SPAN file (XML, format 4.00), or one of another segment."
            )
        spots = self._spots
        contracts = {
            key: self._exposed(risk, key[0], factor) for key, (risk, factor) in self._contracts.items()
        }
        return RiskFile(self._day, spots, contracts, self._underlyings, tuple(self._inter))

    def _exposed(self, risk: Risk, name: str, factor: Decimal) -> Risk:
        """Return `risk` with what exposure is taken on: a future's own price, an option's underlying."""
        if not risk.is_option:
            return risk
        if name not in self._spots:
            raise MarketDataError(
                f"{self._what} has no price of {name} itself (phyPf), which exposure rests on."
            )
        exposed = _rounded(self._spots[name] * factor)
        return Risk(risk.key, risk.kind, risk.expiry, risk.price, exposed, risk.losses, risk.delta)

    def _portfolio(self, tag: str, code: str, element: Element) -> None:
        if tag == "ccDef":
            self._underlyings[code] = self._underlying(code, element)
        elif tag == "phyPf":
            physical = element.find("phy")
            if physical is not None:
                self._spots[code] = self._money(physical, "p", code)
        elif tag == "futPf":
            for contract in element.findall("fut"):
                self._contract(code, Kind.FUTURE, (contract, element), contract)
        else:
            for series in element.findall("series"):
                for contract in series.findall("opt"):
                    where = f"an option of {code}"
                    word = self._text(contract, "o", where)
                    if word not in _KINDS:
                        raise MarketDataError(f"{self._what}: {where} is {word!r}; it can be C or P.")
                    self._contract(code, _KINDS[word], (contract, series, element), series)

    def _contract(self, code: str, kind: Kind, inside: tuple[Element, ...], dated: Element) -> None:
        """Take a contract in; `inside` are its element and those around it, nearest first."""
        contract = inside[0]
        expiry = self._date(self._text(dated, "pe", f"a contract of {code}"), f"a contract of {code}")
        strike = self._money(contract, "k", code) if kind.is_option else 0
        where = f"{code} {expiry} {kind}" + (f" {strike / RUPEE:g}" if strike else "")
        array = contract.find("ra")
        if array is None:
            return  # a contract that is defined and cannot be held yet
        losses = tuple(self._units(each.text, where) for each in array.findall("a"))
        if len(losses) != len(SCENARIOS):
            raise MarketDataError(
                f"{self._what}: {where} has {len(losses)} losses, a risk array has {len(SCENARIOS)}."
            )
        written = next((found for each in inside if (found := each.findtext("cvf"))), None)
        if written is None:
            raise MarketDataError(f"{self._what}: {where} has no contract value factor (cvf).")
        factor = self._decimal(written, where)
        worth = _rounded(self._decimal(contract.findtext("p"), where) * factor * RUPEE)
        delta = _rounded(self._decimal(array.findtext("d"), where) * ONE_DELTA)
        risk = Risk(where, kind, expiry, worth, worth, losses, delta)
        self._contracts[code, expiry, kind, strike] = risk, factor

    def _underlying(self, code: str, element: Element) -> Underlying:
        spreads = sorted(element.findall("dSpread"), key=lambda each: int(each.findtext("spread") or 0))
        rates = [self._units(rate.text, code) for rate in element.findall("somTiers/tier/rate/val")]
        return Underlying(
            code,
            tuple(found for each in spreads if (found := self._calendar(code, each)) is not None),
            max(rates, default=0),
        )

    def _calendar(self, code: str, element: Element) -> CalendarSpread | None:
        where = f"a calendar spread of {code}"
        if self._text(element, "chargeMeth", where) not in _FLAT:
            raise MarketDataError(
                f"{self._what}: {where} is not charged by a flat amount; that is not known here."
            )
        legs = {each.findtext("rs"): each for each in element.findall("pLeg")}
        if set(legs) != {"A", "B"}:
            return None
        near, far = legs["A"], legs["B"]
        return CalendarSpread(
            self._date(self._text(near, "pe", where), where),
            self._date(self._text(far, "pe", where), where),
            self._units(element.findtext("rate/val"), where),
            self._ratio(near, where),
            self._ratio(far, where),
        )

    def _inter_spread(self, element: Element) -> InterSpread:
        where = f"inter-commodity spread {element.findtext('spread')}"
        legs = tuple(
            (self._text(leg, "cc", where), self._ratio(leg, where), self._text(leg, "rs", where))
            for leg in [*element.findall("tLeg"), *element.findall("pLeg")]
        )
        return InterSpread(legs, _rounded(self._decimal(element.findtext("rate/val"), where) * ONE_DELTA))

    def _ratio(self, leg: Element, where: str) -> int:
        ratio = _rounded(self._decimal(leg.findtext("i"), where) * ONE_DELTA)
        if ratio <= 0:
            raise MarketDataError(
                f"{self._what}: {where} has a leg of ratio {leg.findtext('i')}; it is above 0."
            )
        return ratio

    def _text(self, element: Element, tag: str, where: str) -> str:
        text = (element.findtext(tag) or "").strip()
        if not text:
            raise MarketDataError(f"{self._what}: {where} has no {tag}.")
        return text

    def _money(self, element: Element, tag: str, where: str) -> int:
        return self._units(element.findtext(tag), f"{where} ({tag})")

    def _units(self, text: str | None, where: str) -> int:
        return _rounded(self._decimal(text, where) * RUPEE)

    def _decimal(self, text: str | None, where: str) -> Decimal:
        try:
            number = Decimal((text or "").strip())
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite():
            raise MarketDataError(f"{self._what}: {where} has {text!r} where a number belongs.")
        return number

    def _date(self, text: str, where: str) -> date:
        try:
            return date.fromisoformat(text.strip())
        except ValueError as error:
            raise MarketDataError(
                f"{self._what}: {where} has the date {text!r}; it is written like 20261124."
            ) from error


def _rounded(number: Decimal) -> int:
    return int(number.to_integral_value(ROUND_HALF_EVEN))
