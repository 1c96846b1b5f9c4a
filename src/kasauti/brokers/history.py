"""Closed candles of one instrument, and the gaps between them."""

from collections import deque
from collections.abc import Iterable, Iterator
from datetime import timedelta

import msgspec

from kasauti.brokers.answers import Gap, History, Interval
from kasauti.brokers.minutes import Bar, Minutes
from kasauti.domain.instrument import Instrument
from kasauti.domain.ist import NS_PER_SECOND, ist_date
from kasauti.domain.market import Candle
from kasauti.errors import MarketDataError
from kasauti.exchange.calendar import Calendar, segment


class Span(msgspec.Struct, frozen=True):
    """The time of one candle: from `start`, up to but without `end`."""

    start: int
    end: int


def history(
    instrument: Instrument,
    slot: int,
    interval: Interval,
    minutes: Minutes,
    calendar: Calendar,
    *,
    start: int,
    end: int,
) -> History:
    """
    Return the candles between `start` and `end`, which is now or earlier.

    They stand where the session's open and the interval put them. Raises `MarketDataError` where the data's
    own bars are too long for the interval, `RuleUnknown` outside the calendar.
    """
    candles: list[Candle] = []
    gaps: list[Gap] = []
    past = deque(minutes.of(slot, start, end))
    for span in spans(instrument, interval, calendar, start=start, end=end):
        bars = _within(past, span)
        if bars:
            candles.append(_fold(instrument.id, span, bars, interval))
        elif gaps and gaps[-1].end == span.start:
            gaps[-1] = Gap(gaps[-1].start, span.end)
        else:
            gaps.append(Gap(span.start, span.end))
    return History(instrument.id, interval, tuple(candles), tuple(gaps))


def _within(past: deque[Bar], span: Span) -> list[Bar]:
    """Take the bars of one candle from the front of `past`, and drop those before it."""
    while past and past[0].start < span.start:
        past.popleft()
    bars = []
    while past and past[0].start < span.end:
        bars.append(past.popleft())
    return bars


def spans(
    instrument: Instrument, interval: Interval, calendar: Calendar, *, start: int, end: int
) -> Iterator[Span]:
    """Yield the time of every candle that begins at or after `start` and has ended at `end`."""
    day = ist_date(start)
    while day <= ist_date(end):
        session = calendar.session(day, segment(instrument))
        closes = calendar.close_of(instrument, day)
        if session is not None and closes is not None:
            parts = ((session.open, closes),) if interval is Interval.DAY else session.parts
            for opens, part_closes in parts:
                for span in _cut(opens, min(part_closes, closes), interval):
                    if start <= span.start and span.end <= end:
                        yield span
        day += timedelta(days=1)


def _cut(opens: int, closes: int, interval: Interval) -> Iterable[Span]:
    if interval is Interval.DAY:
        return (Span(opens, closes),)
    step = interval.seconds * NS_PER_SECOND
    return (Span(start, min(start + step, closes)) for start in range(opens, closes, step))


def _fold(instrument: str, span: Span, bars: list[Bar], interval: Interval) -> Candle:
    for bar in bars:
        if bar.start + bar.seconds * NS_PER_SECOND > span.end:
            raise MarketDataError(
                f"the data of {instrument} has bars of {bar.seconds} s, which do not fit into candles of"
                f" {interval}; ask for a longer interval"
            )
    return Candle(
        instrument,
        (span.end - span.start) // NS_PER_SECOND,
        span.start,
        bars[0].open,
        max(bar.high for bar in bars),
        min(bar.low for bar in bars),
        bars[-1].close,
        sum(bar.volume for bar in bars),
        bars[-1].open_interest,
    )
