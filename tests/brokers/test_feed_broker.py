"""What a broker made of data answers, at one moment and the next."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.brokers.days import CALENDAR, DAY, INDEX, NEXT_EXPIRY, SBIN, at, bars, broker, option, ticks

from kasauti.brokers.base import BrokerInterface, Wiring
from kasauti.brokers.credentials import Credentials
from kasauti.brokers.recorded import RecordedBroker
from kasauti.domain.instrument import Exchange, Instrument, Kind, Universe
from kasauti.domain.ist import NS_PER_SECOND
from kasauti.domain.market import Depth, Level, TickBatch
from kasauti.domain.money import rupees
from kasauti.errors import BrokerError, InvalidInput, MarketDataError
from kasauti.exchange.calendar import Segment
from kasauti.testing import ManualClock, StaticFeed

CALL, PUT = option(Kind.CALL, 25_000), option(Kind.PUT, 25_000)
FAR = option(Kind.CALL, 25_500)
UNIVERSE = Universe([INDEX, SBIN, CALL, PUT, FAR, option(Kind.CALL, 25_000, NEXT_EXPIRY)])
TICKS = ticks(
    UNIVERSE,
    [
        ("09:15:00", INDEX, 25_010, 0, 0),
        ("09:15:00", CALL, 120, 650, 10_000),
        ("09:15:00", PUT, 110, 1_300, 20_000),
        ("09:15:30", CALL, 90, 700, 10_400),
        ("09:16:00", CALL, 100, 750, 9_800),
        ("09:16:00", SBIN, 800, 40, 0),
        ("09:16:00", INDEX, 25_000, 0, 0),
    ],
)


# Prices


def test_a_spot_price_says_how_old_it_is() -> None:
    made, _ = broker(UNIVERSE, [TICKS], at("09:16:05"))

    spot = made.get_spot_price("NIFTY")

    assert (spot.instrument, spot.price, spot.at) == (INDEX.id, rupees(25_000), at("09:16:00"))
    assert spot.age_ns == 5 * NS_PER_SECOND


@pytest.mark.parametrize("name", ["NIFTY", "NIFTY 50", "NSE:NIFTY 50"])
def test_an_underlying_has_several_names(name: str) -> None:
    made, _ = broker(UNIVERSE, [TICKS], at("09:16:05"))

    assert made.get_spot_price(name).instrument == INDEX.id


def test_a_share_is_an_underlying_too() -> None:
    made, _ = broker(UNIVERSE, [TICKS], at("09:16:05"))

    assert made.get_spot_price("SBIN").price == rupees(800)


def test_a_price_that_is_not_there_yet_is_an_error_and_not_zero() -> None:
    made, _ = broker(UNIVERSE, [TICKS], at("09:14:59"))

    with pytest.raises(MarketDataError, match="has no price yet"):
        made.get_spot_price()
    assert made.get_ltp(INDEX.id, CALL.id) == {}
    assert made.get_quote(INDEX.id) == {}


def test_data_without_its_underlying_says_so() -> None:
    made, _ = broker(Universe([CALL]), [], at("09:16:05"))

    with pytest.raises(MarketDataError, match="options on NSE:NIFTY 50, but not its own price"):
        made.get_spot_price()
    assert made.get_options_chain().spot is None


def test_an_unknown_underlying_gets_a_suggestion() -> None:
    made, _ = broker(UNIVERSE, [TICKS], at("09:16:05"))

    with pytest.raises(InvalidInput, match="Did you mean NIFTY"):
        made.get_spot_price("NIFTI")


def test_the_last_tick_at_or_before_now_counts() -> None:
    made, clock = broker(UNIVERSE, [TICKS], at("09:15:30"))
    assert made.get_ltp(CALL.id) == {CALL.id: rupees(90)}

    clock.at = at("09:16:00") - 1
    assert made.get_ltp(CALL.id, SBIN.id) == {CALL.id: rupees(90)}

    clock.at = at("09:16:00")
    assert made.get_ltp(CALL.id, SBIN.id) == {CALL.id: rupees(100), SBIN.id: rupees(800)}


def test_a_full_quote_has_the_days_range() -> None:
    made, _ = broker(UNIVERSE, [TICKS], at("09:17:00"))

    quote = made.get_quote(CALL.id)[CALL.id]

    assert (quote.open, quote.high, quote.low, quote.last) == tuple(map(rupees, (120, 120, 90, 100)))
    assert (quote.volume, quote.open_interest) == (750, 9_800)
    assert (quote.bid, quote.ask, quote.bid_quantity, quote.ask_quantity) == (None, None, None, None)


def test_a_full_quote_has_the_book_where_the_data_has_it() -> None:
    book = TickBatch.of(
        at=[at("09:15:00")],
        slot=[2],
        last=[1_000],
        bid=[990],
        ask=[1_010],
        bid_quantity=[75],
        ask_quantity=[150],
    )
    made, _ = broker(UNIVERSE, [book], at("09:15:00"))

    quote = made.get_quote(CALL.id)[CALL.id]

    assert (quote.bid, quote.ask, quote.bid_quantity, quote.ask_quantity) == (990, 1_010, 75, 150)
    assert (quote.bids, quote.asks) == ((), ())


def test_a_full_quote_has_five_levels_where_the_data_has_them() -> None:
    depth = Depth(*(np.array([[n, n - 1, n - 2, 0, 0]], np.int64) for n in (990, 75, 1_010, 150)))
    book = TickBatch.of(at=[at("09:15:00")], slot=[2], last=[1_000], depth=depth)
    made, _ = broker(UNIVERSE, [book], at("09:15:00"))

    quote = made.get_quote(CALL.id)[CALL.id]

    assert quote.bids == (Level(990, 75), Level(989, 74), Level(988, 73))
    assert quote.asks[0] == Level(1_010, 150)


def test_a_new_day_has_a_range_and_volume_of_its_own() -> None:
    next_day = date(2026, 2, 4)
    first = bars(UNIVERSE, 300, [("09:15:00", SBIN, 800, 900, 700, 850, 10)])
    second = bars(UNIVERSE, 300, [("09:15:00", SBIN, 810, 820, 805, 815, 7)], next_day)
    made, clock = broker(UNIVERSE, [first, second], at("15:30:00"))
    assert made.get_quote(SBIN.id)[SBIN.id].high == rupees(900)

    clock.at = at("09:20:00", next_day)
    quote = made.get_quote(SBIN.id)[SBIN.id]

    assert (quote.open, quote.high, quote.low, quote.last) == tuple(map(rupees, (810, 820, 805, 815)))
    assert quote.volume == 7


def test_two_days_in_one_batch_are_two_days() -> None:
    next_day = date(2026, 2, 4)
    one = ticks(UNIVERSE, [("15:00:00", SBIN, 900, 10, 0)])
    two = ticks(UNIVERSE, [("09:15:00", SBIN, 800, 5, 0)], next_day)
    both = TickBatch.of(
        at=np.r_[one.at, two.at], slot=np.r_[one.slot, two.slot], last=np.r_[one.last, two.last]
    )
    made, _ = broker(UNIVERSE, [both], at("09:16:00", next_day))

    quote = made.get_quote(SBIN.id)[SBIN.id]

    assert (quote.open, quote.high) == (rupees(800), rupees(800))


# Chains and expiries


def test_a_chain_has_both_sides_of_every_strike() -> None:
    made, _ = broker(UNIVERSE, [TICKS], at("09:16:00"))

    chain = made.get_options_chain("NIFTY")

    assert (chain.underlying, chain.expiry, chain.spot) == (INDEX.id, DAY, rupees(25_000))
    assert [row.strike for row in chain.rows] == [rupees(25_000), rupees(25_500)]
    row = chain.rows[0]
    assert row.call is not None
    assert row.put is not None
    assert (row.call.last, row.call.open_interest, row.call.open_interest_change) == (
        rupees(100),
        9_800,
        -200,
    )
    assert (row.put.last, row.put.open_interest, row.put.open_interest_change) == (rupees(110), 20_000, 0)
    assert chain.rows[1].put is None, "it is not listed"
    assert chain.rows[1].call is None, "it has no price yet"


def test_calls_and_puts_say_where_the_forward_is() -> None:
    """Put-call parity: 25,000 + 100 - 110."""
    made, _ = broker(UNIVERSE, [TICKS], at("09:16:00"))

    assert made.get_options_chain().forward == rupees(24_990)


def test_call_and_put_of_one_strike_imply_one_volatility() -> None:
    made, _ = broker(UNIVERSE, [TICKS], at("09:16:00"))

    row = made.get_options_chain().rows[0]

    assert row.call is not None
    assert row.put is not None
    assert row.call.implied_volatility == pytest.approx(row.put.implied_volatility)
    assert 0.2 < (row.call.implied_volatility or 0) < 0.6


def test_the_next_expiry_is_todays_until_its_options_stop() -> None:
    made, clock = broker(UNIVERSE, [TICKS], at("15:29:59"))
    assert made.get_next_expiry() == DAY

    clock.at = at("15:30:00")
    assert made.get_next_expiry() == NEXT_EXPIRY

    clock.at = at("15:30:00", NEXT_EXPIRY)
    with pytest.raises(MarketDataError, match="no options in this data that expire on 2026-02-10 or later"):
        made.get_next_expiry()


def test_the_instruments_decide_the_expiry_of_every_exchange() -> None:
    """SENSEX expires on Thursdays, NIFTY on Tuesdays; 2026-03-03 is Holi, so NIFTY expires on the Monday."""
    sensex = Instrument(
        Exchange.BFO,
        "SENSEX2630582000CE",
        Kind.CALL,
        tick_size=500,
        name="SENSEX",
        expiry=date(2026, 3, 5),
        strike=rupees(82_000),
        underlying="BSE:SENSEX",
        on_index=True,
    )
    universe = Universe([INDEX, sensex, option(Kind.CALL, 25_000, date(2026, 3, 2))])
    made, _ = broker(universe, [], at("10:00:00", date(2026, 2, 27)))

    assert made.get_next_expiry("SENSEX") == date(2026, 3, 5)
    assert made.get_next_expiry("NIFTY") == date(2026, 3, 2)


def test_an_expiry_that_is_not_listed_is_answered_with_those_that_are() -> None:
    made, _ = broker(UNIVERSE, [TICKS], at("09:16:00"))

    with pytest.raises(MarketDataError, match="Listed: 2026-02-03, 2026-02-10"):
        made.get_options_chain("NIFTY", date(2026, 2, 24))


# Time


@pytest.mark.parametrize(
    ("clock", "day", "is_open"),
    [
        ("09:14:59", DAY, False),
        ("09:15:00", DAY, True),
        ("15:29:59", DAY, True),
        ("15:30:00", DAY, False),
        ("12:00:00", date(2026, 2, 1), True),  # a Sunday: the budget's session
        ("12:00:00", date(2026, 1, 31), False),  # a Saturday
        ("12:00:00", date(2026, 1, 26), False),  # Republic Day
        ("18:30:00", date(2026, 11, 8), True),  # Muhurat trading
    ],
)
def test_the_market_is_open_by_the_calendar(clock: str, day: date, is_open: bool) -> None:  # noqa: FBT001
    made, _ = broker(UNIVERSE, [TICKS], at(clock, day))

    assert made.is_market_open(Segment.DERIVATIVES) is is_open


@pytest.mark.parametrize(
    ("clock", "seconds", "until"),
    [
        ("08:00:00", 300, "09:20:00"),
        ("09:15:00", 300, "09:20:00"),
        ("09:19:59", 300, "09:20:00"),
        ("09:20:00", 300, "09:25:00"),
        ("10:01:00", 60, "10:02:00"),
        ("15:16:00", 3600, "15:30:00"),
        ("15:30:00", 300, None),
        ("18:00:00", 300, None),
    ],
)
def test_the_next_candle_ends_on_the_grid_of_the_session(clock: str, seconds: int, until: str | None) -> None:
    made, hands = broker(UNIVERSE, [TICKS], at(clock))
    expected = None if until is None else at(until)

    assert made.wait_for_next_candle(seconds) == expected
    assert hands.waits == ([] if expected is None else [expected])


def test_on_a_holiday_there_is_no_candle_to_wait_for() -> None:
    made, hands = broker(UNIVERSE, [TICKS], at("12:00:00", date(2026, 1, 26)))

    assert made.wait_for_next_candle() is None
    assert hands.waits == []


def test_a_candle_without_length_is_refused() -> None:
    made, _ = broker(UNIVERSE, [TICKS], at("10:00:00"))

    with pytest.raises(InvalidInput, match="0 s does not exist"):
        made.wait_for_next_candle(0)


def test_a_clock_that_goes_back_is_refused_and_a_new_connection_begins_anew() -> None:
    made, clock = broker(UNIVERSE, [TICKS], at("09:16:00"))
    made.get_ltp(CALL.id)
    clock.at = at("09:15:00")

    with pytest.raises(MarketDataError, match="went back from 2026-02-03T09:16:00"):
        made.get_ltp(CALL.id)

    made.logout()
    made.connect()
    assert made.get_ltp(CALL.id) == {CALL.id: rupees(120)}


@pytest.mark.parametrize("batches", [[TICKS[4:], TICKS[:4]], [TICKS[::-1]]])
def test_data_out_of_order_is_refused(batches: list[TickBatch]) -> None:
    made, _ = broker(UNIVERSE, batches, at("10:00:00"))

    with pytest.raises(MarketDataError, match="not in order of time"):
        made.get_ltp(CALL.id)


@settings(deadline=None)
@given(st.integers(0, 90), st.integers(0, 90))
def test_no_answer_depends_on_what_comes_after_now(now: int, later: int) -> None:
    """A broker with the whole day answers like one whose day ends now, whatever was asked in between."""
    opens = at("09:15:00")
    moment = opens + max(now, later) * NS_PER_SECOND
    whole, clock = broker(UNIVERSE, [TICKS], opens + min(now, later) * NS_PER_SECOND)
    whole.get_quote(CALL.id)
    clock.at = moment
    known = TICKS[: int(np.searchsorted(TICKS.at, moment, "right"))]
    short, _ = broker(UNIVERSE, [known], moment)

    for instrument in (INDEX.id, CALL.id, SBIN.id):
        assert whole.get_quote(instrument) == short.get_quote(instrument)
        assert whole.get_historical_data(instrument, "minute") == short.get_historical_data(
            instrument, "minute"
        )
    assert whole.get_options_chain() == short.get_options_chain()


# The interface


def test_the_interface_itself_cannot_be_made() -> None:
    wiring = Wiring(clock=lambda: 0, wait_until=lambda _: None, calendar=CALENDAR)

    with pytest.raises(TypeError, match="abstract"):
        BrokerInterface(Credentials({}), wiring)  # type: ignore[abstract]


@pytest.mark.parametrize("method", sorted(BrokerInterface.__abstractmethods__))
def test_a_subclass_without_one_of_the_ten_methods_cannot_be_made(method: str) -> None:
    body = {name: (lambda _: None) for name in BrokerInterface.__abstractmethods__ if name != method}
    half = type("Half", (BrokerInterface,), body)
    wiring = Wiring(clock=lambda: 0, wait_until=lambda _: None, calendar=CALENDAR)

    with pytest.raises(TypeError, match=method):
        half(Credentials({}), wiring)


def test_the_ten_methods_are_those_of_the_source_document() -> None:
    assert BrokerInterface.__abstractmethods__ == {
        "connect",
        "get_spot_price",
        "get_ltp",
        "get_quote",
        "get_historical_data",
        "get_options_chain",
        "get_next_expiry",
        "is_market_open",
        "wait_for_next_candle",
        "logout",
    }


@pytest.mark.parametrize("feed", [None, StaticFeed(Universe([]), [])])
def test_a_broker_without_data_cannot_be_connected(feed: StaticFeed | None) -> None:
    clock = ManualClock(0)
    wiring = Wiring(clock=clock.now, wait_until=clock.wait_until, calendar=CALENDAR, feed=feed)

    with pytest.raises(BrokerError, match="The broker recorded"):
        RecordedBroker(Credentials({}), wiring).connect()
