"""Two users at one desk: no id, no route and no socket shows or changes what is the other's."""

import asyncio
import json
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
import pytest
from tests.web.hostile import signed
from tests.web.people import BY, CAPITAL, Line, Said, Town, town
from tests.web.serving import an_option
from websockets.asyncio.client import ClientConnection, connect

from kasauti.feeds.clock import wall_ns
from kasauti.store.registry.keys import Scope as KeyScope
from kasauti.web.endpoint import Endpoint, Pace
from kasauti.web.limits import RATES

#: What only Meena's orders, alerts and strategies say, and no request of Ravi's.
MARKS = ("meenas tag", "meenas alert", "meenas content", str(CAPITAL["meena"]))
STRATEGY = "meenas_strategy"
#: Routes that show her what is hers.
TELLING = {
    "GET /api/orders", "GET /api/orders/{order_id}", "GET /api/log", "GET /api/alerts", "GET /api/trades",
    "GET /api/alerts/{alert}", "POST /api/v1/orderstatus", "GET /orders", "GET /orders/{order_id}",
    "GET /alerts", "GET /alerts/{uuid}", "GET /api/accounts", "DELETE /api/orders/{order_id}",
}  # fmt: skip
#: Fields and parameters that may name something of somebody's.
NAMING = {
    "account", "order_id", "orderid", "parent_order_id", "trigger_id", "uuid", "strategy", "alert", "name",
    "tag", "command_id", "symbol", "query",
}  # fmt: skip


class Hers:
    """What Meena has: an order that works, a trade, a GTT, an alert, a strategy with a hook and its alert."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.key = town.key("meena")
        universe = town.play.desk.floor.universe
        self.future = next(each for each in universe if each.kind == "FUT")
        #: She trades this one, of which no request of the matrix speaks: so ids with its name are hers alone.
        self.option = next(each for each in universe if each.id == an_option(town.play)[0])
        self.account = town.account("meena/main/1")
        self.ids: list[str] = []
        self.token = ""

    async def make(self) -> None:
        """Make it all, as Meena's programs would."""
        native, kite = (self.town.line(self.town.doors.ports[name]) for name in ("native", "kite"))
        order = {
            "instrument": self.option.id,
            "side": "BUY",
            "quantity": self.option.lot_size,
            "tag": MARKS[0],
        }
        more: dict[str, object] = {}
        for _ in range(2):
            said = await self._said(native, "POST", "/api/orders", json.dumps(order | more), "native")
            told = json.loads(said.body)
            self.ids.append(told["order_id"])
            more = {"order_type": "LIMIT", "price": f"{float(told['average_price']) / 2:.0f}"}
        said = await self._said(
            kite, "POST", "/alerts", urlencode(self.base("kite") | {"name": MARKS[1]}), "kite"
        )
        self.ids.append(json.loads(said.body)["data"]["uuid"])
        said = await self._said(kite, "GET", "/orders", "", "kite")
        self.ids += [each["order_id"] for each in json.loads(said.body)["data"]]
        self.ids += list(self.account.state.standing)
        await asyncio.to_thread(self._hook)
        body = json.dumps({"symbol": "NOBODY", "action": "BUY", "note": MARKS[2]}).encode()
        said = await native.ask("POST", f"/hook/{self.token}", body)
        self.ids += [
            str(json.loads(said.body)["alert"]),
            STRATEGY,
            "meena",
            "meena/main",
            "meena/main/1",
            "meena/b/1",
        ]

    def _hook(self) -> None:
        registry, at = self.town.registry, wall_ns()
        account = registry.accounts.get("meena", "main")
        folder = registry.portfolios.create(account.id, "hooks", "", BY, at)
        strategy = registry.strategies.create(folder.id, STRATEGY, by=BY, at=at, params={"webhook": {}})
        hook, secret = registry.hooks.create(strategy.id, BY, at)
        self.token = f"{hook.public}.{secret}"
        self.ids.append(hook.public)

    async def _said(self, line: Line, method: str, path: str, body: str, dialect: str) -> Said:
        said = await line.ask(method, path, body.encode(), signed(dialect, self.key))
        assert said.status == 200, said
        return said

    def base(self, dialect: str) -> dict[str, Any]:
        """Return fields with which most requests of a dialect mean something."""
        symbol, lot = self.future.tradingsymbol, self.future.lot_size
        order = {"exchange": "NFO", "tradingsymbol": symbol, "transaction_type": "BUY", "quantity": lot}
        if dialect == "native":
            return {
                "instrument": self.future.id, "side": "BUY", "quantity": lot, "instruments": self.future.id,
                "underlying": "NIFTY", "orders": [f"BUY {lot} {symbol}"], "amount": "1", "action": "pause",
            }  # fmt: skip
        if dialect == "openalgo":
            return {
                "exchange": "NFO", "symbol": symbol, "action": "BUY", "quantity": lot, "strategy": "x",
                "position_size": lot, "orderid": "x", "product": "NRML", "pricetype": "LIMIT", "price": "1",
                "disclosed_quantity": 0, "trigger_price": 0, "splitsize": lot, "underlying": "NIFTY",
                "offset": "ATM", "option_type": "CE", "trigger_type": "SINGLE", "trigger_id": "x",
                "triggerprice_sl": 1, "interval": "1m", "start_date": "2026-11-23", "query": "N",
                "end_date": "2026-11-23", "instrumenttype": "options", "date": "2026-11-23", "mode": True,
                "from": "2026-11-23", "to": "2026-11-23",
            }  # fmt: skip
        return order | {
            "variety": "regular", "product": "NRML", "order_type": "LIMIT", "price": "1", "type": "simple",
            "lhs_exchange": "INDICES", "lhs_tradingsymbol": "NIFTY 50", "operator": ">=", "name": "x",
            "rhs_type": "constant", "rhs_constant": "99000.5", "order_id": "1", "trigger_id": "1",
            "uuid": "x", "api_key": "bot", "segment": "equity", "interval": "minute", "from": "2026-11-23",
            "to": "2026-11-23", "token": "256265",
        }  # fmt: skip


