"""The session on one screen, in every size it may have."""

from datetime import time

import msgspec
import pytest
from tests.analytics.logs import DAY, Logbook, evidence
from tests.cli.screens.drawn import CLOSES, INDEX, NOON, OPENS, board, drawn, styled

from kasauti.analytics.explain import Explanation, explain_fill, story_of_order
from kasauti.cli.screen import Scene, Screen
from kasauti.domain import events as ev
from kasauti.domain.board import Board
from kasauti.domain.charges import Charges
from kasauti.domain.evidence import Rule, Source
from kasauti.domain.instrument import Universe
from kasauti.domain.ist import ist_ns
from kasauti.domain.money import rupees
from kasauti.domain.order import OrderType, Side

CALL, PUT = "NFO:NIFTY26NOV26000CE", "NFO:NIFTY26NOV25900PE"
NOTE = b'{"instrument":"x","peak":130000,"trades_today":1,"levels":{"initial":75000,"trailing":117000}}'

EVERYTHING = [(160, 50), (140, 40), (120, 36), (100, 30), (96, 28)]
LESS = [(95, 30), (80, 24), (74, 22), (60, 20), (40, 15)]


@pytest.fixture
def book() -> Logbook:
    """A call bought at 10 that lasts at 9, a stop and a limit that wait, a note, and one denied order."""
    book = Logbook("500000")
    book.open_day(feed="builtin:7:2026-11-23")
    book.clock(11, 30)
    bought = book.place(Side.BUY, 150, CALL, strategy="oi", tag="entry")
    book.wait(0.25)
    terms = {"source": Source.DEPTH, "rule": Rule.TAKE, "shown": 300, "level": 1}
    paid = Charges(brokerage=rupees(20), gst=rupees("3.60"))
    book.fill(bought, "10", charges=paid, why=evidence(book.at, rupees("10"), **terms))
    book.write(ev.StrategyNoted("oi", msgspec.Raw(NOTE)), "strategy:oi")
    stop = book.place(
        Side.SELL, 75, CALL, order_type=OrderType.SL_M, trigger="7.50", strategy="oi", tag="stop"
    )
    book.write(ev.OrderOpened(stop, trigger_pending=True))
    limit = book.place(Side.BUY, 75, PUT, order_type=OrderType.LIMIT, price="5")
    book.write(ev.OrderOpened(limit, queue_ahead=1200))
    book.write(ev.OrderDenied("D", CALL, Side.BUY, 10, "quantity.lot", "10 is no lot"))
    return book


def _screen(**more: object) -> Screen:
    terms: dict[str, object] = {
        "market": "built-in market, seed 7",
        "underlying": INDEX,
        "hours": (OPENS, CLOSES),
    }
    return Screen(**{**terms, **more})  # type: ignore[arg-type]


def _fills(book: Logbook) -> list[Explanation]:
    return [
        explain_fill(story_of_order(book, recorded.event.order_id), recorded.event.trade_id)
        for recorded in book
        if isinstance(recorded.event, ev.OrderFilled)
    ]


def _scene(book: Logbook, market: Board | None = None, at: int = NOON, **more: object) -> Scene:
    fields: dict[str, object] = {"events": book.events, "fills": _fills(book), "speed": "60x"}
    return Scene(state=book.state, board=market or board(at), at=at, **{**fields, **more})  # type: ignore[arg-type]


def _lines(book: Logbook, width: int = 160, height: int = 50) -> list[str]:
    return drawn(_screen().render(_scene(book)), width, height)


@pytest.mark.parametrize(("width", "height"), EVERYTHING + LESS)
def test_the_screen_is_exactly_as_large_as_the_terminal(book: Logbook, width: int, height: int) -> None:
    lines = _lines(book, width, height)

    assert len(lines) == height
    assert max(len(line) for line in lines) <= width


@pytest.mark.parametrize(("width", "height"), EVERYTHING + LESS)
def test_mode_clock_and_result_are_on_every_screen(book: Logbook, width: int, height: int) -> None:
    """150 bought at 10 last at 9: -150, and 23.60 of charges."""
    text = "\n".join(_lines(book, width, height))

    assert "PAPER" in text
    assert "12:00:00 IST" in text
    assert "-₹173.60" in text
    assert "NIFTY 26000 CE" in text


@pytest.mark.parametrize(("width", "height"), EVERYTHING)
def test_a_screen_with_room_has_every_panel(book: Logbook, width: int, height: int) -> None:
    text = "\n".join(_lines(book, width, height))

    for title in (
        "NIFTY 50 options, expiry 23 Nov",
        "Today",
        "Positions",
        "Open orders",
        "Events",
        "Why it filled there",
        "Strategy and stops",
    ):
        assert title in text
    assert "26,010.00" in text
    assert "because took level 1 of the asks" in text
    assert "initial stop" in text
    assert "built-in market, seed 7" in text
    assert "60x" in text
    assert "It sleeps: its trigger" in text


@pytest.mark.parametrize(("width", "height"), LESS)
def test_a_small_screen_leaves_panels_out_rather_than_squeezing_them(
    book: Logbook, width: int, height: int
) -> None:
    text = "\n".join(_lines(book, width, height))

    assert "Why it filled there" not in text
    assert "Positions" in text
    assert "Events" in text
    assert ("options, expiry" in text) is (width >= 74 and height >= 22)


def test_every_part_of_the_result_is_there(book: Logbook) -> None:
    text = "\n".join(_lines(book))

    assert "Gross   -150.00  closed 0.00  open -150.00" in text
    assert "Charges ₹23.60  1 trade, 3 orders, 1 denied" in text


