"""Postbacks that were not delivered when the desk ended, however it did, are delivered at its next start."""

import signal
import sys
from pathlib import Path
from queue import Queue

import pytest
from tests.web.kite.buying import bought, order
from tests.web.kite.receiving import Post, distinct, receiver
from tests.web.kite.served import House
from tests.web.process import Up


def _next(came: "Queue[Post]") -> Post:
    return came.get(timeout=60)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals to end a process by")
def test_what_was_not_delivered_when_the_desk_was_killed_is_delivered_in_order_and_once_more_at_most(
    tmp_path: Path,
) -> None:
    with receiver() as (url, came, status):
        settings = ("--set", f"kite.postback_url={url}")
        desk = Up(tmp_path, *settings)
        first = bought(desk)
        delivered = _next(came)
        assert (delivered.row["order_id"], delivered.row["status"]) == (first, "COMPLETE")
        status[0] = 503
        wanted = [bought(desk) for _ in range(3)]
        tried = _next(came)
        assert desk.end(signal.SIGKILL) == -signal.SIGKILL
        while not came.empty():
            came.get()

        status[0] = 200
        desk = Up(tmp_path, *settings)
        told = distinct(came, len(wanted), delivered.id)
        assert [(each.row["order_id"], each.row["status"]) for each in told] == [
            (each, "COMPLETE") for each in wanted
        ]
        assert told[0] == tried, "it is the same, signed alike, and has the same id"
        last = bought(desk)
        assert _next(came).row["order_id"] == last
        assert desk.end() == 0

        desk = Up(tmp_path, *settings)
        after = bought(desk)
        assert _next(came).row["order_id"] == after, "what was delivered is not sent again"
        assert desk.end() == 0


def test_what_waits_when_the_desk_stops_is_told_as_it_was_then(tmp_path: Path) -> None:
    with receiver() as (url, came, status):
        status[0] = 503
        house = House(tmp_path, {"kite.postback_url": url}, keeps_key=True)
        kite = house.kite()
        resting = kite.place_order("regular", **order("LIMIT", 20_000))
        kite.modify_order("regular", resting, price=20_001)
        tried = _next(came)
        kite.cancel_order("regular", resting)
        house.close()
        while not came.empty():
            came.get()

        status[0] = 200
        house = House(tmp_path, {"kite.postback_url": url}, keeps_key=True)
        told = [_next(came), _next(came)]
        house.close()
    assert [(each.row["status"], each.row["price"]) for each in told] == [
        ("UPDATE", 20_001), ("CANCELLED", 20_001),
    ]  # fmt: skip
    assert told[0].id == tried.id
    # The key of the second desk is another one, and so is what it signs with.
    assert {**told[0].row, "checksum": ""} == {**tried.row, "checksum": ""}
    assert told[0].id < told[1].id
