"""What a fill model answers: how much trades, at which price, on which evidence."""

from kasauti.domain.compiler_hints import mypyc_attr
from kasauti.domain.evidence import Rule, Source


# Not a msgspec.Struct: compiled to C, the fields of a class are read without a look-up, and the memory of one
# that is gone is used again at once.
@mypyc_attr(free_list_len=1)
class Match:
    """`quantity` units may trade at `price`, worse by `slip`, by `rule`; the rest is kept as evidence."""

    __slots__ = (
        "evidence_price", "level", "price", "quantity", "queue", "rule", "shown", "slip", "source", "taken",
    )  # fmt: skip

    def __init__(
        self,
        quantity: int,
        price: int,
        source: Source,
        rule: Rule,
        evidence_price: int,
        shown: int = 0,
        taken: int = 0,
        level: int = 0,
        queue: int = 0,
        slip: int = 0,
    ) -> None:
        self.quantity, self.price, self.source, self.rule = quantity, price, source, rule
        self.evidence_price, self.shown, self.taken = evidence_price, shown, taken
        self.level, self.queue, self.slip = level, queue, slip
