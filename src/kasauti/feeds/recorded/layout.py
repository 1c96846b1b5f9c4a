"""
Which columns a data file has, and what they mean: every accepted layout, in one place.

A layout maps our names (the keys) to the names a file may use for them. It also says what the file does not:
the time zone of a time without offset (always IST here), whether a bar is named by its start or its end, and
whether quantities are units or lots. `docs/data.md` is this table in prose.

A layout is recognised by its required columns. Two layouts that only differ in what the file does not say
have the same columns: the second is used on request only.
"""

from collections.abc import Collection, Mapping
from enum import StrEnum

import msgspec

from kasauti.domain.market import DEPTH_LEVELS
from kasauti.errors import MarketDataError


class RecordingKind(StrEnum):
    """What a recording holds."""

    BARS = "bars"
    CHAIN = "chain"
    TICKS = "ticks"


class BarMark(StrEnum):
    """Which moment of a bar its time is."""

    START = "start"
    END = "end"


class QuantityUnit(StrEnum):
    """What volume and open interest count."""

    UNITS = "units"
    LOTS = "lots"


#: Our name of a column -> the names it may have in a file.
Names = Mapping[str, tuple[str, ...]]


class Layout(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of file. `required` columns identify it, `optional` ones are read where they are."""

    name: str
    kind: RecordingKind
    about: str
    required: Names
    optional: Names = {}
    bar_mark: BarMark = BarMark.START
    quantities: QuantityUnit = QuantityUnit.UNITS
    on_request: bool = False

    def find(self, columns: Collection[str]) -> dict[str, str] | None:
        """Return our name -> the file's name, or None where a required column is missing."""
        found = {}
        for ours, names in {**self.required, **self.optional}.items():
            name = next((name for name in names if name in columns), None)
            if name is not None:
                found[ours] = name
            elif ours in self.required:
                return None
        return found

    def missing(self, columns: Collection[str]) -> list[str]:
        """Return the required columns that `columns` lacks, under their first name."""
        return [names[0] for names in self.required.values() if not any(name in columns for name in names)]


def _same(*names: str) -> dict[str, tuple[str, ...]]:
    return {name: (name,) for name in names}


def _depth(price: str, quantity: str) -> dict[str, tuple[str, ...]]:
    """Name the levels: `price` and `quantity` are patterns over the side and the level's number."""
    return {
        f"{side}_{ours}_{level}": (pattern.format(side=side, level=level),)
        for ours, pattern in (("price", price), ("quantity", quantity))
        for side in ("bid", "ask")
        for level in range(1, DEPTH_LEVELS + 1)
    }


_TIME = ("ts", "timestamp", "datetime", "time")
_SYMBOL = ("symbol", "tradingsymbol")
_OHLC = _same("open", "high", "low", "close")
_INTEREST = ("oi", "open_interest")

_BARS = Layout(
    name="bars",
    kind=RecordingKind.BARS,
    about="bars of equal length, named by their start",
    required={"symbol": _SYMBOL, "time": _TIME, **_OHLC},
    optional={"volume": ("volume",), "open_interest": _INTEREST},
)

_CHAIN_WIDE = Layout(
    name="chain-wide",
    kind=RecordingKind.CHAIN,
    about="option chain snapshots, a strike a row, call and put side by side, quantities in units",
    required={
        "time": _TIME,
        "underlying": _SYMBOL,
        "expiry": ("expiry",),
        "strike": ("strike",),
        "call_last": ("ce_ltp",),
        "put_last": ("pe_ltp",),
        "spot": ("spot",),
    },
    optional={
        "call_volume": ("ce_vol", "ce_volume"),
        "put_volume": ("pe_vol", "pe_volume"),
        "call_open_interest": ("ce_oi",),
        "put_open_interest": ("pe_oi",),
        "in_market": ("in_market",),
    },
)

_CHAIN_LONG = Layout(
    name="chain-long",
    kind=RecordingKind.CHAIN,
    about="option chain snapshots, an option a row, quantities in lots",
    required={
        "time": _TIME,
        "expiry": ("expiry",),
        "strike": ("strike",),
        "option_type": ("option_type",),
        "last": ("ltp",),
        "spot": ("spot",),
    },
    optional={
        "underlying": (*_SYMBOL, "underlying"),
        "volume": ("volume",),
        "open_interest": _INTEREST,
        "in_market": ("in_market",),
    },
    quantities=QuantityUnit.LOTS,
)

_UPSTOX = Layout(
    name="upstox-ticks",
    kind=RecordingKind.TICKS,
    about="full-mode ticks of the Upstox feed with five levels, as received",
    required={
        "symbol": ("instrument_key",),
        "time": ("insertion_time",),
        "last": ("ltp",),
        **_depth("{side}_p{level}", "{side}_q{level}"),
    },
    optional={"printed_ms": ("ltt_ms",), "volume": ("vtt",), "open_interest": ("oi",)},
)

OWN_BARS = Layout(
    name="kasauti-bars",
    kind=RecordingKind.BARS,
    about="our own bars, named by their end",
    required={"symbol": ("instrument",), "time": ("end",), **_same("seconds"), **_OHLC},
    optional=_same("volume", "open_interest"),
    bar_mark=BarMark.END,
)

OWN_CHAIN = Layout(
    name="kasauti-chain",
    kind=RecordingKind.CHAIN,
    about="our own option chain snapshots, an option a row",
    required={
        "time": ("at",),
        **_same("underlying", "expiry", "strike", "option_type", "spot", "last"),
    },
    optional=_same("bid", "ask", "bid_quantity", "ask_quantity", "volume", "open_interest"),
)

OWN_TICKS = Layout(
    name="kasauti-ticks",
    kind=RecordingKind.TICKS,
    about="our own ticks, with or without five levels",
    required={"symbol": ("instrument",), "time": ("at",), **_same("last", "bid", "ask")},
    optional={
        **_same("bid_quantity", "ask_quantity", "volume", "open_interest"),
        **_depth("{side}_price_{level}", "{side}_quantity_{level}"),
    },
)

LAYOUTS: tuple[Layout, ...] = (
    OWN_BARS,
    OWN_CHAIN,
    OWN_TICKS,
    _BARS,
    msgspec.structs.replace(
        _BARS,
        name="bars-end",
        about="bars of equal length, named by their end",
        bar_mark=BarMark.END,
        on_request=True,
    ),
    _CHAIN_WIDE,
    msgspec.structs.replace(
        _CHAIN_WIDE,
        name="chain-wide-lots",
        about="as chain-wide, quantities in lots",
        quantities=QuantityUnit.LOTS,
        on_request=True,
    ),
    _CHAIN_LONG,
    msgspec.structs.replace(
        _CHAIN_LONG,
        name="chain-long-units",
        about="as chain-long, quantities in units",
        quantities=QuantityUnit.UNITS,
        on_request=True,
    ),
    _UPSTOX,
)

#: The layout with the same columns and the other meaning, to name in advice.
OTHER_MEANING = {
    "bars": "bars-end",
    "bars-end": "bars",
    "chain-wide": "chain-wide-lots",
    "chain-wide-lots": "chain-wide",
    "chain-long": "chain-long-units",
    "chain-long-units": "chain-long",
}


def layout_named(name: str) -> Layout:
    """Return the layout with this name, or raise `MarketDataError` with the known ones."""
    for layout in LAYOUTS:
        if layout.name == name:
            return layout
    known = ", ".join(layout.name for layout in LAYOUTS)
    raise MarketDataError(f"{name!r} is not a layout of data files; known ones: {known}. See docs/data.md.")


def recognise(columns: Collection[str], file: str, asked: str | None = None) -> tuple[Layout, dict[str, str]]:
    """
    Return the layout of a file with these columns, and our name -> its name of each column.

    `asked` names the layout instead of its columns. Raises `MarketDataError` for a foreign file.
    """
    candidates = [layout_named(asked)] if asked else [layout for layout in LAYOUTS if not layout.on_request]
    found = [(layout, mapping) for layout in candidates if (mapping := layout.find(columns)) is not None]
    if found:
        return max(found, key=lambda each: len(each[0].required))
    nearest = min(candidates, key=lambda layout: len(layout.missing(columns)) / len(layout.required))
    known = "; ".join(
        f"{layout.name} ({', '.join(names[0] for names in layout.required.values())})"
        if len(layout.required) < 2 * DEPTH_LEVELS
        else f"{layout.name} ({', '.join([names[0] for names in layout.required.values()][:4])}, ...)"
        for layout in candidates
    )
    raise MarketDataError(
        f"{file} has columns of no known layout: {_listed(columns)}. The nearest is {nearest.name}, which"
        f" also needs {_listed(nearest.missing(columns))}. Known layouts: {known}. Rename the columns or"
        " convert the file; docs/data.md describes each layout."
    )


def _listed(names: Collection[str], most: int = 40) -> str:
    shown = ", ".join(repr(name)[1:-1] for name in list(names)[:most]) or "none"
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
