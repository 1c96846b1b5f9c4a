"""A recorded day in place of the market: a program trades in it, and the desk's accounts are untouched."""

import asyncio
from itertools import islice
from pathlib import Path
from typing import Any

import httpx
from tests.web.serving import an_option, served

from kasauti.compose.markets import built_in_market
from kasauti.desk.playing import DeskPlay
from kasauti.domain.ist import NS_PER_SECOND
from kasauti.feeds.recorded.writing import write_recording
from kasauti.simulator.market.built_in import DEMO_DAY
from kasauti.web.native.shown import moment
from kasauti.web.openalgo.symbols import symbols_of


def recording(path: Path) -> bytes:
    """Return some minutes of the built-in market as a file."""
    market = built_in_market(11, DEMO_DAY)
    write_recording(path, market.universe, islice(market.play(None), 3))
    return path.read_bytes()


def test_a_recorded_day_is_uploaded_stepped_traded_and_left_again(tmp_path: Path) -> None:
    content = recording(tmp_path / "made.parquet")

    async def talk(client: httpx.AsyncClient, play: DeskPlay) -> None:
        option, lot = an_option(play)
        await client.post("/api/orders", json={"instrument": option, "side": "BUY", "quantity": lot})
        own = play.accounts[0].state.seq
        sent = await client.put("/api/replay/recordings", params={"name": "day.parquet"}, content=content)
        assert (sent.status_code, sent.json()["refusal"]) == (200, ""), sent.text
        loaded = (await client.post("/api/replay", json={"name": "day.parquet"})).json()
        assert (loaded["is_replay"], loaded["is_paused"], loaded["logs"]) == (
            True,
            True,
            {"main": "main@replay-1"},
        )
        assert (await client.get("/api/orders")).json() == {"orders": []}
        await client.post("/api/replay/control", json={"action": "step"})
        bought = await client.post("/api/orders", json={"instrument": option, "side": "BUY", "quantity": lot})
        assert bought.json()["status"] == "COMPLETE", bought.text
        reached = play.desk.now
        back = await client.post("/api/replay/control", json={"action": "seek", "to": "2020-01-01T09:15"})
        assert "is not undone" in back.json()["error"]["message"]
        await client.post("/api/replay/control", json={"action": "speed", "speed": 0})
        await client.post("/api/replay/control", json={"action": "play"})
        while play.desk.now <= reached + 10_000_000_000:  # noqa: ASYNC110  as above
            await asyncio.sleep(0)
        again = (await client.post("/api/replay", json={"name": "day.parquet"})).json()
        assert again["logs"] == {"main": "main@replay-2"}
        ended = (await client.post("/api/replay/control", json={"action": "end"})).json()
        assert not ended["is_replay"]
        assert play.accounts[0].state.seq >= own
        assert [order.quantity for order in play.accounts[0].state.orders.values()] == [lot]
        assert (await client.post("/api/replay/control", json={"action": "play"})).status_code == 400

    served(tmp_path / "desk", talk)

    async def afterwards(client: httpx.AsyncClient, play: DeskPlay) -> None:
        assert [each.name for each in play.accounts] == ["main"]

    served(tmp_path / "desk", afterwards)


def test_a_step_and_a_seek_are_answered_once_their_data_has_come(tmp_path: Path) -> None:
    content = recording(tmp_path / "made.parquet")
    batches = built_in_market(11, DEMO_DAY).play(None)
    moments = list(dict.fromkeys(int(at) for batch in islice(batches, 3) for at in batch.at))

    async def talk(client: httpx.AsyncClient, play: DeskPlay) -> None:
        async def told(**body: object) -> Any:
            said = await client.post("/api/replay/control", json=body)
            assert said.status_code == 200, said.text
            return said.json()

        await client.put("/api/replay/recordings", params={"name": "day.parquet"}, content=content)
        await client.post("/api/replay", json={"name": "day.parquet"})
        stepped = [(await told(action="step"))["at"] for _ in range(3)]
        assert stepped == [moment(at) for at in moments[1:4]]
        sought = moment(moments[20])
        assert (await told(action="seek", to=sought))["at"] == sought
        quote = (await client.get("/api/quotes", params={"instruments": "NSE:SBIN"})).json()["quotes"][0]
        assert moment(moments[18]) <= quote["at"] <= sought
        fastest = await told(action="speed", speed=0)
        assert (fastest["speed"], fastest["is_paused"], fastest["at"]) == (0, True, sought)

    served(tmp_path / "desk", talk)


