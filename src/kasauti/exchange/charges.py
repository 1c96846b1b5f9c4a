"""
What an order costs by law, exchange and broker, exact to the paisa.

A `ChargeSchedule` holds the rates of one exchange, class of trade and day, compiled to whole numbers. The
cost is of an order: brokerage is charged per order, so its cap meets the order's whole filled turnover.
What one fill adds is the cost of the turnover after it less the cost of the turnover before it, and the
fills of an order always add up to the order.

For an order of turnover T (price times quantity; for options, premium times quantity):

- brokerage: by the broker's plan, between its floor and its cap, never above SEBI's ceiling of turnover
- STT or CTT: rate x T by side
- exchange and ipft: rate x T, both sides
- SEBI: rate x T, both sides
- stamp duty: rate x T, buyer only
- GST: rate x (brokerage + exchange + SEBI, and ipft where the broker's base includes it), unrounded base

Each part is then rounded to the paisa, halves up. The end-of-day note rounds differently: contract_note.py;
a quotation may be asked for in any of the ways: estimate.py. What a broker takes for services: services.py.
Source: market_rules.md, sections 1.1 to 1.7.
"""

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from math import gcd
from typing import Final, NamedTuple

from kasauti.domain.charges import Charges
from kasauti.domain.instrument import Exchange, Instrument
from kasauti.domain.money import PAISA, RUPEE, to_paise_half_up
from kasauti.domain.order import Product, Side
from kasauti.errors import InvalidInput
from kasauti.exchange.brokerage import Plan
from kasauti.exchange.charge_class import ChargeClass, Charged, charge_class, charged
from kasauti.exchange.charge_rates import ChargeRates, Rates, Taxes
from kasauti.exchange.rules import ONE
from kasauti.exchange.services import Services

__all__ = ["ChargeBook", "ChargeClass", "ChargeSchedule", "Unrounded", "charge_class"]

# One paisa at the scale of turnover x rate, and at the scale of turnover x rate x GST rate.
_STEP: Final = PAISA * ONE
_GST_STEP: Final = _STEP * ONE

_NO_CAP: Final = 1 << 200
_NOTHING: Final = Charges()

# Looked up once: a member of an enum costs a function call, a name of another module a look into it.
_CHARGES: Final = Charges
_BUY: Final = Side.BUY


class Unrounded(NamedTuple):
    """The parts of a cost in billionths of a money unit; `gst` in billionths of those."""

    brokerage: int
    stt: int
    exchange: int
    ipft: int
    sebi: int
    stamp: int
    gst: int


class SideRates(NamedTuple):
    """
    What one side pays, in billionths of turnover; brokerage amounts in billionths of a money unit.

    Below the turnover `ceiled_below` the ceiling, a part of turnover, may be less than what the plan says.
    """

    brokerage_rate: int
    brokerage_flat: int
    brokerage_cap: int
    brokerage_floor: int
    ceiling: int
    ceiled_below: int
    stt: int
    exchange: int
    ipft: int
    sebi: int
    stamp: int
    gst_base: int
    gst: int


