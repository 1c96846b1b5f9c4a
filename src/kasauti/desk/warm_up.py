"""
Before anybody waits for it: what the rules read from files when they are first asked.

An account that nobody has places an order in an instrument of each kind; its log is in memory and goes with
it.
"""

from kasauti.desk.floor import Floor
from kasauti.domain import events as ev
from kasauti.domain.commands import CancelOrder, PlaceOrder
from kasauti.domain.inputs import Advance, Ask
from kasauti.domain.ist import NS_PER_SECOND
from kasauti.domain.order import OrderType, Product, Side
from kasauti.domain.state import State
from kasauti.store.memory import MemoryLog

_PRODUCTS = (Product.MIS, Product.NRML, Product.CNC)


def warm_up(floor: Floor, opened: ev.AccountOpened, at: int) -> None:
    """Have an account like `opened` trade at `at` in one instrument of each kind."""
    state, log = State(), MemoryLog()
    first = ev.Recorded(1, at, "session", opened)
    log.append(first)
    state.apply(first)
    engine = floor.engine_of(state, log, ())
    kinds = {(each.exchange, each.kind, each.name): each for each in floor.universe}
    for instrument in kinds.values():
        price = floor.board.quote(floor.universe.slot(instrument.id)).last or instrument.tick_size
        for product in _PRODUCTS:
            order = PlaceOrder(instrument.id, Side.BUY, instrument.lot_size, OrderType.LIMIT, product, price)
            order_id = engine.handle(Ask(at, order, "user"))
            if order_id in state.orders:
                engine.handle(Advance(at + NS_PER_SECOND))
                engine.handle(Ask(at, CancelOrder(order_id), "user"))
