"""
A recorded market as a feed: one file or a directory of files, in time order, a trading day at a time.

Opening a recording looks at all of it once: which instruments it has, what is wrong with it, what is left.
A small one stays in memory, a large one is read again as it is played, so that the largest day is the bound.
"""

from collections.abc import Collection, Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from kasauti.domain.instrument import Kind, Universe
from kasauti.domain.ist import ist_clock, ist_ns
from kasauti.domain.market import BarBatch, Depth, TickBatch
from kasauti.errors import InvalidInput, MarketDataError
from kasauti.exchange.calendar import Calendar
from kasauti.feeds.recorded.cleaning import clean
from kasauti.feeds.recorded.faults import Context
from kasauti.feeds.recorded.gaps import gaps
from kasauti.feeds.recorded.layout import BarMark, QuantityUnit, RecordingKind
from kasauti.feeds.recorded.pieces import Pieces, Span
from kasauti.feeds.recorded.reading import Source, find_files, open_source
from kasauti.feeds.recorded.report import DataReport, DayReport, Fault, Finding, Place, found, merged
from kasauti.feeds.recorded.rows import Rows
from kasauti.feeds.recorded.sessions import Listing, Sessions
from kasauti.feeds.recorded.survey import Survey, survey
from kasauti.feeds.recorded.values import TimeZone

#: Rows of a batch, unless one moment alone has more.
BATCH_ROWS = 50_000
#: Memory for days that are clean.
_KEPT_BYTES = 1 << 29

_EPOCH = date(1970, 1, 1).toordinal()


def open_recording(
    path: Path,
    *,
    layout: str | None = None,
    from_: date | None = None,
    to: date | None = None,
    symbols: Collection[str] = (),
    time_zone: TimeZone = TimeZone.IST,
) -> "Recording":
    """
    Open a data file, or all data files of a directory, as one feed.

    `layout` names the layout where the columns alone do not tell; `from_` and `to` are IST days, both
    included; `symbols` are tradingsymbols, ids or names of underlyings; `time_zone` is of times without an
    offset. Raises `MarketDataError` for data that cannot be read, is foreign, suspicious or of no use.
    """
    recording = _open(path, layout, from_, to, symbols, time_zone)
    refusal = recording.report.refusal
    if refusal is not None:
        raise MarketDataError(
            f"{recording.report.path} is refused: {refusal.about} ({refusal.first})."
            f" {_summary(recording.report)} `kasauti data check` shows all of it."
        )
    return recording


def check(
    path: Path,
    *,
    layout: str | None = None,
    from_: date | None = None,
    to: date | None = None,
    symbols: Collection[str] = (),
    time_zone: TimeZone = TimeZone.IST,
) -> DataReport:
    """
    Report what is in a recording and what the feed does about it.

    The arguments are those of `open_recording`. Raises `MarketDataError` only for what cannot be read at all;
    a refusal is a finding.
    """
    return _open(path, layout, from_, to, symbols, time_zone).report


def _open(
    path: Path,
    layout: str | None,
    from_: date | None,
    to: date | None,
    symbols: Collection[str],
    time_zone: TimeZone,
) -> "Recording":
    first, last = from_ or date.min, to or date.max
    if first > last:
        raise InvalidInput(f"{first} is after {last}; the first day comes before the last one.")
    sources = [open_source(file, layout) for file in find_files(path)]
    _check_alike(sources)
    calendar = Calendar()
    span = Span(first.toordinal() - _EPOCH, last.toordinal() - _EPOCH)
    found_in = survey(Pieces(sources, time_zone, span), symbols, calendar)
    return Recording(path, found_in, calendar)


def _check_alike(sources: list[Source]) -> None:
    names = {source.layout.name: source.name for source in sources}
    if len(names) > 1:
        listed = ", ".join(f"{name} ({file})" for name, file in names.items())
        raise MarketDataError(
            f"The files of one recording have one layout, and these have several: {listed}. Put them into"
            " different directories."
        )


def _summary(report: DataReport) -> str:
    worst = sorted(report.findings, key=lambda finding: -finding.count)[:3]
    return f"Found: {'; '.join(f'{finding.about} {finding.count:,}' for finding in worst)}."


