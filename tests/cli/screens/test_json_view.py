"""What machines read: keys, units and forms, worked out by hand."""

import json
from typing import Any

import msgspec
import pytest
from tests.analytics.logs import CALL, Logbook, evidence

from kasauti.analytics.reporting import day_report
from kasauti.analytics.trades import trades_of
from kasauti.cli.json_rows import funds_row, order_rows, position_rows, status_row, trade_rows
from kasauti.cli.json_view import readable, rupees_text, to_json
from kasauti.domain import events as ev
from kasauti.domain.charges import Charges
from kasauti.domain.evidence import Rule, Source
from kasauti.domain.money import rupees
from kasauti.domain.order import Side


@pytest.fixture
def book() -> Logbook:
    """75 calls bought at 100 for 23.60 of charges at 09:30, 50 of them sold at 110."""
    book = Logbook("100000")
    book.open_day(feed="builtin:7:2026-11-23")
    book.clock(9, 30)
    order_id = book.place(Side.BUY, 75, strategy="oi", tag="entry")
    terms = {"source": Source.DEPTH, "rule": Rule.TAKE, "shown": 150, "level": 1}
    paid = Charges(brokerage=rupees(20), gst=rupees("3.60"))
    book.fill(order_id, "100", charges=paid, why=evidence(book.at, rupees("100"), **terms))
    book.trade(Side.SELL, 50, "110", "20")
    return book


def _read(value: object) -> Any:
    return json.loads(to_json(value))


def test_positions(book: Logbook) -> None:
    """25 left at 100, last 108: +200; realised 500, charges 43.60."""
    assert _read(position_rows(book.state, {CALL: rupees("108")}.__getitem__)) == [
        {
            "instrument": CALL,
            "product": "NRML",
            "quantity": 25,
            "average_price": "100.00",
            "last": "108.00",
            "unrealised": "200.00",
            "realised": "500.00",
            "charges": "43.60",
            "net": "656.40",
            "margin": "0.00",
            "opened_at": "2026-11-23T09:30:00.000+05:30",
        }
    ]


def test_a_position_without_a_price_has_no_result(book: Logbook) -> None:
    (position,) = _read(position_rows(book.state))

    assert (position["last"], position["unrealised"], position["net"]) == (None, None, None)


def test_a_flat_position_has_a_result_and_no_opening(book: Logbook) -> None:
    book.trade(Side.SELL, 25, "110")

    (position,) = _read(position_rows(book.state))

    assert (position["quantity"], position["net"], position["opened_at"]) == (0, "706.40", None)


def test_orders(book: Logbook) -> None:
    first = _read(order_rows(book.state.orders.values()))[0]

    assert first["side"] == "BUY"
    assert first["status"] == "COMPLETE"
    assert (first["quantity"], first["filled"]) == (75, 75)
    assert (first["price"], first["average_price"], first["blocked"]) == ("0.00", "100.00", "0.00")
    assert first["charges"]["gst"] == "3.60"
    assert first["charges"]["total"] == "23.60"
    assert first["placed_at"] == "2026-11-23T09:30:00.000+05:30"


def test_trades_with_their_evidence(book: Logbook) -> None:
    first = _read(trade_rows(trades_of(book)))[0]

    assert (first["trade_id"], first["day"], first["value"]) == ("PT1", "2026-11-23", "7500.00")
    assert first["charges"]["total"] == "23.60"
    assert first["evidence"] == {
        "source": "depth",
        "rule": "took the opposite side of the book",
        "profile": "depth/1",
        "at": "2026-11-23T09:30:00.000+05:30",
        "price": "100.00",
        "shown": 150,
        "taken": 0,
        "level": 1,
        "queue": 0,
        "slip": "0.00",
        "order_price": "100.00",
    }


def test_funds(book: Logbook) -> None:
    """1,00,000 - 7,500 + 5,500 - 43.60; the 25 that are left cost 2,500."""
    funds = _read(funds_row(book.state, {CALL: rupees("108")}.__getitem__))

    assert funds["capital"] == "100000.00"
    assert (funds["funds"], funds["free"]) == ("97956.40", "97956.40")
    assert (funds["securities"], funds["realised"], funds["unrealised"]) == ("2500.00", "500.00", "200.00")
    assert funds["charges"]["brokerage"] == "40.00"
    assert funds_row(book.state).unrealised is None


def test_status(book: Logbook) -> None:
    status = _read(status_row(book.state))

    assert status["account"] == "demo"
    assert status["day"] == "2026-11-23"
    assert status["in_session"] is True
    assert status["prices"] == "builtin:7:2026-11-23"
    assert (status["positions"], status["open_orders"], status["day_trades"]) == (1, 0, 2)
    assert (status["day_realised"], status["day_charges"]) == ("500.00", "43.60")

    book.write(ev.SessionStopped("the user"))
    assert _read(status_row(book.state))["in_session"] is False


def test_a_report(book: Logbook) -> None:
    report = _read(day_report(book))

    assert report["gross"] == "500.00"
    assert report["charges"]["total"] == "43.60"
    assert report["roi"] == pytest.approx(456.40 / 100_000)
    assert report["results"]["trips"] == 0
    assert report["left_open"][0]["average_price"] == "100.00"
    assert report["basis"]["sources"] == {"depth": 1, "print": 1}


def test_a_round_trip_in_a_report_has_moments(book: Logbook) -> None:
    book.trade(Side.SELL, 25, "110", tag="exit")

    (trip,) = _read(day_report(book))["round_trips"]

    assert trip["entry_at"] == "2026-11-23T09:30:00.000+05:30"
    assert (trip["entry_price"], trip["gross"], trip["exit_reason"]) == ("100.00", "750.00", "exit")


@pytest.mark.parametrize(
    ("units", "text"),
    [(0, "0.00"), (1_234_567_500, "123456.75"), (-25, "-0.0025"), (-6_400_000, "-640.00")],
)
def test_money_is_a_decimal_without_groups(units: int, text: str) -> None:
    assert rupees_text(units) == text


def test_numbers_without_a_unit_stay_as_they_are() -> None:
    class Plain(msgspec.Struct):
        number: int
        fraction: float
        truth: bool
        nothing: int | None

    assert readable(Plain(7, 0.5, truth=True, nothing=None)) == {
        "number": 7,
        "fraction": 0.5,
        "truth": True,
        "nothing": None,
    }
