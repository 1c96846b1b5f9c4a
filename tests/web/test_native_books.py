"""The native API's books: what was traded is shown with its reasons, and its numbers agree with the log's."""

from decimal import Decimal
from pathlib import Path

import httpx
from tests.web.serving import an_option, served

from kasauti.desk.playing import DeskPlay


def test_what_was_traded_is_in_every_book_with_its_reason(tmp_path: Path) -> None:
    async def talk(client: httpx.AsyncClient, play: DeskPlay) -> None:
        option, lot = an_option(play)
        bought = await client.post("/api/orders", json={"instrument": option, "side": "BUY", "quantity": lot})
        order_id = bought.json()["order_id"]
        [trade] = (await client.get("/api/trades")).json()["trades"]
        assert (trade["order_id"], trade["quantity"], trade["instrument"]) == (order_id, lot, option)
        assert trade["evidence"]["rule"] == "took the opposite side of the book"
        assert Decimal(trade["price"]) == Decimal(trade["evidence"]["price"]) + Decimal(
            trade["evidence"].get("slip", 0)
        )
        assert trade["why"]
        [position] = (await client.get("/api/positions")).json()["positions"]
        assert (position["quantity"], position["source"]) == (lot, "PAPER")
        assert position["average_price"] == trade["price"]
        [account] = (await client.get("/api/accounts")).json()["accounts"]
        spent = Decimal(account["capital"]) - Decimal(account["cash"])
        assert spent == lot * Decimal(trade["price"]) + Decimal(trade["charges"]["total"])
        story = (await client.get(f"/api/orders/{order_id}")).json()
        assert [each["tag"] for each in story["history"]][0::2][:1] == ["order.placed"]
        assert story["why"] == [trade["why"]]

    served(tmp_path, talk)


def test_a_working_order_is_changed_and_ended(tmp_path: Path) -> None:
    async def talk(client: httpx.AsyncClient, play: DeskPlay) -> None:
        option, lot = an_option(play)
        order = {"instrument": option, "side": "BUY", "quantity": lot, "order_type": "LIMIT", "price": "1"}
        first = (await client.post("/api/orders", json=order)).json()
        assert first["status"] == "OPEN"
        changed = await client.patch(f"/api/orders/{first['order_id']}", json={"quantity": 2 * lot})
        assert changed.status_code == 200
        asleep = {"order_type": "SL", "price": "900", "trigger_price": "890"}
        refused = await client.patch(f"/api/orders/{first['order_id']}", json=asleep)
        assert "trades already, as LIMIT" in refused.json()["error"]["message"]
        ended = await client.delete(f"/api/orders/{first['order_id']}")
        assert ended.json()["status"] == "CANCELLED"
        await client.post("/api/orders", json=order)
        assert [o["status"] for o in (await client.delete("/api/orders")).json()["orders"]] == ["CANCELLED"]
        missing = await client.delete("/api/orders/PAPER-NONE")
        assert (missing.status_code, missing.json()["error"]["code"]) == (404, "input.not_there")

    served(tmp_path, talk)


def test_a_working_order_becomes_a_market_order_by_the_same_call(tmp_path: Path) -> None:
    async def talk(client: httpx.AsyncClient, play: DeskPlay) -> None:
        option, lot = an_option(play)
        order = {"instrument": option, "side": "BUY", "quantity": lot, "order_type": "LIMIT", "price": "1"}
        first = (await client.post("/api/orders", json=order)).json()
        change = {"order_type": "MARKET", "market_protection": -1}
        became = (await client.patch(f"/api/orders/{first['order_id']}", json=change)).json()
        assert (became["order_type"], became["status"], became["filled"]) == ("MARKET", "COMPLETE", lot)
        story = (await client.get(f"/api/orders/{first['order_id']}")).json()
        assert [each["tag"] for each in story["history"]] == [
            "order.placed",
            "order.opened",
            "order.modify_requested",
            "order.modified",
            "order.filled",
        ]
        assert any("to MARKET" in line for line in story["why"][0])

    served(tmp_path, talk)


def test_a_position_is_converted_to_another_product(tmp_path: Path) -> None:
    async def talk(client: httpx.AsyncClient, play: DeskPlay) -> None:
        option, lot = an_option(play)
        await client.post("/api/orders", json={"instrument": option, "side": "BUY", "quantity": 2 * lot})
        wish = {"instrument": option, "side": "BUY", "quantity": lot, "product": "NRML", "to": "MIS"}
        became = (await client.post("/api/positions/convert", json=wish)).json()
        assert (became["quantity"], became["to_quantity"]) == (lot, lot)
        held = (await client.get("/api/positions")).json()["positions"]
        assert {each["product"]: each["quantity"] for each in held} == {"NRML": lot, "MIS": lot}
        refused = await client.post("/api/positions/convert", json={**wish, "quantity": 2 * lot})
        assert refused.status_code == 400
        assert f"{lot} units that were traded today" in refused.json()["error"]["message"]

    served(tmp_path, talk)


