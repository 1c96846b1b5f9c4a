"""`kasauti up` as a process of its own, for tests that speak to it and end it."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx

from kasauti.simulator.market.built_in import DEMO_DAY, BuiltInMarket

OPTIONS = [each for each in BuiltInMarket(seed=7, day=DEMO_DAY).universe if each.is_option]
OPTION = OPTIONS[len(OPTIONS) // 2]


class Server:
    """A server of its own process, on any port; `client` speaks to it with its owner's key."""

    def __init__(self, folder: Path, *more: str) -> None:
        command = [sys.executable, "-m", "kasauti", "up", "--port", "0", "--data", str(folder), *more]
        self.process = subprocess.Popen(
            [*command, "--set", "account.regime=permissive", "--set", "account.capital_rupees=50000000"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=os.environ | {"COLUMNS": "200"},
        )
        assert self.process.stdout is not None
        said = self.says("Market")
        port = re.search(r"127\.0\.0\.1:(\d+)/api", said)
        assert port is not None, said
        key = (folder / "owner.key").read_text().strip()
        self.client = httpx.Client(
            base_url=f"http://127.0.0.1:{port[1]}",
            headers={"authorization": f"Bearer {key}"},
            trust_env=False,
            timeout=30,
        )

    def says(self, word: str) -> str:
        """Return what it says next, up to the line with a word; it ends before only if it went wrong."""
        assert self.process.stdout is not None
        said = []
        for line in self.process.stdout:
            said.append(line)
            if word in line:
                return "".join(said)
        raise AssertionError("".join(said))

    def place(self, command_id: str, account: str = "") -> httpx.Response:
        """Place an order to buy a lot."""
        wish = {"instrument": OPTION.id, "side": "BUY", "quantity": OPTION.lot_size, "command_id": command_id}
        return self.client.post("/api/orders", json=wish | {"account": account})

    def end(self, number: signal.Signals) -> int:
        """End the process by a signal, and return how it ended."""
        self.process.send_signal(number)
        code = self.process.wait(30)
        if self.process.stdout is not None:
            self.process.stdout.close()
        self.client.close()
        return code
