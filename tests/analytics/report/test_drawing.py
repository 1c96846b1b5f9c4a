"""Numbers and curves as they are shown: nothing that matters may be lost on the way to the page."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.analytics.runs import clock

from kasauti.analytics.report import formats as fmt
from kasauti.analytics.report.downsampling import even_rows, telling_rows
from kasauti.analytics.report.palette import DARK, LIGHT
from kasauti.analytics.report.ticks import round_values, time_rows
from kasauti.domain.ist import NS_PER_DAY, NS_PER_MINUTE
from kasauti.domain.money import rupees


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("0", "₹0.00"),
        ("-640", "\N{MINUS SIGN}₹640.00"),
        ("99999.99", "₹99,999.99"),
        ("112480.50", "₹1,12,481"),
        ("-28300000", "\N{MINUS SIGN}₹2,83,00,000"),
    ],
)
def test_money_in_a_sentence(amount: str, shown: str) -> None:
    assert fmt.rupees(rupees(amount)) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("7080000", "70.8 L"),
        ("28300000", "2.83 Cr"),
        ("40000", "40,000"),
        ("2.5", "2.5"),
        ("-150000", "\N{MINUS SIGN}1.5 L"),
    ],
)
def test_money_on_an_axis(value: str, shown: str) -> None:
    assert fmt.compact(rupees(value)) == shown


@pytest.mark.parametrize(
    ("part", "shown"),
    [(0.0042, "+0.42 %"), (-0.1234, "\N{MINUS SIGN}12.3 %"), (0.0, "0.00 %"), (None, "–")],  # noqa: RUF001
)
def test_percentages(part: float | None, shown: str) -> None:
    assert fmt.percent(part, plus=True) == shown


@pytest.mark.parametrize(
    ("ns", "shown"),
    [
        (30 * 10**9, "30 s"),
        (42 * NS_PER_MINUTE, "42 min"),
        (185 * NS_PER_MINUTE, "3 h 05 min"),
        (12 * NS_PER_DAY, "12.0 d"),
    ],
)
def test_lengths_of_time(ns: int, shown: str) -> None:
    assert fmt.length(ns) == shown


def test_moments_are_ist() -> None:
    assert fmt.moment(clock(10, 5)) == "23 Nov 2026 10:05"
    assert fmt.span("2026-11-23", "2026-11-24") == "23 Nov 2026 to 24 Nov 2026"


_VALUES = st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=400)


@given(_VALUES, st.integers(1, 40))
def test_no_high_and_no_low_is_lost(values: list[int], buckets: int) -> None:
    column = np.array(values, np.int64)
    rows = telling_rows(column, buckets)
    assert len(rows) <= max(4 * buckets, 1)
    assert rows.tolist() == sorted(set(rows.tolist()))
    assert (rows[0], rows[-1]) == (0, len(values) - 1)
    assert column[rows].min() == min(values)
    assert column[rows].max() == max(values)


@given(st.integers(1, 5000), st.integers(2, 300))
def test_even_rows_reach_both_ends(size: int, most: int) -> None:
    rows = even_rows(size, most).tolist()
    assert len(rows) <= most
    assert (rows[0], rows[-1]) == (0, size - 1)
    assert rows == sorted(set(rows))


@given(st.floats(-1e9, 1e9), st.floats(1e-3, 1e9), st.integers(2, 8))
def test_axis_values_are_inside_and_not_too_many(low: float, width: float, wanted: int) -> None:
    values = round_values(low, low + width, wanted)
    assert len(values) <= 2 * wanted + 1
    slack = width * 1e-6 + abs(low) * 1e-9
    assert all(low - slack <= value <= low + width + slack for value in values)


@pytest.mark.parametrize(
    ("rows", "step", "first"),
    [
        (375, NS_PER_MINUTE, "10:00"),
        (10, NS_PER_DAY, "24 Nov"),
        (300, NS_PER_DAY, "Dec 2026"),
        (4000, NS_PER_DAY, "2027"),
    ],
)
def test_an_axis_of_time_counts_in_what_can_be_read(rows: int, step: int, first: str) -> None:
    at = clock(9, 16) + np.arange(rows, dtype=np.int64) * step
    ticks = time_rows(at)
    assert 2 <= len(ticks) <= 12
    assert ticks[0][1] == first


def test_weeks_begin_on_monday() -> None:
    """2026-11-25 was a Wednesday, 2026-11-30 the Monday after it."""
    at = clock(9, 16) + 2 * NS_PER_DAY + np.arange(30, dtype=np.int64) * NS_PER_DAY
    assert time_rows(at)[0] == (5, "30 Nov")


def test_clocks_of_several_days_are_told_apart() -> None:
    """Two days of 375 minutes: without dates 10:00 would follow 15:00 and nobody knew of which day."""
    minutes = np.arange(375, dtype=np.int64) * NS_PER_MINUTE
    labels = [label for _, label in time_rows(clock(9, 16) + np.append(minutes, NS_PER_DAY + minutes))]

    assert labels[0] == "23 Nov"
    assert labels.count("24 Nov") == 1
    assert labels[1].endswith(":00")


def test_an_axis_of_one_moment_has_no_lines() -> None:
    assert time_rows(np.array([clock(10)], np.int64)) == []


def _luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_text_can_be_read_on_every_surface(colours: dict[str, str]) -> None:
    """WCAG 2.2, 1.4.3: at least 4.5 to 1."""
    pairs = [
        (text, surface)
        for text in ("ink", "soft", "up", "down", "buy", "sell")
        for surface in ("panel", "bg")
    ]
    pairs += [("ink", "raised"), ("ink", "warn-bg"), ("warn", "warn-bg")]
    pairs += [("cell-ink", f"{kind}{shade}") for kind in ("won", "lost") for shade in range(1, 5)]
    poor = {pair: round(_contrast(colours[pair[0]], colours[pair[1]]), 2) for pair in pairs}
    assert {pair: ratio for pair, ratio in poor.items() if ratio < 4.5} == {}


def test_a_fraction_of_a_paisa_has_no_sign() -> None:
    assert fmt.amount(-49) == fmt.amount(49) == "0.00"
