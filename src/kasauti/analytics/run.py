"""
One run as columns: what a backtest did, wherever it was computed.

The event engine's log folds to a `Run` and the compiled kernel of signal strategies makes one directly;
metrics, data frames, reports and comparisons are made of a `Run` and nothing else. Prices and amounts are
money units, quantities units, times ns UTC. Places are indices: `instrument` into `Run.instruments`, `order`
into `Run.orders`, `reason` into `Run.reasons`, `strategy` into `Run.strategies`.
"""

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from kasauti.analytics.band import Edge
from kasauti.domain.charges import Charges
from kasauti.domain.instrument import Instrument
from kasauti.domain.market import Ints, Slots

#: The heads of charges in the order of their columns.
HEADS: tuple[str, ...] = Charges.__struct_fields__

Signs = NDArray[np.int8]


class Ending(StrEnum):
    """How a run ended: with its data, by a person's wish, or because a strategy failed for good."""

    COMPLETE = "complete"
    INTERRUPTED = "interrupted"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Orders:
    """
    One row an order, denied ones included, in the order they were asked for.

    `side` is +1 for a buy, -1 for a sell. Text columns hold the domain's own words. `price` and
    `trigger_price` are as first asked for, `quantity` as last changed. `ended_at` is 0 while an order works.
    `average` is the mean price of what traded, to the nearest money unit. `why` says why an order ended
    without trading in full.
    """

    order_id: list[str]
    at: Ints
    ended_at: Ints
    instrument: Slots
    side: Signs
    product: list[str]
    order_type: list[str]
    validity: list[str]
    quantity: Ints
    price: Ints
    trigger_price: Ints
    filled: Ints
    average: Ints
    status: list[str]
    tag: list[str]
    strategy: Slots
    why: list[str]


@dataclass(frozen=True, slots=True)
class Fills:
    """
    One row a trade, in order of time. `charges` has a column for each of `HEADS`.

    `slip` is how much worse than its evidence the price is, per unit; `rule` and `source` are the evidence's
    own words. A contract that expired is a trade of the order -1, at its settlement price.
    """

    at: Ints
    instrument: Slots
    side: Signs
    quantity: Ints
    price: Ints
    charges: Ints
    order: Ints
    slip: Ints
    rule: list[str]
    source: list[str]


@dataclass(frozen=True, slots=True)
class Trips:
    """
    One row a round trip from flat to flat, in the order they closed; as `analytics.round_trips` defines it.

    `quantity` is all that entered, `gross` before charges, `charges` a column for each of `HEADS`. `worst`
    and `best` are the lowest (at most 0) and the highest (at least 0) profit before charges on the way, as
    the data shows it: `analytics.excursions` says what counts. Where no data between entry and exit is known
    they are those of the trip's own trades.
    """

    instrument: Slots
    side: Signs
    quantity: Ints
    entry_at: Ints
    entry_price: Ints
    exit_at: Ints
    exit_price: Ints
    gross: Ints
    charges: Ints
    worst: Ints
    best: Ints
    reason: Slots
    strategy: Slots

    @property
    def net(self) -> Ints:
        """What each trip came to after charges."""
        net: Ints = self.gross - self.charges.sum(axis=1)
        return net


@dataclass(frozen=True, slots=True)
class Equity:
    """
    What the account was worth, marked to the last price, at the end of bars or minutes and of each day.

    `at` rises strictly. `exposure` is the sum of price times quantity held, without sign; `benchmark` the
    price of what the run is compared with, 0 where there is none.
    """

    at: Ints
    equity: Ints
    exposure: Ints
    benchmark: Ints


@dataclass(frozen=True, slots=True)
class Days:
    """
    One row a trading day. `day` is its ISO date.

    `gross` and `charges` (with the contract note's `rounding`) are what the day's trades realised and
    cost; `equity` what the account was worth at its end, marked to market. `noted` is `rounding` with a
    column for each of `HEADS`: what the note rounded, what squaring off and the depository cost.
    """

    day: list[str]
    gross: Ints
    charges: Ints
    rounding: Ints
    noted: Ints
    equity: Ints
    fills: Ints


@dataclass(frozen=True, slots=True)
class Assumptions:
    """
    What a result rests on, to be stated on top of every report.

    `rates` are sentences on the charges in force, `gaps` on what the data lacks, `remarks` on anything else a
    reader must know; `engine` says who computed it: the event engine or the kernel, and why. `rules` is what
    the log says of the rule files in force, `refused` what became of orders that a broker refuses, and
    `benchmark` names what equity is compared with, "" for nothing.
    """

    data: str
    bars: str
    profile: str
    latency: str
    slippage: str
    plan: str
    engine: str
    rates: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    rules: str = ""
    refused: str = ""
    benchmark: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """
    One run. `label` names it to a person, `parameters` are the strategy's as text.

    `capital` is what it began with, `open_at_end` the units still held at its end by place of the instrument.
    `band` has what its orders would have made by other fill models, where that was asked.
    `failure` says what stopped it, where `ending` is FAILED; `version` is Kasauti's.
    """

    label: str
    strategies: tuple[str, ...]
    parameters: dict[str, str]
    instruments: tuple[Instrument, ...]
    reasons: tuple[str, ...]
    capital: int
    orders: Orders
    fills: Fills
    trips: Trips
    equity: Equity
    days: Days
    assumptions: Assumptions
    version: str
    ending: Ending = Ending.COMPLETE
    failure: str = ""
    open_at_end: dict[int, int] = field(default_factory=dict)
    band: tuple[Edge, ...] = ()
