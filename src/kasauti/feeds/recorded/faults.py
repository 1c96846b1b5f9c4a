"""
What can be wrong with single rows: each check marks the rows that have its fault.

A check sees the rows of one day, in order of time, without those that the checks before it dropped.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from kasauti.domain.ist import NS_PER_MINUTE, NS_PER_SECOND
from kasauti.domain.market import Ints
from kasauti.feeds.recorded.rows import MAIN_PRICES, QUANTITIES, Rows
from kasauti.feeds.recorded.sessions import Listing, Session
from kasauti.feeds.recorded.values import MISSING, Bools

#: A print cannot be received minutes before it happened, however slow the recorder's clock is.
_MOST_BEHIND_NS = 5 * NS_PER_MINUTE


@dataclass(frozen=True, slots=True)
class Context:
    """
    What a check may know: the instruments, the day's session, and what the files say of themselves.

    `seconds` is the length of bars, 0 for ticks; `at_end` whether a bar's time is its end. `has_volume` marks
    the slots with any volume in the whole recording; `in_lots` whether quantities count lots.
    """

    listing: Listing
    session: Session
    day_number: int
    seconds: int
    at_end: bool
    has_volume: Bools
    in_lots: bool

    @property
    def length_ns(self) -> int:
        """The length of a bar."""
        return self.seconds * NS_PER_SECOND

    def ends(self, rows: Rows) -> Ints:
        """Return when each row was known: a bar at its end."""
        return rows.at if self.at_end else rows.at + self.length_ns


# Time and repetition


def disorder(rows: Rows, context: Context) -> Bools:
    """Mark rows that are earlier than the row before of the same instrument and file. Before sorting."""
    marked = np.zeros(len(rows), np.bool_)
    if bool(np.all(rows.at[1:] >= rows.at[:-1])):
        return marked
    order = rows.by_slot
    later, earlier = order[1:], order[:-1]
    same = (rows.slot[later] == rows.slot[earlier]) & (rows.file[later] == rows.file[earlier])
    marked[later[same & (rows.at[later] < rows.at[earlier])]] = True
    return marked


def in_two_files(rows: Rows, context: Context) -> Bools:
    """Mark rows whose instrument has a row of that time in another file too."""
    marked = np.zeros(len(rows), np.bool_)
    if int(rows.file.min()) == int(rows.file.max()):
        return marked
    order = rows.by_slot
    earlier, later = order[:-1], order[1:]
    same = (rows.slot[later] == rows.slot[earlier]) & (rows.at[later] == rows.at[earlier])
    marked[later[same & (rows.file[later] != rows.file[earlier])]] = True
    return marked


def option_in_two_files(rows: Rows, context: Context) -> Bools:
    """Mark options as `in_two_files`; files of single expiries all have the spot of a snapshot."""
    return in_two_files(rows, context) & context.listing.is_option[rows.slot]


def duplicate(rows: Rows, context: Context) -> Bools:
    """Mark all but the last of the rows with one instrument and time."""
    order = rows.by_slot
    earlier, later = order[:-1], order[1:]
    marked = np.zeros(len(rows), np.bool_)
    same = (rows.slot[later] == rows.slot[earlier]) & (rows.at[later] == rows.at[earlier])
    marked[earlier[same]] = True
    return marked


def duplicate_tick(rows: Rows, context: Context) -> Bools:
    """Mark ticks that are the one before again, to the last column; others of one moment are news."""
    return rows.repeats(rows.columns, same_moment=True)


def repeated_tick(rows: Rows, context: Context) -> Bools:
    """Mark ticks that repeat the one before of their instrument."""
    return rows.repeats([name for name in rows.columns if name != "printed"])


def repeated_bar(rows: Rows, context: Context) -> Bools:
    """
    Mark bars that repeat the one before: a feed that stands still.

    Where volume is known, a bar without a range may come twice: two single trades at one price.
    """
    same = rows.repeats(["open", "high", "low", "close", "volume"])
    moved = (rows.columns["volume"] > 0) & (rows.columns["high"] != rows.columns["low"])
    marked: Bools = same & (moved | ~context.has_volume[rows.slot])
    return marked


def closed_day(rows: Rows, context: Context) -> Bools:
    """Mark all rows of a day without a session."""
    return np.full(len(rows), not context.session.stretches)


def out_of_session(rows: Rows, context: Context) -> Bools:
    """Mark rows outside continuous trading, by the calendar or by the recorder's own flag."""
    ends = context.ends(rows)
    outside = ~context.session.inside(rows.slot, ends - context.length_ns, ends)
    if "in_market" in rows.columns:
        outside |= rows.columns["in_market"] == 0
    return outside


def expired(rows: Rows, context: Context) -> Bools:
    """Mark contracts after their last day."""
    expiry = context.listing.expiry[rows.slot]
    return (expiry > 0) & (expiry < context.day_number)


def printed_later(rows: Rows, context: Context) -> Bools:
    """Mark ticks whose last trade is minutes later than their own time."""
    return rows.columns["printed"] > rows.at + _MOST_BEHIND_NS


def clock_behind(rows: Rows, context: Context) -> Bools:
    """Mark ticks received, by the recorder's clock, before their last trade happened."""
    return rows.columns["printed"] > rows.at


# Prices and quantities


def _any(rows: Rows, masks: Iterable[Bools]) -> Bools:
    marked = np.zeros(len(rows), np.bool_)
    for mask in masks:
        marked |= mask
    return marked


def _columns(rows: Rows, names: Iterable[str]) -> list[Ints]:
    return [rows.columns[name] for name in names if name in rows.columns]


