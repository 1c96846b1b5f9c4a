"""Hold one share of Infosys after a minute that closed higher than it opened, until one closes lower."""

from kasauti.strategies import CandleWanted, Product, Strategy, Subscriptions, buy, sell


class FirstStrategy(Strategy):
    def subscriptions(self):
        return Subscriptions(candles=[CandleWanted("NSE:INFY", seconds=60)])

    def on_candle(self, candle, view):
        held = view.position("NSE:INFY", Product.MIS)
        if candle.close > candle.open and not held and not view.working():
            yield buy("NSE:INFY", 1, product=Product.MIS)
        elif candle.close < candle.open and held and not view.working():
            yield sell("NSE:INFY", held, product=Product.MIS)
