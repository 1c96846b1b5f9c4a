"""What an account holds, drawn at every width."""

from collections.abc import Callable
from io import StringIO

import pytest
from rich.console import Console, RenderableType
from tests.analytics.logs import CALL, PUT, SHARE, Logbook, evidence
from tests.cli.screens.drawn import drawn, styled

from kasauti.analytics.trades import trades_of
from kasauti.cli.account_view import funds_table, recovery_panel, status_view
from kasauti.cli.event_lines import event_line, event_lines
from kasauti.cli.tables import event_text, events_table, orders_table, positions_table, trades_table
from kasauti.cli.typography import DASH
from kasauti.domain import events as ev
from kasauti.domain.charges import Charges
from kasauti.domain.evidence import Rule, Source
from kasauti.domain.ist import NS_PER_SECOND
from kasauti.domain.money import rupees
from kasauti.domain.order import OrderType, Product, Side

BUY, SELL = Side.BUY, Side.SELL
MARKS = {CALL: rupees("110"), PUT: rupees("38.05"), SHARE: rupees("1521")}


@pytest.fixture
def book() -> Logbook:
    """A long call at 100 (half of it sold at 112.50), a short put at 40, a closed share, an open order."""
    book = Logbook("500000")
    book.open_day()
    book.clock(9, 30)
    first = book.place(BUY, 150, strategy="oi", tag="entry")
    terms = {"source": Source.DEPTH, "rule": Rule.TAKE, "shown": 300, "level": 1}
    book.fill(
        first, "100", charges=Charges(brokerage=rupees(20)), why=evidence(book.at, rupees("100"), **terms)
    )
    book.trade(SELL, 75, "40", "20", instrument=PUT)
    book.trade(BUY, 10, "1520", "5", instrument=SHARE, product=Product.MIS)
    book.clock(10, 15)
    book.trade(SELL, 75, "112.50", "25.50", strategy="oi", tag="target")
    book.trade(SELL, 10, "1500", "5", instrument=SHARE, product=Product.MIS)
    stop = book.place(SELL, 75, order_type=OrderType.SL, price="74", trigger="75", strategy="oi", tag="stop")
    book.write(ev.OrderOpened(stop, trigger_pending=True))
    cancelled = book.place(BUY, 75, order_type=OrderType.LIMIT, price="90")
    book.write(ev.OrderCancelled(cancelled, "asked by the user"))
    return book


TABLES: dict[str, Callable[[Logbook], RenderableType]] = {
    "positions": lambda book: positions_table(book.state, MARKS.__getitem__),
    "orders": lambda book: orders_table(book.state.orders.values()),
    "trades": lambda book: trades_table(trades_of(book)),
    "events": lambda book: events_table(event_lines(book)),
    "funds": lambda book: funds_table(book.state, MARKS.__getitem__),
    "status": lambda book: status_view(book.state, MARKS.__getitem__),
    "recovery": lambda book: recovery_panel(book.state, book.at, ["2 candles closed meanwhile."]),
}


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("width", [80, 97, 120, 160])
def test_nothing_is_wider_than_the_terminal(book: Logbook, name: str, width: int) -> None:
    assert max(len(line) for line in drawn(TABLES[name](book), width)) <= width


@pytest.mark.parametrize("name", ["positions", "orders", "trades", "events"])
@pytest.mark.parametrize("width", [80, 160])
def test_a_row_is_a_line(book: Logbook, name: str, width: int) -> None:
    rows = {"positions": 3, "orders": 7, "trades": 5, "events": len(book.events)}[name]
    lines = [line for line in drawn(TABLES[name](book), width) if line.strip()]
    sums = 1 if name == "positions" else 0

    assert len(lines) == 2 + rows + sums


def test_positions_are_worked_out_at_the_last_prices(book: Logbook) -> None:
    """Call: 75 left at 100 now 110 (+750), realised 937.50, charges 45.50. Put: 75 short at 40 now 38.05."""
    lines = [line.split() for line in drawn(TABLES["positions"](book), 160) if line]
    call, put, share, total = lines[2:]

    assert call[2:] == ["75", "100.00", "110.00", "+750.00", "+937.50", "45.50", "+1,642.00"]
    assert put[2:] == ["-75", "40.00", "38.05", "+146.25", "0.00", "20.00", "+126.25"]
    assert share[1:] == ["MIS", "0", DASH, "1,521.00", "0.00", "-200.00", "10.00", "-210.00"]
    assert total == ["All", "+896.25", "+737.50", "75.50", "+1,558.25"]


