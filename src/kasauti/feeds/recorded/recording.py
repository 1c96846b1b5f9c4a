"""
A recorded market as a feed: one file or a directory of files, in time order, a trading day at a time.

Opening a recording finds out which instruments and days it has, and whether it can be used at all. One that
fits in memory is cleaned then and stays there. A larger one is cleaned a day at a time, while it is played:
the bound is three of its largest days, and what is wrong with a day is known when that day has come.
"""

from collections.abc import Collection, Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from kasauti.domain.bar_grid import BarGrid
from kasauti.domain.instrument import Kind, Universe
from kasauti.domain.ist import ist_ns
from kasauti.domain.market import BarBatch, TickBatch
from kasauti.errors import InvalidInput, MarketDataError
from kasauti.exchange.calendar import Calendar
from kasauti.feeds.recorded.ahead import ahead
from kasauti.feeds.recorded.clean_days import DayData, Outcome, clean_day
from kasauti.feeds.recorded.faults import Context
from kasauti.feeds.recorded.frames import is_frame, source_of
from kasauti.feeds.recorded.layout import BarMark, QuantityUnit, RecordingKind
from kasauti.feeds.recorded.memory import keep_what_is_let_go
from kasauti.feeds.recorded.pieces import Pieces, Span
from kasauti.feeds.recorded.reading import Source, files_of, open_source
from kasauti.feeds.recorded.report import Action, DataReport, Fault, Finding, Place, found, merged
from kasauti.feeds.recorded.rows import Rows
from kasauti.feeds.recorded.sessions import Listing, Sessions
from kasauti.feeds.recorded.survey import Survey, survey
from kasauti.feeds.recorded.values import TimeZone

#: Rows of a batch, unless one moment alone has more.
BATCH_ROWS = 50_000
#: A recording that takes no more memory is cleaned when it is opened, and kept.
_KEPT_BYTES = 1 << 28

_EPOCH = date(1970, 1, 1).toordinal()


#: A file, a folder of files, several of either (names may have wildcards), or a data frame.
Data = object


def open_recording(
    data: Data,
    *,
    layout: str | None = None,
    from_: date | None = None,
    to: date | None = None,
    symbols: Collection[str] = (),
    time_zone: TimeZone = TimeZone.IST,
) -> "Recording":
    """
    Open a data file, all data files of a folder, several of these, or a data frame as one feed.

    `layout` names the layout where the columns alone do not tell; `from_` and `to` are IST days, both
    included; `symbols` are tradingsymbols, ids or names of underlyings; `time_zone` is of times without an
    offset. Raises `MarketDataError` for data that cannot be read, is foreign, suspicious or of no use.
    """
    recording = _open(data, layout, from_, to, symbols, time_zone)
    recording.check_refusal()
    return recording


