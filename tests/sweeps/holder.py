"""The strategy of the tests of sweeps: holds a share for some minutes of each day."""

import os
import signal
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.trading import SHARE

from kasauti.strategies import CandleWanted, Command, Product, Strategy, Subscriptions, View, buy, sell


class Holder(Strategy):
    """Buys in minute `enter`, sells in `leave`; `mode` says how it misbehaves, `tally` where it tells."""

    class Parameters(Strategy.Parameters, frozen=True, kw_only=True):
        """Minutes count from 0."""

        enter: int = 0
        leave: int = 4
        quantity: int = 10
        mode: str = "well"
        tally: str = ""

        def __post_init__(self) -> None:
            if self.enter >= self.leave:
                raise ValueError(f"enter {self.enter} must be before leave {self.leave}")

    parameters: Parameters

    def __init__(self, parameters: Parameters | None = None, *, name: str = "") -> None:
        super().__init__(parameters, name=name)
        self._minute = -1

    def subscriptions(self) -> Subscriptions:
        return Subscriptions(candles=[CandleWanted(SHARE.id, seconds=60)])

    def on_start(self, view: View) -> Iterable[Command]:
        self._minute = -1
        chosen = self.parameters
        if chosen.tally:
            with Path(chosen.tally).open("a", encoding="utf-8") as tally:
                tally.write(f"{chosen.enter} {chosen.leave} {view.day} {os.getpid()}\n")
        if chosen.mode == "dies" or (chosen.mode == "dies once" and self._first_time()):
            os.kill(os.getpid(), signal.SIGKILL)
        if chosen.mode == "raises":
            raise ZeroDivisionError("nothing to divide by")
        return ()

    def _first_time(self) -> bool:
        mark = Path(f"{self.parameters.tally}.died")
        if mark.exists():
            return False
        mark.touch()
        return True

    def on_candle(self, candle: object, view: View) -> Iterator[Command]:
        self._minute += 1
        if self._minute == self.parameters.enter:
            yield buy(SHARE.id, self.parameters.quantity, product=Product.MIS)
        if self._minute == self.parameters.leave and (held := view.held(SHARE.id)):
            yield sell(SHARE.id, held, product=Product.MIS)
