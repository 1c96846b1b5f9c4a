"""Scenes for the momentum strategy: a quiet chain, and the moves that make it enter."""

from collections.abc import Mapping

from tests.strategies.floor import LOT, STRIKES, Floor, at, option_id

from kasauti.domain.commands import Command
from kasauti.domain.money import rupees
from kasauti.strategies.intraday_momentum_oi import IntradayMomentumOI

SPOT = rupees(25_990)
CALL = option_id(26_000, "CE")
PUT = option_id(25_800, "PE")

#: Open interest of every option, and of the two at which it is largest.
QUIET = 1_000_000
WALL = 3_000_000


def floor(capital: int = rupees(200_000), **parameters: object) -> Floor:
    """Return a floor at 09:15; most calls are open at 26,000, most puts at 25,800."""
    made = Floor(lambda: IntradayMomentumOI.from_parameters(parameters), capital)
    for strike in STRIKES:
        for kind in ("CE", "PE"):
            made.set(option_id(strike, kind), last=rupees(100), oi=QUIET, volume=10_000)
    made.set(CALL, oi=WALL)
    made.set(PUT, oi=WALL)
    made.start()
    return made


def decide(
    on: Floor,
    clock: str,
    *,
    spot: int = SPOT,
    option: str = CALL,
    values: Mapping[str, int] | None = None,
) -> list[Command]:
    """
    Let a candle close at `clock` with a signal for `option`, unless `values` spoil it.

    The candle before it closed with the same open interest; a lot of volume has traded at 100.00 since, and
    now the option is at 110.00 with 1 % less open. Return what is asked for with the chain.
    """
    now = at(clock)
    on.now = now - 300 * 10**9
    on.set(option, last=rupees(100), oi=WALL)
    on.candle(spot)
    on.chain()
    on.now = now - 60 * 10**9
    on.set(option, volume=int(on.view.quote(option).volume) + 50_000)
    on.chain()
    on.now = now
    on.set(option, **{"last": rupees(110), "oi": WALL * 99 // 100, **(values or {})})
    on.candle(spot)
    return on.chain()


def holding(lots: int = 1, **parameters: object) -> Floor:
    """Return a floor at 10:00:05 that holds `lots` of the call, bought at 110.00."""
    made = floor(rupees(200_000), lots=lots, **parameters)
    decide(made, "10:00")
    made.now = at("10:00:01")
    made.fill(rupees(110))
    made.now = at("10:00:05")
    assert made.held(CALL) == lots * LOT
    return made