def asked(dialect: str, row: Endpoint, hers: Hers) -> Iterator[tuple[str, bytes]]:
    """Yield every request of a route with an id of hers in one place: its path and its body."""
    kind: Any = row.takes
    fields = msgspec.structs.fields(kind) if kind not in {None, bytes} else ()
    base = hers.base(dialect)
    full = {
        each.encode_name: base[each.encode_name]
        for each in fields
        if each.encode_name in base and each.required
    }
    parameters = [part.strip("{}").partition(":")[0] for part in row.path.split("/") if part.startswith("{")]
    names = dict.fromkeys([*parameters, *(each.encode_name for each in fields), "account", "order_id"])
    for name in names:
        for named in hers.ids if name in NAMING else hers.ids[-2:-1]:
            path = row.path
            for parameter in parameters:
                word = named if parameter == name else str(base.get(parameter, "x"))
                path = filled_one(path, parameter, word)
            given = full if name in parameters else full | {name: named}
            given = {each: value for each, value in given.items() if each not in parameters}
            if row.method in {"GET", "DELETE"}:
                yield f"{path}?{urlencode(given, doseq=True)}", b""
            elif dialect == "kite":
                yield path, urlencode(given).encode()
            else:
                yield path, json.dumps(given).encode()


def filled_one(path: str, parameter: str, word: str) -> str:
    """Return a path with one parameter filled in."""
    for form in (f"{{{parameter}}}", f"{{{parameter}:path}}"):
        path = path.replace(form, quote(word, safe="/"))
    return path


def test_no_id_of_one_opens_anything_to_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for pace in Pace:
        monkeypatch.setitem(RATES, pace, (1e9, 10**9))

    async def talk(town: Town) -> None:
        hers = Hers(town)
        await hers.make()
        before = [town.account(name).state.seq for name in ("meena/main/1", "meena/b/1")]
        given_away = await everything(town, hers, town.key("ravi", KeyScope.TRADE, KeyScope.ADMIN))
        assert given_away == {}
        assert [town.account(name).state.seq for name in ("meena/main/1", "meena/b/1")] == before
        assert not town.account("meena/main/1").failed
        # The same requests with her own key see it, and change it: so this would be noticed.
        shown = await everything(town, hers, hers.key, TELLING)
        assert set(shown) | {"DELETE /api/orders/{order_id}"} == TELLING
        assert town.account("meena/main/1").state.seq > before[0]

    async def everything(
        town: Town, hers: Hers, key: str, only: Collection[str] = ()
    ) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for dialect, port, row in town.routes():
            if row.path.startswith("/oms/") or row.path.endswith("/"):
                continue  # the same routes under another name
            if only and f"{row.method} {row.path}" not in only:
                continue
            line, headers = town.line(port), signed(dialect, key)
            for path, body in asked(dialect, row, hers):
                said = await line.ask(row.method, path, body, headers)
                assert said.status < 500, (row.method, path, body, said)
                seen = [each for each in MARKS if each in said.body.decode(errors="replace")]
                if seen:
                    found[f"{row.method} {row.path}"] = seen
        return found

    town(tmp_path, talk)


@asynccontextmanager
async def sockets(town: Town, key: str) -> AsyncIterator[list[ClientConnection]]:
    """Open every kind of socket with a key, and ask each for orders, those of Meena's account too."""
    ports = town.doors.ports
    async with AsyncExitStack() as stack:

        async def opened(url: str) -> ClientConnection:
            return await stack.enter_async_context(connect(url, proxy=None))

        stream = await opened(f"ws://127.0.0.1:{ports['native']}/api/stream")
        await stream.send(json.dumps({"action": "authenticate", "key": key}))
        for account in ("", "meena", "meena/main", "meena/main/1", "main", "b", "meena/b/1"):
            for after in (-1, 0):
                await stream.send(json.dumps({"action": "events", "account": account, "after": after}))
        feed = await opened(f"ws://127.0.0.1:{ports['openalgo-feed']}/")
        for said in (
            {"action": "authenticate", "api_key": key, "user": "meena", "account": "meena/main/1"},
            {"action": "subscribe_orders", "user": "meena", "account": "meena/main/1"},
        ):
            await feed.send(json.dumps(said))
        ticker = await opened(f"ws://127.0.0.1:{ports['kite']}/?api_key=bot&access_token={key}&user_id=meena")
        yield [stream, feed, ticker]


async def heard(socket: ClientConnection) -> str:
    """Return what a socket says before it answers this: an answer stands behind what waits."""
    await socket.send('{"action": "ping"}')
    said = []
    while True:
        message = await asyncio.wait_for(socket.recv(), 20)
        if isinstance(message, str):
            said.append(message)
            if '"pong"' in message or "Invalid message" in message:
                return "".join(said)


def test_no_socket_tells_one_what_happens_to_the_other(tmp_path: Path) -> None:
    async def talk(town: Town) -> None:
        hers = Hers(town)
        async with sockets(town, town.key("ravi")) as his, sockets(town, hers.key) as her_own:
            await hers.make()
            shown = [await heard(socket) for socket in (*his, *her_own)]
        seen = [[each for each in (*MARKS[:3], *hers.ids[:2]) if each in told] for told in shown]
        assert seen[: len(his)] == [[], [], []]
        assert all(seen[len(his) :]), "her own sockets tell her"

    town(tmp_path, talk)
