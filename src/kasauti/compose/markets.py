"""Where the prices of a session come from: the built-in market or recorded data."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, time
from itertools import chain

import msgspec

from kasauti.compose.assumed_rules import AssumedCalendar
from kasauti.config.sections import FeedSection
from kasauti.domain.inputs import MarketData
from kasauti.domain.instrument import Kind, Universe
from kasauti.domain.ist import NS_PER_SECOND, ist_date, ist_day_number, ist_ns
from kasauti.errors import MarketDataError, RuleUnknown
from kasauti.exchange.calendar import Calendar
from kasauti.feeds.synthetic import SyntheticFeed
from kasauti.simulator.market.built_in import DEMO_DAY, BuiltInMarket

Batch = MarketData


class Market(msgspec.Struct, frozen=True):
    """
    A source of prices, ready to be played.

    `label` is how a person sees it, `source` how the log names it, `days` the trading days it covers, in
    order. `is_bars` is whether it has nothing finer than bars, `is_dense` whether every instrument ticks
    every second. `play` yields its batches from the first day's first moment, or from a later one. `ends`
    is the IST time at which each day stops before its close, if it does. `known_gaps` returns sentences
    on what the data lacks, as far as that is known: of a large recording, what the days played so far lack.
    `remarks` are on anything else that somebody who believes a result must know. `benchmark` is the id of the
    instrument that results are compared with, "" for none.
    """

    label: str
    source: str
    universe: Universe
    days: Sequence[date]
    is_bars: bool
    is_dense: bool
    underlying: str
    play: Callable[[int | None], Iterator[Batch]]
    ends: time | None = None
    known_gaps: Callable[[], tuple[str, ...]] = tuple
    remarks: tuple[str, ...] = ()
    benchmark: str = ""

    @property
    def gaps(self) -> tuple[str, ...]:
        """What the data lacks, as far as that is known."""
        return self.known_gaps()


def built_in_market(seed: int, day: date) -> Market:
    """Return the built-in market of one day: the same seed and day give the same prices, for ever."""
    market = BuiltInMarket(seed=seed, day=day)

    def play(start: int | None) -> Iterator[Batch]:
        return SyntheticFeed(market, start=start).batches()

    return Market(
        label=f"built-in market, seed {seed}",
        source=f"builtin:{seed}:{day.isoformat()}",
        universe=market.universe,
        days=(day,),
        is_bars=False,
        is_dense=True,
        underlying=market.index_id,
        play=play,
    )


def market_of(feed: FeedSection, day: date | None = None) -> Market:
    """Return the market that a configuration names; `day` is the built-in market's, if not its own."""
    if feed.kind == "builtin":
        return built_in_market(feed.seed, day or feed.day or DEMO_DAY)
    from kasauti.compose.recorded_markets import market_of_files  # noqa: PLC0415  only who has files reads them

    return market_of_files(feed)


def within(market: Market, starts: str | None, ends: str | None) -> Market:
    """Return `market` with what it has from `starts` to `ends` of each day only: IST clocks like 09:30."""
    if starts is None and ends is None:
        return market
    first, last = time.fromisoformat(starts or "00:00"), time.fromisoformat(ends or "23:59:59")

    def play(start: int | None) -> Iterator[Batch]:
        for batch in market.play(start):
            day = ist_date(int(batch.at[0]))
            begin = int(batch.at.searchsorted(ist_ns(day, first), "left"))
            end = int(batch.at.searchsorted(ist_ns(day, last), "right"))
            if begin < end:
                yield batch[begin:end]
            if end < len(batch) and day == market.days[-1]:
                return

    return msgspec.structs.replace(market, play=play, ends=None if ends is None else last)


def between(market: Market, first: date | None, last: date | None) -> Market:
    """Return `market` with its days from `first` to `last` only; `MarketDataError` if that leaves none."""
    if first is None and last is None:
        return market
    days = tuple(day for day in market.days if (first or day) <= day <= (last or day))
    if not days:
        has = f"it has {market.days[0]} to {market.days[-1]}" if market.days else "it has no day at all"
        raise MarketDataError(
            f"the {market.label} has no day from {first or 'the first'} to {last or 'the last'}: {has}"
        )

    begins = None if days[0] == market.days[0] else ist_ns(days[0])

    def play(start: int | None) -> Iterator[Batch]:
        for batch in market.play(start if begins is None else max(start or 0, begins)):
            if ist_date(int(batch.at[0])) > days[-1]:
                return
            yield batch

    return msgspec.structs.replace(market, days=days, play=play)


def check_tradable(market: Market, assumed: date | None = None) -> None:
    """
    Raise what would otherwise come up in the middle of a session.

    That is `MarketDataError` for a market with indices only, `RuleUnknown` for a day that the exchange's
    calendar does not know and that is not before `assumed`.
    """
    if all(instrument.kind is Kind.INDEX for instrument in market.universe):
        raise MarketDataError(
            f"the {market.label} has prices of an index only, and an index cannot be traded; choose data with"
            " shares, futures or options, or have futures made from the index: --index-futures, or"
            " feed.index_futures=near_month"
        )
    calendar = Calendar() if assumed is None else AssumedCalendar(assumed)
    known = calendar.known[0]
    for day in market.days:
        try:
            calendar.is_trading_day(day)
        except RuleUnknown as error:
            if day > known:
                raise
            raise RuleUnknown(
                f"{error} Or have the rules of a later day assumed for all days before it, which the report"
                f" says: --assume-rules-of {known}, or simulator.assume_rules_of={known}."
            ) from error


class TakenUp(msgspec.Struct, frozen=True):
    """What a session that goes on has to see again, everything later, and how many ticks it need not see."""

    history: list[Batch]
    rest: Iterator[Batch]
    skipped: int = 0


def taken_up(market: Market, moment: int, longest_s: int) -> TakenUp:
    """
    Take `market` up after `moment`.

    What has to be seen again is the day so far; where every instrument ticks every second, what the longest
    candle, of `longest_s` seconds, may have begun with is enough.
    """
    begins, skipped = ist_ns(ist_date(moment)), 0
    if market.is_dense:
        opens = int(next(market.play(None)).at[0])
        seconds = max(0, (moment - opens) // NS_PER_SECOND - longest_s - 60)
        begins, skipped = opens + seconds * NS_PER_SECOND, seconds * len(market.universe)
    history, rest = split_at(market.play(begins), moment)
    return TakenUp(history, rest, skipped)


def split_at(batches: Iterator[Batch], moment: int) -> tuple[list[Batch], Iterator[Batch]]:
    """
    Cut `batches` behind `moment`: what that day has seen until then, and everything later.

    Earlier days are dropped. A moment is never cut in two.
    """
    today = ist_day_number(moment)
    history: list[Batch] = []
    for batch in batches:
        until = int(batch.at.searchsorted(moment, "right"))
        if until and ist_day_number(int(batch.at[0])) == today:
            history.append(batch[:until])
        if until < len(batch):
            return history, chain((batch[until:],), batches)
    return history, iter(())
