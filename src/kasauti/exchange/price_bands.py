"""
How far a price may move in a day: fixed bands of shares, and bands that are widened as trading reaches them.

A fixed band is one of a few per cents that the exchange's daily file names for each share: it is asked for,
never guessed. Source: market_rules.md 3.5; rows in `price_bands.json`.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Literal

import msgspec

from kasauti.domain.instrument import Fund, Instrument
from kasauti.errors import ConfigError, InvalidInput, RuleUnknown
from kasauti.exchange.contract_class import ContractClass, contract_class
from kasauti.exchange.price_range import PriceRange, around
from kasauti.exchange.rules import ONE, Row, RuleFile, Timeline, per_billion, read_rules
from kasauti.exchange.segments import has_derivatives

FILE = "price_bands.json"


class Banded(StrEnum):
    """What has a daily band of its own kind."""

    SHARE = "share"
    SHARE_WITH_DERIVATIVES = "share_with_derivatives"
    STOCK_FUTURE = "stock_future"
    INDEX_FUTURE = "index_future"
    EQUITY_ETF = "equity_etf"
    DEBT_ETF = "debt_etf"
    COMMODITY_ETF = "commodity_etf"
    OVERNIGHT_ETF = "overnight_etf"
    NEW_LISTING = "new_listing"
    RELISTING = "relisting"


class Base(StrEnum):
    """The price that a band's per cents are of."""

    PREVIOUS_CLOSE = "previous_close"
    NET_ASSET_VALUE = "net_asset_value_two_days_before"
    AUCTION_PRICE = "auction_price"


class BandKind(StrEnum):
    """Whether a band stays as it is for the day, or may be widened."""

    FIXED = "fixed"
    DYNAMIC = "dynamic"


