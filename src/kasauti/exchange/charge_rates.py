"""The charge files, read: which rates hold for a class of trade on a day."""

from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from typing import Generic, NamedTuple, TypeVar

from kasauti.domain.instrument import Exchange
from kasauti.domain.money import RUPEE
from kasauti.exchange import brokerage
from kasauti.exchange.brokerage import ClassRow, OrderRow, Plan
from kasauti.exchange.charge_class import ChargeClass, Charged
from kasauti.exchange.rules import ONE, Lasting, Row, RuleFile, Timeline, per_billion, read_rules

_STT = "stt.json"
_EXCHANGE = "exchange_charges.json"
_STAMP = "stamp_duty.json"
_LEVIES = "levies.json"


class _TaxRow(ClassRow, frozen=True, kw_only=True):
    buy_percent: Decimal
    sell_percent: Decimal


class _ExchangeRow(ClassRow, frozen=True, kw_only=True):
    exchange: Exchange
    fee_percent: Decimal
    ipft_percent: Decimal


class _StampRow(ClassRow, frozen=True, kw_only=True):
    buy_percent: Decimal


class PercentRow(Row, frozen=True, kw_only=True):
    """A rate for everything, or for the underlyings it names."""

    percent: Decimal
    names: tuple[str, ...] = ()


class _BothSidesRow(Row, frozen=True, kw_only=True):
    buy_percent: Decimal
    sell_percent: Decimal


class _SeriesRow(Row, frozen=True, kw_only=True):
    exchange: Exchange
    series: tuple[str, ...]


class _TaxFile(RuleFile, frozen=True, kw_only=True):
    trades: tuple[_TaxRow, ...]
    exercise: tuple[PercentRow, ...]
    physical: tuple[_BothSidesRow, ...]
    devolvement: tuple[PercentRow, ...]
    trade_to_trade: tuple[_SeriesRow, ...]


class _ExchangeFile(RuleFile, frozen=True, kw_only=True):
    rates: tuple[_ExchangeRow, ...]


class _StampFile(RuleFile, frozen=True, kw_only=True):
    rates: tuple[_StampRow, ...]
    physical: tuple[PercentRow, ...]


class _LevyFile(RuleFile, frozen=True, kw_only=True):
    sebi: tuple[PercentRow, ...]
    gst: tuple[PercentRow, ...]
    brokerage_ceiling: tuple[PercentRow, ...]


class Rates(NamedTuple):
    """
    All rates for one class of trade on one day, in billionths of turnover.

    Brokerage amounts are billionths of a money unit; `brokerage_cap` is None where there is no cap, and
    `brokerage_ceiling` is the part of turnover that brokerage may not exceed.
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
    brokerage_ceiling: int


class Taxes(NamedTuple):
    """What the law takes for one class of trade on one day, in billionths of turnover."""

    stt_buy: int
    stt_sell: int
    stamp_buy: int


ClassRowT = TypeVar("ClassRowT", bound=ClassRow)


class _Table(Generic[ClassRowT]):
    """The rows of one file that differ by class of trade."""

    def __init__(self, title: str, file: str, rows: Iterable[ClassRowT], known_to: date) -> None:
        self._title = title
        self._file = file
        self._rows = tuple(rows)
        self._known_to = known_to

    def timeline(self, key: Charged) -> Timeline[ClassRowT]:
        """Return the rows for a key: those that say most about it; shares' where funds have none."""
        fitting = [row for row in self._rows if key.of in row.charge_classes and _fits(row, key)]
        if not fitting:
            of = key.of.as_share
            fitting = [row for row in self._rows if of in row.charge_classes and _fits(row, key)]
        most = max((_says(row) for row in fitting), default=0)
        chosen = [row for row in fitting if _says(row) == most]
        what = f"{self._title} for {key.of.replace('_', ' ')} on {key.exchange}"
        return Timeline(
            what + (f" in {key.name}" if key.name else ""), chosen, file=self._file, known_to=self._known_to
        )