def test_the_log_is_read_behind_a_cursor_without_gap_or_repeat(tmp_path: Path) -> None:
    async def talk(client: httpx.AsyncClient, play: DeskPlay) -> None:
        option, lot = an_option(play)
        for _ in range(3):
            await client.post("/api/orders", json={"instrument": option, "side": "BUY", "quantity": lot})
        seen: list[int] = []
        after, last = 0, 1
        while after < last:
            said = (await client.get("/api/log", params={"after": after, "limit": 4})).json()
            seen += [each["seq"] for each in said["events"]]
            after, last = said["next"], said["last"]
        assert seen == list(range(1, last + 1))
        assert (await client.get("/api/log/verify")).json() == {"account": "main", "events": last}

    served(tmp_path, talk)


def test_the_market_is_shown_as_it_stands(tmp_path: Path) -> None:
    async def talk(client: httpx.AsyncClient, play: DeskPlay) -> None:
        option, lot = an_option(play)
        [quote] = (await client.get("/api/quotes", params={"instruments": option})).json()["quotes"]
        board = play.desk.floor.board
        assert Decimal(quote["last"]) * 10_000 == board.mark(option)
        instrument = play.desk.floor.universe.find(option)
        assert instrument is not None
        chain = (await client.get("/api/chain", params={"underlying": instrument.underlying})).json()
        assert option.partition(":")[2] in str(chain["strikes"])
        named = (await client.get("/api/chain", params={"underlying": "nifty"})).json()
        assert (named["underlying"], named["expiry"]) == (instrument.underlying, chain["expiry"])
        nobody = await client.get("/api/chain", params={"underlying": "NOBODY"})
        assert "there are some on NIFTY" in nobody.json()["error"]["message"]
        never = await client.get("/api/chain", params={"underlying": "NIFTY", "expiry": "2020-01-01"})
        assert f"they do on {chain['expiry']}" in never.json()["error"]["message"]
        found = await client.get("/api/instruments", params={"query": option.partition(":")[2]})
        assert [each["instrument"] for each in found.json()["instruments"]] == [option]
        candles = await client.get("/api/candles", params={"instrument": option, "interval": "5minute"})
        assert candles.status_code == 200
        leg = f"BUY {lot} {option} @{quote['last']}"
        cost = await client.post("/api/preview/charges", json={"orders": [leg]})
        assert Decimal(cost.json()["orders"][0]["turnover"]) == lot * Decimal(quote["last"])
        margin = await client.post("/api/preview/margin", json={"orders": [leg.replace("BUY", "SELL")]})
        assert margin.status_code == 200, margin.text
        assert Decimal(margin.json()["total"]) > 0

    served(tmp_path, talk)


#: (method, path, body, status)
REFUSED = (
    ("GET", "/api/orders?account=other", "", 400),
    ("GET", "/api/orders?acount=main", "", 400),
    ("GET", "/api/orders?account=main&account=other", "", 400),
    ("GET", "/api/log?after=x", "", 400),
    ("GET", "/api/log?limit=100000", "", 400),
    ("GET", "/api/quotes?instruments=NSE:NOBODY", "", 404),
    ("GET", "/api/chain?underlying=NSE:NOBODY", "", 404),
    ("GET", "/api/candles?instrument=NSE:NOBODY", "", 404),
    ("POST", "/api/orders", '{"instrument": "A", "side": "BUY", "quantity": 1, "quantity": 2}', 400),
    ("POST", "/api/orders", '{"instrument": "NSE:\\u0000", "side": "BUY", "quantity": 1}', 400),
    ("POST", "/api/accounts/main/money", '{"amount": "-99999999"}', 400),
    ("POST", "/api/accounts/main/money", '{"amount": "NaN"}', 400),
    ("POST", "/api/preview/charges", '{"orders": ["BUY x"]}', 400),
)


def test_what_cannot_be_asked_is_refused(tmp_path: Path) -> None:
    async def talk(client: httpx.AsyncClient, play: DeskPlay) -> None:
        for method, path, content, status in REFUSED:
            said = await client.request(method, path, content=content)
            assert said.status_code == status, (path, content, said.text)

    served(tmp_path, talk)
