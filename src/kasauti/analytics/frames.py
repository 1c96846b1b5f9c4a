"""
A run as polars data frames, for notebooks and files.

Money and prices are `Decimal` rupees, exact to the ten-thousandth, in columns of their own type; moments are
IST datetimes to the nanosecond. polars computes on decimals; where floats are wanted, `floats` turns them. A
frame is made when it is asked for, and `frame.to_pandas()` where pandas is installed (`kasauti[pandas]`).
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kasauti.analytics.run import HEADS, Run
from kasauti.domain.market import Ints
from kasauti.errors import InvalidInput

if TYPE_CHECKING:
    import polars as pl

#: Digits behind the point of a rupee.
SCALE = 4
_DIGITS = 38
IST_ZONE = "Asia/Kolkata"


def orders(run: Run) -> "pl.DataFrame":
    """Return one row an order, denied ones included."""
    rows = run.orders
    return _frame(
        order_id=rows.order_id,
        at=_moments(rows.at),
        ended_at=_moments(rows.ended_at),
        symbol=_names(_symbols(run), rows.instrument),
        side=_sides(rows.side),
        product=rows.product,
        order_type=rows.order_type,
        validity=rows.validity,
        quantity=rows.quantity,
        price=_rupees(rows.price, none=0),
        trigger_price=_rupees(rows.trigger_price, none=0),
        filled=rows.filled,
        average_price=_rupees(rows.average, none=0),
        status=rows.status,
        tag=rows.tag,
        strategy=_names(run.strategies, rows.strategy),
        why=rows.why,
    )


def trades(run: Run) -> "pl.DataFrame":
    """Return one row a fill, with its charges head by head; `order_id` is null where a contract expired."""
    rows = run.fills
    return _frame(
        at=_moments(rows.at),
        symbol=_names(_symbols(run), rows.instrument),
        side=_sides(rows.side),
        quantity=rows.quantity,
        price=_rupees(rows.price),
        value=_rupees(rows.price * rows.quantity),
        **_charges(rows.charges),
        slippage=_rupees(rows.slip * rows.quantity),
        rule=rows.rule,
        source=rows.source,
        order_id=[None if row < 0 else run.orders.order_id[row] for row in rows.order.tolist()],
    )


def round_trips(run: Run) -> "pl.DataFrame":
    """Return one row a round trip, in the order they closed."""
    rows = run.trips
    return _frame(
        symbol=_names(_symbols(run), rows.instrument),
        side=_names(("SHORT", "LONG"), (rows.side > 0).astype(np.int32)),
        quantity=rows.quantity,
        entry_at=_moments(rows.entry_at),
        entry_price=_rupees(rows.entry_price),
        exit_at=_moments(rows.exit_at),
        exit_price=_rupees(rows.exit_price),
        holding=_lengths(rows.exit_at - rows.entry_at),
        exit_reason=_names(run.reasons, rows.reason),
        gross=_rupees(rows.gross),
        **_charges(rows.charges),
        net=_rupees(rows.net),
        worst=_rupees(rows.worst),
        best=_rupees(rows.best),
        strategy=_names(run.strategies, rows.strategy),
    )


def equity(run: Run) -> "pl.DataFrame":
    """Return one row a moment: what the account was worth, how much was held, the benchmark's price."""
    rows = run.equity
    highs = np.maximum.accumulate(np.maximum(rows.equity, run.capital))
    return _frame(
        at=_moments(rows.at),
        equity=_rupees(rows.equity),
        drawdown=_rupees(rows.equity - highs),
        exposure=_rupees(rows.exposure),
        benchmark=_rupees(rows.benchmark, none=0),
    )


def daily(run: Run) -> "pl.DataFrame":
    """Return one row a trading day. `result` is the change of equity, marked to market."""
    import polars as pl  # noqa: PLC0415  heavy, and only who wants frames pays for it

    rows = run.days
    before = np.append(np.int64(run.capital), rows.equity[:-1]) if len(rows.day) else rows.equity
    frame = _frame(
        day=rows.day,
        fills=rows.fills,
        gross=_rupees(rows.gross),
        charges=_rupees(rows.charges),
        net=_rupees(rows.gross - rows.charges),
        equity=_rupees(rows.equity),
        result=_rupees(rows.equity - before),
        change=np.divide(rows.equity - before, before, out=np.full(len(before), np.nan), where=before > 0),
    )
    return frame.with_columns(pl.col("day").str.to_date())


