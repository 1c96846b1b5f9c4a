"""
The market rolls to its next day while orders of several kinds work: what lapses, what stands, what is told.

Everything is asked over HTTP, at Kite's twin, at the native API and at OpenAlgo's. An order is 400 ms on its
way. The days are the 23rd and, after a holiday, the 25th of November 2026; ACME stands at 1,500 and falls
to 1,400 on the second, at 10:00.
"""

import asyncio
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from tests.tables import at_clock
from tests.trading import SHARE
from tests.web.serving import served_doors

from kasauti.desk.account import DeskAccount
from kasauti.desk.playing import DeskPlay
from kasauti.domain import events as ev
from kasauti.domain.instrument import Universe
from kasauti.domain.market import TickBatch
from kasauti.domain.money import rupees
from kasauti.feeds.recorded.writing import write_recording
from kasauti.web.kite.updates import updates_of

LAPSED = "a DAY order lapses at the close"
FIRST, SECOND = date(2026, 11, 23), date(2026, 11, 25)
KITE_SHARE = {"exchange": "NSE", "tradingsymbol": "ACME", "product": "CNC", "transaction_type": "BUY"}


def two_days(path: Path) -> None:
    """Write the market of both days."""
    universe = Universe([SHARE])
    slot, rows = universe.slot(SHARE.id), []
    for day, clock, last in (
        (FIRST, "09:15:01", 1500),
        (FIRST, "15:29:00", 1500),
        (SECOND, "09:15:01", 1500),
        (SECOND, "10:00:00", 1400),
        (SECOND, "10:00:10", 1400),
        (SECOND, "15:29:00", 1400),
    ):
        price = rupees(last)
        rows.append((at_clock(clock, day), slot, price, price - 1000, price + 1000, 1000, 1000))
    names = ("at", "slot", "last", "bid", "ask", "bid_quantity", "ask_quantity")
    columns = np.array(rows, np.int64).T
    whole = TickBatch.of(**dict(zip(names, columns, strict=True)))
    write_recording(path, universe, [whole[:2], whole[2:]])


class Roll:
    """Who speaks to the desk, and what Kite's clients were told."""

    def __init__(self, clients: dict[str, httpx.AsyncClient], play: DeskPlay, secret: str) -> None:
        self.kite, self.native, self.play, self._secret = clients["kite"], clients["native"], play, secret
        self.told: dict[str, list[str]] = {}
        play.accounts[0].listeners.append(self._hear)
        play.desk.floor.clock.pause()

    def _hear(self, account: DeskAccount, recorded: Sequence[ev.Recorded]) -> None:
        for each in updates_of(account, recorded, self.play.desk.floor.universe, "main", "secret"):
            self.told.setdefault(str(each["order_id"]), []).append(str(each["status"]))

    async def to(self, day: date, clock: str) -> None:
        """Let the market come to a moment."""
        at = at_clock(clock, day)
        self.play.desk.floor.clock.forward(at)
        while self.play.desk.now < at:  # noqa: ASYNC110  the market tells nobody of its time
            await asyncio.sleep(0)

    async def place(self, variety: str = "regular", **terms: object) -> str:
        """Place an order at Kite's twin; return its id."""
        said = await self.kite.post(f"/orders/{variety}", data={**KITE_SHARE, **terms})
        assert said.status_code == 200, said.text
        return str(said.json()["data"]["order_id"])

    async def gtt(self) -> dict[str, Any]:
        """Place a GTT, or return the one there is."""
        standing: list[dict[str, Any]] = (await self.kite.get("/gtt/triggers")).json()["data"]
        return standing[0]

    async def orders(self) -> dict[str, dict[str, Any]]:
        """Return Kite's order book, by id."""
        return {row["order_id"]: row for row in (await self.kite.get("/orders")).json()["data"]}

    async def statuses(self) -> list[tuple[str, str, str]]:
        """Return the native order book: type, status, reason."""
        found = (await self.native.get("/api/orders")).json()["orders"]
        return [(each["order_type"], each["status"], each["reason"]) for each in found]

    async def openalgo(self, **terms: object) -> dict[str, Any]:
        """Place an order at OpenAlgo's API."""
        order = {"apikey": self._secret, "strategy": "roll", "symbol": "ACME", "exchange": "NSE"}
        said = await self.native.post("/api/v1/placeorder", json={**order, **terms})
        assert said.status_code == 200, said.text
        answer: dict[str, Any] = said.json()
        return answer


async def first_day(roll: Roll) -> dict[str, str]:
    """Have orders of several kinds work at the close; return their ids at Kite's twin."""
    await roll.to(FIRST, "09:16:00")
    placed = {
        "day": await roll.place(quantity=5, order_type="LIMIT", price=1450),
        "stop": await roll.place(quantity=5, order_type="SL", price=1605, trigger_price=1600),
    }
    leg = '[{"exchange":"NSE","tradingsymbol":"ACME","transaction_type":"BUY","quantity":3,'
    leg += '"order_type":"LIMIT","product":"CNC","price":1421}]'
    condition = '{"exchange":"NSE","tradingsymbol":"ACME","trigger_values":[1420],"last_price":1500}'
    gtt = {"type": "single", "condition": condition, "orders": leg}
    assert (await roll.kite.post("/gtt/triggers", data=gtt)).status_code == 200
    entry = {"action": "BUY", "product": "CNC", "quantity": "2", "pricetype": "MARKET"}
    await roll.openalgo(**entry, stoploss="1410", target="1700")
    await roll.to(FIRST, "09:16:10")
    await roll.to(FIRST, "15:29:59.800")
    placed["ioc"] = await roll.place(quantity=1, order_type="LIMIT", price=1501, validity="IOC")
    # A change that no exchange answers any more.
    change = {"order_type": "MARKET", "market_protection": -1}
    said = await roll.kite.put(f"/orders/regular/{placed['day']}", data=change)
    assert said.status_code == 200, said.text
    return placed


