"""Margins by the clearing houses' files that a user gave: those of the day, or of the last day before it."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from kasauti.compose.span_file import day_of_span, read_span
from kasauti.domain.instrument import Instrument
from kasauti.domain.order import Product
from kasauti.errors import ConfigError, MarketDataError
from kasauti.exchange.margin import Margin
from kasauti.exchange.margins import MarginTable
from kasauti.exchange.span.account import SpanNetting
from kasauti.exchange.span.filed import FiledNetting
from kasauti.exchange.span.parameters import SpanParameters
from kasauti.exchange.span.parsing import RiskFile

_KEY = "rules.span_files"
_ENDINGS = frozenset({".spn", ".zip"})


class SpanFiles:
    """
    The files that `rules.span_files` names, by the day they were made for; each is read when it is needed.

    Raises `ConfigError` for a path without files, and for one whose day cannot be read.
    """

    def __init__(self, where: Path, names: Iterable[str] | None = None) -> None:
        self._names = None if names is None else frozenset(names)
        self._by_day: dict[date, list[Path]] = {}
        self._last: tuple[date, RiskFile, str] | None = None
        for path in _listed(where):
            try:
                self._by_day.setdefault(day_of_span(path), []).append(path)
            except (MarketDataError, OSError) as error:
                raise ConfigError(f"{_KEY}: {error} Fetch it again, or take it out of {where}.") from error

    @property
    def first(self) -> date:
        """The first day that a file was made for."""
        return min(self._by_day)

    def on(self, day: date) -> tuple[RiskFile, str] | None:
        """Return what is in force on `day` and the names of its files, or None before the first of them."""
        found = max((each for each in self._by_day if each <= day), default=None)
        if found is None:
            return None
        if self._last is None or self._last[0] != found:
            paths = self._by_day[found]
            self._last = found, self._read(paths), ", ".join(path.name for path in paths)
        return self._last[1:]

    def _read(self, paths: list[Path]) -> RiskFile:
        whole: RiskFile | None = None
        for path in paths:
            try:
                one = read_span(path, self._names, may_lack=True)
            except (MarketDataError, OSError) as error:
                raise ConfigError(f"{_KEY}: {error} Replace it, or take it out of {path.parent}.") from error
            whole = one if whole is None else _joined(whole, one, path)
        assert whole is not None, "a day has files"
        return whole


def _listed(where: Path) -> list[Path]:
    if where.is_file():
        return [where]
    if not where.is_dir():
        raise ConfigError(
            f"{_KEY} is {where}, which is no file and no folder; name a .spn file or a folder of them, or"
            " leave it out for the approximation."
        )
    found = sorted(path for path in where.iterdir() if path.suffix.lower() in _ENDINGS)
    if not found:
        raise ConfigError(
            f"{_KEY} is {where}, which has no .spn and no .zip file; put the clearing house's files there, or"
            " leave it out for the approximation."
        )
    return found


def _joined(whole: RiskFile, one: RiskFile, path: Path) -> RiskFile:
    twice = sorted(whole.underlyings.keys() & one.underlyings.keys())
    if twice:
        raise ConfigError(
            f"{_KEY}: {path} has {twice[0]}, and so has another file made for {one.day}; keep the one whose"
            " margins shall hold that day."
        )
    return RiskFile(
        whole.day,
        whole.spots | one.spots,
        whole.contracts | one.contracts,
        whole.underlyings | one.underlyings,
        whole.inter + one.inter,
    )


class FiledMargins:
    """
    Margins of futures and options by `files`; where no file is in force yet, those of `table`.

    A contract that the file in force `lacks` is margined by `table` by itself. Shares are those of `table`.
    """

    def __init__(self, table: MarginTable, files: SpanFiles, assumed: date | None = None) -> None:
        self._table = table
        self._files = files
        self._assumed = assumed
        self._known = SpanParameters()
        self._made: dict[date, SpanNetting] = {}

    def of(self, instrument: Instrument, product: Product, on: date) -> Margin:
        """Return what `instrument` blocks in `product` on `on` by itself, as far as that is approximated."""
        return self._table.of(instrument, product, on)

    def netting(self, on: date) -> SpanNetting:
        """Return how contracts on one underlying are netted on `on`."""
        made = self._made.get(on)
        if made is None:
            known_on = on if self._assumed is None else max(on, self._assumed)
            given = self._files.on(on)
            made = (
                self._table.netting(on) if given is None else FiledNetting(self._known, on, known_on, *given)
            )
            self._made = {on: made}
        return made
