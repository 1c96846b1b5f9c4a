"""A report against numbers worked out by hand."""

from datetime import date, time

import msgspec
import pytest
from tests.analytics.logs import CALL, DAY, PUT, Logbook, evidence

from kasauti.analytics.day_report import DayReport
from kasauti.analytics.reporting import day_report
from kasauti.domain import events as ev
from kasauti.domain.charges import Charges
from kasauti.domain.evidence import Rule, Source
from kasauti.domain.ist import ist_ns
from kasauti.domain.money import rupees
from kasauti.domain.order import Side
from kasauti.errors import InvalidInput

BUY, SELL = Side.BUY, Side.SELL
NEXT_DAY = date(2026, 11, 25)


@pytest.fixture
def three_trips() -> Logbook:
    """
    Three trips of 75 on 1,00,000 rupees, the charges being brokerage alone.

    100.00 -> 112.50: gross +937.50, charges 20 + 25, net +892.50
     80.00 ->  76.00: gross -300.00, charges 20 + 20, net -340.00
     60.00 ->  60.40: gross  +30.00, charges 20 + 20, net  -10.00
    and the contract note adds 0.40 of STT.
    """
    book = Logbook("100000")
    book.open_day()
    book.clock(10, 0)
    for entry, leave, out in (("100", "112.50", "25"), ("80", "76", "20"), ("60", "60.40", "20")):
        book.trade(BUY, 75, entry, "20", strategy="oi", tag="entry")
        book.wait(600)
        book.trade(SELL, 75, leave, out, strategy="oi", tag="exit")
        book.wait(600)
    book.close_day(Charges(stt=rupees("0.40")))
    return book


def test_golden_numbers_of_three_trips(three_trips: Logbook) -> None:
    report = day_report(three_trips)

    assert report.days == ["2026-11-23"]
    assert report.gross == rupees("667.50")
    assert report.charges == Charges(brokerage=rupees("125"), stt=rupees("0.40"))
    assert report.rounding == Charges(stt=rupees("0.40"))
    assert report.net == rupees("542.10")
    assert report.roi == pytest.approx(0.005421)
    assert (report.funds_start, report.funds_end) == (rupees("100000"), rupees("100542.10"))
    results = report.results
    assert (results.trips, results.wins, results.losses) == (3, 1, 2)
    assert results.win_rate == pytest.approx(1 / 3)
    assert results.profit_factor == pytest.approx(2.55)  # 892.50 / 350.00
    assert (results.best, results.worst) == (rupees("892.50"), rupees("-340"))
    assert report.day_closed


def test_golden_drawdown_of_the_realised_result(three_trips: Logbook) -> None:
    """After the first trip the result is 892.50, its high; the third entry's charge takes it to 532.50."""
    drawdown = day_report(three_trips).drawdown

    assert drawdown.amount == rupees("360")
    assert drawdown.part == pytest.approx(360 / 100_892.50)
    assert drawdown.peak_at == ist_ns(DAY, time(10, 10))
    assert drawdown.trough_at == ist_ns(DAY, time(10, 40))


def test_the_result_of_the_days_adds_up(three_trips: Logbook) -> None:
    book = three_trips
    book.open_day(NEXT_DAY)
    book.trade(BUY, 75, "10", "20")
    book.trade(SELL, 75, "11", "20")
    book.close_day()

    report = day_report(book)

    assert [(day.day, day.trips, day.net) for day in report.by_day] == [
        ("2026-11-23", 3, rupees("542.10")),
        ("2026-11-25", 1, rupees("35")),
    ]
    assert report.net == rupees("577.10")


def test_one_of_several_days_starts_from_what_the_one_before_left(three_trips: Logbook) -> None:
    book = three_trips
    book.open_day(NEXT_DAY, feed="another day")
    book.trade(BUY, 75, "10", "20")
    book.trade(SELL, 75, "11", "20")

    second = day_report(book, first="2026-11-24")
    first = day_report(book, last="2026-11-24")

    assert (second.days, first.days) == (["2026-11-25"], ["2026-11-23"])
    assert (second.net, first.net) == (rupees("35"), rupees("542.10"))
    assert (second.funds_start, first.funds_end) == (rupees("100542.10"), rupees("100542.10"))
    assert (second.results.trips, first.results.trips) == (1, 3)
    assert (second.basis.prices, first.basis.prices) == (["another day"], ["recorded day"])
    assert (second.day_closed, first.day_closed) == (False, True)
    assert second.charges == Charges(brokerage=rupees("40"))
    assert second.rounding == Charges()


def test_a_day_without_a_trade_divides_by_nothing() -> None:
    book = Logbook("0")
    book.open_day()
    book.close_day()

    report = day_report(book)

    assert (report.roi, report.results.win_rate, report.results.profit_factor) == (None, None, None)
    assert report.drawdown.amount == 0


def test_winners_alone_have_no_profit_factor() -> None:
    book = Logbook()
    book.open_day()
    book.trade(BUY, 75, "10")
    book.trade(SELL, 75, "11")

    results = day_report(book).results

    assert (results.win_rate, results.profit_factor) == (1.0, None)


def test_a_log_without_the_day_is_an_error_that_names_it() -> None:
    book = Logbook()
    book.open_day()

    with pytest.raises(InvalidInput, match="no trading day from 2026-12-01 to the last"):
        day_report(book, first="2026-12-01")


