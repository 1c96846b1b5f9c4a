"""
What a refused order is told, in the words its broker uses, because users search for them.

`refusals.json` has the words by the id of a text; the id of the rule is the same, or named there. Source:
market_rules.md 4.3.
"""

from string import Formatter

import msgspec

from kasauti.errors import ConfigError
from kasauti.exchange.rules import Confidence, RuleFile, read_rules

_FILE = "refusals.json"

#: What may stand in braces.
FIELDS = frozenset(
    (
        *(
            "actual",
            "allowed",
            "day",
            "field",
            "freeze",
            "instrument",
            "limit",
            "limit_clock",
            "most",
            "name",
        ),
        *("order_type", "other", "product", "reason", "rms_product", "rms_segment", "series", "slices"),
        *("slices_allowed", "strategy", "symbol", "validity", "word"),
    )
)


class RefusalText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One refusal: its words by broker, and where they were seen; see the file's `about`."""

    id: str
    source: str
    confidence: Confidence
    rule: str = ""
    check: int = 0
    error_type: str = ""
    own: str = ""
    texts: dict[str, str] = msgspec.field(default_factory=dict)
    note: str = ""

    @property
    def rule_id(self) -> str:
        """The rule it belongs to."""
        return self.rule or self.id

    def words_of(self, broker: str) -> str:
        """Return the words of a broker; those in general use where its own are not known."""
        texts = self.texts
        return texts.get(broker) or self.own or texts.get("zerodha") or next(iter(texts.values()))


class _RefusalFile(RuleFile, frozen=True, kw_only=True):
    speaks: dict[str, str]
    refusals: tuple[RefusalText, ...]


def all_refusals() -> tuple[RefusalText, ...]:
    """Return every refusal there is, in the order of the file."""
    return _read().refusals


def _read() -> _RefusalFile:
    file = read_rules(_FILE, _RefusalFile)
    seen = set()
    for row in file.refusals:
        if row.id in seen:
            raise ConfigError(f"exchange/data/{_FILE} has two texts with the id {row.id}; keep one.")
        seen.add(row.id)
        if not (row.own or row.texts):
            raise ConfigError(f"exchange/data/{_FILE}: {row.id} says nothing; give it texts, or own.")
        for text in (row.own, *row.texts.values()):
            strange = {name for _, name, _, _ in Formatter().parse(text) if name is not None} - FIELDS
            if strange:
                raise ConfigError(
                    f"exchange/data/{_FILE}: {row.id} has {{{min(strange)}}}, which nothing fills in;"
                    f" known are {', '.join(sorted(FIELDS))}."
                )
    return file


class RefusalTexts:
    """The words of the broker of one plan."""

    def __init__(self, plan: str) -> None:
        file = _read()
        broker = file.speaks.get(plan, "zerodha")
        self._texts = {row.id: row.words_of(broker) for row in file.refusals}
        self._rules = {row.id: row.rule_id for row in file.refusals}

    def say(self, text_id: str, **values: object) -> tuple[str, str]:
        """Return (rule, message) of a refusal with `values` filled in."""
        return self._rules[text_id], self._texts[text_id].format(**values)
