"""The terms on which an instrument trades in a product on one day, looked up once."""

from collections.abc import Callable, Iterable
from datetime import date
from functools import cached_property, lru_cache
from typing import Final, cast

from kasauti.domain.instrument import Instrument, Kind, Universe
from kasauti.domain.order import OrderType, Product, Validity, position_key
from kasauti.engine.agenda import NEVER
from kasauti.errors import RuleUnknown
from kasauti.exchange.auctions import Auctions
from kasauti.exchange.broker_rules import BrokerRules, OrderLimits
from kasauti.exchange.calendar import Calendar, Phase, Segment, Session, segment
from kasauti.exchange.charge_class import listing
from kasauti.exchange.charges import ChargeBook, ChargeSchedule
from kasauti.exchange.lists import NO_LISTS, Lists
from kasauti.exchange.price_range import PriceRange
from kasauti.exchange.products import ProductRules
from kasauti.exchange.products import Refusal as ProductRefusal
from kasauti.exchange.protection import UNPROTECTED, Protection
from kasauti.exchange.restrictions import Restrictions
from kasauti.ports import Margin, MarginModel, Netting, NettingModel

#: Above every quantity and price, and a number that compiled code need not put into an object.
_ENDLESS: Final = 2**62 - 1

# Looked up once: a member of an enum costs a function call.
_CNC: Final = Product.CNC
_MIS: Final = Product.MIS
_NRML: Final = Product.NRML
_INDEX: Final = Kind.INDEX
_FUTURE: Final = Kind.FUTURE

#: Validities by order type. Going through the members of an enum takes longer than copying what was found.
_NOTHING_TAKEN: Final[dict[OrderType, frozenset[Validity]]] = dict.fromkeys(OrderType, frozenset())
_ALL_TAKEN: Final[dict[OrderType, frozenset[Validity]]] = dict.fromkeys(OrderType, frozenset(Validity))


