"""What stood in an instrument at the account's last event: its market, played again up to there."""

from datetime import date
from pathlib import Path

import msgspec

from kasauti.compose.markets import Market, built_in_market, recorded_market, taken_up
from kasauti.config.sections import Config
from kasauti.domain.board import Board
from kasauti.domain.instrument import Instrument
from kasauti.domain.market import Quote, TickBatch
from kasauti.domain.state import State
from kasauti.errors import MarketDataError
from kasauti.feeds.recorded.recording import open_recording


class Standing(msgspec.Struct, frozen=True):
    """A quote, its instrument, and the fill model of the session."""

    quote: Quote
    instrument: Instrument
    profile: str
    stale_after_s: int


def market_named(source: str, config: Config) -> Market:
    """Return the market that a session's log names; `MarketDataError` if it cannot be had any more."""
    kind, _, rest = source.partition(":")
    if kind == "builtin":
        seed, _, day = rest.partition(":")
        return built_in_market(int(seed), date.fromisoformat(day))
    path = Path(config.feed.path or rest)
    if kind != "recorded" or not path.exists():
        raise MarketDataError(f"the prices of this account came from {source}, which is not here any more")
    return recorded_market(open_recording(path), path.name)


def standing_of(folder: Path, state: State, instrument_id: str) -> Standing:
    """Return what stood in an instrument at the last event of the account in `folder`."""
    recorded_config = state.config or "{}"
    config = msgspec.json.decode(recorded_config, type=Config, strict=False)
    market = market_named(state.feed, config)
    board = Board(market.universe)
    history, _ = taken_up(market, state.at, 0)
    for batch in history:
        if isinstance(batch, TickBatch):
            board.apply(batch, 0, len(batch))
        else:
            board.apply_bars(batch, 0, len(batch))
    slot = market.universe.slot(instrument_id)
    simulator = config.simulator
    return Standing(board.quote(slot), market.universe[slot], simulator.fill_profile, simulator.stale_after_s)