def test_findings_in_an_upload_are_told_with_the_name_it_was_given(tmp_path: Path) -> None:
    rows = ["symbol,ts,open,high,low,close"]
    rows += [f"SBIN,2026-11-02 {time},800,801,799,800" for time in ("09:15", "09:16", "15:20")]

    async def talk(client: httpx.AsyncClient, play: DeskPlay) -> None:
        async def put(text: str) -> str:
            sent = await client.put(
                "/api/replay/recordings", params={"name": "day.csv"}, content=text.encode()
            )
            return sent.text

        assert "first: day.csv, row" in await put("\n".join(rows) + "\n")
        assert "day.csv has columns of no known layout" in await put("a,b\n1,2\n")
        assert (await client.get("/api/replay/recordings")).json() == {"recordings": ["day.csv"]}

    served(tmp_path, talk)


def test_what_is_no_recording_is_not_kept(tmp_path: Path) -> None:
    async def talk(client: httpx.AsyncClient, play: DeskPlay) -> None:
        for name, content, status in (
            ("day.parquet", b"nothing", 422),
            ("../day.csv", b"a,b\n1,2\n", 400),
            ("day.exe", b"x", 400),
            ("day.csv", b"", 400),
            ("day.csv", b"a,b\n1,2\n", 422),
        ):
            said = await client.put("/api/replay/recordings", params={"name": name}, content=content)
            assert said.status_code == status, (name, said.text)
        assert (await client.get("/api/replay/recordings")).json() == {"recordings": []}
        assert (await client.post("/api/replay", json={"name": "day.parquet"})).status_code == 404

    served(tmp_path, talk)


def test_a_bot_of_openalgo_trades_a_recorded_day_at_sixty_times_its_clock(tmp_path: Path) -> None:
    """It buys, holds for a minute and a half of the recorded day, and sells, all at that day's times."""
    content = recording(tmp_path / "made.parquet")

    async def talk(client: httpx.AsyncClient, play: DeskPlay) -> None:
        key = client.headers["authorization"].removeprefix("Bearer ")

        async def bot(name: str, **body: object) -> Any:
            said = await client.post(f"/api/v1/{name}", json={"apikey": key, **body})
            assert said.status_code == 200, said.text
            return said.json()

        await client.put("/api/replay/recordings", params={"name": "day.parquet"}, content=content)
        await client.post("/api/replay", json={"name": "day.parquet"})
        await client.post("/api/replay/control", json={"action": "speed", "speed": 60})
        playing = (await client.post("/api/replay/control", json={"action": "play"})).json()
        assert (playing["speed"], playing["is_paused"], playing["days"]) == (60, False, [str(DEMO_DAY)])
        future = next(each for each in play.desk.floor.universe if each.kind == "FUT")
        what = {"symbol": symbols_of(play.desk.floor.universe).of(future.id).symbol, "exchange": "NFO"}
        while not (await bot("quotes", **what))["data"]["ltp"]:
            pass
        order = {**what, "strategy": "bot", "pricetype": "MARKET", "product": "NRML"}
        order["quantity"] = str(future.lot_size)
        began = play.desk.now
        await bot("placeorder", **order, action="BUY")
        while play.desk.now < began + 90 * NS_PER_SECOND:  # noqa: ASYNC110  the market comes by itself
            await asyncio.sleep(0)
        await bot("placeorder", **order, action="SELL")
        bought, sold = (await bot("tradebook"))["data"]
        assert [bought["action"], sold["action"]] == ["BUY", "SELL"]
        assert bought["timestamp"].startswith("09:15"), "the times are those of the recorded day"
        assert "09:16:30" <= sold["timestamp"] < "09:30"
        (position,) = (await bot("positionbook"))["data"]
        assert position["quantity"] == "0"
        ended = (await client.post("/api/replay/control", json={"action": "end"})).json()
        assert not ended["is_replay"]
        assert (await bot("tradebook"))["data"] == [], "its own account has nothing of it"

    served(tmp_path / "desk", talk)
