"""The page that explains the API: every endpoint is on it, with a command that works as it is shown."""

import json
import re
import shlex
from html import unescape
from pathlib import Path

import httpx
from tests.web.serving import served

from kasauti.desk.playing import DeskPlay


def test_every_endpoint_is_on_the_page_that_the_root_leads_to(tmp_path: Path) -> None:
    async def talk(client: httpx.AsyncClient, play: DeskPlay) -> None:
        led = await client.get("/")
        assert (led.status_code, led.headers["location"]) == (307, "/api/docs")
        shown = unescape((await client.get("/api/docs")).text)
        document = (await client.get("/api/openapi.json")).json()
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                assert f"<b>{method.upper()}</b><code>{path}</code>" in shown
                assert operation["summary"] in shown

        headings = re.findall(r"<h2>([^<]*)</h2>", shown)
        assert len(headings) == len(set(headings))
        assert not {"v1", "docs", "openapi", "hook"} & set(headings)
        assert "/api/stream" in shown
        assert f" {client.base_url}/api/accounts<" in shown, "commands are for the address it is read at"

    served(tmp_path, talk)


def test_a_body_that_the_page_shows_has_what_is_needed(tmp_path: Path) -> None:
    async def talk(client: httpx.AsyncClient, play: DeskPlay) -> None:
        shown = unescape((await client.get("/api/docs")).text)
        (command,) = re.findall(r"curl -X POST [^<]* http://127\.0\.0\.1:\d+/api/orders(?=<)", shown)
        words = shlex.split(command)
        body = json.loads(words[words.index("-d") + 1])
        assert body.keys() == {"instrument", "side", "quantity"}
        assert "<td><code>order_type</code><td>LIMIT, MARKET, SL, SL-M" in shown

    served(tmp_path, talk)
