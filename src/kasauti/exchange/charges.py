"""
What an order costs by law, exchange and broker, exact to the paisa.

A `ChargeSchedule` holds the rates of one exchange, class of trade and day, compiled to whole numbers. The
cost is of an order: brokerage is charged per order, so its cap meets the order's whole filled turnover.
What one fill adds is the cost of the turnover after it less the cost of the turnover before it, and the
fills of an order always add up to the order.

For an order of turnover T (price times quantity; for options, premium times quantity):

- brokerage: by the broker's plan, between its floor and its cap
- STT or CTT: rate x T by side
- exchange and ipft: rate x T, both sides
- SEBI: rate x T, both sides
- stamp duty: rate x T, buyer only
- GST: rate x (brokerage + exchange + SEBI, and ipft where the broker's base includes it), unrounded base

Each part is then rounded to the paisa, halves up. The end-of-day note rounds differently: contract_note.py.
Source: market_rules.md, sections 1.1 to 1.7.
"""

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from kasauti.domain.charges import Charges
from kasauti.domain.instrument import Exchange, Instrument
from kasauti.domain.money import PAISA, RUPEE, to_paise_half_up
from kasauti.domain.order import Product, Side
from kasauti.errors import InvalidInput
from kasauti.exchange.charge_class import ChargeClass, charge_class
from kasauti.exchange.charge_rates import ChargeRates, Rates
from kasauti.exchange.rules import ONE

__all__ = ["ChargeBook", "ChargeClass", "ChargeSchedule", "Unrounded", "charge_class"]

# One paisa at the scale of turnover x rate, and at the scale of turnover x rate x GST rate.
_STEP = PAISA * ONE
_HALF = _STEP // 2
_GST_STEP = _STEP * ONE
_GST_HALF = _GST_STEP // 2

_NO_CAP = 1 << 200
_NOTHING = Charges()


class Unrounded(NamedTuple):
    """The parts of a cost in billionths of a money unit; `gst` in billionths of those."""

    brokerage: int
    stt: int
    exchange: int
    ipft: int
    sebi: int
    stamp: int
    gst: int