class ChargeRates:
    """
    Every charge file, for one broker's plan; `bse_ipf` overrules what the plan says of BSE's levy.

    What holds on `assumed` holds on every day before it.
    """

    def __init__(self, plan: Plan | str, *, bse_ipf: bool | None = None, assumed: date = date.min) -> None:
        self._assumed = assumed
        self._taxes: dict[Charged, tuple[Timeline[_TaxRow], Timeline[_StampRow]]] = {}
        stt = read_rules(_STT, _TaxFile)
        fees = read_rules(_EXCHANGE, _ExchangeFile)
        stamp = read_rules(_STAMP, _StampFile)
        levies = read_rules(_LEVIES, _LevyFile)
        chosen = self.plan = brokerage.plan_named(plan) if isinstance(plan, str) else plan
        self._bse_ipf = chosen.bse_ipf if bse_ipf is None else bse_ipf
        known_to = brokerage.plans_known_to()
        self._stt = _Table("STT or CTT", _STT, stt.trades, stt.known_to)
        self._fees = _Table("The exchange's charge", _EXCHANGE, fees.rates, fees.known_to)
        self._stamp = _Table("Stamp duty", _STAMP, stamp.rates, stamp.known_to)
        self._brokerage = _Table(f"The {chosen.name} brokerage", brokerage.FILE, chosen.rates, known_to)
        self._sebi, self._levies_known_to = levies.sebi, levies.known_to
        self._gst = Timeline("GST", levies.gst, file=_LEVIES, known_to=levies.known_to)
        self._ceiling = Timeline(
            "SEBI's ceiling of brokerage", levies.brokerage_ceiling, file=_LEVIES, known_to=levies.known_to
        )
        self._exercise = Timeline("STT on exercise", stt.exercise, file=_STT, known_to=stt.known_to)
        self._physical = Timeline("STT on physical delivery", stt.physical, file=_STT, known_to=stt.known_to)
        self._physical_stamp = Timeline(
            "Stamp duty on physical delivery", stamp.physical, file=_STAMP, known_to=stamp.known_to
        )
        self._devolvement = Timeline("CTT on devolvement", stt.devolvement, file=_STT, known_to=stt.known_to)
        self._trade_to_trade = stt.trade_to_trade

    def day(self, on: date) -> date:
        """Return the day whose rows hold on `on`."""
        return max(on, self._assumed)

    def exercise_stt(self, on: date) -> int:
        """Return the tax on an exercised option, in billionths of its intrinsic value."""
        return per_billion(self._exercise.on(self.day(on)).percent, file=_STT)

    def devolvement_ctt(self, on: date) -> int:
        """Return the tax on an exercised commodity option, in billionths of its settlement value."""
        return per_billion(self._devolvement.on(self.day(on)).percent, file=_STT)

    def physical_stt(self, on: date, *, receives: bool) -> int:
        """Return the tax of one side of a delivery of shares, in billionths of the value delivered."""
        row = self._physical.on(self.day(on))
        return per_billion(row.buy_percent if receives else row.sell_percent, file=_STT)

    def physical_stamp(self, on: date) -> int:
        """Return the receiver's stamp duty, in billionths of the value delivered."""
        return per_billion(self._physical_stamp.on(self.day(on)).percent, file=_STAMP)

    def gst(self, on: date) -> int:
        """Return the tax on services, in billionths."""
        return per_billion(self._gst.on(self.day(on)).percent, file=_LEVIES)

    def taxes(self, key: Charged, on: date) -> Taxes:
        """Return the taxes of a class of trade, whatever the broker's plan."""
        if key not in self._taxes:
            self._taxes[key] = self._stt.timeline(key), self._stamp.timeline(key)
        day = self.day(on)
        taxes, duties = self._taxes[key]
        tax, duty = taxes.on(day), duties.on(day)
        return Taxes(
            per_billion(tax.buy_percent, file=_STT),
            per_billion(tax.sell_percent, file=_STT),
            per_billion(duty.buy_percent, file=_STAMP),
        )

    def bills_by_nature(self, on: date) -> bool:
        """Whether brokerage on shares goes by what their trades were on the day, not by their products."""
        day = self.day(on)
        return any(
            row.effective_from <= day and (row.effective_to is None or day <= row.effective_to)
            for row in self.plan.by_nature
        )

    def is_trade_to_trade(self, exchange: Exchange, series: str, on: date) -> bool:
        """Whether every trade in this series or group is delivered, and a day's trades are not matched."""
        day = self.day(on)
        return any(
            row.exchange is exchange
            and series in row.series
            and row.effective_from <= day
            and (row.effective_to is None or day <= row.effective_to)
            for row in self._trade_to_trade
        )

    def lookup(
        self, exchange: Exchange, of: ChargeClass, name: str, series: str = "", product: str = ""
    ) -> Callable[[date], Rates]:
        """Return what answers, for any day, the rates of one class of trade; see `Charged`."""
        key = Charged(exchange, of, name, series, product)
        timelines = (
            self._brokerage.timeline(key),
            self._stt.timeline(key),
            self._fees.timeline(key),
            self._stamp.timeline(key),
            self._sebi_fees(name),
            self._gst,
            self._ceiling,
        )
        bills_ipft = self._bse_ipf or exchange is not Exchange.BFO
        ipft_in_gst = self.plan.ipft_in_gst

        def rates(
            order: OrderRow,
            tax: _TaxRow,
            fee: _ExchangeRow,
            duty: _StampRow,
            sebi: PercentRow,
            gst: PercentRow,
            ceiling: PercentRow,
        ) -> Rates:
            return Rates(
                brokerage_rate=per_billion(order.percent, file=brokerage.FILE),
                brokerage_flat=in_billionths(order.flat),
                brokerage_cap=None if order.cap is None else in_billionths(order.cap),
                brokerage_floor=in_billionths(order.floor),
                stt_buy=per_billion(tax.buy_percent, file=_STT),
                stt_sell=per_billion(tax.sell_percent, file=_STT),
                exchange=per_billion(fee.fee_percent, file=_EXCHANGE),
                ipft=per_billion(fee.ipft_percent, file=_EXCHANGE) if bills_ipft else 0,
                sebi=per_billion(sebi.percent, file=_LEVIES),
                stamp_buy=per_billion(duty.buy_percent, file=_STAMP),
                gst=per_billion(gst.percent, file=_LEVIES),
                ipft_in_gst=ipft_in_gst,
                brokerage_ceiling=per_billion(ceiling.percent, file=_LEVIES),
            )

        last: Lasting[Rates] | None = None

        def on(asked: date) -> Rates:
            nonlocal last
            day = self.day(asked)
            if last is None or not last.holds(day):
                order, tax, fee, duty, sebi, gst, ceiling = timelines
                made = rates(
                    order.on(day), tax.on(day), fee.on(day), duty.on(day), sebi.on(day), gst.on(day),
                    ceiling.on(day),
                )  # fmt: skip
                last = Lasting(made, timelines, day)
            return last.value

        return on

    def _sebi_fees(self, name: str) -> Timeline[PercentRow]:
        named = [row for row in self._sebi if name in row.names]
        rows = named or [row for row in self._sebi if not row.names]
        return Timeline("The SEBI fee", rows, file=_LEVIES, known_to=self._levies_known_to)


def _fits(row: ClassRow, key: Charged) -> bool:
    return (
        (not row.names or key.name in row.names)
        and (not row.series or key.series in row.series)
        and (not row.products or key.product in row.products)
        and (not isinstance(row, _ExchangeRow) or row.exchange is key.exchange)
    )


def _says(row: ClassRow) -> int:
    """Return how much a row is limited to: one that names the underlying holds before one for all."""
    return bool(row.names) + bool(row.series) + bool(row.products)


def in_billionths(amount: Decimal) -> int:
    """Return rupees as billionths of a money unit."""
    return int(amount * RUPEE * ONE)


def commodities() -> frozenset[str]:
    """Return the names of the commodities whose tax is known: their contracts trade on MCX or NCDEX."""
    of_commodities = (ChargeClass.COMMODITY_FUTURE, ChargeClass.COMMODITY_OPTION)
    rows = read_rules(_STT, _TaxFile).trades
    return frozenset(name for row in rows if row.charge_classes[0] in of_commodities for name in row.names)
