"""What goes wrong inside one account stops that one: others trade on, and it is said where people look."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from tests.web.hostile import signed
from tests.web.people import Town, town
from tests.web.serving import an_option

from kasauti.domain import events as ev
from kasauti.store.registry.keys import Scope as KeyScope
from kasauti.store.sqlite import SqliteLog


class _Broken:
    """An engine's part in which nothing works."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __call__(self, *given: Any) -> Any:
        raise self._error


def orders(town: Town) -> list[tuple[str, str, str, bytes]]:
    """Return an order to buy a lot in each dialect: its name, its door, the path, the body."""
    option, lot = an_option(town.play)
    symbol = option.partition(":")[2]
    native = {"instrument": option, "side": "BUY", "quantity": lot}
    openalgo = {
        "strategy": "x", "symbol": "NIFTY23NOV26FUT", "exchange": "NFO", "action": "BUY", "quantity": lot,
        "product": "NRML",
    }  # fmt: skip
    form = f"exchange=NFO&tradingsymbol={symbol}&transaction_type=BUY&quantity={lot}"
    return [
        ("native", "native", "/api/orders", json.dumps(native).encode()),
        ("openalgo", "native", "/api/v1/placeorder", json.dumps(openalgo).encode()),
        ("kite", "kite", "/orders/regular", f"{form}&product=NRML&order_type=MARKET".encode()),
    ]  # fmt: skip


@pytest.mark.parametrize("error", [AssertionError("a slip"), KeyError("x")])
def test_an_account_that_fails_on_an_order_stops_alone_and_says_why(tmp_path: Path, error: Exception) -> None:
    async def talk(town: Town) -> None:
        broken, sound = town.account("ravi/main/1"), town.account("meena/main/1")
        broken.engine._append = _Broken(error)  # type: ignore[assignment]
        his, her = town.key("ravi"), town.key("meena")
        for dialect, door, path, body in orders(town):
            line = town.line(town.doors.ports[door])
            said = await line.ask("POST", path, body, signed(dialect, his))
            assert said.status in {409, 503}, said
            assert b"stopped on an error of ours" in said.body
            assert b"Traceback" not in said.body
        line = town.line(town.doors.ports["native"])
        for dialect, _, path, body in orders(town)[:1]:
            assert (await line.ask("POST", path, body, signed(dialect, her))).status == 200
        shown = await line.ask("GET", "/api/accounts", b"", signed("native", his))
        assert type(error).__name__ in json.loads(shown.body)["accounts"][0]["failed"]
        ready = await line.ask("GET", "/ready")
        assert (ready.status, b"1 of the accounts stopped" in ready.body) == (503, True)
        seq = sound.state.seq
        town.play.desk.advance(town.play.desk.now + 1)
        assert sound.trades
        assert sound.state.seq >= seq

    town(tmp_path, talk)
    for stream in ("ravi/main/1", "meena/main/1"):
        with SqliteLog.open(tmp_path / "log.db", stream, readonly=True) as log:
            events = [each.event for each in log.read(verify=True)]
        # The one that stopped could not say goodbye; its log is whole.
        assert isinstance(events[-1], ev.SessionStopped) is (stream == "meena/main/1")

    async def again(town: Town) -> None:
        line, key = town.line(town.doors.ports["native"]), town.key("ravi", KeyScope.TRADE)
        assert (await line.ask("GET", "/ready")).status == 200
        _, _, path, body = orders(town)[0]
        assert (await line.ask("POST", path, body, signed("native", key))).status == 200

    town(tmp_path, again)


def test_an_account_that_fails_on_the_market_stops_alone(tmp_path: Path) -> None:
    async def talk(town: Town) -> None:
        broken = town.account("ravi/main/1")
        broken.engine.handle = _Broken(ValueError("x"))  # type: ignore[assignment,method-assign]
        desk = town.play.desk
        desk._in(broken, broken.engine.handle, None)
        assert "ValueError" in broken.failed
        before = desk.now
        while desk.now == before:  # noqa: ASYNC110  the market tells nobody of its time
            await asyncio.sleep(0)
        assert [each.name for each in desk.accounts.values() if each.failed] == ["ravi/main/1"]

    town(tmp_path, talk)
