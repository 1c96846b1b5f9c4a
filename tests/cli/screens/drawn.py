"""A small market, a console that remembers, and what was drawn as lines of text."""

from datetime import time
from io import StringIO

from rich.console import Console, RenderableType
from tests.analytics.logs import DAY

from kasauti.domain.board import Board
from kasauti.domain.instrument import Exchange, Instrument, Kind, Universe
from kasauti.domain.ist import ist_ns
from kasauti.domain.market import TickBatch
from kasauti.domain.money import rupees

INDEX = "NSE:NIFTY 50"
OPENS, CLOSES = ist_ns(DAY, time(9, 15)), ist_ns(DAY, time(15, 30))
NOON = ist_ns(DAY, time(12, 0))
STRIKES = range(25_800, 26_250, 50)


def option(strike: int, kind: Kind) -> Instrument:
    return Instrument(
        Exchange.NFO,
        f"NIFTY26NOV{strike}{kind}",
        kind,
        tick_size=500,
        lot_size=75,
        name="NIFTY",
        expiry=DAY,
        strike=rupees(strike),
        underlying=INDEX,
        on_index=True,
    )


def nifty() -> Universe:
    """Return the index and the options at the strikes from 25,800 to 26,200."""
    index = Instrument(Exchange.NSE, "NIFTY 50", Kind.INDEX, tick_size=500)
    options = [option(strike, kind) for strike in STRIKES for kind in (Kind.CALL, Kind.PUT)]
    return Universe([index, *options, Instrument(Exchange.NSE, "INFY", Kind.EQUITY, tick_size=1000)])


def board(at: int = NOON, *, spot: str = "26010", interest: int = 0) -> Board:
    """Return a market at `at`: the n-th option lasts at n rupees, with n + `interest` lakh open."""
    universe = nifty()
    made = Board(universe)
    size = len(universe)
    ladder = [rupees(spot), *(rupees(number) for number in range(1, size))]
    batch = TickBatch.of(
        at=[at] * size,
        slot=list(range(size)),
        last=ladder,
        bid=[price - 500 for price in ladder],
        ask=[price + 500 for price in ladder],
        bid_quantity=[75] * size,
        ask_quantity=[75] * size,
        open_interest=[0, *((number + interest) * 100_000 for number in range(1, size))],
    )
    made.apply(batch, 0, size)
    return made


def drawn(what: RenderableType, width: int = 120, height: int = 40, *, colour: bool = False) -> list[str]:
    """Return what a terminal of this size shows, line by line, without what is blank at their ends."""
    console = Console(
        width=width,
        height=height,
        file=StringIO(),
        record=True,
        force_terminal=True,
        color_system="truecolor" if colour else None,
        legacy_windows=False,
    )
    console.print(what)
    text = console.export_text(styles=colour)
    return [line.rstrip() for line in text.splitlines()]


def styled(what: RenderableType, width: int = 120) -> str:
    """Return what is drawn with its escape codes."""
    return "\n".join(drawn(what, width, colour=True))
