"""`kasauti up` as a process: killed while orders stream in, it has every one that it acknowledged, once."""

import os
import re
import signal
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import httpx
import pytest

from kasauti.domain import events as ev
from kasauti.simulator.market.built_in import DEMO_DAY, BuiltInMarket
from kasauti.store.sqlite import SqliteLog

OPTIONS = [each for each in BuiltInMarket(seed=7, day=DEMO_DAY).universe if each.is_option]
OPTION = OPTIONS[len(OPTIONS) // 2]
KILLED_AFTER = 60

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals to end a process by")


class Server:
    """A server of its own process, on any port; `client` speaks to it with its owner's key."""

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-m", "kasauti", "up", "--port", "0", "--data", str(folder)]
        self.process = subprocess.Popen(
            [*command, "--set", "account.regime=permissive", "--set", "account.capital_rupees=50000000"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=os.environ | {"COLUMNS": "200"},
        )
        assert self.process.stdout is not None
        said = []
        for line in self.process.stdout:
            said.append(line)
            if "Market" in line:
                break
        port = re.search(r"127\.0\.0\.1:(\d+)/api", "".join(said))
        assert port is not None, "".join(said)
        key = (folder / "owner.key").read_text().strip()
        self.client = httpx.Client(
            base_url=f"http://127.0.0.1:{port[1]}",
            headers={"authorization": f"Bearer {key}"},
            trust_env=False,
            timeout=30,
        )

    def place(self, command_id: str) -> httpx.Response:
        """Place an order to buy a lot."""
        wish = {"instrument": OPTION.id, "side": "BUY", "quantity": OPTION.lot_size, "command_id": command_id}
        return self.client.post("/api/orders", json=wish)

    def end(self, number: signal.Signals) -> int:
        """End the process by a signal, and return how it ended."""
        self.process.send_signal(number)
        code = self.process.wait(30)
        if self.process.stdout is not None:
            self.process.stdout.close()
        self.client.close()
        return code


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
