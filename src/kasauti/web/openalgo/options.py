"""What options are listed and worth: symbols by offset, chains, Greeks, synthetic futures."""

from datetime import timedelta
from typing import Any

from starlette.responses import Response

from kasauti.desk.quotes import quote_of
from kasauti.domain.instrument import Instrument, Kind
from kasauti.domain.ist import NS_PER_DAY, NS_PER_SECOND, ist_ns
from kasauti.domain.money import RUPEE
from kasauti.exchange.black76 import forward_of, implied_volatility
from kasauti.exchange.greeks import greeks
from kasauti.web.dialect import Worded
from kasauti.web.endpoint import Call
from kasauti.web.openalgo.fields import shown
from kasauti.web.openalgo.option_finding import Chain, chain_of
from kasauti.web.openalgo.option_requests import (
    Greeks,
    GreeksOf,
    ManyGreeks,
    OptionChain,
    OptionSymbol,
    Synthetic,
)
from kasauti.web.openalgo.placing import market
from kasauti.web.openalgo.prices import not_there
from kasauti.web.openalgo.words import MODE, failure, reply

_PERCENT = 100
_DAYS_PER_YEAR = 365


async def symbol(call: Call) -> Response:
    """Return the option that is so far from the money."""
    asked: OptionSymbol = call.body
    chain = chain_of(call, asked)
    option = chain.option(asked.offset, Kind(asked.option_type.upper()))
    spelled = market(call).of(option.id)
    return reply(
        {
            "status": "success",
            "symbol": spelled.symbol,
            "exchange": spelled.exchange,
            "lotsize": option.lot_size,
            "tick_size": shown(option.tick_size),
            "freeze_qty": option.freeze_quantity,
            "underlying_ltp": shown(chain.last),
        }
    )


async def chain(call: Call) -> Response:
    """Return the chain of an expiry, the nearest one if none is named."""
    asked: OptionChain = call.body
    found = chain_of(call, asked, nearest=True)
    floor = call.desk.floor
    count = asked.strike_count or len(found.strikes)
    places = range(max(0, found.at - count), min(len(found.strikes), found.at + count + 1))
    previous = 0
    if found.underlying is not None:
        previous = quote_of(floor, floor.universe.slot(found.underlying.id)).previous_close
    forward = _forward(call, found) if asked.with_greeks else None
    rows = []
    for place in places:
        row: dict[str, object] = {"strike": shown(found.strikes[place])}
        for kind, side in ((Kind.CALL, "ce"), (Kind.PUT, "pe")):
            option = found.options.get((found.strikes[place], kind))
            if option is None:
                row[side] = None
                continue
            leg = _leg(call, option)
            leg["label"] = found.label(place, kind)
            if asked.with_greeks:
                leg.update(_few_greeks(call, option, forward, asked.interest_rate))
            row[side] = leg
        rows.append(row)
    return reply(
        {
            "status": "success",
            "underlying": found.name,
            "underlying_ltp": shown(found.last),
            "underlying_prev_close": shown(previous),
            "expiry_date": f"{found.expiry:%d%b%y}".upper(),
            "expiry_ts": _expires(call, next(iter(found.options.values()))) // NS_PER_SECOND,
            "server_ts": call.desk.now // NS_PER_SECOND,
            "atm_strike": shown(found.strikes[found.at]),
            "quotes_included": True,
            "greeks_included": asked.with_greeks,
            "forward_price": None if forward is None else shown(forward),
            "chain": rows,
            "mode": MODE,
        }
    )


def _leg(call: Call, option: Instrument) -> dict[str, object]:
    known = quote_of(call.desk.floor, call.desk.floor.universe.slot(option.id))
    return {
        "symbol": market(call).of(option.id).symbol,
        "ltp": shown(known.quote.last),
        "bid": shown(known.bids[0].price),
        "ask": shown(known.asks[0].price),
        "bid_qty": known.bids[0].quantity,
        "ask_qty": known.asks[0].quantity,
        "open": shown(known.open),
        "high": shown(known.high),
        "low": shown(known.low),
        "prev_close": shown(known.previous_close),
        "volume": known.quote.volume,
        "oi": known.quote.open_interest,
        "lotsize": option.lot_size,
        "tick_size": shown(option.tick_size),
    }


def _few_greeks(call: Call, option: Instrument, forward: int | None, rate: float) -> dict[str, object]:
    names = ("delta", "gamma", "theta", "vega")
    valued = None if forward is None else _valued(call, option, forward, rate)
    if valued is None:
        return dict.fromkeys(("implied_volatility", *names))
    known = valued["greeks"]
    return {"implied_volatility": valued["implied_volatility"], **{name: known[name] for name in names}}


async def synthetic(call: Call) -> Response:
    """Return what a future costs that is made of the options at the money."""
    asked: Synthetic = call.body
    found = chain_of(call, asked)
    strike = found.strikes[found.at]
    prices = []
    for kind, word in ((Kind.CALL, "Call"), (Kind.PUT, "Put")):
        option = found.options.get((strike, kind))
        last = 0 if option is None else call.desk.floor.board.mark(option.id)
        if not last:
            raise Worded(failure(f"Could not fetch LTP for {word} option: {shown(strike):g}", 404))
        prices.append(last)
    return reply(
        {
            "status": "success",
            "underlying": asked.underlying,
            "underlying_ltp": shown(found.last),
            "expiry": f"{found.expiry:%d%b%y}".upper(),
            "atm_strike": shown(strike),
            "synthetic_future_price": shown(strike + prices[0] - prices[1]),
        }
    )


