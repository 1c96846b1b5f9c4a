"""What a round trip put at risk, where a stop order says so."""

import numpy as np

from kasauti.analytics.run import Run
from kasauti.domain.market import Ints
from kasauti.domain.order import OrderType

_STOPS = frozenset({OrderType.SL.value, OrderType.SL_M.value})


def risk_of_trips(run: Run) -> Ints:
    """
    Return what each trip would have lost at its stop, before charges and slippage, in money units.

    The stop is the first SL or SL-M order on the other side of the same instrument that was asked for from
    the entry on and before the exit, at the trigger it was first given; 0 where there is none, or where it
    already stood in profit. The loss is that of all units that entered.
    """
    trips, orders = run.trips, run.orders
    risk: Ints = np.zeros(len(trips.side), np.int64)
    if not len(risk) or not _STOPS.intersection(orders.order_type):
        return risk
    is_stop = np.array([kind in _STOPS for kind in orders.order_type], np.bool_)
    is_stop &= np.array([status not in {"DENIED", "REJECTED"} for status in orders.status], np.bool_)
    stops = np.flatnonzero(is_stop)
    for instrument in np.unique(orders.instrument[stops]):
        for side in (-1, 1):
            own = stops[(orders.instrument[stops] == instrument) & (orders.side[stops] == -side)]
            rows = np.flatnonzero((trips.instrument == instrument) & (trips.side == side))
            first = np.searchsorted(orders.at[own], trips.entry_at[rows], "left")
            found = first < len(own)
            rows, chosen = rows[found], own[first[found]]
            in_time = orders.at[chosen] < trips.exit_at[rows]
            rows, chosen = rows[in_time], chosen[in_time]
            distance = side * (trips.entry_price[rows] - orders.trigger_price[chosen])
            risk[rows] = np.maximum(distance, 0) * trips.quantity[rows]
    return risk
