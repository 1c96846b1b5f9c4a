"""The rules an account trades under, as one value."""

from datetime import date

import msgspec

from kasauti.domain.instrument import Universe
from kasauti.engine.terms import TermSheet
from kasauti.errors import RuleUnknown
from kasauti.exchange.auctions import Auctions
from kasauti.exchange.broker_rules import BrokerRules, uncounted
from kasauti.exchange.calendar import Calendar
from kasauti.exchange.charges import ChargeBook
from kasauti.exchange.corporate_actions import CorporateActions
from kasauti.exchange.lists import NO_LISTS, Lists
from kasauti.exchange.official_prices import OfficialPrices
from kasauti.exchange.products import ProductRules
from kasauti.exchange.restrictions import Restrictions
from kasauti.exchange.settlement import Settlement
from kasauti.exchange.standing_rules import StandingRules, standing_rules
from kasauti.ports import MarginModel
from kasauti.risk.gate import RiskGate


class Rules(msgspec.Struct, frozen=True):
    """The exchange's dated rules, the margin model and the account's own gate."""

    calendar: Calendar
    charges: ChargeBook
    margins: MarginModel
    products: ProductRules
    gate: RiskGate
    settlement: Settlement = msgspec.field(default_factory=Settlement)
    standing: StandingRules = msgspec.field(default_factory=standing_rules)
    official: OfficialPrices = msgspec.field(default_factory=OfficialPrices)
    actions: CorporateActions = msgspec.field(default_factory=CorporateActions)
    broker: BrokerRules = msgspec.field(default_factory=uncounted)
    restrictions: Restrictions = msgspec.field(default_factory=Restrictions)
    lists: Lists = NO_LISTS

    def settles_on(self, day: date) -> str:
        """Return when trades of `day` settle, an ISO date; empty while nobody knows the calendar."""
        try:
            return self.settlement.settles_on(day, self.calendar).isoformat()
        except RuleUnknown:
            return ""

    def sheet(self, universe: Universe, day: date, auctions: Auctions | None = None) -> TermSheet:
        """Return the terms of one trading day, for which `auctions` are taken up."""
        if auctions is not None:
            auctions.begin_day(day)
        return TermSheet(
            universe,
            day,
            calendar=self.calendar,
            charges=self.charges,
            margins=self.margins,
            products=self.products,
            broker=self.broker,
            restrictions=self.restrictions,
            lists=self.lists,
            auctions=auctions,
        )
