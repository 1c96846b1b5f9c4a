"""A session in memory, from Python: no file, no clock, no terminal; what the `for` loop is for."""

from kasauti.compose import parts
from kasauti.compose.markets import Market, check_tradable, within
from kasauti.config import Loaded
from kasauti.domain import events as ev
from kasauti.domain.board import Board
from kasauti.domain.ist import ist_ns
from kasauti.domain.state import State
from kasauti.engine.engine import Engine
from kasauti.engine.recorded import run_recorded
from kasauti.store.memory import MemoryLog


def run_in_memory(loaded: Loaded, market: Market) -> tuple[MemoryLog, State]:
    """
    Trade `market` from its first day to its last as `loaded` says; return what was recorded and its fold.

    The log reads like any other: `analytics.reporting.day_report(log.read())` reports on it, `save` writes
    it to a file. Its days close, also where `feed.ends_at` cuts their data.
    """
    check_tradable(market)
    account = loaded.config.account
    log, state = MemoryLog(), State()
    opened = ev.AccountOpened(
        account.name,
        account.trading_mode,
        account.order_prefix,
        account.capital,
        account.plan,
        config=loaded.as_json(),
    )
    first = ev.Recorded(1, ist_ns(market.days[0]), "session", opened)
    log.append(first)
    state.apply(first)
    board = Board(market.universe)
    engine = Engine(
        state=state,
        log=log,
        board=board,
        venue=parts.venue(loaded.config, board, is_bars=market.is_bars),
        rules=parts.rules(loaded.config, account.plan, account.capital),
        strategies=parts.strategies(loaded, market.universe),
    )
    feed = loaded.config.feed
    run_recorded(engine, within(market, feed.starts_at, feed.ends_at).play(None))
    return log, state
