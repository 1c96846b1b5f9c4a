"""NautilusTrader, its Cython engine: W1 with a call a bar, W5 each order sent from the fill before it."""

import sys
from decimal import Decimal

import common
import numpy as np
import pandas as pd
from common import clock, columns, tell
from nautilus_trader.backtest.engine import BacktestEngine
from nautilus_trader.config import BacktestEngineConfig, LoggingConfig, RiskEngineConfig
from nautilus_trader.indicators import SimpleMovingAverage
from nautilus_trader.model.currencies import Currency
from nautilus_trader.model.data import BarType
from nautilus_trader.model.enums import AccountType, OmsType, OrderSide
from nautilus_trader.model.identifiers import InstrumentId, Symbol, Venue
from nautilus_trader.model.instruments import Equity
from nautilus_trader.model.objects import Money, Price, Quantity
from nautilus_trader.persistence.wranglers import BarDataWrangler, QuoteTickDataWrangler
from nautilus_trader.trading.strategy import Strategy

_RUPEE, _NSE = Currency.from_str("INR"), Venue("NSE")
_CASH = 1e9
_BAR_NS = 60 * 10**9


def _share(symbol):
    named = Symbol(symbol)
    return Equity(
        InstrumentId(named, _NSE), named, _RUPEE, 2, Price.from_str("0.05"), Quantity.from_int(1), 0, 0
    )


def _engine(instrument):
    made = BacktestEngine(
        BacktestEngineConfig(
            logging=LoggingConfig(bypass_logging=True),
            run_analysis=False,
            risk_engine=RiskEngineConfig(max_order_submit_rate="1000000/00:00:01"),
        )
    )
    made.add_venue(
        venue=_NSE,
        oms_type=OmsType.NETTING,
        account_type=AccountType.MARGIN,
        base_currency=_RUPEE,
        starting_balances=[Money(_CASH, _RUPEE)],
        default_leverage=Decimal(10),
    )
    made.add_instrument(instrument)
    return made


def _earned(engine):
    return engine.cache.account_for_venue(_NSE).balance_total(_RUPEE).as_double() - _CASH


class Cross(Strategy):
    """W1's rule."""

    def __init__(self, instrument, bars):
        super().__init__()
        self.instrument, self.bars = instrument, bars
        self.quick, self.lazy = SimpleMovingAverage(common.FAST), SimpleMovingAverage(common.SLOW)
        self.one, self.long = Quantity.from_int(1), False

    def on_start(self):
        self.register_indicator_for_bars(self.bars, self.quick)
        self.register_indicator_for_bars(self.bars, self.lazy)
        self.subscribe_bars(self.bars)

    def on_bar(self, bar):
        if not self.lazy.initialized:
            return
        gap = self.quick.value - self.lazy.value
        if gap > common.HAIR and not self.long:
            self.long = True
            self.submit_order(self.order_factory.market(self.instrument, OrderSide.BUY, self.one))
        elif gap < -common.HAIR and self.long:
            self.long = False
            self.submit_order(self.order_factory.market(self.instrument, OrderSide.SELL, self.one))


def w1():
    bars, figures = columns("w1"), {}
    share = _share("NIFTYFUT")
    kind = BarType.from_str(f"{share.id}-1-MINUTE-LAST-EXTERNAL")
    index = pd.DatetimeIndex(pd.to_datetime(bars["ts"] + _BAR_NS, utc=True), name="timestamp")
    names = ("open", "high", "low", "close", "volume")
    data = BarDataWrangler(kind, share).process(
        pd.DataFrame({name: bars[name] for name in names}, index=index)
    )
    engine = _engine(share)
    engine.add_data(data)
    engine.add_strategy(Cross(share.id, kind))
    with clock(figures):
        engine.run()
    still = sum(bars["close"][-1] - position.avg_px_open for position in engine.cache.positions_open())
    fills = len(engine.cache.orders_closed())
    tell(
        "W1", "nautilus_trader", "a call a bar", len(data), figures["seconds"], fills, _earned(engine) + still
    )


class Chain(Strategy):
    """W5's rule."""

    def __init__(self, instrument, orders):
        super().__init__()
        self.instrument, self.left, self.buys = instrument, orders, True
        self.one = Quantity.from_int(1)

    def on_start(self):
        self.subscribe_quote_ticks(self.instrument)
        self.waiting = self.left > 0

    def on_quote_tick(self, tick):
        if self.waiting:
            self.waiting = False
            self.send()

    def send(self):
        side = OrderSide.BUY if self.buys else OrderSide.SELL
        self.left, self.buys = self.left - 1, not self.buys
        self.submit_order(self.order_factory.market(self.instrument, side, self.one))

    def on_order_filled(self, event):
        if self.left:
            self.send()


def _quotes(share, size):
    index = pd.date_range("2026-07-01 03:45", periods=size, freq="s", tz="UTC", name="timestamp")
    frame = pd.DataFrame({"bid_price": np.full(size, 100.0), "ask_price": np.full(size, 100.05)}, index=index)
    return QuoteTickDataWrangler(share).process(frame, default_volume=1_000_000)


def w5():
    share, figures = _share("TCS"), {}
    engine = _engine(share)
    engine.add_data(_quotes(share, 10))
    engine.add_strategy(Chain(share.id, common.ORDERS))
    with clock(figures):
        engine.run()
    fills = sum(1 for order in engine.cache.orders_closed() if order.filled_qty > 0)
    tell(
        "W5", "nautilus_trader", "order after fill", common.ORDERS, figures["seconds"], fills, _earned(engine)
    )


{"W1": w1, "W5": w5}[sys.argv[1]]()
