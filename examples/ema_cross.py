"""
Signals over whole columns: long while a fast average is above a slow one, short while it is below.

    kasauti backtest examples/ema_cross.py:EmaCross --data FOLDER --symbol NSE:INFY
"""

from kasauti.strategies.signals import Signals, SignalStrategy


class EmaCross(SignalStrategy):
    class Parameters(SignalStrategy.Parameters, frozen=True, kw_only=True):
        fast: int = 9
        slow: int = 21
        stop_percent: float = 1.0

    def signals(self, bars):
        chosen = self.parameters
        fast, slow = bars.ema(chosen.fast), bars.ema(chosen.slow)
        return Signals(long_entry=fast > slow, short_entry=fast < slow, stop_percent=chosen.stop_percent)
