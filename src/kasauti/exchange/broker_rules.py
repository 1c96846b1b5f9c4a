"""
What a broker asks of an order beyond what the exchange does: protection, rates, slices, and its own words.

Source: brokers.md 0, 1.4; market_rules.md 4.1, 4.3.
"""

from datetime import date

from kasauti.domain.instrument import Instrument
from kasauti.exchange.market_protection import MarketProtection
from kasauti.exchange.protection import Protection
from kasauti.exchange.refusal_texts import RefusalTexts
from kasauti.exchange.rules import Row, RuleFile, Timeline, read_rules

_FILE = "order_limits.json"


class OrderLimits(Row, frozen=True, kw_only=True):
    """How many orders a broker takes, and how often one may change; see the file's `about`."""

    per_second: int
    per_minute: int
    per_day: int
    modifications: int
    slices: int
    maintenance_until: str
    plans: tuple[str, ...] = ()


class _LimitFile(RuleFile, frozen=True, kw_only=True):
    limits: tuple[OrderLimits, ...]


class BrokerRules:
    """
    The rules of the broker of one plan.

    Where it is `lenient` an instrument, a quantity and a price have to make sense, the market to be open, and
    the account's money and its own limits hold; what a broker or an exchange refuses besides is taken.
    `counts_orders` is whether its limits on the number of orders hold; `assumed` the day whose rules hold on
    every earlier one, the first of all days where none is.
    """

    def __init__(
        self,
        plan: str = "zerodha",
        *,
        lenient: bool = False,
        counts_orders: bool = True,
        assumed: date | None = None,
    ) -> None:
        self.plan = plan
        self.lenient = lenient
        self.counts_orders = counts_orders and not lenient
        self.texts = RefusalTexts(plan)
        self.assumed = assumed or date.min
        self._protection = MarketProtection(plan)
        file = read_rules(_FILE, _LimitFile)
        own = [row for row in file.limits if plan in row.plans]
        self._limits = Timeline(
            f"How many orders the broker of {plan} takes",
            own or [row for row in file.limits if not row.plans],
            file=_FILE,
            known_to=file.known_to,
        )

    def limits(self, on: date) -> OrderLimits:
        """Return how many orders are taken on `on`."""
        return self._limits.on(max(on, self.assumed))

    def protection(self, instrument: Instrument, on: date) -> Protection:
        """Return how a market order in `instrument` is protected on `on`."""
        return self._protection.of(instrument, max(on, self.assumed))


def uncounted() -> BrokerRules:
    """Return the rules of the usual broker without its limits on how many orders there may be."""
    return BrokerRules(counts_orders=False)
