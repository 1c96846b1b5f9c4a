"""What a future that is held settles at each day, from its bars: `engine.jobs.futures` for the kernel."""

from collections.abc import Sequence
from datetime import date

from kasauti.domain.instrument import Kind
from kasauti.domain.ist import NS_PER_MINUTE, NS_PER_SECOND
from kasauti.domain.market import Ints
from kasauti.exchange.calendar import segment
from kasauti.exchange.closing_average import ClosingAverage
from kasauti.exchange.settlement import Method
from kasauti.simulator.kernel.layout import DAY_MARK
from kasauti.simulator.kernel.terms import Exchange, Setup


def lay_out_marks(
    table: Ints,
    days: Sequence[tuple[date, int, int]],
    setup: Setup,
    exchange: Exchange,
    *,
    seconds: int,
    columns: tuple[Ints, Ints, Ints, Ints, Ints],
) -> None:
    """
    Write each day's settlement price into the table of days; 0 where the last close stands for it.

    `columns` are the start, high, low, close and volume of the bars, all of one length.
    """
    if setup.instrument.kind is not Kind.FUTURE:
        return
    where = segment(setup.instrument)
    for number, (day, first, last) in enumerate(days):
        rule, session = exchange.settlement.daily_price(day, where), exchange.calendar.session(day, where)
        if rule.method is not Method.WINDOW or session is None:
            continue
        average = ClosingAverage()
        begins = session.close - rule.minutes * NS_PER_MINUTE
        for row in range(last - 1, first - 1, -1):
            start, high, low, close, volume = (column.item(row) for column in columns)
            ends = start + seconds * NS_PER_SECOND
            if ends <= begins:
                break
            if ends <= session.close:
                average.add_bar(ends, high, low, close, volume)
        table[number, DAY_MARK] = average.price