def _steps(rates: SideRates) -> tuple[int, ...]:
    """
    Return one side's rates ready to be applied: whole paise are (turnover x times + half) // step.

    Every fraction is in lowest terms, so that numbers stay small, with an even step, so that a half is whole.
    Brokerage amounts are in one common part of a money unit. It is a plain tuple, which Python takes apart
    several times as fast as a named one.
    """
    capped = rates.brokerage_cap != _NO_CAP
    amounts = (
        rates.brokerage_rate, rates.brokerage_flat, rates.brokerage_cap * capped, rates.brokerage_floor,
        rates.ceiling, rates.gst_base,
    )  # fmt: skip
    unit = gcd(*amounts, _STEP // 2)
    rate, flat, cap, floor, ceiling, gst_base = (amount // unit for amount in amounts)
    return (
        *(rate, flat, cap if capped else _NO_CAP, floor, ceiling, rates.ceiled_below),
        *(_STEP // unit // 2, _STEP // unit),
        *_reduced(rates.stt, _STEP),
        *_reduced(rates.exchange, _STEP),
        *_reduced(rates.ipft, _STEP),
        *_reduced(rates.sebi, _STEP),
        *_reduced(rates.stamp, _STEP),
        *(gst_base, *_reduced(rates.gst, _GST_STEP // unit)),
    )


def _ceiled_below(rates: Rates, cap: int) -> int:
    """Return the turnover from which on the plan's brokerage is below the ceiling for good."""
    if not rates.brokerage_ceiling:
        return _NO_CAP
    floor = rates.brokerage_floor // rates.brokerage_ceiling + 1
    most = cap // rates.brokerage_ceiling + 1
    room = rates.brokerage_ceiling - rates.brokerage_rate
    if room <= 0:
        return max(floor, most)
    return max(floor, min(most, rates.brokerage_flat // room + 1))


def _reduced(times: int, step: int) -> tuple[int, int, int]:
    """Return (times, half of step, step) of an equal fraction in lowest terms with an even step."""
    common = gcd(times, step // 2)
    return times // common, step // common // 2, step // common


class ChargeSchedule:
    """The rates of one exchange, class of trade, broker's plan and day."""

    __slots__ = ("_buy", "_buy_steps", "_day_rates", "_sell", "_sell_steps")

    def __init__(self, rates: Rates) -> None:
        cap = _NO_CAP if rates.brokerage_cap is None else rates.brokerage_cap
        self._buy = SideRates(
            brokerage_rate=rates.brokerage_rate,
            brokerage_flat=rates.brokerage_flat,
            brokerage_cap=cap,
            brokerage_floor=rates.brokerage_floor,
            ceiling=rates.brokerage_ceiling,
            ceiled_below=_ceiled_below(rates, cap),
            stt=rates.stt_buy,
            exchange=rates.exchange,
            ipft=rates.ipft,
            sebi=rates.sebi,
            stamp=rates.stamp_buy,
            gst_base=rates.exchange + rates.sebi + (rates.ipft if rates.ipft_in_gst else 0),
            gst=rates.gst,
        )
        self._sell = self._buy._replace(stt=rates.stt_sell, stamp=0)
        self._buy_steps, self._sell_steps = _steps(self._buy), _steps(self._sell)
        self._day_rates = (
            rates.stt_buy, rates.stt_sell, rates.exchange, rates.ipft, rates.sebi, rates.stamp_buy,
        )  # fmt: skip

    def order_charges(self, side: Side, turnover: int) -> Charges:
        """
        Return what one order costs whose fills add up to `turnover` money units.

        Each part is rounded half up to the paisa. Raises `InvalidInput` for a negative turnover.
        """
        if turnover <= 0:
            return _of_nothing(turnover)
        # Every fill comes through here: one lookup for all rates, no work for parts that nobody pays.
        (
            rate, flat, cap, floor, ceiling, ceiled_below, half, step,
            stt, stt_half, stt_step,
            exchange, exchange_half, exchange_step,
            ipft, ipft_half, ipft_step,
            sebi, sebi_half, sebi_step,
            stamp, stamp_half, stamp_step,
            gst_base, gst, gst_half, gst_step,
        ) = self._buy_steps if side is _BUY else self._sell_steps  # fmt: skip
        brokerage = turnover * rate + flat
        if brokerage > cap:
            brokerage = cap
        elif brokerage < floor:
            brokerage = floor
        if turnover < ceiled_below and brokerage > turnover * ceiling:
            brokerage = turnover * ceiling
        return _CHARGES(
            (brokerage + half) // step * PAISA,
            (turnover * stt + stt_half) // stt_step * PAISA if stt else 0,
            (turnover * exchange + exchange_half) // exchange_step * PAISA,
            (turnover * ipft + ipft_half) // ipft_step * PAISA if ipft else 0,
            (turnover * sebi + sebi_half) // sebi_step * PAISA,
            (turnover * stamp + stamp_half) // stamp_step * PAISA if stamp else 0,
            ((brokerage + turnover * gst_base) * gst + gst_half) // gst_step * PAISA,
        )

    def unrounded(self, side: Side, turnover: int, *, ceiling: bool = True) -> Unrounded:
        """Return the parts of what one order costs before any rounding, with or without SEBI's ceiling."""
        if turnover <= 0:
            _of_nothing(turnover)
            return Unrounded(0, 0, 0, 0, 0, 0, 0)
        rates = self._buy if side is Side.BUY else self._sell
        brokerage = turnover * rates.brokerage_rate + rates.brokerage_flat
        brokerage = max(min(brokerage, rates.brokerage_cap), rates.brokerage_floor)
        if ceiling:
            brokerage = min(brokerage, turnover * rates.ceiling)
        return Unrounded(
            brokerage=brokerage,
            stt=turnover * rates.stt,
            exchange=turnover * rates.exchange,
            ipft=turnover * rates.ipft,
            sebi=turnover * rates.sebi,
            stamp=turnover * rates.stamp,
            gst=self.gst(brokerage, turnover),
        )

    def taxes_and_fees(self, bought: int, sold: int) -> tuple[int, int, int, int, int]:
        """Return (stt, exchange, ipft, sebi, stamp) of a day's two turnovers, unrounded as `unrounded` is."""
        if bought < 0 or sold < 0:
            _of_nothing(min(bought, sold))
        stt_buy, stt_sell, exchange, ipft, sebi, stamp = self._day_rates
        turnover = bought + sold
        return (
            bought * stt_buy + sold * stt_sell, turnover * exchange, turnover * ipft, turnover * sebi,
            bought * stamp,
        )  # fmt: skip

    def rates_of(self, *, buys: bool) -> SideRates:
        """Return the rates of one side, for who compiles them."""
        return self._buy if buys else self._sell

    def gst(self, brokerage: int, turnover: int) -> int:
        """Return the tax on `brokerage` (billionths of a unit) and the fees on `turnover`, unrounded."""
        return (brokerage + turnover * self._buy.gst_base) * self._buy.gst

    def exact(self, side: Side, turnover: int, *, ceiling: bool = True) -> dict[str, Fraction]:
        """Return the unrounded parts in rupees, by the names of `Charges`."""
        parts = self.unrounded(side, turnover, ceiling=ceiling)
        amounts = {name: Fraction(part, ONE * RUPEE) for name, part in parts._asdict().items()}
        amounts["gst"] /= ONE
        return amounts


class ChargeBook:
    """
    Every charge by date, for one broker's plan.

    `plan` is a price list, or the name of one that ships; an unknown name raises `ConfigError` that lists the
    known ones. `bse_ipf` overrules what the plan says of BSE's levy for its investor-protection fund on its
    derivatives: brokers differ, most bill it. What holds on `assumed` holds on every day before it, because
    somebody asked for that. `services` has what the broker takes besides orders.
    """

    def __init__(
        self, plan: Plan | str = "zerodha", *, bse_ipf: bool | None = None, assumed: date = date.min
    ) -> None:
        self._rates = ChargeRates(plan, bse_ipf=bse_ipf, assumed=assumed)
        self.plan = self._rates.plan
        self.services = Services(self._rates)
        self._lookups: dict[Charged, Callable[[date], Rates]] = {}
        self._schedules: dict[Rates, ChargeSchedule] = {}
        #: The rates of a class of trade as they were last, and their schedule: they hold for months.
        self._latest: dict[Charged, tuple[Rates, ChargeSchedule]] = {}
        self._today: dict[Charged, ChargeSchedule] = {}
        self._day = date.min

    def schedule(self, instrument: Instrument, product: Product, on: date) -> ChargeSchedule:
        """
        Return the rates for trades in `instrument` under `product` on `on`.

        Raises `RuleUnknown` outside the dates that are known, `InvalidInput` if it cannot trade so.
        """
        return self._schedule_of(charged(instrument, product), on)

    def schedule_of(
        self, exchange: Exchange, of: ChargeClass, name: str, on: date, *, series: str = "", product: str = ""
    ) -> ChargeSchedule:
        """Return the rates of a class of trade (see `Charged`) on `on`; see `schedule`."""
        return self._schedule_of(Charged(exchange, of, name, series, product), on)

    def _schedule_of(self, key: Charged, on: date) -> ChargeSchedule:
        if on != self._day:
            self._today.clear()
            self._day = on
        schedule = self._today.get(key)
        if schedule is None:
            rates_on = self._lookups.get(key)
            if rates_on is None:
                rates_on = self._lookups[key] = self._rates.lookup(*key)
            rates, latest = rates_on(on), self._latest.get(key)
            if latest is None or latest[0] is not rates:
                latest = self._latest[key] = rates, self._of_rates(rates)
            schedule = self._today[key] = latest[1]
        return schedule

    def _of_rates(self, rates: Rates) -> ChargeSchedule:
        """Return the schedule of some rates; most classes of trade share it with others."""
        schedule = self._schedules.get(rates)
        if schedule is None:
            schedule = self._schedules[rates] = ChargeSchedule(rates)
        return schedule

    def taxes(self, exchange: Exchange, of: ChargeClass, name: str, series: str, on: date) -> Taxes:
        """Return what the law takes for a class of trade (see `Charged`), whatever the broker's plan."""
        return self._rates.taxes(Charged(exchange, of, name, series), on)

    def bills_by_nature(self, on: date) -> bool:
        """Whether brokerage on shares goes by what their trades were on the day, not by their products."""
        return self._rates.bills_by_nature(on)

    def is_trade_to_trade(self, exchange: Exchange, series: str, on: date) -> bool:
        """Whether every trade in this series or group is delivered, and a day's trades are not matched."""
        return self._rates.is_trade_to_trade(exchange, series, on)

    def exercise_stt(self, on: date, intrinsic: int) -> int:
        """
        Return the tax the holder pays on an option exercised at expiry, to the paisa.

        `intrinsic` is its intrinsic value times quantity in money units: never the strike's notional.
        """
        return to_paise_half_up(intrinsic * self.exercise_rate(on), ONE)

    def exercise_rate(self, on: date) -> int:
        """Return the rate of that tax in billionths."""
        return self._rates.exercise_stt(on)


def _of_nothing(turnover: int) -> Charges:
    if turnover < 0:
        raise InvalidInput(f"{turnover} is not a turnover: an order's filled value is 0 or more money units.")
    return _NOTHING
