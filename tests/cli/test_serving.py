"""`kasauti up` as a process: killed while orders stream in, it has every one that it acknowledged, once."""

import signal
import sys
import threading
from collections import Counter
from pathlib import Path

import httpx
import pytest
from tests.cli.server import Server

from kasauti.domain import events as ev
from kasauti.store.sqlite import SqliteLog

KILLED_AFTER = 60

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals to end a process by")


def test_a_killed_server_has_every_order_that_it_acknowledged_once(tmp_path: Path) -> None:
    server = Server(tmp_path)
    acknowledged: dict[str, str] = {}
    enough = threading.Event()

    def stream(name: str) -> None:
        for number in range(10_000):
            try:
                said = server.place(f"{name}-{number}")
            except httpx.HTTPError:
                return
            assert said.status_code == 200, said.text
            acknowledged[f"{name}-{number}"] = said.json()["order_id"]
            if len(acknowledged) >= KILLED_AFTER:
                enough.set()

    streams = [threading.Thread(target=stream, args=(name,)) for name in "ab"]
    for each in streams:
        each.start()
    assert enough.wait(60)
    assert server.end(signal.SIGKILL) == -signal.SIGKILL
    for each in streams:
        each.join()

    again = Server(tmp_path)
    sent_again = {each: again.place(each).json()["order_id"] for each in acknowledged}
    assert sent_again == acknowledged
    assert again.place("afterwards").status_code == 200
    assert again.end(signal.SIGTERM) == 0
    with SqliteLog.open(tmp_path / "log.db", "owner/main/1", readonly=True) as log:
        events = [each.event for each in log.read(verify=True)]
    placed = Counter(event.command_id for event in events if isinstance(event, ev.OrderPlaced))
    assert set(acknowledged) <= set(placed)
    assert set(placed.values()) == {1}
    assert isinstance(events[-1], ev.SessionStopped)
