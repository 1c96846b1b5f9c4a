"""A disk that takes nothing more: orders are refused in each dialect's words, none acknowledged is lost."""

import json
import sys
from pathlib import Path

import pytest
from tests.web.process import Up

from kasauti.domain import events as ev
from kasauti.simulator.market.built_in import DEMO_DAY, BuiltInMarket
from kasauti.store.sqlite import SqliteLog

_OPTIONS = [each for each in BuiltInMarket(seed=7, day=DEMO_DAY).universe if each.is_option]
OPTION = _OPTIONS[len(_OPTIONS) // 2]
_ROOM = 900_000

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")


def _little_room() -> None:
    import resource  # noqa: PLC0415  POSIX only
    import signal  # noqa: PLC0415  as above

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (_ROOM, _ROOM))


def test_orders_on_a_full_disk_are_refused_and_those_acknowledged_are_there(tmp_path: Path) -> None:
    desk = Up(tmp_path, before=_little_room)
    order = {"instrument": OPTION.id, "side": "BUY", "quantity": OPTION.lot_size}
    acknowledged = []
    while (said := desk.client.post("/api/orders", json=order)).status_code == 200:
        acknowledged.append(said.json()["order_id"])
    assert (said.status_code, said.json()["error"]["code"]) == (503, "log.write_failed")
    openalgo = desk.client.post(
        "/api/v1/placeorder",
        json={
            "apikey": desk.key, "strategy": "x", "symbol": "NIFTY23NOV26FUT", "exchange": "NFO",
            "action": "BUY", "quantity": OPTION.lot_size, "product": "NRML",
        },
    )  # fmt: skip
    assert (openalgo.status_code, openalgo.json()["status"]) == (503, "error")
    with desk.to("kite", {"authorization": f"token bot:{desk.key}"}) as client:
        form = {
            "exchange": "NFO", "tradingsymbol": OPTION.tradingsymbol, "transaction_type": "BUY",
            "quantity": OPTION.lot_size, "product": "NRML", "order_type": "MARKET",
        }  # fmt: skip
        kite = client.post("/orders/regular", data=form)
    assert (kite.status_code, kite.json()["error_type"]) == (503, "NetworkException")
    ready = desk.client.get("/ready")
    assert (ready.status_code, "takes nothing more" in ready.text) == (503, True)
    assert desk.client.get("/health").status_code == 200
    assert desk.end() == 11, desk.said
    assert "Traceback" not in desk.said
    noted = [json.loads(line) for line in (tmp_path / "server.log").read_text().split("\n") if line]
    assert any(each["kind"] == "critical" and "the desk stops" in each["what"] for each in noted)

    again = Up(tmp_path)
    assert again.client.get("/ready").status_code == 200
    assert again.client.post("/api/orders", json=order).status_code == 200
    assert again.end() == 0
    with SqliteLog.open(tmp_path / "log.db", "owner/main/1", readonly=True) as log:
        events = [each.event for each in log.read(verify=True)]
    placed = {event.order_id for event in events if isinstance(event, ev.OrderPlaced)}
    assert len(acknowledged) > 10
    assert set(acknowledged) <= placed
