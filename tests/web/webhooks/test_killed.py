"""
A desk is killed while alerts pour in: each that was acknowledged makes its order, and makes one.

KASAUTI_KILLS sets how often.
"""

import os
import signal
import sys
import threading
from collections import Counter
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from tests.web.process import Up

from kasauti.domain import events as ev
from kasauti.feeds.clock import wall_ns
from kasauti.simulator.market.built_in import DEMO_DAY, BuiltInMarket
from kasauti.store.registry.alerts import Stage
from kasauti.store.registry.registry import Registry
from kasauti.store.registry.rows import DESK
from kasauti.store.sqlite import SqliteLog

KILLS = int(os.environ.get("KASAUTI_KILLS", "2"))
#: Alerts that are acknowledged before each kill.
_ALERTS = 12
_OPTIONS = [each for each in BuiltInMarket(seed=7, day=DEMO_DAY).universe if each.is_option]
OPTION = _OPTIONS[len(_OPTIONS) // 2]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals to end a process by")


def hook_of(folder: Path, name: str) -> str:
    """Make a strategy with a hook in a desk's folder; return its token."""
    settings = {"exchange": "NFO", "product": "NRML", "mode": "BOTH", "oldest_s": 3_600}
    with closing(Registry.open(folder)) as registry:
        (account,) = registry.accounts.all()
        portfolio = registry.portfolios.create(account.id, name, "", DESK, wall_ns())
        strategy = registry.strategies.create(
            portfolio.id, name, by=DESK, at=wall_ns(), params={"webhook": settings}
        )
        hook, secret = registry.hooks.create(strategy.id, DESK, wall_ns())
        return f"{hook.public}.{secret}"


class Sender:
    """Posts alerts until nobody answers any more; one without an answer is posted again to the next desk."""

    def __init__(self, name: str, token: str) -> None:
        self.name = name
        self.token = token
        self.acknowledged: dict[str, int] = {}
        self.waiting = ""

    def post(self, client: httpx.Client, enough: threading.Event, most: int) -> None:
        """Post, each to hold one lot more than the one before."""
        for _ in range(1_000):
            number = len(self.acknowledged) + 1
            self.waiting = f"{self.name}-{number}"
            target = str(number * OPTION.lot_size)
            alert = {"symbol": OPTION.id, "action": "BUY", "position_size": target, "alert_id": self.waiting}
            try:
                said = client.post(f"/hook/{self.token}", json=alert)
            except httpx.HTTPError:
                return
            assert said.status_code == 202, said.text
            self.acknowledged[self.waiting] = said.json()["alert"]
            if len(self.acknowledged) >= most:
                enough.set()


def test_alerts_that_were_acknowledged_are_carried_out_once_through_kills(tmp_path: Path) -> None:
    desk = Up(tmp_path)
    senders = [Sender(name, hook_of(tmp_path, name)) for name in ("first", "second")]
    for kill in range(1, KILLS + 1):
        enough = threading.Event()
        threads = [
            threading.Thread(target=each.post, args=(desk.client, enough, kill * _ALERTS)) for each in senders
        ]
        for each in threads:
            each.start()
        assert enough.wait(60)
        assert desk.end(signal.SIGKILL) == -signal.SIGKILL
        for each in threads:
            each.join()
        desk = Up(tmp_path)
    known = {number for each in senders for number in each.acknowledged.values()}
    assert len(known) == sum(len(each.acknowledged) for each in senders)
    while any(each["status"] not in {"filled", "refused", "failed"} for each in alerts_of(desk)):
        pass
    assert desk.end() == 0
    check(tmp_path, known)


def alerts_of(desk: Up) -> list[dict[str, str]]:
    """Return what the desk says about its alerts."""
    alerts: list[dict[str, str]] = desk.client.get("/api/alerts").json()["alerts"]
    return alerts


def check(folder: Path, known: set[int]) -> None:
    """Every alert that was acknowledged is filled, its order is there once, and nothing else was ordered."""
    with closing(Registry.open(folder)) as registry:
        (account,) = registry.accounts.all()
        stored = {each.id: each for each in registry.alerts.of(account.id, limit=100_000)}
    assert known <= set(stored)
    with SqliteLog.open(folder / "log.db", account.stream, readonly=True) as log:
        events = [each.event for each in log.read(verify=True)]
    placed = Counter(event.command_id for event in events if isinstance(event, ev.OrderPlaced))
    assert set(placed.values()) <= {1}
    assert {f"alert-{number}-0" for number in known if stored[number].status is Stage.FILLED} <= set(placed)
    assert {stored[number].status for number in known} == {Stage.FILLED}, [
        each.reason for each in stored.values() if each.status is not Stage.FILLED
    ]
    filled = sum(event.quantity for event in events if isinstance(event, ev.OrderFilled))
    assert filled == len(placed) * OPTION.lot_size