class Terms:
    """
    What holds for one instrument in one product on one day.

    `key` is that of the position, `paid_up` whether a trade is paid in full at once. `opens` and `closes`
    bound the session, `parts` its stretches of trading. `freeze` is above every quantity where there is no
    limit. `barred` says why it does not trade at all on this day, `unfiled` why positions may only be closed
    because a risk file lacks it. `protection` is that of market orders, `texts` has the broker's words.
    """

    __slots__ = (
        "_auctions",
        "_rules",
        "banded_at",
        "bands",
        "banned",
        "barred",
        "closes",
        "cutoff",
        "day",
        "freeze",
        "group",
        "high",
        "instrument",
        "key",
        "lenient",
        "listing",
        "lot",
        "low",
        "maintenance_until",
        "margin",
        "opens",
        "paid_up",
        "parts",
        "product",
        "protection",
        "protects",
        "schedule",
        "segment",
        "session",
        "slices",
        "slot",
        "spans",
        "taken",
        "texts",
        "tick",
        "unfiled",
    )

    def __init__(
        self,
        instrument: Instrument,
        slot: int,
        product: Product,
        session: Session | None,
        closes: int,
        cutoff: int,
        schedule: ChargeSchedule | None,
        margin: Margin | None,
        rules: ProductRules,
        day: date,
        barred: ProductRefusal | None,
        protection: Protection,
        broker: BrokerRules,
        limits: OrderLimits,
        restrictions: Restrictions,
        auctions: Auctions | None,
    ) -> None:
        self.instrument = instrument
        self._auctions = auctions
        self.slot = slot
        self.lot, self.freeze = instrument.lot_size, instrument.freeze_quantity or _ENDLESS
        self.tick = instrument.tick_size
        self.slices, self.maintenance_until = limits.slices, limits.maintenance_until
        self.texts = broker.texts
        self.lenient = broker.lenient
        circuit = None if broker.lenient else restrictions.circuit(instrument.id, day)
        #: The prices that may trade today, without an end where nobody said.
        self.low, self.high = (1, _ENDLESS) if circuit is None else (circuit.low, circuit.high)
        #: Whether positions may only be closed.
        self.banned = (
            instrument.is_derivative and not broker.lenient and restrictions.is_banned(instrument.name, day)
        )
        self.protection = protection
        #: Whether a market order that says nothing is protected.
        self.protects = bool(protection.slabs)
        #: The last prices for which the worst price of a sale and of a purchase are known, and these.
        self.banded_at = [-1, -1]
        self.bands = [0, 0]
        self.product = product
        self.key = position_key(instrument.id, product)
        self.paid_up = instrument.is_option or product is _CNC
        self.listing = listing(instrument)
        self.session = session
        #: An index contract may stop trading before the rest of its segment on its last day.
        self.parts = () if session is None else tuple([(a, min(b, closes)) for a, b in session.parts])
        #: The one stretch of trading; where there are more, only `is_open` knows.
        self.opens, self.closes = self.parts[0] if len(self.parts) == 1 else (1, 0)
        #: From here on the broker takes no more intraday orders.
        self.cutoff = cutoff
        self.closes = min(self.closes, cutoff)
        self.segment: Segment = segment(instrument)
        self.schedule = schedule
        self.margin = margin
        #: Who else trades on the same underlying today, where positions on it can offset each other.
        self.group: Group | None = None
        #: Whether its margin is not that of the instrument alone, so that the group has to be asked.
        self.spans = False
        self.day = day
        self.barred = barred
        self.unfiled = ""
        self._rules = rules
        #: What is known to be taken, so that it is asked only once.
        self.taken = _NOTHING_TAKEN.copy()
        if broker.lenient:
            self.freeze, self.tick = _ENDLESS, 1
            if margin is not None and barred is None:
                self.taken = _ALL_TAKEN.copy()

    def narrow(self, band: PriceRange | None) -> None:
        """Bound today's prices by a band as well, from now on."""
        if band is not None:
            self.low, self.high = max(self.low, band.low), min(self.high, band.high)
            self.banded_at = [-1, -1]

    def close_only(self, why: str) -> None:
        """Take no new positions, because the risk file lacks the contract."""
        self.unfiled, self.banned = why, True

    def refusal(self, order_type: OrderType, validity: Validity) -> ProductRefusal | None:
        """Return why exchange or broker do not take this today, or None; also where a rule is not known."""
        if self.barred is not None:
            return self.barred
        try:
            refusal = self._rules.refusal(self.instrument, self.product, order_type, validity, on=self.day)
        except RuleUnknown as error:
            return ProductRefusal("rule.unknown", str(error))
        if refusal is None:
            self.taken[order_type] |= {validity}
        return refusal

    def band(
        self,
        last: int,
        reference: int,
        basis_points: int,
        buys: bool,  # noqa: FBT001  a name would cost every order time
    ) -> int:
        """
        Return the worst price at which a market order trades; 0: any, -1: none, as nothing has traded yet.

        `last` is the last price, `reference` what stands where there is none.
        """
        if not last:
            if reference and self.protection.needs_ltp:
                return -1
            last = reference
        if basis_points >= 0:
            return self._within(self.protection.band(last, basis_points, buys))
        if last != self.banded_at[buys]:
            self.bands[buys] = self._within(self.protection.band(last, basis_points, buys))
            self.banded_at[buys] = last
        return self.bands[buys]

    def _within(self, band: int) -> int:
        """Return a band inside what may trade today."""
        return min(max(band, self.low), self.high) if band else 0

    def is_open(self, at: int) -> bool:
        """Return whether the instrument trades at `at`, whatever the broker's own cutoff."""
        return any(opens <= at < closes for opens, closes in self.parts)

    def auction_phase(self, at: int) -> Phase | None:
        """Return the phase of a call auction that takes orders at `at`, or None."""
        auction = None if self._auctions is None else self._auctions.at(self.instrument, at)
        return None if auction is None else auction.phase_at(at)

    def auction_band(self, at: int) -> PriceRange | None:
        """Return the prices that orders may have in the call auction of `at`, None where any may."""
        return None if self._auctions is None else self._auctions.band(self.instrument, at)


class Group:
    """
    The contracts on one underlying in one product that were asked for today, and their underlying.

    An offset is given within a product only: what is squared off tonight protects nothing that is carried.
    """

    __slots__ = ("by_file", "members", "underlying")

    def __init__(self, underlying: str, *, by_file: bool = False) -> None:
        #: The id of the underlying in this session; empty where the session does not have it.
        self.underlying = underlying
        #: Whether all of them are margined by a risk file, which needs no prices.
        self.by_file = by_file
        self.members: dict[str, Terms] = {}

    def join(self, terms: Terms) -> None:
        """
        Take a contract in.

        What one future requires by itself has a closed form; an option that is sold needs the price of its
        underlying, and where there are two contracts each may protect the other.
        """
        self.members[terms.key] = terms
        terms.group = self
        priced = bool(self.underlying) or any(
            each.instrument.kind is _FUTURE for each in self.members.values()
        )
        for each in self.members.values():
            each.spans = self.by_file or (priced and (len(self.members) > 1 or each.instrument.is_option))


@lru_cache(maxsize=8)  # looking through a class for the methods of a protocol takes longer than an order
def _nets(margins: type[MarginModel]) -> bool:
    return issubclass(margins, NettingModel)


