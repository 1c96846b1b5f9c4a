"""Hold one share of Infosys after a minute that closed higher than it opened, until one closes lower."""

from kasauti import Strategy, buy, sell


class FirstStrategy(Strategy):
    candles = "1m"
    instruments = ("NSE:INFY",)

    def on_candle(self, candle, view):
        held = view.held("NSE:INFY")
        if candle.close > candle.open and not held and not view.working():
            yield buy("NSE:INFY", 1, product="MIS")
        elif candle.close < candle.open and held and not view.working():
            yield sell("NSE:INFY", held, product="MIS")