class Recording:
    """
    Recorded market data, cleaned: a feed.

    `kind` is what it holds, `report` what was found in it and what is done about that. `batches` yields the
    trading days in order; a batch never spans two days and never splits a moment.
    """

    def __init__(self, path: Path, found_in: Survey, calendar: Calendar) -> None:
        self.kind: RecordingKind = found_in.layout.kind
        self.universe: Universe = found_in.universe
        self._survey = found_in
        self._listing = Listing(found_in.universe)
        self._sessions = Sessions(calendar, self._listing)
        self._kept: dict[date, Rows] = {}
        self.report: DataReport = self._examine(path)

    @property
    def underlying_id(self) -> str | None:
        """The id of what the options are written on, or else of the only index; None if there is not one."""
        written_on = {i.underlying for i in self.universe if i.is_option}
        ids = written_on or {i.id for i in self.universe if i.kind is Kind.INDEX}
        return next(iter(ids)) if len(ids) == 1 else None

    def days(self) -> list[date]:
        """Return the days that have data which can be used."""
        return [date.fromisoformat(day.day) for day in self.report.days if day.used]

    def batches(self, start: int | None = None) -> Iterator[TickBatch | BarBatch]:
        """Yield the recording in time order; from the moment `start` on, ns UTC, if it is given."""
        begins = start or 0
        for day in self.days():
            if begins >= ist_ns(day + timedelta(days=1)):
                continue
            rows = self._kept.get(day)
            if rows is None:
                rows = clean(
                    self._survey.rows_of(day), self._context(day), self.kind, self._survey.file_names
                )[0]
            yield from self._batches(rows.take(slice(int(np.searchsorted(rows.at, begins)), None)))

    def _batches(self, rows: Rows) -> Iterator[TickBatch | BarBatch]:
        whole = self._bars(rows) if self.kind is RecordingKind.BARS else _ticks(rows)
        start = 0
        while start < len(rows):
            stop = min(start + BATCH_ROWS, len(rows))
            stop = int(np.searchsorted(rows.at, rows.at[stop - 1], "right"))
            yield whole[start:stop]
            start = stop

    def _bars(self, rows: Rows) -> BarBatch:
        names = ("open", "high", "low", "close", "volume", "open_interest")
        values = (rows.columns[name] for name in names)
        return BarBatch(self._survey.seconds, rows.at, rows.slot, *values)

    def _context(self, day: date) -> Context:
        return Context(
            listing=self._listing,
            session=self._sessions.on(day),
            day_number=day.toordinal() - _EPOCH,
            seconds=self._survey.seconds,
            at_end=self._survey.layout.bar_mark is BarMark.END,
            has_volume=self._survey.has_volume,
            in_lots=self._survey.layout.quantities is QuantityUnit.LOTS,
        )

    def _examine(self, path: Path) -> DataReport:
        """Clean every day once; keep what there is room for."""
        findings = list(self._survey.findings)
        days: list[DayReport] = []
        room = _KEPT_BYTES
        for day in self._survey.days:
            raw, context = self._survey.rows_of(day), self._context(day)
            rows, of_day = clean(raw, context, self.kind, self._survey.file_names)
            findings += of_day + gaps(rows, context, self.kind)
            days.append(_day_report(day, len(raw), rows, context.session.words))
            if rows.nbytes <= room:
                self._kept[day] = rows
                room -= rows.nbytes
        self._survey.pieces.forget()
        findings += self._missing_days([date.fromisoformat(day.day) for day in days if day.used], path)
        return DataReport(
            path=str(path),
            kind=self.kind,
            layouts=(self._survey.layout.name,),
            files=len(self._survey.sources),
            rows=self._survey.size,
            ticks=sum(day.rows for day in days),
            used=sum(day.used for day in days),
            instruments=len(self.universe),
            days=tuple(days),
            findings=merged(findings),
        )

    def _missing_days(self, used: list[date], path: Path) -> list[Finding]:
        if not used:
            return [found(Fault.NOTHING_LEFT, 1, Place(path.name))]
        absent = [day for day in self._sessions.trading_days(used[0], used[-1]) if day not in used]
        return [found(Fault.MISSING_DAY, len(absent), Place("", at=absent[0].isoformat()))] if absent else []


def _ticks(rows: Rows) -> TickBatch:
    columns = rows.columns
    depth = None
    if "bid_prices" in columns:
        sides = ("bid_prices", "bid_quantities", "ask_prices", "ask_quantities")
        depth = Depth(*(columns[side] for side in sides))
    names = ("last", "bid", "ask", "bid_quantity", "ask_quantity", "volume", "open_interest")
    given = {name: columns[name] for name in names if name in columns}
    return TickBatch.of(at=rows.at, slot=rows.slot, depth=depth, **given)


def _day_report(day: date, size: int, rows: Rows, session: str) -> DayReport:
    if not len(rows):
        return DayReport(day.isoformat(), size, 0, 0, "", "", session)
    moments = 1 + int(np.count_nonzero(np.diff(rows.at)))
    first, last = ist_clock(int(rows.at[0])), ist_clock(int(rows.at[-1]))
    return DayReport(day.isoformat(), size, len(rows), moments, first, last, session)
