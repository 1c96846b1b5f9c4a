"""The rows of `exchange/data/span.json`, as they are read."""

from datetime import time
from decimal import Decimal
from enum import StrEnum

from kasauti.exchange.rules import Row, RuleFile


class Subject(StrEnum):
    """What a derivative is written on, as far as margins tell apart."""

    INDEX = "index"
    SHARE = "share"
    COMMODITY = "commodity"
    CURRENCY = "currency"


class SubjectRow(Row, frozen=True, kw_only=True):
    """A row for one kind of underlying; `names` limits it to those."""

    applies_to: Subject
    names: tuple[str, ...] = ()


class GeneralRow(Row, frozen=True, kw_only=True):
    """A row for every underlying, or with `applies_to` for one kind of them."""

    applies_to: Subject | None = None


class PercentRow(SubjectRow, frozen=True, kw_only=True):
    """A plain percentage."""

    percent: Decimal


class ScanRow(PercentRow, frozen=True, kw_only=True):
    """A price scan range; what ends beyond nine months may have another."""

    long_dated_percent: Decimal | None = None


class ExposureRow(PercentRow, frozen=True, kw_only=True):
    """Exposure margin: `percent` on futures, `option_percent` on sold options where that differs."""

    option_percent: Decimal | None = None


class SpreadRow(SubjectRow, frozen=True, kw_only=True):
    """
    What a calendar spread is charged, one of three.

    `percent` of the far month, `scan_percent` of the far month's price scan range, or `rupees_apart` for a
    unit, by how many months lie between: the last amount is that of all further ones.
    """

    percent: Decimal | None = None
    scan_percent: Decimal | None = None
    rupees_apart: tuple[Decimal, ...] = ()

    def __post_init__(self) -> None:
        if (self.percent is not None) + (self.scan_percent is not None) + bool(self.rupees_apart) != 1:
            raise ValueError("give percent, scan_percent or rupees_apart, one of the three")


class BenefitRow(SubjectRow, frozen=True, kw_only=True):
    """Whether a calendar spread is one on the near month's last day too."""

    on_last_day: bool


class ExtremeRow(Row, frozen=True, kw_only=True):
    """The two extreme moves."""

    ranges: int
    counted_percent: Decimal


class PricingRow(GeneralRow, frozen=True, kw_only=True):
    """How options are priced."""

    carry_percent: Decimal
    least_volatility_percent: Decimal
    least_scanned_percent: Decimal


class PartRow(GeneralRow, frozen=True, kw_only=True):
    """A part of something: `parts` of so many."""

    one_part_of: int
    parts: int = 1


class AccountRow(Row, frozen=True, kw_only=True):
    """What an account adds."""

    buffer_percent: Decimal
    reckoned_at: tuple[time, ...]
    day_ends: time
    grace_minutes: int


class DeliveryRow(SubjectRow, frozen=True, kw_only=True):
    """
    What contracts that end in a delivery block more.

    Futures and sold options, on their last day: `last_day_percent` of the value that is delivered, or
    `last_day_times` what they require otherwise, whichever is less. Bought options in the money:
    `bought_percents` of the share's own margin (VaR, ELM and ad-hoc) on the trading days before the last, the
    nearest first; on the last `bought_last_day_percent` of the value.
    """

    last_day_percent: Decimal
    last_day_times: Decimal
    bought_percents: tuple[Decimal, ...]
    bought_last_day_percent: Decimal


class SpanFile(RuleFile, frozen=True, kw_only=True):
    """All of the file."""

    price_scan: tuple[ScanRow, ...]
    volatility_scan: tuple[PercentRow, ...]
    extreme_move: tuple[ExtremeRow, ...]
    calendar_charge: tuple[SpreadRow, ...]
    option_minimum: tuple[PercentRow, ...]
    pricing: tuple[PricingRow, ...]
    exposure: tuple[ExposureRow, ...]
    account: tuple[AccountRow, ...]
    calendar_exposure: tuple[PartRow, ...]
    expiry_day: tuple[PercentRow, ...]
    calendar_benefit: tuple[BenefitRow, ...]
    delivery: tuple[DeliveryRow, ...]
