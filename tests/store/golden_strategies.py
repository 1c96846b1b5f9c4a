"""What the golden files of strategies say; see `golden_events`."""

import msgspec

from kasauti.domain import events as ev

STRATEGIES: dict[str, ev.Event] = {
    "strategy.noted.1": ev.StrategyNoted(
        strategy="intraday_momentum_oi",
        state=msgspec.Raw(
            b'{"day":"2026-01-13","entries":1,"held":{"instrument":"NFO:NIFTY2611326000CE","peak":1402500}}'
        ),
    ),
    "strategy.indicators.1": ev.IndicatorsNoted(
        strategy="ema_cross",
        state=msgspec.Raw(
            b'{"NSE:INFY 300":{"until":1768298100000000000,"indicators":{"fast":{"kind":"Ema",'
            b'"start":{"period":9,"seen":0,"total":0,"value":null},'
            b'"now":{"period":9,"seen":9,"total":139500000,"value":15512345.5}}}}}'
        ),
    ),
    "strategy.failed.1": ev.StrategyFailed(
        strategy="intraday_momentum_oi",
        hook="on_chain",
        error="ZeroDivisionError: division by zero (my_strategy.py, line 40)",
        stopped="entries",
    ),
}