class ChargeSchedule:
    """The rates of one exchange, class of trade, broker's plan and day."""

    __slots__ = (
        "_brokerage_cap",
        "_brokerage_flat",
        "_brokerage_floor",
        "_brokerage_rate",
        "_exchange",
        "_gst",
        "_gst_base",
        "_ipft",
        "_sebi",
        "_stamp_buy",
        "_stt_buy",
        "_stt_sell",
    )

    def __init__(self, rates: Rates) -> None:
        self._brokerage_rate = rates.brokerage_rate
        self._brokerage_flat = rates.brokerage_flat
        self._brokerage_cap = _NO_CAP if rates.brokerage_cap is None else rates.brokerage_cap
        self._brokerage_floor = rates.brokerage_floor
        self._stt_buy = rates.stt_buy
        self._stt_sell = rates.stt_sell
        self._exchange = rates.exchange
        self._ipft = rates.ipft
        self._sebi = rates.sebi
        self._stamp_buy = rates.stamp_buy
        self._gst = rates.gst
        self._gst_base = rates.exchange + rates.sebi + (rates.ipft if rates.ipft_in_gst else 0)

    def order_charges(self, side: Side, turnover: int) -> Charges:
        """
        Return what one order costs whose fills add up to `turnover` money units.

        Each part is rounded half up to the paisa. Raises `InvalidInput` for a negative turnover.
        """
        if turnover <= 0:
            return _of_nothing(turnover)
        brokerage = turnover * self._brokerage_rate + self._brokerage_flat
        if brokerage > self._brokerage_cap:
            brokerage = self._brokerage_cap
        elif brokerage < self._brokerage_floor:
            brokerage = self._brokerage_floor
        if side is Side.BUY:
            stt = turnover * self._stt_buy
            stamp = turnover * self._stamp_buy
        else:
            stt = turnover * self._stt_sell
            stamp = 0
        return Charges(
            (brokerage + _HALF) // _STEP * PAISA,
            (stt + _HALF) // _STEP * PAISA,
            (turnover * self._exchange + _HALF) // _STEP * PAISA,
            (turnover * self._ipft + _HALF) // _STEP * PAISA,
            (turnover * self._sebi + _HALF) // _STEP * PAISA,
            (stamp + _HALF) // _STEP * PAISA,
            ((brokerage + turnover * self._gst_base) * self._gst + _GST_HALF) // _GST_STEP * PAISA,
        )

    def unrounded(self, side: Side, turnover: int) -> Unrounded:
        """Return the parts of what one order costs before any rounding."""
        if turnover <= 0:
            _of_nothing(turnover)
            return Unrounded(0, 0, 0, 0, 0, 0, 0)
        brokerage = turnover * self._brokerage_rate + self._brokerage_flat
        brokerage = max(min(brokerage, self._brokerage_cap), self._brokerage_floor)
        buying = side is Side.BUY
        return Unrounded(
            brokerage=brokerage,
            stt=turnover * (self._stt_buy if buying else self._stt_sell),
            exchange=turnover * self._exchange,
            ipft=turnover * self._ipft,
            sebi=turnover * self._sebi,
            stamp=turnover * self._stamp_buy if buying else 0,
            gst=self.gst(brokerage, turnover),
        )

    def gst(self, brokerage: int, turnover: int) -> int:
        """Return the tax on `brokerage` (billionths of a unit) and the fees on `turnover`, unrounded."""
        return (brokerage + turnover * self._gst_base) * self._gst

    def exact(self, side: Side, turnover: int) -> dict[str, Fraction]:
        """Return the unrounded parts in rupees, by the names of `Charges`."""
        parts = self.unrounded(side, turnover)
        amounts = {name: Fraction(part, ONE * RUPEE) for name, part in parts._asdict().items()}
        amounts["gst"] /= ONE
        return amounts


class ChargeBook:
    """
    Every charge by date, for one broker's plan.

    `plan` is a name in `brokerage.json`; an unknown one raises `ConfigError` that lists the known ones.
    `bse_ipf` says whether BSE's levy for its investor-protection fund is billed on its derivatives: brokers
    differ, most do.
    """

    def __init__(self, plan: str = "zerodha", *, bse_ipf: bool = True) -> None:
        self._rates = ChargeRates(plan, bse_ipf=bse_ipf)
        self._lookups: dict[tuple[Exchange, ChargeClass, str], Callable[[date], Rates]] = {}
        self._schedules: dict[Rates, ChargeSchedule] = {}
        self._today: dict[tuple[str, Product], ChargeSchedule] = {}
        self._day = date.min

    def schedule(self, instrument: Instrument, product: Product, on: date) -> ChargeSchedule:
        """
        Return the rates for trades in `instrument` under `product` on `on`.

        Raises `RuleUnknown` outside the dates that are known, `InvalidInput` if it cannot trade so.
        """
        if on != self._day:
            self._today.clear()
            self._day = on
        key = (instrument.id, product)
        schedule = self._today.get(key)
        if schedule is None:
            of = charge_class(instrument, product)
            schedule = self._today[key] = self.schedule_of(instrument.exchange, of, instrument.name, on)
        return schedule

    def schedule_of(self, exchange: Exchange, of: ChargeClass, name: str, on: date) -> ChargeSchedule:
        """Return the rates of a class of trade in the underlying `name`; see `schedule`."""
        key = (exchange, of, name)
        rates_on = self._lookups.get(key)
        if rates_on is None:
            rates_on = self._lookups[key] = self._rates.lookup(exchange, of, name)
        rates = rates_on(on)
        return self._schedules.setdefault(rates, ChargeSchedule(rates))

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
