"""
The session that `kasauti break` kills.

Runs the built-in market as fast as it goes, with the configured strategy and somebody who keeps clicking:
one order after the other, each with its own command id. Every acknowledgement is a line on standard output,
written after it was given, so what the reader has seen was durable. Started again, it goes on with the
first click that the reader has no acknowledgement of: the same command, perhaps for the second time.
"""

import asyncio
import sys
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path

from kasauti.compose.account import OpenAccount
from kasauti.compose.markets import Market, built_in_market
from kasauti.compose.trader import Answer, UniversalPaperTrader
from kasauti.config import load_config
from kasauti.domain.commands import CancelOrder, Command, GttLeg, PlaceBracket, PlaceGtt, PlaceOrder
from kasauti.domain.money import rupees
from kasauti.domain.order import OrderType, Product, Side
from kasauti.domain.state import State
from kasauti.exchange.calendar import Calendar
from kasauti.feeds.clock import wall_ns
from kasauti.simulator.market.built_in import DEMO_DAY

#: What a session says before it takes the account up, and when it begins to trade.
HERE, READY = "here", "ready"
#: What a session says that came to the end of its day.
DONE = "done"
_SHARE = "NSE:RELIANCE"
#: A step that every price of it is a multiple of, and how far exits are away, in money units.
_TICK, _EXIT = rupees(1), rupees(1)


def click_id(number: int) -> str:
    """Return the command id of a click."""
    return f"click-{number}"


def _click(number: int, bid: int) -> Command:
    """
    Return what a click asks for: takers and limits, buys and sells, by its number alone where it can.

    Some are standing instructions near the price: a purchase at a trigger, and an order with exits.
    """
    side = Side.BUY if number % 2 else Side.SELL
    if number % 11 == 0 and bid:
        away = bid * 997 // 1000 // _TICK * _TICK
        leg = GttLeg(Side.BUY, 1, away, away)
        return PlaceGtt(_SHARE, (leg,), command_id=click_id(number))
    if number % 13 == 0 and bid:
        entry = PlaceOrder(_SHARE, side, 1 + number % 7, product=Product.MIS, command_id=click_id(number))
        return PlaceBracket(entry, _EXIT, 2 * _EXIT, _EXIT, relative=True)
    if number % 3 and bid:
        return PlaceOrder(
            _SHARE, side, 1 + number % 7, OrderType.LIMIT, Product.MIS, bid, command_id=click_id(number)
        )
    return PlaceOrder(_SHARE, side, 1 + number % 7, product=Product.MIS, command_id=click_id(number))


async def _keep_clicking(trader: UniversalPaperTrader, number: int) -> None:
    slot = trader.market.universe.slot(_SHARE)
    while True:
        order_id = await trader.ask(_click(number, int(trader.board.bid[slot])), "click")
        _say(f"{click_id(number)} {order_id}")
        if number % 5 == 0 and order_id is not None:
            cancel: Command = CancelOrder(order_id)
            await trader.ask(cancel, "click")
        number += 1


async def _session(trader: UniversalPaperTrader, first_click: int) -> None:
    running = asyncio.create_task(trader.run(0))
    await asyncio.sleep(0)
    clicking = asyncio.create_task(_keep_clicking(trader, first_click))
    try:
        await running
    finally:
        clicking.cancel()


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def take_up(folder: Path, market_after: Callable[[State], Market], first_click: int) -> None:
    """
    Take the account in `folder` up where it is, and trade until the day is over or somebody kills us.

    `market_after` says which market follows a state.
    """
    loaded = load_config(None, {"account.capital_rupees": "5000000", "storage.snapshot_every": "40"}, {})
    _say(HERE)
    with OpenAccount(folder, loaded.config.account.name) as account:
        trader = UniversalPaperTrader(loaded, account, market_after(account.state), guarded=False)
        trader.begin(trader.past(wall_ns()), Answer.RESUME)
        _say(READY)
        asyncio.run(_session(trader, first_click))
        trader.end("the day is over")
    _say(DONE)


def day_after(state: State) -> date:
    """Return the day that is to be traded: the one that is open, else the next one."""
    if not state.day:
        return DEMO_DAY
    last = date.fromisoformat(state.day)
    return last if state.day_open else Calendar().next_trading_day(last)


def _built_in(seed: int, state: State) -> Market:
    return built_in_market(seed, day_after(state))


def main(folder: str, seed: str, first_click: str) -> None:
    """Run a session on the built-in market."""
    take_up(Path(folder), partial(_built_in, int(seed)), int(first_click))


if __name__ == "__main__":
    main(*sys.argv[1:])