class FlexStep(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A widening by `percent` after `cooling_minutes`, taken `times` times; None: without end."""

    percent: Decimal
    cooling_minutes: int
    times: int | None = None


class Flexing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When and how a band is widened; `trades`, `clients` and `members` are what must be at its edge."""

    steps: tuple[FlexStep, ...]
    last_half_hour_cooling_minutes: int
    trigger_gap_percent: Decimal = Decimal(0)
    trades: int = 0
    clients: int = 0
    members: int = 0
    opposite_slides: bool = False

    def step(self, taken: int) -> FlexStep | None:
        """Return the step after `taken` have been; None where there is none."""
        for each in self.steps:
            if each.times is None or taken < each.times:
                return each
            taken -= each.times
        return None


class _BandRow(Row, frozen=True, kw_only=True):
    of: Banded
    kind: BandKind
    base: Base
    percent: Decimal | None = None
    percents: tuple[Decimal, ...] = ()
    most_percent: Decimal | None = None
    flexing: Flexing | None = None


class LateRow(Row, frozen=True, kw_only=True):
    """A band from the begin of the shares' closing auction to the close: see `late_bands`."""

    of: Banded
    percent: Decimal


class _UnlistedRow(Row, frozen=True, kw_only=True):
    of: Banded
    prices: Literal["taken"]
    widest_percent: Decimal | None = None


class BandFile(RuleFile, frozen=True, kw_only=True):
    """All of the file."""

    bands: tuple[_BandRow, ...]
    late: tuple[LateRow, ...]
    without_list: tuple[_UnlistedRow, ...]


class Band(msgspec.Struct, frozen=True):
    """The band of one instrument on one day: `percent` of `base` on each side when the day begins."""

    base: Base
    percent: Decimal
    flexing: Flexing | None = None
    most_percent: Decimal | None = None

    def around(self, base: int, tick: int, *, up: int = 0, down: int = 0) -> PriceRange:
        """
        Return the prices that may trade around `base`, money units, after `up` and `down` widenings.

        Each widening moves one edge out; where `flexing.opposite_slides` the other edge follows by as much.
        """
        above, below = self._reach(up), self._reach(down)
        if self.flexing is not None and self.flexing.opposite_slides:
            above, below = above - (below - self.percent), below - (above - self.percent)
        return around(base, base * _signed_rate(below), base * _signed_rate(above), tick)

    def trigger(self, base: int, *, up: bool, taken: int = 0) -> int:
        """Return the price, not on a tick, that a trade must reach for the next widening to be looked at."""
        gap = Decimal(0) if self.flexing is None else self.flexing.trigger_gap_percent
        rate = _signed_rate(self._reach(taken) - gap)
        return base + base * rate // ONE if up else base - base * rate // ONE

    def cooling_minutes(self, taken: int, *, last_half_hour: bool) -> int | None:
        """Return how long the next widening waits after `taken`; None where the band is not widened again."""
        if self.flexing is None or self._reach(taken + 1) == self._reach(taken):
            return None
        step = self.flexing.step(taken)
        if step is None:
            return None
        return self.flexing.last_half_hour_cooling_minutes if last_half_hour else step.cooling_minutes

    def _reach(self, taken: int) -> Decimal:
        """Return how many per cent an edge is from the base after `taken` widenings of it."""
        reach = self.percent
        for number in range(taken if self.flexing is not None else 0):
            assert self.flexing is not None, "only bands with flexing are widened"
            step = self.flexing.step(number)
            reach += Decimal(0) if step is None else step.percent
        return reach if self.most_percent is None else min(reach, self.most_percent)


class PriceBands:
    """`price_bands.json`; `RuleUnknown` for what has no row: the range of an option is in its quote."""

    def __init__(self) -> None:
        file = read_rules(FILE, BandFile)
        _check(file.bands)
        self._bands = {
            of: Timeline(
                f"The price band of {of.replace('_', ' ')}s",
                [row for row in file.bands if row.of is of],
                file=FILE,
                known_to=file.known_to,
            )
            for of in Banded
        }
        self._unlisted = {
            of: Timeline(
                f"What holds of {of.replace('_', ' ')}s without a daily list",
                [row for row in file.without_list if row.of is of],
                file=FILE,
                known_to=file.known_to,
            )
            for of in Banded
        }

    def widest(self, instrument: Instrument, on: date, close: int) -> PriceRange | None:
        """
        Return the prices outside of which no band of `instrument` can lie that closed at `close` before.

        It is all that can be said where the exchange's daily file is not at hand; None where nothing can.
        """
        try:
            row = self._unlisted[banded(instrument)].find(on)
        except RuleUnknown:
            return None
        if row is None or row.widest_percent is None or not close:
            return None
        away = close * per_billion(row.widest_percent, file=FILE)
        return around(close, away, away, instrument.tick_size)

    def band(
        self, instrument: Instrument, on: date, *, percent: Decimal | None = None, of: Banded | None = None
    ) -> Band:
        """
        Return the band of `instrument`.

        `percent` is the one that the exchange's daily file names for a share without derivatives. `of` says
        what an instrument cannot say of itself: which fund it is beside one of shares, or that it is new.
        """
        which = banded(instrument) if of is None else of
        row = self._bands[which].on(on)
        if row.kind is BandKind.DYNAMIC:
            assert row.percent is not None, "checked when the file was read"
            return Band(row.base, row.percent, row.flexing, row.most_percent)
        if percent is None:
            raise RuleUnknown(
                f"The price band of {instrument.id} on {on} is not known: it is one of"
                f" {_words(row.percents)} %, and the exchange's daily file says which. Name it."
            )
        if percent not in row.percents:
            raise InvalidInput(
                f"{percent} % is not a price band of shares; on {on} they are {_words(row.percents)} %."
            )
        return Band(row.base, percent)


_OF_CLASS = {
    ContractClass.STOCK_FUTURE: Banded.STOCK_FUTURE,
    ContractClass.INDEX_FUTURE: Banded.INDEX_FUTURE,
}


def banded(instrument: Instrument) -> Banded:
    """Return which rule bounds the day's prices of `instrument`; `RuleUnknown` where none is kept."""
    which = contract_class(instrument)
    if which is ContractClass.SHARE:
        if instrument.fund is Fund.EQUITY:
            return Banded.EQUITY_ETF
        if instrument.fund is None:
            traded = has_derivatives(instrument.tradingsymbol)
            return Banded.SHARE_WITH_DERIVATIVES if traded else Banded.SHARE
        raise RuleUnknown(
            f"{instrument.id} is a fund of something else than shares; say whether it holds debt, a commodity"
            " or overnight loans to know its price band."
        )
    if which not in _OF_CLASS:
        raise RuleUnknown(
            f"The day's price range of {instrument.id} follows no table that is kept; take it from the"
            " circuit limits in its quote."
        )
    return _OF_CLASS[which]


def _check(rows: Iterable[_BandRow]) -> None:
    for row in rows:
        fixed = row.kind is BandKind.FIXED
        if fixed != bool(row.percents) or fixed != (row.percent is None):
            raise ConfigError(
                f"exchange/data/{FILE}: the {row.of} row from {row.effective_from} is {row.kind}, which"
                f" takes {'percents, and no percent' if fixed else 'a percent, and no percents'}."
            )


def _signed_rate(percent: Decimal) -> int:
    rate = per_billion(abs(percent), file=FILE)
    return rate if percent >= 0 else -rate


def _words(percents: Iterable[Decimal]) -> str:
    return ", ".join(str(each) for each in percents)
