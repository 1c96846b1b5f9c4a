"""Daily settlement: what futures made or lost since the last mark moves in cash at the close."""

from kasauti.domain import settlement_events as stl
from kasauti.domain.instrument import Kind
from kasauti.domain.order import Product
from kasauti.engine.jobs.desk import Desk
from kasauti.engine.jobs.prices import SettlementPrices
from kasauti.exchange.calendar import Segment, segment


def mark_futures(desk: Desk, prices: SettlementPrices, which: Segment, at: int) -> None:
    """
    Settle every future of a segment that is held, at today's price; one without a price waits.

    A day that is passed over is made up for by the next one: what moves is the value at the mark, less cost
    and all that was moved before.
    """
    for position in desk.state.held:
        instrument = desk.board.universe.find(position.instrument)
        if instrument is None or instrument.kind is not Kind.FUTURE or segment(instrument) is not which:
            continue
        found = prices.daily(instrument)
        amount = 0 if found is None else position.to_mark(found.price)
        if found is not None and amount:
            marked = stl.FuturesMarked(
                instrument.id, Product(position.product), position.quantity, found.price, amount, found.basis
            )
            desk.record(marked, "timer:close", at)