async def option_greeks(call: Call) -> Response:
    """Return the Greeks of an option."""
    asked: Greeks = call.body
    told = _greeks_of(call, asked, asked.interest_rate, asked.forward_price)
    if told["status"] == "error":
        return failure(told["message"], 404 if "not found" in str(told["message"]) else 400)
    return reply(told)


async def many_greeks(call: Call) -> Response:
    """Return the Greeks of several options."""
    asked: ManyGreeks = call.body
    rows = [_greeks_of(call, each, asked.interest_rate, 0) for each in asked.symbols]
    good = sum(row["status"] == "success" for row in rows)
    summary = {"total": len(rows), "success": good, "failed": len(rows) - good}
    return reply({"status": "success" if good else "error", "data": rows, "summary": summary})


def _greeks_of(call: Call, asked: Greeks | GreeksOf, rate: float, given: int) -> dict[str, object]:
    option = market(call).find(asked.exchange, asked.symbol)
    about: dict[str, object] = {"symbol": asked.symbol, "exchange": asked.exchange}
    if option is None or not option.is_option or option.expiry is None:
        return {"status": "error", **about, "message": not_there(asked.exchange, asked.symbol)}
    board = call.desk.floor.board
    spot = given or _price_of(call, asked) or board.mark(option.underlying)
    forward = given or _price_of(call, asked) or _forward_at(call, option) or spot
    if not board.mark(option.id) or not forward:
        return {"status": "error", **about, "message": "Spot price and option price must be positive"}
    valued = _valued(call, option, forward, rate)
    if valued is None:
        message = f"Option has expired on {option.expiry:%d-%b-%Y}"
        return {"status": "error", **about, "message": message}
    return {
        "status": "success",
        **about,
        "underlying": option.name,
        "strike": shown(option.strike),
        "option_type": str(option.kind),
        "expiry_date": f"{option.expiry:%d-%b-%Y}",
        "spot_price": shown(spot or forward),
        "forward_price": shown(forward),
        **valued,
    }


def _price_of(call: Call, asked: Greeks | GreeksOf) -> int:
    """Return the price of the underlying that a request names, 0 if it names none."""
    if not asked.underlying_symbol:
        return 0
    found = market(call).find(asked.underlying_exchange, asked.underlying_symbol)
    return 0 if found is None else call.desk.floor.board.mark(found.id)


def _valued(call: Call, option: Instrument, forward: int, rate: float) -> dict[str, Any] | None:
    """Return volatility and Greeks at the last price; None once the option has expired."""
    left = _expires(call, option) - call.desk.now
    last = call.desk.floor.board.mark(option.id)
    if left <= 0:
        return None
    days, is_call = left / NS_PER_DAY, option.kind is Kind.CALL
    volatility = implied_volatility(
        price=last, forward=forward, strike=option.strike, seconds=left // NS_PER_SECOND, is_call=is_call
    )
    told: dict[str, object] = {
        "days_to_expiry": round(days, 4),
        "option_price": shown(last),
        "interest_rate": rate,
    }
    if volatility is None:
        worth = max(0, forward - option.strike if is_call else option.strike - forward)
        delta = (1.0 if is_call else -1.0) if worth else 0.0
        return {
            **told,
            "intrinsic_value": shown(worth),
            "time_value": shown(max(0, last - worth)),
            "implied_volatility": 0,
            "greeks": {"delta": delta, "gamma": 0, "theta": 0, "vega": 0, "rho": 0},
            "note": "The price has no time value from which a volatility follows",
        }
    known = greeks(
        forward=forward / RUPEE,
        strike=option.strike / RUPEE,
        years=days / _DAYS_PER_YEAR,
        volatility=volatility,
        rate=rate / _PERCENT,
        is_call=is_call,
    )
    return {
        **told,
        "implied_volatility": round(volatility * _PERCENT, 2),
        "greeks": {
            "delta": round(known.delta, 4),
            "gamma": round(known.gamma, 6),
            "theta": round(known.theta, 4),
            "vega": round(known.vega, 4),
            "rho": round(known.rho, 6),
        },
    }


def _forward(call: Call, found: Chain) -> int | None:
    """Return what calls and puts say the underlying will be at expiry."""
    mark = call.desk.floor.board.mark
    return forward_of(
        (strike, mark(found.options[strike, Kind.CALL].id), mark(found.options[strike, Kind.PUT].id))
        for strike in found.strikes
        if (strike, Kind.CALL) in found.options and (strike, Kind.PUT) in found.options
    )


def _forward_at(call: Call, option: Instrument) -> int | None:
    """Return the forward of an option's own expiry."""
    mark, sides = call.desk.floor.board.mark, dict[int, dict[Kind, Instrument]]()
    assert option.expiry is not None, "an option expires"
    for each in call.desk.floor.universe.chain(option.underlying, option.expiry):
        sides.setdefault(each.strike, {})[each.kind] = each
    return forward_of(
        (strike, mark(side[Kind.CALL].id), mark(side[Kind.PUT].id))
        for strike, side in sides.items()
        if len(side) > 1
    )


def _expires(call: Call, option: Instrument) -> int:
    """Return the moment from which an option trades no more, ns UTC."""
    assert option.expiry is not None, "an option expires"
    closes = call.desk.floor.calendar.close_of(option, option.expiry)
    return ist_ns(option.expiry + timedelta(days=1)) if closes is None else closes