def check(
    data: Data,
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
    return _open(data, layout, from_, to, symbols, time_zone).report


def _open(
    data: Data,
    layout: str | None,
    from_: date | None,
    to: date | None,
    symbols: Collection[str],
    time_zone: TimeZone,
) -> "Recording":
    first, last = from_ or date.min, to or date.max
    if first > last:
        raise InvalidInput(f"{first} is after {last}; the first day comes before the last one.")
    if is_frame(data):
        sources = [source_of(data, layout)]
    else:
        sources = [open_source(file, layout) for file in files_of(data)]
    _check_alike(sources)
    keep_what_is_let_go()
    calendar = Calendar()
    span = Span(first.toordinal() - _EPOCH, last.toordinal() - _EPOCH)
    found_in = survey(Pieces(sources, time_zone, span), symbols, calendar, _KEPT_BYTES)
    return Recording(sources[0].name if is_frame(data) else _name(data), found_in, calendar)


def _name(data: Data) -> str:
    return ", ".join(map(str, data)) if isinstance(data, list | tuple) else str(data)


def _check_alike(sources: list[Source]) -> None:
    names = {source.layout.name: source.name for source in sources}
    if len(names) > 1:
        listed = ", ".join(f"{name} ({file})" for name, file in names.items())
        raise MarketDataError(
            f"The files of one recording have one layout, and these have several: {listed}. Put them into"
            " different directories."
        )


class Recording:
    """
    Recorded market data, cleaned: a feed.

    `kind` is what it holds, `report` what was found in it and what is done about that. `play` yields the
    trading days in order. What fits in memory has been looked at and is kept; of anything larger only the
    first day has, and each other day is cleaned when it is played, while the one before is traded.
    """

    def __init__(self, path: str, found_in: Survey, calendar: Calendar) -> None:
        self.kind: RecordingKind = found_in.layout.kind
        self.universe: Universe = found_in.universe
        self._path = path
        self._survey = found_in
        self._listing = Listing(found_in.universe)
        self._sessions = Sessions(calendar, self._listing)
        self._outcomes: dict[date, Outcome] = {}
        self._kept: dict[date, DayData] = {}
        self._look()

    @property
    def underlying_id(self) -> str | None:
        """The id of what the options are written on, or else of the only index; None if there is not one."""
        written_on = {i.underlying for i in self.universe if i.is_option}
        ids = written_on or {i.id for i in self.universe if i.kind is Kind.INDEX}
        return next(iter(ids)) if len(ids) == 1 else None

    @property
    def report(self) -> DataReport:
        """What is in all of it. Days that nobody has played yet are looked at for this."""
        unseen = [day for day in self._survey.days if day not in self._outcomes]
        for day, (outcome, _) in zip(unseen, self._cleaned(unseen), strict=True):
            self._outcomes[day] = outcome
        return self._report_on(self._survey.days)

    @property
    def report_so_far(self) -> DataReport:
        """What is in the days that were played or looked at; those of the others, nobody knows yet."""
        return self._report_on([day for day in self._survey.days if day in self._outcomes])

    def days(self) -> list[date]:
        """Return the days that have data which can be used, as far as is known before they are played."""
        return [
            day
            for day in self._survey.days
            if (
                self._outcomes[day].report.used if day in self._outcomes else self._sessions.on(day).stretches
            )
        ]

    def play(self, start: int | None = None) -> Iterator[TickBatch | BarBatch | BarGrid]:
        """
        Yield the recording in time order; from the moment `start` on, ns UTC, if it is given.

        Bars come a day at a time, as a grid, where not too many cells of it would be empty. A batch of rows
        never spans two days and never splits a moment. Raises `MarketDataError` where a day shows that the
        recording cannot be used.
        """
        begins = start or 0
        days = [day for day in self._survey.days if begins < ist_ns(day + timedelta(days=1))]
        for data in self._days(days):
            if isinstance(data, BarGrid):
                grid = data[int(np.searchsorted(data.at, begins)) :]
                if len(grid):
                    yield grid
            elif data is not None:
                yield from _bounded(data[int(np.searchsorted(data.at, begins)) :])

    def batches(self, start: int | None = None) -> Iterator[TickBatch | BarBatch]:
        """Yield the same as `play`, all of it as rows."""
        for data in self.play(start):
            if isinstance(data, BarGrid):
                yield from _bounded(data.rows())
            else:
                yield data

    def _days(self, days: list[date]) -> Iterator[DayData]:
        """Yield what is left of each day; one that is not kept is cleaned while the one before is in use."""
        if all(day in self._kept for day in days):
            yield from (self._kept[day] for day in days)
            return
        for day, (outcome, data) in zip(days, self._cleaned(days), strict=True):
            self._outcomes[day] = outcome
            if any(finding.action is Action.REFUSED for finding in outcome.findings):
                self.check_refusal()
            yield data

    def _look(self) -> None:
        """Clean what there is room for; otherwise the first days until one has data, and a shared one."""
        if self._survey.in_full:
            for day in self._survey.days:
                self._outcomes[day], self._kept[day] = self._clean(self._read(day))
            self._survey.pieces.forget()
            return
        shared = self._survey.shared_day()
        for day in self._survey.days:
            self._outcomes[day], _ = self._clean((day, self._survey.rows_of(day)))
            if self._outcomes[day].report.used:
                break
        if shared is not None:
            self._outcomes[shared], _ = self._clean((shared, self._survey.rows_of(shared)))

    def _cleaned(self, days: list[date]) -> Iterator[tuple[Outcome, DayData]]:
        """Yield days one after the other: the next one is cleaned and the one after it read meanwhile."""
        return ahead(self._clean, ahead(self._read, days))

    def _read(self, day: date) -> tuple[date, Rows | None]:
        """Return a day's rows, None for one that is kept; pieces without a later day are not needed again."""
        if day in self._kept:
            return day, None
        rows = self._survey.rows_of(day)
        self._survey.release(day)
        return day, rows

    def _clean(self, read: tuple[date, Rows | None]) -> tuple[Outcome, DayData]:
        day, rows = read
        if rows is None:
            return self._outcomes[day], self._kept[day]
        return clean_day(rows, self._context(day), self.kind, self._survey.file_names)

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

    def check_refusal(self) -> None:
        """Raise `MarketDataError` if anything known so far makes the recording unusable."""
        report = self.report_so_far
        refusal = report.refusal
        if refusal is not None:
            raise MarketDataError(
                f"{report.path} is refused: {refusal.about} ({refusal.first}). {_summary(report)}"
                " `kasauti data check` shows all of it."
            )

    def _report_on(self, days: list[date]) -> DataReport:
        outcomes = [self._outcomes[day] for day in days]
        findings = [*self._survey.findings, *(each for outcome in outcomes for each in outcome.findings)]
        used = [date.fromisoformat(outcome.report.day) for outcome in outcomes if outcome.report.used]
        if used or len(days) == len(self._survey.days):
            findings += self._missing_days(used)
        return DataReport(
            path=self._path,
            kind=self.kind,
            layouts=(self._survey.layout.name,),
            files=len(self._survey.sources),
            rows=self._survey.size,
            ticks=sum(outcome.report.rows for outcome in outcomes),
            used=sum(outcome.report.used for outcome in outcomes),
            instruments=len(self.universe),
            days=tuple(outcome.report for outcome in outcomes),
            findings=merged(findings),
        )

    def _missing_days(self, used: list[date]) -> list[Finding]:
        if not used:
            return [found(Fault.NOTHING_LEFT, 1, Place(Path(self._path).name))]
        there = {*used, *(day for day in self._survey.days if day not in self._outcomes)}
        absent = [day for day in self._sessions.trading_days(used[0], used[-1]) if day not in there]
        return [found(Fault.MISSING_DAY, len(absent), Place("", at=absent[0].isoformat()))] if absent else []


def _summary(report: DataReport) -> str:
    worst = sorted(report.findings, key=lambda finding: -finding.count)[:3]
    return f"Found: {'; '.join(f'{finding.about} {finding.count:,}' for finding in worst)}."


def _bounded(batch: TickBatch | BarBatch) -> Iterator[TickBatch | BarBatch]:
    """Yield a batch in parts of at most `BATCH_ROWS`, unless one moment alone has more."""
    start = 0
    while start < len(batch):
        stop = min(start + BATCH_ROWS, len(batch))
        stop = int(np.searchsorted(batch.at, batch.at[stop - 1], "right"))
        yield batch[start:stop]
        start = stop
