"""NautilusTrader, its Rust engine (Python 3.12 and newer): W2 and W3, called when there is work."""

import sys

import common
import numpy as np
from common import LOT, clock, columns, tell
from nautilus_trader.core import nautilus_pyo3 as rust

_RUPEE, _NSE = rust.Currency.from_str("INR"), rust.Venue("NSE")
_CASH = 1_000_000_000
_BAR_NS = 60 * 10**9
_DAY_NS = 86_400 * 10**9


def _engine():
    made = rust.BacktestEngine(
        rust.BacktestEngineConfig(
            trader_id=rust.TraderId("BENCH-001"),
            bypass_logging=True,
            run_analysis=False,
            logging=rust.LoggerConfig(bypass_logging=True),
            risk_engine=rust.RiskEngineConfig(max_order_submit_rate="1000000/00:00:01"),
        )
    )
    made.add_venue(
        _NSE,
        rust.OmsType.NETTING,
        rust.AccountType.MARGIN,
        [rust.Money(_CASH, _RUPEE)],
        base_currency=_RUPEE,
        default_leverage=10.0,
    )
    return made


def _share(symbol):
    named = rust.InstrumentId.from_str(f"{symbol}.NSE")
    one = rust.Quantity.from_int(1)
    return rust.Equity(named, rust.Symbol(symbol), _RUPEE, 2, rust.Price.from_str("0.05"), 0, 0, lot_size=one)


def _option(strike, kind, tag, ends):
    symbol = f"NIFTY26JUN{int(strike)}{tag}"
    return rust.OptionContract(
        rust.InstrumentId.from_str(f"{symbol}.NSE"),
        rust.Symbol(symbol),
        rust.AssetClass.INDEX,
        "NIFTY",
        kind,
        rust.Price(strike, 2),
        _RUPEE,
        0,
        ends,
        2,
        rust.Price.from_str("0.05"),
        rust.Quantity.from_int(1),
        rust.Quantity.from_int(LOT),
        0,
        0,
    )


def _bars(kind, chain, place, at):
    price, quantity = rust.Price, rust.Quantity
    prices = (chain[name][:, place].tolist() for name in ("open", "high", "low", "close"))
    rows = zip(*prices, chain["volume"][:, place].tolist(), at, strict=True)
    return [
        rust.Bar(kind, *(price(each, 2) for each in row[:4]), quantity(row[4], 0), row[5], row[5])
        for row in rows
    ]


class Straddle(rust.Strategy):
    """W2's rule, called for the index only."""

    def __init__(self, config=None):
        super().__init__()

    def setup(self, index, calls, puts, strikes):
        self.index, self.calls, self.puts, self.strikes = index, calls, puts, strikes
        self.lot, self.held, self.fills = rust.Quantity.from_int(LOT), {}, 0
        return self

    def on_start(self):
        self.subscribe_bars(self.index)

    def on_bar(self, bar):
        minute = (bar.ts_event // _BAR_NS) % 1440 - 225
        if minute == common.ENTRY + 1:
            nearest = int(np.argmin(np.abs(self.strikes - bar.close.as_double())))
            for leg in (self.calls[nearest], self.puts[nearest]):
                self.submit_order(self.order_factory.market(leg.id, rust.OrderSide.SELL, self.lot))
        elif minute == common.EXIT + 1:
            for leg in list(self.held):
                self.cancel_all_orders(leg)
                self.close_all_positions(leg)
            self.held.clear()

    def on_order_filled(self, event):
        self.fills += 1
        if event.order_side == rust.OrderSide.SELL:
            self.held[event.instrument_id] = True
            stop = rust.Price(common.stop_price(event.last_px.as_double()), 2)
            self.submit_order(
                self.order_factory.stop_market(
                    event.instrument_id, rust.OrderSide.BUY, self.lot, stop, reduce_only=True
                )
            )


def w2():
    chain, figures, engine = columns("w2"), {}, _engine()
    strikes, ends = chain["strikes"], int(chain["ts"][-1]) + 10 * _DAY_NS
    calls = [_option(strike, rust.OptionKind.CALL, "CE", ends) for strike in strikes]
    puts = [_option(strike, rust.OptionKind.PUT, "PE", ends) for strike in strikes]
    at = (chain["ts"] + _BAR_NS).tolist()
    kind = None
    for place, instrument in enumerate([*calls, *puts, _share("NIFTY")]):
        engine.add_instrument(instrument)
        kind = rust.BarType.from_str(f"{instrument.id}-1-MINUTE-LAST-EXTERNAL")
        engine.add_data(_bars(kind, chain, place, at), sort=False)
    engine.sort_data()
    strategy = Straddle().setup(kind, calls, puts, strikes)
    engine.add_strategy(strategy)
    with clock(figures):
        engine.run()
    earned = engine.cache.account_for_venue(_NSE).balance_total(_RUPEE).as_double() - _CASH
    size = chain["close"].size
    tell("W2", "nautilus_trader", "Rust, index only", size, figures["seconds"], strategy.fills, earned)


class Rest(rust.Strategy):
    """W3's rule, not called for ticks."""

    def __init__(self, config=None):
        super().__init__()

    def setup(self, orders, starts):
        self.orders, self.starts, self.fills = orders, starts, 0
        return self

    def on_start(self):
        self.clock.set_time_alert_ns("place", self.starts, self.place)

    def place(self, event):
        for instrument, side, price, quantity in self.orders:
            self.submit_order(self.order_factory.limit(instrument, side, quantity, price))

    def on_order_filled(self, event):
        self.fills += 1


def w3():
    ticks, figures, engine = columns("w3"), {}, _engine()
    shares = [_share(f"STK{number:03d}") for number in range(int(ticks["inst"].max()) + 1)]
    price, quantity, tick = rust.Price, rust.Quantity, rust.QuoteTick
    for number, share in enumerate(shares):
        engine.add_instrument(share)
        rows = np.flatnonzero(ticks["inst"] == number)
        parts = (ticks[name][rows].tolist() for name in ("bid", "ask", "ts"))
        sizes = (ticks["volume"][rows] + 100).tolist()
        quotes = [
            tick(share.id, price(b, 2), price(a, 2), quantity(v, 0), quantity(v, 0), t, t)
            for b, a, t, v in zip(*parts, sizes, strict=True)
        ]
        engine.add_data(quotes, sort=False)
    engine.sort_data()
    asked = (ticks[name].tolist() for name in ("o_inst", "o_side", "o_price", "o_qty"))
    sides = {1: rust.OrderSide.BUY, -1: rust.OrderSide.SELL}
    orders = [
        (shares[number].id, sides[side], price(limit, 2), quantity.from_int(int(units)))
        for number, side, limit, units in zip(*asked, strict=True)
    ]
    strategy = Rest().setup(orders, int(ticks["ts"][len(shares) - 1]) + 1)
    engine.add_strategy(strategy)
    with clock(figures):
        engine.run()
    size = len(ticks["ts"])
    tell("W3", "nautilus_trader", "Rust, no callback a tick", size, figures["seconds"], strategy.fills)


{"W2": w2, "W3": w3}[sys.argv[1]]()
