"""The signal strategy of the tests of sweeps: a fast average over a slow one, on one share."""

from tests.trading import SHARE

from kasauti.strategies.columns import Bars
from kasauti.strategies.signals import Signals, SignalStrategy


class Crossing(SignalStrategy):
    """Long while the mean of `fast` closes is above that of `slow`; with `mode` "raises" it says nothing."""

    class Parameters(SignalStrategy.Parameters, frozen=True, kw_only=True):
        """Averages are in bars."""

        instrument: str = SHARE.id
        quantity: int = 10
        fast: int = 2
        slow: int = 4
        mode: str = "well"

        def __post_init__(self) -> None:
            if self.fast >= self.slow:
                raise ValueError(f"fast {self.fast} must be below slow {self.slow}")

    parameters: Parameters

    def signals(self, bars: Bars) -> Signals:
        if self.parameters.mode == "raises":
            raise ZeroDivisionError("nothing to divide by")
        fast, slow = bars.sma(self.parameters.fast), bars.sma(self.parameters.slow)
        return Signals(long_entry=fast > slow, long_exit=fast < slow)
