"""The rates that a run's trades were charged at, as sentences: by class of trade, from the day they held."""

from collections.abc import Iterator
from datetime import date

from kasauti.analytics.run import Run
from kasauti.domain.instrument import Exchange, Instrument
from kasauti.domain.money import RUPEE
from kasauti.domain.order import Product
from kasauti.errors import ConfigError, InvalidInput, RuleUnknown
from kasauti.exchange.charge_class import ChargeClass, Charged, charged
from kasauti.exchange.charge_rates import ChargeRates, Rates
from kasauti.exchange.overlay import recorded_overlay, using
from kasauti.exchange.rules import ONE

_NAMES: dict[ChargeClass, str] = {
    ChargeClass.EQUITY_DELIVERY: "Shares, delivery",
    ChargeClass.EQUITY_INTRADAY: "Shares, intraday",
    ChargeClass.ETF_DELIVERY: "Funds of shares, delivery",
    ChargeClass.ETF_INTRADAY: "Funds of shares, intraday",
    ChargeClass.OTHER_ETF_DELIVERY: "Other funds, delivery",
    ChargeClass.OTHER_ETF_INTRADAY: "Other funds, intraday",
    ChargeClass.FUTURE: "Futures",
    ChargeClass.OPTION: "Options",
    ChargeClass.CURRENCY_FUTURE: "Currency futures",
    ChargeClass.CURRENCY_OPTION: "Currency options",
    ChargeClass.COMMODITY_FUTURE: "Commodity futures",
    ChargeClass.COMMODITY_OPTION: "Commodity options",
}
#: Classes whose rates differ by the underlying; options do on BSE.
_NAMED = {ChargeClass.COMMODITY_FUTURE, ChargeClass.COMMODITY_OPTION}


def rates_in_force(run: Run) -> list[str]:
    """
    Return one sentence for each class of trade and each change of its rates within the run.

    The plan is the one that the run's assumptions name; nothing is said of one that is not known, nor of days
    and products outside the known rules.
    """
    try:
        with using(recorded_overlay(run.assumptions.rules)):
            book = ChargeRates(run.assumptions.plan, bse_ipf=False)
    except ConfigError:
        return []
    days = [date.fromisoformat(day) for day in run.days.day]
    return list(dict.fromkeys(said for key in _classes(run) for said in _by_time(book, key, days)))


def _classes(run: Run) -> list[Charged]:
    """Return the classes of what was traded, the underlying only where it matters."""
    traded: dict[Charged, None] = {}
    pairs = {
        (int(place), product)
        for place, product, filled in zip(
            run.orders.instrument, run.orders.product, run.orders.filled.tolist(), strict=True
        )
        if filled
    }
    for place, product in sorted(pairs):
        instrument: Instrument = run.instruments[place]
        try:
            key = charged(instrument, Product(product))
        except InvalidInput:
            continue
        matters = key.of in _NAMED or (key.of is ChargeClass.OPTION and key.exchange is Exchange.BFO)
        traded[key if matters else key._replace(name="")] = None
    return list(traded)


def _by_time(book: ChargeRates, key: Charged, days: list[date]) -> Iterator[str]:
    on = book.lookup(*key)
    before: Rates | None = None
    for day in days:
        try:
            rates = on(day)
        except RuleUnknown:
            continue
        if rates != before:
            since = "" if day == days[0] else f" from {day}"
            which = f" in {key.name}" if key.name else f" of series {key.series}" if key.series else ""
            yield f"{_NAMES[key.of]}{which} on {key.exchange}{since}: {', '.join(_parts(rates))}."
            before = rates


def _parts(rates: Rates) -> Iterator[str]:
    yield f"brokerage {_brokerage(rates)}"
    if rates.stt_buy == rates.stt_sell:
        if rates.stt_buy:
            yield f"STT {_percent(rates.stt_buy)} of both sides"
    else:
        yield f"STT {_percent(rates.stt_sell)} of sells"
    yield f"exchange {_percent(rates.exchange)}"
    if rates.ipft:
        yield f"IPFT {_percent(rates.ipft)}"
    yield f"SEBI {_percent(rates.sebi)}"
    yield f"stamp duty {_percent(rates.stamp_buy)} of buys"
    base = "brokerage, exchange, IPFT and SEBI" if rates.ipft_in_gst else "brokerage, exchange and SEBI"
    yield f"GST {_percent(rates.gst)} of {base}"


def _brokerage(rates: Rates) -> str:
    parts = []
    if rates.brokerage_rate:
        parts.append(_percent(rates.brokerage_rate))
    if rates.brokerage_flat:
        parts.append(f"{_rupees(rates.brokerage_flat)} an order")
    said = " and ".join(parts) or "none"
    if rates.brokerage_cap is not None and rates.brokerage_rate:
        said += f", at most {_rupees(rates.brokerage_cap)} an order"
    return said


def _percent(billionths: int) -> str:
    return f"{billionths * 100 / ONE:.6f}".rstrip("0").rstrip(".") + " %"


def _rupees(billionths: int) -> str:
    return f"₹{billionths / (ONE * RUPEE):g}"
