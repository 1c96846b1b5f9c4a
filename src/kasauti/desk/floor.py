"""
The floor: one market as all accounts of a desk see it, and the parts that their engines share.

The board, the rules of a plan, the limits of the market and its auctions are made once. Each account has its
own venue, gate, engine and terms of the day: what margins rest on depends on which contracts an account has
looked at.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Protocol

import msgspec
import numpy as np

from kasauti.brokers.tape import SeenMarket
from kasauti.compose import parts
from kasauti.compose.markets import Market, check_tradable
from kasauti.compose.masters import day_lists
from kasauti.config import Loaded
from kasauti.desk.account import DeskAccount
from kasauti.desk.shared_board import SharedBoard
from kasauti.domain.board import Board
from kasauti.domain.inputs import MarketData
from kasauti.domain.instrument import Universe
from kasauti.domain.ist import ist_date
from kasauti.domain.market import Ints, TickBatch
from kasauti.domain.state import State
from kasauti.engine.engine import Engine
from kasauti.engine.rules import Rules
from kasauti.exchange.auctions import AuctionDays
from kasauti.exchange.calendar import Calendar
from kasauti.exchange.price_range import PriceRange
from kasauti.feeds.clock import MarketClock
from kasauti.feeds.pacing import moments
from kasauti.ports import EventLog, Subscriber
from kasauti.risk.gate import RiskGate
from kasauti.simulator.surveillance import MarketLimits


class Follower(Protocol):
    """Somebody who is told what moves on a floor; it takes note, and does its work in a turn of its own."""

    def begin(self, floor: "Floor") -> None:
        """Another market has begun."""

    def moved(self, data: MarketData) -> None:
        """Take note of what has just been shown."""


class Floor:
    """A market with its clock; `seen` is what it has shown today: ranges, minutes, first open interest."""

    def __init__(self, loaded: Loaded, market: Market, clock: MarketClock) -> None:
        check_tradable(market, loaded.config.simulator.assume_rules_of)
        self.loaded = loaded
        self.market = market
        self.clock = clock
        self.board = SharedBoard(market.universe)
        self.seen = SeenMarket(market.universe, self.board)
        #: Who is told what moves.
        self.followers: Sequence[Follower] = ()
        #: The last price of the day before, by slot; 0 where this market has shown none.
        self.previous_close: Ints = np.zeros(len(market.universe), np.int64)
        self._rules: dict[tuple[str, str], Rules] = {}
        account = loaded.config.account
        usual = self._rules_of(account.plan, account.regime)
        self._restrictions, self._limits = usual.restrictions, MarketLimits()
        self._auction_days = AuctionDays(market.universe, usual.calendar)
        for day in market.days[:1]:
            parts.make_ready(usual, day)

    @cached_property
    def calendar(self) -> Calendar:
        """When it trades."""
        return Calendar()

    @property
    def universe(self) -> Universe:
        """What trades here."""
        return self.market.universe

    def circuit(self, slot: int) -> PriceRange | None:
        """Return the prices an instrument may trade at today, None where no list of the day says."""
        at = int(self.board.at[slot])
        return self._restrictions.circuit(self.universe[slot].id, ist_date(at)) if at else None

    def moments(self, batch: TickBatch) -> Iterator[TickBatch]:
        """Cut ticks into their moments."""
        for _, moment in moments((batch,)):
            assert isinstance(moment, TickBatch)
            yield moment

    def begin_day(self) -> None:
        """Begin a trading day; what stands last is what the day before closed at."""
        np.copyto(self.previous_close, self.board.last, where=self.board.last > 0)
        self.board.begin_day()

    def show(self, data: MarketData) -> None:
        """Have data stand on the board."""
        self.seen.take(data)
        for follower in self.followers:
            follower.moved(data)

    def engine_for(self, account: DeskAccount) -> Engine:
        """Return an engine for an account that has been opened."""
        return self.engine_of(account.state, account.log, (account,))

    def engine_of(self, state: State, log: EventLog, subscribers: Sequence[Subscriber]) -> Engine:
        """Return an engine for the account that a state is of."""
        opened = state.account
        assert opened is not None, "an account is opened before it trades"
        config = self.loaded.config
        board: Board = Board(self.universe) if self.market.is_bars else self.board
        regime = regime_of(opened.config)
        rules = self._rules_of(opened.plan, regime)
        gate = RiskGate(parts.risk_rules(config.risk, opened.capital))
        venue = parts.venue(
            config,
            board,
            state,
            rules,
            is_bars=self.market.is_bars,
            limits=self._limits,
            auction_days=self._auction_days,
        )
        return Engine(
            state=state,
            log=log,
            board=board,
            venue=venue,
            rules=msgspec.structs.replace(rules, gate=gate),
            subscribers=subscribers,
        )

    def _rules_of(self, plan: str, regime: str) -> Rules:
        known = self._rules.get((plan, regime))
        if known is None:
            config = self.loaded.config
            section = msgspec.structs.replace(config.account, plan=plan, regime=regime)
            config = msgspec.structs.replace(config, account=section)
            rules = parts.rules(config, plan, config.account.capital, self.universe)
            lists = day_lists(Path(config.storage.data_dir))
            known = self._rules[plan, regime] = msgspec.structs.replace(rules, lists=lists)
        return known


class _Account(msgspec.Struct, frozen=True):
    regime: str = "live"


class _Opened(msgspec.Struct, frozen=True):
    account: _Account = _Account()


def regime_of(config: str) -> str:
    """Return the regime that an account was opened with."""
    return msgspec.json.decode(config, type=_Opened).account.regime