def test_what_lapses_what_stands_and_what_is_told(tmp_path: Path) -> None:
    two_days(tmp_path / "days.parquet")

    async def talk(clients: dict[str, httpx.AsyncClient], play: DeskPlay, secret: str) -> None:
        roll = Roll(clients, play, secret)
        placed = await first_day(roll)
        await roll.to(FIRST, "16:05:00")
        await check_the_close(roll, placed)
        placed["amo"] = await roll.place("amo", quantity=1, order_type="LIMIT", price=1390)
        assert (await roll.orders())[placed["amo"]]["status"] == "AMO REQ RECEIVED"
        await roll.to(SECOND, "09:20:00")
        await check_the_morning(roll, placed)
        await roll.to(SECOND, "10:00:15")
        await check_what_fires(roll)
        roll.told.clear()
        await roll.to(SECOND, "15:30:00")
        assert ("LIMIT", "EXPIRED", LAPSED) in await roll.statuses(), "the last day of the data ends as well"
        assert list(roll.told.values()) == [["CANCELLED"]]

    settings = {
        "feed.kind": "recorded",
        "feed.path": str(tmp_path / "days.parquet"),
        "simulator.latency_low_ms": "400",
        "simulator.latency_high_ms": "400",
    }
    served_doors(tmp_path / "desk", talk, settings)


async def check_the_close(roll: Roll, placed: dict[str, str]) -> None:
    """DAY orders, a stop asleep, an IOC on its way, a change without an answer: all have lapsed."""
    book = await roll.orders()
    for name in ("day", "stop", "ioc"):
        row = book[placed[name]]
        assert (row["status"], row["filled_quantity"], row["pending_quantity"]) == ("CANCELLED", 0, 0)
        assert row["cancelled_quantity"] == row["quantity"]
        assert roll.told[placed[name]] == ["CANCELLED"], "told once"
    history = (await roll.kite.get(f"/orders/{placed['day']}")).json()["data"]
    assert [(row["status"], row["order_type"]) for row in history[-3:]] == [
        ("MODIFY VALIDATION PENDING", "MARKET"),
        ("MODIFY PENDING", "MARKET"),
        ("CANCELLED", "LIMIT"),
    ]
    assert [row for row in await roll.statuses() if row[1] != "COMPLETE"] == [
        ("LIMIT", "EXPIRED", LAPSED),
        ("SL", "EXPIRED", LAPSED),
        ("LIMIT", "EXPIRED", LAPSED),  # the bracket's target
        ("LIMIT", "EXPIRED", LAPSED),
    ]
    state = roll.play.accounts[0].state
    assert not state.working
    assert state.ledger.trial_balance == 0
    assert (await roll.gtt())["status"] == "active"


async def check_the_morning(roll: Roll, placed: dict[str, str]) -> None:
    """The book is of today: the AMO was sent; the GTT and the bracket's exits stand."""
    book = await roll.orders()
    assert not book.keys() & {placed[name] for name in ("day", "stop", "ioc")}
    rows = [(row["variety"], row["status"], row["price"]) for row in book.values()]
    assert sorted(rows) == [("amo", "OPEN", 1390), ("regular", "OPEN", 1700)], "the bracket's target is anew"
    assert [row[:2] for row in await roll.statuses()] == [("LIMIT", "OPEN")] * 2
    yesterday = await roll.kite.put(f"/orders/regular/{placed['day']}", data={"price": 1440})
    assert yesterday.status_code == 400
    assert (await roll.gtt())["status"] == "active"
    standing = [one for one in roll.play.accounts[0].state.standing.values() if not one.is_over]
    assert sorted(one.variety for one in standing) == ["bracket", "gtt"]


async def check_what_fires(roll: Roll) -> None:
    """1,400 trades: the GTT's order fills, and so does the stop of yesterday's bracket."""
    assert (await roll.gtt())["status"] == "triggered"
    rows = [
        (row["transaction_type"], row["order_type"], row["status"], row["filled_quantity"])
        for row in (await roll.orders()).values()
    ]
    assert ("BUY", "LIMIT", "COMPLETE", 3) in rows
    assert ("BUY", "LIMIT", "OPEN", 0) in rows, "the AMO's limit is below"
    assert any(row[0] == "SELL" and row[2:] == ("COMPLETE", 2) for row in rows), rows


@pytest.mark.parametrize("door", ["kite", "native"])
def test_a_change_of_yesterdays_order_is_refused_in_words(tmp_path: Path, door: str) -> None:
    two_days(tmp_path / "days.parquet")

    async def talk(clients: dict[str, httpx.AsyncClient], play: DeskPlay, secret: str) -> None:
        roll = Roll(clients, play, secret)
        await roll.to(FIRST, "09:16:00")
        digits = await roll.place(quantity=5, order_type="LIMIT", price=1450)
        order_id = next(iter(play.accounts[0].state.orders))
        await roll.to(SECOND, "09:20:00")
        if door == "kite":
            said = await roll.kite.put(f"/orders/regular/{digits}", data={"order_type": "MARKET"})
            assert (said.status_code, said.json()["message"]) == (400, "Invalid `order_id`.")
        else:
            said = await roll.native.patch(f"/api/orders/{order_id}", json={"order_type": "MARKET"})
            assert said.status_code == 404
            assert "has no order" in said.json()["error"]["message"]

    settings = {"feed.kind": "recorded", "feed.path": str(tmp_path / "days.parquet")}
    served_doors(tmp_path / "desk", talk, settings)
