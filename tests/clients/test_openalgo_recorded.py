"""OpenAlgo's own client, unmodified, trades a recorded day at sixty times the clock."""

import asyncio
import json
import os
from itertools import islice
from pathlib import Path
from typing import Any

import httpx
from tests.web.serving import served_at_ports

from kasauti.compose.markets import built_in_market
from kasauti.desk.playing import DeskPlay
from kasauti.domain.ist import NS_PER_MS, ist_date
from kasauti.feeds.recorded.writing import write_recording
from kasauti.simulator.market.built_in import DEMO_DAY
from kasauti.web.openalgo.symbols import symbols_of

SCRIPT = Path(__file__).with_name("openalgo_recorded.py")
#: Parts of the built-in day that are recorded.
_PARTS = 12


def test_the_client_trades_a_recorded_day_at_sixty_times_its_clock(python: str, tmp_path: Path) -> None:
    path = tmp_path / "made.parquet"
    market = built_in_market(11, DEMO_DAY)
    write_recording(path, market.universe, islice(market.play(None), _PARTS))

    async def talk(client: httpx.AsyncClient, play: DeskPlay, ports: dict[str, int], secret: str) -> None:
        content = path.read_bytes()
        sent = await client.put("/api/replay/recordings", params={"name": "day.parquet"}, content=content)
        assert sent.status_code == 200, sent.text
        await client.post("/api/replay", json={"name": "day.parquet"})
        said = await client.post("/api/replay/control", json={"action": "speed", "speed": 60})
        assert said.json()["speed"] == 60
        universe = play.desk.floor.universe
        future = next(each for each in universe if each.kind == "FUT")
        running = await asyncio.create_subprocess_exec(
            python,
            str(SCRIPT),
            secret,
            f"http://127.0.0.1:{ports['native']}",
            f"ws://127.0.0.1:{ports['openalgo-feed']}",
            symbols_of(universe).of(future.id).symbol,
            env={**os.environ, "NO_PROXY": "127.0.0.1", "PYTHONPATH": ""},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await running.communicate()
        assert running.returncode == 0, err.decode()
        told.update(json.loads(out))

    told: dict[str, Any] = {}
    served_at_ports(tmp_path / "desk", talk)
    assert (told["bought"]["status"], told["sold"]["status"]) == ("success", "success"), told
    assert (told["connect"], told["watched"]) == (True, True)
    moments = told["moments"]
    assert {ist_date(each * NS_PER_MS) for each in moments} == {DEMO_DAY}, "the times are those of that day"
    bought, sold = told["trades"]
    assert [bought["action"], sold["action"]] == ["BUY", "SELL"]
    assert "09:15" <= bought["timestamp"] < sold["timestamp"] < "10:00"
    assert [row["quantity"] for row in told["positions"]] == ["0"]