#: Every frame of a run by its name.
FRAMES: dict[str, Callable[[Run], "pl.DataFrame"]] = {
    "orders": orders,
    "trades": trades,
    "round_trips": round_trips,
    "equity": equity,
    "daily": daily,
}


def floats(frame: "pl.DataFrame") -> "pl.DataFrame":
    """Return the frame with money as floating-point rupees: for plots and libraries that know no decimals."""
    import polars.selectors as cs  # noqa: PLC0415  as in `daily`

    return frame.with_columns(cs.decimal().cast(float))


def write(run: Run, path: Path) -> None:
    """
    Write the frames of a run to files, as the suffix of `path` says.

    `.csv` and `.parquet` make one file a frame, side by side: run.csv makes run.orders.csv, run.trades.csv
    and so on. CSV has lengths of time in seconds. Raises `InvalidInput` for another suffix.
    """
    import polars.selectors as cs  # noqa: PLC0415  as in `daily`

    if path.suffix not in {".csv", ".parquet"}:
        raise InvalidInput(f"{path} does not say how to write frames; end its name with .csv or .parquet")
    for name, make in FRAMES.items():
        frame, file = make(run), path.with_suffix(f".{name}{path.suffix}")
        if path.suffix == ".csv":
            in_seconds = frame.with_columns(cs.duration().dt.total_seconds(fractional=True))
            in_seconds.write_csv(file, datetime_format="%Y-%m-%dT%H:%M:%S%.3f%:z")
        else:
            frame.write_parquet(file, compression="zstd")


def _frame(**columns: Any) -> "pl.DataFrame":  # noqa: ANN401  whatever polars takes as a column
    """Return a frame of columns; lists are text, also where they are empty."""
    import polars as pl  # noqa: PLC0415  as in `daily`

    texts = {name: pl.Series(each, dtype=pl.String) for name, each in columns.items() if type(each) is list}
    return pl.DataFrame({**columns, **texts})


def _rupees(units: Ints, none: int | None = None) -> "pl.Series":
    """Return money units as exact rupees; null where they are `none`."""
    import polars as pl  # noqa: PLC0415  as in `daily`
    import pyarrow as pa  # noqa: PLC0415  as in `daily`

    # A decimal of 128 bits is the whole number and, above it, its sign: no digit is computed.
    words = np.column_stack((units, units >> 63))
    kind = pa.decimal128(_DIGITS, SCALE)
    exact = pl.Series(pa.Array.from_buffers(kind, len(units), [None, pa.py_buffer(words)]))
    if none is None:
        return exact
    return pl.select(pl.when(pl.Series(units != none)).then(exact)).to_series()


def _moments(at: Ints) -> "pl.Series":
    """Return moments as IST datetimes, null where they are 0."""
    import polars as pl  # noqa: PLC0415  as in `daily`

    utc = pl.Series(at).cast(pl.Datetime("ns", "UTC")).dt.convert_time_zone(IST_ZONE)
    return pl.select(pl.when(pl.Series(at != 0)).then(utc)).to_series()


def _symbols(run: Run) -> list[str]:
    return [each.tradingsymbol for each in run.instruments]


def _lengths(ns: Ints) -> "pl.Series":
    import polars as pl  # noqa: PLC0415  as in `daily`

    return pl.Series(ns).cast(pl.Duration("ns"))


def _names(names: Sequence[str], places: Any) -> "pl.Series":  # noqa: ANN401  an array of any integers
    """Return the name at each place."""
    import polars as pl  # noqa: PLC0415  as in `daily`

    if not len(places):
        return pl.Series([], dtype=pl.String)
    return pl.Series(list(names), dtype=pl.String).gather(np.asarray(places, np.int64))


def _sides(signs: Any) -> "pl.Series":  # noqa: ANN401  an array of any integers
    return _names(("SELL", "BUY"), (signs > 0).astype(np.int32))


def _charges(charges: Ints) -> dict[str, "pl.Series"]:
    """Return a column for each head, and their sum."""
    heads = {head: _rupees(charges[:, place]) for place, head in enumerate(HEADS)}
    return {**heads, "charges": _rupees(charges.sum(axis=1))}
