"""The market in one instrument at one moment, for who looks at it."""

from kasauti.domain.compiler_hints import mypyc_attr
from kasauti.domain.level import Level


# Not a msgspec.Struct: compiled to C, the fields of a class are read without a look-up, and the memory of one
# that is gone is used again at once.
@mypyc_attr(free_list_len=1)
class Quote:
    """
    The market in one instrument at one moment.

    `bids` and `asks` hold up to five levels, best first; empty where the data has no depth. `fresh` is the
    number of the tick that brought it: a larger one came later. `traded` is what traded since the tick
    before, 0 in a quote that stands. Quotes do not change, and are equal if all of their values are.
    """

    __slots__ = (
        "ask", "ask_quantity", "asks", "at", "bid", "bid_quantity", "bids", "fresh", "last", "open_interest",
        "traded", "volume",
    )  # fmt: skip

    def __init__(
        self,
        at: int,
        last: int = 0,
        bid: int = 0,
        ask: int = 0,
        bid_quantity: int = 0,
        ask_quantity: int = 0,
        volume: int = 0,
        open_interest: int = 0,
        bids: tuple[Level, ...] = (),
        asks: tuple[Level, ...] = (),
        fresh: int = 0,
        traded: int = 0,
    ) -> None:
        self.at = at
        self.last = last
        self.bid = bid
        self.ask = ask
        self.bid_quantity = bid_quantity
        self.ask_quantity = ask_quantity
        self.volume = volume
        self.open_interest = open_interest
        self.bids = bids
        self.asks = asks
        self.fresh = fresh
        self.traded = traded

    @property
    def has_book(self) -> bool:
        """Whether it shows a standing book and not just a last price."""
        return self.bid != 0 or self.ask != 0 or bool(self.bids) or bool(self.asks)

    def _values(self) -> tuple[tuple[str, object], ...]:
        return (
            ("at", self.at), ("last", self.last), ("bid", self.bid), ("ask", self.ask),
            ("bid_quantity", self.bid_quantity), ("ask_quantity", self.ask_quantity),
            ("volume", self.volume), ("open_interest", self.open_interest),
            ("bids", self.bids), ("asks", self.asks), ("fresh", self.fresh), ("traded", self.traded),
        )  # fmt: skip

    def __eq__(self, other: object) -> bool:
        return self._values() == other._values() if isinstance(other, Quote) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._values())

    def __repr__(self) -> str:
        return f"Quote({', '.join(f'{name}={value!r}' for name, value in self._values())})"
