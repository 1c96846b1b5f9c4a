"""What brokers take as standing instructions, by date. Source: market_rules.md 4.1 to 4.4."""

from datetime import date
from decimal import Decimal
from functools import lru_cache

import msgspec

from kasauti.domain.instrument import Exchange, Instrument, Kind
from kasauti.domain.ist import ist_date, ist_ns
from kasauti.domain.money import rupees
from kasauti.domain.order import Product
from kasauti.exchange.calendar import Calendar
from kasauti.exchange.clock import Clock, clock_time
from kasauti.exchange.overlay import Overlay, overlay_in_use
from kasauti.exchange.rules import Row, RowT, RuleFile, Timeline, read_rules
from kasauti.exchange.segments import Segment

_FILE = "standing.json"
#: A percentage in hundredths of a per cent.
_WHOLE = 10_000


class GttRule(Row, frozen=True, kw_only=True):
    """What a GTT may be: kinds, products, the least distance of a trigger, how many, how long."""

    kinds: tuple[Kind, ...]
    products: tuple[Product, ...]
    min_distance_percent: Decimal
    max_active: int
    valid_days: int


class CoverRule(Row, frozen=True, kw_only=True):
    """Where cover orders are taken, and how far their stop may be."""

    exchange: Exchange
    kinds: tuple[Kind, ...]
    max_distance_percent: Decimal


class IcebergRule(Row, frozen=True, kw_only=True):
    """How many parts an iceberg has, and what it is worth at least, in rupees."""

    min_legs: int
    max_legs: int
    min_value: Decimal

    @property
    def least(self) -> int:
        """The least value in money units."""
        return rupees(self.min_value)


class AfterMarketRule(Row, frozen=True, kw_only=True):
    """When after-market orders of a segment are taken, and when they are sent."""

    segment: Segment
    taken_from: Clock
    taken_until: Clock
    releases: Clock
    releases_triggers: Clock


class DisclosedRule(Row, frozen=True, kw_only=True):
    """Whose quantity may be shown in part, and how much of it at least."""

    kinds: tuple[Kind, ...]
    min_percent: Decimal


class TtlRule(Row, frozen=True, kw_only=True):
    """Where an order may live for some minutes, and how many."""

    exchanges: tuple[Exchange, ...]
    kinds: tuple[Kind, ...]
    min_minutes: int
    max_minutes: int


class AuctionRule(Row, frozen=True, kw_only=True):
    """When holders may offer shares that others failed to deliver, and how far from the last close."""

    exchange: Exchange
    opens: Clock
    closes: Clock
    band_percent: Decimal


class AlertRule(Row, frozen=True, kw_only=True):
    """How many price alerts there may be."""

    max_active: int


class _StandingFile(RuleFile, frozen=True, kw_only=True):
    gtt: tuple[GttRule, ...]
    cover: tuple[CoverRule, ...]
    iceberg: tuple[IcebergRule, ...]
    amo: tuple[AfterMarketRule, ...]
    disclosed: tuple[DisclosedRule, ...]
    ttl: tuple[TtlRule, ...]
    auction: tuple[AuctionRule, ...]
    alert: tuple[AlertRule, ...]


class Window(msgspec.Struct, frozen=True):
    """Whether after-market orders are taken, and the hours in words."""

    is_open: bool
    hours: str


class StandingRules:
    """`standing.json`; `RuleUnknown` for a date it does not cover."""

    def __init__(self) -> None:
        file = self._file = read_rules(_FILE, _StandingFile)
        self._gtt = self._timeline("What a GTT may be", file.gtt)
        self._iceberg = self._timeline("What an iceberg may be", file.iceberg)
        self._disclosed = self._timeline("What a disclosed quantity may be", file.disclosed)
        self._ttl = self._timeline("What a TTL may be", file.ttl)
        self._auction = self._timeline("When auctions are held", file.auction)
        self._alert = self._timeline("How many alerts there may be", file.alert)
        self._amo = {
            each: self._timeline(f"AMO of the {each} segment", [r for r in file.amo if r.segment is each])
            for each in Segment
        }

    def _timeline(self, what: str, rows: "tuple[RowT, ...] | list[RowT]") -> Timeline[RowT]:
        return Timeline(what, rows, file=_FILE, known_to=self._file.known_to)

    def gtt(self, on: date) -> GttRule:
        """Return what a GTT may be."""
        return self._gtt.on(on)

    def iceberg(self, on: date) -> IcebergRule:
        """Return what an iceberg may be."""
        return self._iceberg.on(on)

    def disclosed(self, on: date) -> DisclosedRule:
        """Return what a disclosed quantity may be."""
        return self._disclosed.on(on)

    def ttl(self, on: date) -> TtlRule:
        """Return what a validity in minutes may be."""
        return self._ttl.on(on)

    def auction(self, on: date) -> AuctionRule:
        """Return when shares may be offered in an auction."""
        return self._auction.on(on)

    def alert(self, on: date) -> AlertRule:
        """Return how many alerts there may be."""
        return self._alert.on(on)

    def cover(self, instrument: Instrument, on: date) -> CoverRule | None:
        """Return on what terms cover orders are taken for an instrument, None if they are not."""
        rows = [
            row
            for row in self._file.cover
            if row.exchange is instrument.exchange and instrument.kind in row.kinds
        ]
        if not rows:
            return None
        return self._timeline(f"Cover orders on {instrument.exchange}", rows).on(on)

    def window(self, calendar: Calendar, segment: Segment, at: int) -> Window:
        """Return whether after-market orders of a segment are taken at `at`."""
        day = ist_date(at)
        row = self._amo[segment].on(day)
        hours = f"from {row.taken_from} to {row.taken_until} of the next trading day"
        if not calendar.is_trading_day(day, segment):
            return Window(is_open=True, hours=hours)
        before, after = ist_ns(day, clock_time(row.taken_until)), ist_ns(day, clock_time(row.taken_from))
        return Window(is_open=at < before or at >= after, hours=hours)

    def release(self, segment: Segment, day: date, *, has_trigger: bool) -> int:
        """Return when after-market orders of a segment are sent on `day`."""
        row = self._amo[segment].on(day)
        return ist_ns(day, clock_time(row.releases_triggers if has_trigger else row.releases))


def standing_rules() -> StandingRules:
    """Return the rules with those of the overlay in use, read once."""
    return _with(overlay_in_use())


@lru_cache(maxsize=8)
def _with(overlay: Overlay) -> StandingRules:
    return StandingRules()


def too_near(price: int, reference: int, percent: Decimal) -> bool:
    """Whether `price` lies less than `percent` per cent of `reference` away from it."""
    return abs(price - reference) * _WHOLE < int(percent * 100) * reference


def too_far(price: int, reference: int, percent: Decimal) -> bool:
    """Whether `price` lies more than `percent` per cent of `reference` away from it."""
    return abs(price - reference) * _WHOLE > int(percent * 100) * reference