def test_without_a_market_a_position_has_no_price_and_no_result(book: Logbook) -> None:
    lines = drawn(positions_table(book.state), 160)

    assert lines[2].split()[4:6] == [DASH, DASH]
    assert lines[-1].split()[1] == DASH


def test_orders_say_what_became_of_them(book: Logbook) -> None:
    text = "\n".join(drawn(TABLES["orders"](book), 160))

    assert "150/150" in text
    assert "TRIGGER PENDING" in text
    assert "asked by the user" in text
    assert "oi stop" in text


def test_trades_show_their_evidence(book: Logbook) -> None:
    first = drawn(TABLES["trades"](book), 160)[2]

    assert "took level 1 of the asks" in first
    assert first.split()[0] == "09:30:00.000"
    assert "15,000.00" in first


def test_trades_of_several_days_show_the_date(book: Logbook) -> None:
    book.close_day()
    book.write(ev.DayOpened("2026-11-25"))
    book.trade(BUY, 75, "90")

    assert drawn(trades_table(trades_of(book)), 160)[2].startswith("2026-11-23 09:30:00")
    assert len(list(trades_of(book, "2026-11-25"))) == 1


def test_funds_are_told_apart(book: Logbook) -> None:
    lines = {
        line.rpartition(" ")[0].strip(): line.split()[-1] for line in drawn(TABLES["funds"](book)) if line
    }

    assert lines["Capital"] == "₹5,00,000.00"
    assert lines["Realised in all"] == "+₹737.50"
    assert lines["Charges in all"] == "-₹75.50"
    assert lines["brokerage"] == "₹75.50"


def test_an_account_that_holds_nothing_has_no_unrealised_result() -> None:
    assert any(line.split() == ["Unrealised", DASH] for line in drawn(funds_table(Logbook().state)))


def test_status_tells_an_open_session_from_one_that_was_stopped(book: Logbook) -> None:
    running = "\n".join(drawn(TABLES["status"](book)))
    book.write(ev.SessionStopped("the user"))
    stopped = "\n".join(drawn(TABLES["status"](book)))

    assert "the last one ended without saying so" in running
    assert "stopped cleanly" in stopped
    assert "+₹1,558.25 after charges" in stopped


def test_status_shows_what_is_halted_and_what_failed(book: Logbook) -> None:
    book.write(ev.TradingHalted("kill switch"))
    book.write(ev.StrategyFailed("oi", "on_tick", "ValueError: 7", "entries"))

    text = "\n".join(drawn(status_view(book.state)))

    assert "kill switch" in text
    assert "oi failed" in text
    assert "what is held not counted" in text


def test_recovery_says_what_is_at_stake(book: Logbook) -> None:
    panel = recovery_panel(book.state, book.at + 303 * NS_PER_SECOND, ["2 candles closed meanwhile."])
    text = "\n".join(drawn(panel))

    assert "did not stop cleanly" in text
    assert "5 min 03 s" in text
    assert "75 NIFTY26NOV26000CE (NRML) at 100.00" in text
    assert "SELL 75 NIFTY26NOV26000CE at 74.00 or better once 75.00 trades" in text
    assert "2 candles closed meanwhile." in text


def test_an_event_in_a_log_is_one_line_with_its_time(book: Logbook) -> None:
    recorded = book.events[-1]

    assert event_text(recorded, event_line(recorded.event)).plain.startswith("10:15:00 Order #")


@pytest.mark.parametrize("name", TABLES)
def test_colour_says_nothing_that_words_do_not(
    book: Logbook, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    file = StringIO()
    Console(file=file, width=120, force_terminal=True, legacy_windows=False).print(TABLES[name](book))

    assert "\x1b[3" not in file.getvalue()
    assert "\x1b[38" not in file.getvalue()


def test_sides_and_results_have_colours_of_their_own(book: Logbook) -> None:
    text = styled(TABLES["orders"](book), 160)

    assert "BUY" in text
    assert text.count("\x1b[38;5;33mBUY") or text.count("\x1b[38;2;0;135;255mBUY")
