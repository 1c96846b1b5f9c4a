"""The charge files, read: which rates hold for a class of trade on a day."""

from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Generic, NamedTuple, TypeVar

import msgspec

from kasauti.domain.instrument import Exchange
from kasauti.domain.money import RUPEE
from kasauti.errors import ConfigError
from kasauti.exchange.charge_class import ChargeClass
from kasauti.exchange.rules import ONE, Row, RuleFile, Timeline, per_billion, read_rules

_STT = "stt.json"
_EXCHANGE = "exchange_charges.json"
_STAMP = "stamp_duty.json"
_LEVIES = "levies.json"
_BROKERAGE = "brokerage.json"


class _ClassRow(Row, frozen=True, kw_only=True):
    charge_classes: tuple[ChargeClass, ...]
    names: tuple[str, ...] = ()


class _TaxRow(_ClassRow, frozen=True, kw_only=True):
    buy_percent: Decimal
    sell_percent: Decimal


class _ExchangeRow(_ClassRow, frozen=True, kw_only=True):
    exchange: Exchange
    fee_percent: Decimal
    ipft_percent: Decimal


class _StampRow(_ClassRow, frozen=True, kw_only=True):
    buy_percent: Decimal


class _BrokerageRow(_ClassRow, frozen=True, kw_only=True):
    percent: Decimal = Decimal(0)
    flat: Decimal = Decimal(0)
    cap: Decimal | None = None
    floor: Decimal = Decimal(0)


class _PercentRow(Row, frozen=True, kw_only=True):
    percent: Decimal


class _TaxFile(RuleFile, frozen=True, kw_only=True):
    trades: tuple[_TaxRow, ...]
    exercise: tuple[_PercentRow, ...]


class _ExchangeFile(RuleFile, frozen=True, kw_only=True):
    rates: tuple[_ExchangeRow, ...]


class _StampFile(RuleFile, frozen=True, kw_only=True):
    rates: tuple[_StampRow, ...]


class _LevyFile(RuleFile, frozen=True, kw_only=True):
    sebi: tuple[_PercentRow, ...]
    gst: tuple[_PercentRow, ...]


class _Plan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str
    ipft_in_gst: bool
    rates: tuple[_BrokerageRow, ...]


class _BrokerageFile(RuleFile, frozen=True, kw_only=True):
    plans: tuple[_Plan, ...]


class Rates(NamedTuple):
    """
    All rates for one class of trade on one day, in billionths of turnover.

    Brokerage amounts are billionths of a money unit; `brokerage_cap` is None where there is no cap.
    """

    brokerage_rate: int
    brokerage_flat: int
    brokerage_cap: int | None
    brokerage_floor: int
    stt_buy: int
    stt_sell: int
    exchange: int
    ipft: int
    sebi: int
    stamp_buy: int
    gst: int
    ipft_in_gst: bool


ClassRowT = TypeVar("ClassRowT", bound=_ClassRow)


class _Table(Generic[ClassRowT]):
    """The rows of one file that differ by class of trade."""

    def __init__(self, title: str, file: str, rows: Iterable[ClassRowT], known_to: date) -> None:
        self._title = title
        self._file = file
        self._rows = tuple(rows)
        self._known_to = known_to

    def timeline(self, exchange: Exchange, of: ChargeClass, name: str) -> Timeline[ClassRowT]:
        """Return the rows for a class: those that name the underlying, else those that hold for all."""
        of_class = [row for row in self._rows if of in row.charge_classes and _trades_on(row, exchange)]
        named = [row for row in of_class if name in row.names]
        chosen = named or [row for row in of_class if not row.names]
        what = f"{self._title} for {of.replace('_', ' ')} on {exchange}" + (f" in {name}" if name else "")
        return Timeline(what, chosen, file=self._file, known_to=self._known_to)