def test_orders_are_counted_by_what_became_of_them() -> None:
    book = Logbook()
    book.open_day()
    book.fill(book.place(BUY, 75), "10")
    part = book.place(BUY, 75, price="9")
    book.fill(part, "9", 25)
    book.write(ev.OrderCancelled(part, "asked by the user"))
    book.write(ev.OrderCancelled(book.place(BUY, 75, price="9"), "asked by the user"))
    book.write(ev.OrderExpired(book.place(BUY, 75, price="9"), "the close"))
    book.write(ev.OrderRejected(book.place(BUY, 75, price="9"), "no"))
    book.place(BUY, 75, price="9")
    for quantity in (10, 20):
        book.write(ev.OrderDenied("D", CALL, BUY, quantity, "quantity.lot", f"{quantity} is no lot"))
    book.write(ev.OrderDenied("D", CALL, BUY, 75, "funds.short", "no money"))
    book.write(ev.ModifyDenied("D", "order.not_working", "it is over"))

    report = day_report(book)

    counted = msgspec.structs.asdict(report.orders)
    assert counted == {
        "placed": 6,
        "complete": 1,
        "part_filled": 1,
        "cancelled": 1,
        "expired": 1,
        "rejected": 1,
        "working": 1,
        "denied": 3,
        "changes_denied": 1,
    }
    assert [(each.rule, each.orders, each.message) for each in report.refused] == [
        ("quantity.lot", 2, "10 is no lot"),
        ("funds.short", 1, "no money"),
    ]


def test_the_basis_says_what_the_fills_rest_on() -> None:
    book = Logbook()
    book.open_day(feed="built-in market, seed 7")
    first = book.place(BUY, 75)
    book.wait(0.2)
    terms = {"source": Source.DEPTH, "rule": Rule.TAKE, "shown": 75, "level": 1}
    book.fill(first, "10", why=evidence(book.at, rupees("10"), **terms))
    second = book.place(SELL, 75)
    book.wait(0.5)
    book.write(ev.OrderOpened(second))
    book.wait(5)
    book.fill(second, "9.95", why=evidence(book.at, rupees("10"), slip=rupees("0.05")))

    basis = day_report(book).basis

    assert (basis.prices, basis.plan, basis.versions) == (["built-in market, seed 7"], "zerodha", ["0.1.0"])
    assert basis.profiles == {"depth/1": 2}
    assert basis.sources == {"depth": 1, "print": 1}
    assert (basis.shortest_latency_ns, basis.longest_latency_ns) == (200_000_000, 500_000_000)
    assert (basis.slipped, basis.slippage) == (1, rupees("3.75"))


def test_the_basis_holds_the_simulators_recorded_settings() -> None:
    book = Logbook()
    config = (
        '{"simulator":{"fill_profile":"depth","slippage_ticks":1},"storage":{"data_dir":"data"},'
        '"account":{"name":"main","regime":"permissive"}}'
    )
    book.write(ev.SessionStarted("0.1.0", "builtin:7:2026-11-23", "start", config=config))
    book.write(ev.DayOpened("2026-11-23"))

    basis = day_report(book).basis
    assert basis.simulator == {"fill_profile": "depth", "slippage_ticks": "1"}
    assert basis.regimes == ["permissive"]


def test_a_position_left_open_is_valued_at_the_close() -> None:
    book = Logbook()
    book.open_day()
    book.trade(BUY, 75, "100")
    book.trade(SELL, 50, "40", instrument=PUT)
    book.close_day(NIFTY26NOV26000CE="98")

    report = day_report(book)

    call, put = report.left_open
    assert (call.quantity, call.mark, call.unrealised) == (75, rupees("98"), rupees("-150"))
    assert (put.quantity, put.mark, put.unrealised) == (-50, 0, 0)
    assert report.unrealised == rupees("-150")
    assert report.net == 0


def test_a_position_of_an_open_day_is_valued_at_the_mark_that_is_handed_in() -> None:
    book = Logbook()
    book.open_day()
    book.trade(BUY, 75, "100")

    (held,) = day_report(book, mark={CALL: rupees("101")}.__getitem__).left_open

    assert (held.mark, held.unrealised) == (rupees("101"), rupees("75"))


def test_money_moved_is_no_result() -> None:
    book = Logbook()
    book.open_day()
    book.write(ev.MoneyMoved(rupees("5000"), "more"), "user")

    report = day_report(book)

    assert (report.net, report.money_moved) == (0, rupees("5000"))
    assert report.equity_end - report.equity_start == rupees("5000")


def test_troubles_are_listed() -> None:
    book = Logbook()
    book.open_day()
    book.write(ev.SessionStarted("0.1.0", "recorded day", "resumed", after_crash=True, downtime_s=73.4))
    book.write(ev.StrategyFailed("oi", "on_tick", "ValueError: 7", "entries"))
    book.write(ev.TradingHalted("kill switch"))
    book.write(ev.VenueAnomaly("X", "Filled(...)", "no such order"))

    crash, failed, halted, anomaly = day_report(book).troubles

    assert "73 s" in crash
    assert "resumed" in crash
    assert "on_tick" in failed
    assert "kill switch" in halted
    assert "no such order" in anomaly


def test_a_crash_between_two_days_is_a_trouble_of_the_second_and_told_once() -> None:
    book = Logbook()
    book.open_day()
    book.close_day()
    book.write(ev.SessionStarted("0.1.0", "another feed", "fresh", after_crash=True, downtime_s=60))
    for day in (NEXT_DAY, date(2026, 11, 26)):
        book.clock(9, 0, day=day)
        book.write(ev.DayOpened(day.isoformat()))
        book.close_day()

    assert day_report(book, last="2026-11-23").troubles == []
    assert len(day_report(book).troubles) == 1
    third = day_report(book, first="2026-11-26")
    assert third.basis.prices == ["another feed"]


def test_a_report_reads_back_from_its_json(three_trips: Logbook) -> None:
    report = day_report(three_trips)

    assert msgspec.json.decode(msgspec.json.encode(report), type=DayReport) == report
