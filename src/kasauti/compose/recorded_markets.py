"""Recorded data as a market: the files that a configuration names, or what Python has in memory."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import msgspec

from kasauti.compose.index_futures import with_index_futures
from kasauti.compose.markets import Batch, Market
from kasauti.config.sections import FeedSection
from kasauti.errors import InvalidInput
from kasauti.exchange.adjusted_history import AdjustedHistory
from kasauti.exchange.corporate_actions import CorporateActions
from kasauti.feeds.recorded.layout import RecordingKind
from kasauti.feeds.recorded.recording import Recording, open_recording
from kasauti.feeds.recorded.report import Fault, Severity
from kasauti.feeds.recorded.values import TimeZone

#: What is usual in recordings, and still a gap that a result has to name.
_LACKING = frozenset({Fault.GAP, Fault.MISSING_DAY})


def market_of_files(feed: FeedSection) -> Market:
    """Return the recorded market that a configuration names."""
    assert feed.path is not None, "the configuration has been checked"
    path = Path(feed.path)
    recording = open_recording(
        path,
        layout=feed.layout,
        from_=feed.day or feed.first_day,
        to=feed.day or feed.last_day,
        symbols=symbols_of(feed),
        time_zone=TimeZone(feed.time_zone),
    )
    market = recorded_market(recording, path.name)
    made = with_index_futures(market) if feed.index_futures == "near_month" else market
    return with_adjusted_history(made, feed)


def recorded_market(recording: Recording, name: str) -> Market:
    """Return recorded data as a market; its bars as grids, where there are any."""

    def gaps() -> tuple[str, ...]:
        found = recording.report_so_far.findings
        return tuple(
            str(each) for each in found if each.severity is not Severity.NOTE or each.kind in _LACKING
        )

    return Market(
        label=f"recorded data, {name}",
        source=f"recorded:{name}",
        universe=recording.universe,
        days=tuple(recording.days()),
        is_bars=recording.kind is RecordingKind.BARS,
        is_dense=False,
        underlying=recording.underlying_id or "",
        play=recording.play,
        known_gaps=gaps,
    )


def with_adjusted_history(market: Market, feed: FeedSection) -> Market:
    """
    Return `market` in the units of its last day if `feed.prices` is `adjust`, else as it is.

    The rules in force when it is played are asked; its remarks name what they adjust.
    """
    if feed.prices != "adjust" or not market.days:
        return market

    def history() -> AdjustedHistory:
        return AdjustedHistory(market.universe, CorporateActions(), market.days[-1])

    def play(start: int | None) -> Iterator[Batch]:
        adjusting = history()
        for batch in market.play(start):
            yield adjusting.of(batch)

    told = [
        f"prices before {each.ex_date} are adjusted for {each.symbol}'s {each.words}"
        for each in history().applied
    ]
    return msgspec.structs.replace(market, play=play, remarks=(*market.remarks, *told))


def symbols_of(feed: FeedSection) -> Sequence[str]:
    """Return the symbols that a configuration chooses from its data, none for all."""
    return [symbol.strip() for symbol in feed.symbols.split(",")] if feed.symbols else ()


def market_of_data(
    data: object,
    *,
    start: date | None = None,
    end: date | None = None,
    symbols: Sequence[str] = (),
    time_zone: str = TimeZone.IST,
    layout: str | None = None,
) -> Market:
    """
    Return recorded data as a market: files, or what Python has in memory.

    `data` is a file, a folder, a list of those (names may have wildcards), or a polars or pandas data frame
    or an Arrow table with the columns of a layout, like time, symbol, open, high, low, close, volume and
    open_interest. `start` and `end` are IST days, both included; `time_zone`, IST or UTC, is of times without
    an offset. Raises `MarketDataError` for data that cannot be used.
    """
    if time_zone not in TimeZone.__members__:
        raise InvalidInput(f"{time_zone!r} is not a time zone of data; it is IST or UTC")
    recording = open_recording(
        data, layout=layout, from_=start, to=end, symbols=symbols, time_zone=TimeZone(time_zone)
    )
    return recorded_market(recording, Path(recording.report_so_far.path).name)