class ChargeRates:
    """Every charge file for one broker's plan; `ConfigError` if the plan is not in `brokerage.json`."""

    def __init__(self, plan: str, *, bse_ipf: bool) -> None:
        self._bse_ipf = bse_ipf
        stt = read_rules(_STT, _TaxFile)
        fees = read_rules(_EXCHANGE, _ExchangeFile)
        stamp = read_rules(_STAMP, _StampFile)
        levies = read_rules(_LEVIES, _LevyFile)
        brokerage = read_rules(_BROKERAGE, _BrokerageFile)
        chosen = _plan(brokerage, plan)
        self._ipft_in_gst = chosen.ipft_in_gst
        self._stt = _Table("STT or CTT", _STT, stt.trades, stt.known_to)
        self._fees = _Table("The exchange's charge", _EXCHANGE, fees.rates, fees.known_to)
        self._stamp = _Table("Stamp duty", _STAMP, stamp.rates, stamp.known_to)
        self._brokerage = _Table(f"The {plan} brokerage", _BROKERAGE, chosen.rates, brokerage.known_to)
        self._sebi = Timeline("The SEBI fee", levies.sebi, file=_LEVIES, known_to=levies.known_to)
        self._gst = Timeline("GST", levies.gst, file=_LEVIES, known_to=levies.known_to)
        self._exercise = Timeline("STT on exercise", stt.exercise, file=_STT, known_to=stt.known_to)

    def exercise_stt(self, on: date) -> int:
        """Return the tax on an exercised option, in billionths of its intrinsic value."""
        return per_billion(self._exercise.on(on).percent, file=_STT)

    def lookup(self, exchange: Exchange, of: ChargeClass, name: str) -> Callable[[date], Rates]:
        """Return what answers, for any day, the rates of one class of trade in the underlying `name`."""
        brokerages = self._brokerage.timeline(exchange, of, name)
        taxes = self._stt.timeline(exchange, of, name)
        fees = self._fees.timeline(exchange, of, name)
        duties = self._stamp.timeline(exchange, of, name)
        bills_ipft = self._bse_ipf or exchange is not Exchange.BFO

        sebis, gsts = self._sebi, self._gst

        @lru_cache(maxsize=1)  # the same rows hold for months
        def rates(
            brokerage: _BrokerageRow,
            tax: _TaxRow,
            fee: _ExchangeRow,
            duty: _StampRow,
            sebi: _PercentRow,
            gst: _PercentRow,
        ) -> Rates:
            return Rates(
                brokerage_rate=per_billion(brokerage.percent, file=_BROKERAGE),
                brokerage_flat=_rupees(brokerage.flat),
                brokerage_cap=None if brokerage.cap is None else _rupees(brokerage.cap),
                brokerage_floor=_rupees(brokerage.floor),
                stt_buy=per_billion(tax.buy_percent, file=_STT),
                stt_sell=per_billion(tax.sell_percent, file=_STT),
                exchange=per_billion(fee.fee_percent, file=_EXCHANGE),
                ipft=per_billion(fee.ipft_percent, file=_EXCHANGE) if bills_ipft else 0,
                sebi=per_billion(sebi.percent, file=_LEVIES),
                stamp_buy=per_billion(duty.buy_percent, file=_STAMP),
                gst=per_billion(gst.percent, file=_LEVIES),
                ipft_in_gst=self._ipft_in_gst,
            )

        def on(day: date) -> Rates:
            return rates(
                brokerages.on(day),
                taxes.on(day),
                fees.on(day),
                duties.on(day),
                sebis.on(day),
                gsts.on(day),
            )

        return on


def _plan(brokerage: _BrokerageFile, name: str) -> _Plan:
    for plan in brokerage.plans:
        if plan.name == name:
            return plan
    known = ", ".join(sorted(plan.name for plan in brokerage.plans))
    raise ConfigError(
        f"There is no brokerage plan {name!r}. Known plans: {known}."
        f" Choose one, or add it to exchange/data/{_BROKERAGE}."
    )


def _trades_on(row: _ClassRow, exchange: Exchange) -> bool:
    return not isinstance(row, _ExchangeRow) or row.exchange is exchange


def _rupees(amount: Decimal) -> int:
    """Return rupees as billionths of a money unit."""
    return int(amount * RUPEE * ONE)