def test_an_open_order_says_what_it_waits_for(book: Logbook) -> None:
    """The call lasts at 9; the put at 25,900 is the sixth option: 6 rupees, asked at 6.05."""
    left = [line[:83] for line in _lines(book)]
    text = " ".join(" ".join(left).replace("│", " ").split())

    assert "SELL 75 NIFTY 26000 CE SL-M trigger 7.50" in text
    assert "its trigger 7.50 is ₹1.50 (30 ticks) below the last price 9.00" in text
    assert "BUY 75 NIFTY 25900 PE LIMIT 5.00" in text
    assert "The best ask 6.05 is ₹1.05 (21 ticks) above its limit 5.00." in text
    assert "1,200 units were displayed ahead of it" in text


def test_events_are_sentences_and_notes_are_not_events(book: Logbook) -> None:
    text = "\n".join(_lines(book))

    assert "11:30:00 Bought 150 NIFTY 26000 CE at 10.00, charges ₹23.60" in text
    assert "denied (quantity.lot)" in text
    assert "oi notes" not in text


def test_stops_say_how_far_away_they_are(book: Logbook) -> None:
    """The call lasts at 9.00: a stop at 7.50 is 16.67 % below, one at 11.70 is 30 % above."""
    text = "\n".join(_lines(book))

    assert "7.50 (-16.67 %)" in text
    assert "11.70 (+30.00 %)" in text


def test_the_index_and_its_change_since_it_was_first_seen(book: Logbook) -> None:
    screen = _screen()
    screen.render(_scene(book, board(OPENS, spot="26000"), OPENS))

    up = "\n".join(drawn(screen.render(_scene(book, board(spot="26010"))), 160, 50))
    down = "\n".join(drawn(screen.render(_scene(book, board(spot="25987"))), 160, 50))

    assert "26,010.00  ▲ +10.00 (+0.04 %)  since 09:15" in up
    assert "25,987.00  ▼ -13.00 (-0.05 %)" in down


def test_a_change_counts_from_the_first_price_and_not_from_the_first_look(book: Logbook) -> None:
    screen = _screen()
    screen.render(_scene(book, Board(board().universe), OPENS - 9 * 3600 * 10**9))
    screen.render(_scene(book, board(OPENS, spot="26000"), OPENS))

    text = "\n".join(drawn(screen.render(_scene(book, board(spot="26010"))), 160, 50))

    assert "+10.00 (+0.04 %)  since 09:15" in text


def test_before_the_first_fill_the_strategy_has_the_room() -> None:
    book = Logbook()
    book.open_day()
    lines = drawn(_screen().render(_scene(book, fills=())), 160, 50)

    titles = {n: line for n, line in enumerate(lines) if "Why it filled" in line or "Strategy and" in line}
    why, strategy = titles
    assert strategy - why == 4


def test_the_progress_of_the_day(book: Logbook) -> None:
    """From 09:15 to 12:00 are 165 of 375 minutes."""
    assert "09:15" in _lines(book)[1]
    assert _lines(book)[1].endswith("15:30  44 %")


def test_a_new_day_begins_anew(book: Logbook) -> None:
    screen = _screen()
    screen.render(_scene(book, board(spot="25000")))
    tomorrow = ist_ns(DAY, time(9, 15)) + 86_400 * 10**9

    text = "\n".join(drawn(screen.render(_scene(book, board(tomorrow), tomorrow)), 160, 50))

    assert "= 0.00 (+0.00 %)" in text
    assert "no options on" in text  # they expired yesterday


def test_a_session_without_options_says_so(book: Logbook) -> None:
    share = Board(Universe([instrument for instrument in board().universe if not instrument.is_option]))

    text = "\n".join(drawn(_screen().render(_scene(book, share)), 160, 50))

    assert "This session has no options on NSE:NIFTY 50." in text
    assert "NIFTY26NOV26000CE" in text  # held, but not known here: its symbol stands for its name
    assert "It is not in this session's instruments." in text


def test_before_anything_has_happened() -> None:
    book = Logbook()
    empty = Board(board().universe)

    text = "\n".join(drawn(_screen().render(_scene(book, empty, OPENS, events=())), 160, 50))

    assert "Nothing is held." in text
    assert "No order is open." in text
    assert "Nothing has happened yet." in text
    assert "Nothing has traded yet." in text
    assert "No strategy has noted anything yet." in text


def test_outside_the_hours_orders_wait_for_the_market(book: Logbook) -> None:
    after = CLOSES + 1

    text = "\n".join(drawn(_screen().render(_scene(book, at=after)), 160, 50))

    assert "The market is closed." in text
    assert "100 %" in text


def test_a_halt_is_told_at_the_bottom(book: Logbook) -> None:
    book.write(ev.TradingHalted("kill switch"))

    assert _lines(book)[-1].strip() == "Trading is halted: kill switch. Exits go on."


def test_a_failed_strategy_is_told_with_its_stops(book: Logbook) -> None:
    book.write(ev.StrategyFailed("oi", "on_tick", "ValueError: 7", "entries"))

    assert "oi  failed today, stopped: entries" in "\n".join(_lines(book))


def test_nothing_is_told_by_colour_alone(book: Logbook) -> None:
    """Without its escape codes the coloured screen has the same words."""
    frame = _screen().render(_scene(book))

    assert "\x1b[" in styled(frame)
    assert "\x1b[" not in "\n".join(drawn(frame))
