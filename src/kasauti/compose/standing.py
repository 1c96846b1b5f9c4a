"""What stood in an instrument at the account's last event: its market, played again up to there."""

from datetime import date
from pathlib import Path

import msgspec

from kasauti.compose.markets import Market, market_of, taken_up
from kasauti.config.sections import Config
from kasauti.domain.board import Board
from kasauti.domain.instrument import Instrument
from kasauti.domain.market import Quote
from kasauti.domain.state import State
from kasauti.errors import MarketDataError


class Standing(msgspec.Struct, frozen=True):
    """A quote, its instrument, and the fill model of the session."""

    quote: Quote
    instrument: Instrument
    profile: str
    stale_after_s: int


def market_named(source: str, config: Config) -> Market:
    """Return the market that a session's log names; `MarketDataError` if it cannot be had any more."""
    kind, _, rest = source.partition(":")
    day = date.fromisoformat(rest.partition(":")[2]) if kind == "builtin" else None
    if kind == "recorded" and not Path(config.feed.path or "").exists():
        raise MarketDataError(f"the prices of this account came from {config.feed.path}, which is not here")
    return market_of(config.feed, day)


def standing_of(state: State, instrument_id: str) -> Standing:
    """Return what stood in an instrument at the last event of an account."""
    recorded_config = state.config or "{}"
    config = msgspec.json.decode(recorded_config, type=Config, strict=False)
    market = market_named(state.feed, config)
    board = Board(market.universe)
    again = taken_up(market, state.at, 0)
    for batch in again.history:
        board.take(batch)
    slot = market.universe.slot(instrument_id)
    simulator = config.simulator
    return Standing(board.quote(slot), market.universe[slot], simulator.fill_profile, simulator.stale_after_s)