class TermSheet:
    """All terms of one trading day, made as they are asked for."""

    def __init__(
        self,
        universe: Universe,
        day: date,
        *,
        calendar: Calendar,
        charges: ChargeBook,
        margins: MarginModel,
        products: ProductRules,
        broker: BrokerRules,
        restrictions: Restrictions,
        lists: Lists = NO_LISTS,
        auctions: Auctions | None = None,
    ) -> None:
        self.day = day
        self._lists = lists
        self._auctions = auctions
        self._broker = broker
        self._restrictions = restrictions
        #: Whether an order only has to make sense; see `BrokerRules`.
        self.lenient = broker.lenient
        self.counts_orders = broker.counts_orders
        self._margins = margins
        self._universe = universe
        self._calendar = calendar
        self._charges = charges
        self._products = products
        #: How contracts on one underlying offset each other, if the margin model knows that.
        self.netting = cast("NettingModel", margins).netting(day) if _nets(type(margins)) else None
        self._groups: dict[tuple[str, Product], Group] = {}
        #: What was asked for already, by the key of the position.
        self.known: dict[str, Terms] = {}
        self._late_band: Callable[[Instrument], PriceRange | None] | None = None

    def of(self, instrument_id: str, product: Product) -> Terms | None:
        """Return the terms, or None if the session does not know the instrument."""
        terms = self.known.get(position_key(instrument_id, product))
        if terms is None:
            instrument = self._universe.find(instrument_id)
            if instrument is None:
                return None
            terms = self._make(instrument, product)
            if self._late_band is not None:
                terms.narrow(self._late_band(instrument))
            self.known[terms.key] = terms
            if self.netting is not None and terms.margin is not None and instrument.is_derivative:
                self._join(self.netting, terms)
        return terms

    def narrow(self, late_band: Callable[[Instrument], PriceRange | None]) -> None:
        """Bound the prices of every instrument by what `late_band` says of it, from now on."""
        self._late_band = None if self.lenient else late_band
        for terms in self.known.values() if not self.lenient else ():
            terms.narrow(late_band(terms.instrument))

    @property
    def groups(self) -> Iterable[Group]:
        """Every group of today."""
        return self._groups.values()

    def _join(self, netting: Netting, terms: Terms) -> None:
        """Have a contract stand beside others on its underlying, unless nobody knows what it risks."""
        instrument = terms.instrument
        unfiled = netting.lacks(instrument)
        if unfiled:
            terms.close_only(unfiled)
            return
        key = (instrument.name, terms.product)
        group = self._groups.get(key)
        if group is None:
            known = instrument.underlying in self._universe
            spot = instrument.underlying if known else ""
            group = self._groups[key] = Group(spot, by_file=bool(netting.file))
        group.join(terms)

    def _make(self, instrument: Instrument, product: Product) -> Terms:
        session = self._calendar.session(self.day, segment(instrument))
        schedule = margin = None
        barred = self._expired(instrument) or self._unlisted(instrument) or self._suspended(instrument)
        cutoff, protection, is_index = NEVER, UNPROTECTED, instrument.kind is _INDEX
        try:
            cutoff = self._cutoff(instrument, product, session)
            if not self._broker.lenient and not is_index:
                protection = self._broker.protection(instrument, self.day)
            if not is_index and self._product_fits(instrument, product):
                schedule = self._charges.schedule(instrument, product, self.day)
                margin = self._margins.of(instrument, product, self.day)
        except RuleUnknown as error:
            barred = barred or ProductRefusal("rule.unknown", str(error))
        return Terms(
            instrument,
            self._universe.slot(instrument.id),
            product,
            session,
            self._calendar.close_of(instrument, self.day) or 0,
            cutoff,
            schedule,
            margin,
            self._products,
            self.day,
            barred,
            protection,
            self._broker,
            self.limits,
            self._restrictions,
            self._auctions,
        )

    @cached_property
    def limits(self) -> OrderLimits:
        """How many orders the broker takes today."""
        return self._broker.limits(self.day)

    def _unlisted(self, instrument: Instrument) -> ProductRefusal | None:
        fault = self._lists.fault(instrument, self.day)
        if not fault:
            return None
        return ProductRefusal("instrument.list", f"{instrument.id} does not trade on {self.day}: {fault}.")

    def _expired(self, instrument: Instrument) -> ProductRefusal | None:
        if instrument.expiry is None or instrument.expiry >= self.day:
            return None
        expiry = str(instrument.expiry)
        rule, message = self._broker.texts.say("instrument.expired", instrument=instrument.id, limit=expiry)
        return ProductRefusal(rule, message, expiry, str(self.day))

    def _suspended(self, instrument: Instrument) -> ProductRefusal | None:
        if self._broker.lenient or not self._restrictions.is_suspended(instrument.id, self.day):
            return None
        return ProductRefusal(*self._broker.texts.say("instrument.suspended"))

    def _cutoff(self, instrument: Instrument, product: Product, session: Session | None) -> int:
        if product is not _MIS or session is None or self._broker.lenient:
            return NEVER
        return self._calendar.square_off(self.day, segment(instrument))

    @staticmethod
    def _product_fits(instrument: Instrument, product: Product) -> bool:
        return product is _MIS or instrument.is_derivative == (product is _NRML)