def no_underlying_price(rows: Rows, context: Context) -> Bools:
    """Mark the underlying of a snapshot where it has no price."""
    last = rows.columns["last"]
    marked: Bools = context.listing.is_index[rows.slot] & ((last == MISSING) | (last == 0))
    return marked


def not_a_number(rows: Rows, context: Context) -> Bools:
    """Mark rows in which a price that has to be there is none."""
    return _any(rows, (values == MISSING for values in _columns(rows, MAIN_PRICES)))


def negative(rows: Rows, context: Context) -> Bools:
    """Mark negative prices and quantities, of the depth as well."""
    flat = _columns(rows, (*MAIN_PRICES, "bid", "ask", *QUANTITIES))
    deep = _columns(rows, ("bid_prices", "ask_prices", "bid_quantities", "ask_quantities"))
    marked = _any(rows, ((values < 0) & (values != MISSING) for values in flat))
    return marked | _any(rows, (((values < 0) & (values != MISSING)).any(axis=1) for values in deep))


def zero(rows: Rows, context: Context) -> Bools:
    """Mark rows in which a price that has to be there is 0."""
    return _any(rows, (values == 0 for values in _columns(rows, MAIN_PRICES)))


def bad_quantity(rows: Rows, context: Context) -> Bools:
    """Mark quantities that are no whole number."""
    flat = _columns(rows, QUANTITIES)
    deep = _columns(rows, ("bid_quantities", "ask_quantities"))
    marked = _any(rows, (values == MISSING for values in flat))
    return marked | _any(rows, ((values == MISSING).any(axis=1) for values in deep))


def crossed(rows: Rows, context: Context) -> Bools:
    """Mark quotes whose bid is not below their ask: an exchange would have matched them."""
    bid, ask = rows.columns["bid"], rows.columns["ask"]
    return (bid > 0) & (ask > 0) & (bid >= ask)


def unordered_depth(rows: Rows, context: Context) -> Bools:
    """Mark depth with a level that is not worse than the one before, or that follows an empty one."""
    bids, asks = rows.columns["bid_prices"], rows.columns["ask_prices"]
    bad_bids = (bids[:, 1:] > 0) & (bids[:, 1:] >= bids[:, :-1])
    bad_asks = (asks[:, 1:] > 0) & ((asks[:, 1:] <= asks[:, :-1]) | (asks[:, :-1] == 0))
    return np.asarray(bad_bids.any(axis=1) | bad_asks.any(axis=1), np.bool_)


def impossible_bar(rows: Rows, context: Context) -> Bools:
    """Mark bars whose high or low is inside their open and close."""
    opened, high, low, close = (rows.columns[name] for name in ("open", "high", "low", "close"))
    return (high < np.maximum(opened, close)) | (low > np.minimum(opened, close))


def no_trades(rows: Rows, context: Context) -> Bools:
    """Mark bars without volume of instruments that have volume: nothing traded at those prices."""
    marked: Bools = context.has_volume[rows.slot] & (rows.columns["volume"] == 0)
    return marked


def off_tick(rows: Rows, context: Context) -> Bools:
    """Mark prices of what can be traded that are no multiple of its tick."""
    tick = np.where(context.listing.is_index[rows.slot], 1, context.listing.ticks[rows.slot])
    return _any(rows, (values % tick != 0 for values in _columns(rows, MAIN_PRICES)))


def volume_backwards(rows: Rows, context: Context) -> Bools:
    """Mark the fewest rows without which the day's volume of no instrument goes back."""
    marked = np.zeros(len(rows), np.bool_)
    order = rows.by_slot
    slots, volume = rows.slot[order], rows.columns["volume"][order]
    falls = np.flatnonzero((slots[1:] == slots[:-1]) & (volume[1:] < volume[:-1]))
    for slot in np.unique(slots[falls]).tolist():
        of_slot = order[slice(*np.searchsorted(slots, [slot, slot + 1]))]
        marked[of_slot[_fewest_out_of_line(rows.columns["volume"][of_slot].tolist())]] = True
    return marked


def _fewest_out_of_line(values: list[int]) -> list[int]:
    """Return the places of all values but a longest run that never falls, of several the earliest."""
    until = _longest_runs(values)
    after = _longest_runs([-value for value in reversed(values)])[::-1]
    longest = max(until)
    left, run, last = [], 0, min(values)
    for place, value in enumerate(values):
        if until[place] == run + 1 and until[place] + after[place] > longest and value >= last:
            run, last = run + 1, value
        else:
            left.append(place)
    return left


def _longest_runs(values: list[int]) -> list[int]:
    """Return, for each value, the length of the longest run that never falls and ends with it."""
    tops: list[int] = []
    lengths = []
    for value in values:
        pile = bisect_right(tops, value)
        tops[pile : pile + 1] = [value]
        lengths.append(pile + 1)
    return lengths


def wrong_unit(rows: Rows, context: Context) -> Bools:
    """
    Mark what shows that quantities count the other unit.

    In units, every open interest is a multiple of the lot. So if most are not, they are lots; if the file
    should hold lots and all are multiples, they are units. Twenty values at least have to speak.
    """
    lots = context.listing.lots[rows.slot]
    interest = rows.columns["open_interest"]
    speaks = context.listing.is_derivative[rows.slot] & (lots > 1) & (interest > 0)
    whole: Bools = speaks & (interest % lots == 0)
    total, wholes = int(speaks.sum()), int(whole.sum())
    if total < _FEWEST_TO_SPEAK or (wholes < total if context.in_lots else 2 * wholes >= total):
        return np.zeros(len(rows), np.bool_)
    marked: Bools = whole if context.in_lots else speaks & ~whole
    return marked


_FEWEST_TO_SPEAK = 20
