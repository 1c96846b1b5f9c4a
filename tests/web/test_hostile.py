"""Every route has its checks; what nobody should send is refused in the words of its dialect."""

from pathlib import Path

import pytest
from tests.web.hostile import bodies, filled, forms, in_form, paths, signed, twice
from tests.web.people import Line, Said, Town, town
from tests.web.serving import an_option

from kasauti.store.registry.keys import Scope as KeyScope
from kasauti.web.access import Scope
from kasauti.web.endpoint import Endpoint, Pace
from kasauti.web.limits import RATES

_RANKS = list(Scope)


@pytest.fixture(autouse=True)
def _in_no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    for pace in Pace:
        monkeypatch.setitem(RATES, pace, (1e9, 10**9))


def is_refused(dialect: str, row: Endpoint, said: Said) -> bool:
    return 400 <= said.status < 500 and in_form(dialect, row, said)


def is_sound(dialect: str, row: Endpoint, said: Said) -> bool:
    if b"Traceback" in said.body or said.status >= 500:
        return False
    return said.status < 400 or in_form(dialect, row, said)


def test_no_key_a_wrong_key_and_one_that_is_not_good_for_it_open_no_route(tmp_path: Path) -> None:
    async def talk(town: Town) -> None:
        weaker = {
            Scope.TRADE: town.key("owner", KeyScope.READ),
            Scope.ADMIN: town.key("owner", KeyScope.TRADE),
        }
        ravis = town.key("ravi", KeyScope.ADMIN)
        for dialect, port, row in town.routes():
            if row.scope is None:
                continue
            line, path = town.line(port), filled(row.path, "x")
            keys = ["", "wrong", "x" * 10_000, *([weaker[row.scope]] if row.scope in weaker else [])]
            keys += [ravis] if row.scope is Scope.ADMIN else []
            for key in keys:
                headers = signed(dialect, key) if key else {}
                said = await line.ask(row.method, path, b"{}" if row.method != "GET" else b"", headers)
                assert said.status in {400, 401, 403}, (dialect, row.method, path, key[:20], said)
                assert in_form(dialect, row, said), (row.path, said)
                assert said.status != 400 or dialect == "openalgo", (row.path, said)
            line.close()

    town(tmp_path, talk)


def test_what_nobody_should_send_is_refused_and_harms_nothing(tmp_path: Path) -> None:
    async def talk(town: Town) -> None:
        key = town.key("owner", KeyScope.ADMIN)
        for dialect, port, row in town.routes():
            line, headers = town.line(port), signed(dialect, key)
            for path in paths(row):
                said = await line.ask(row.method, path, b"", headers)
                assert is_sound(dialect, row, said), (row.method, path[:100], said)
            if row.method != "GET":
                await bodied(dialect, row, line, headers)
            elif path := twice(row):
                said = await line.ask(row.method, path, b"", headers)
                assert is_refused(dialect, row, said), (path, said)
            line.close()
        await unharmed(town, key)

    async def bodied(dialect: str, row: Endpoint, line: Line, headers: dict[str, str]) -> None:
        path = filled(row.path, "x")
        as_json = headers | {"Content-Type": "application/json"}
        for body, never in bodies(row):
            said = await line.ask(row.method, path, body, as_json)
            sound = is_refused(dialect, row, said) if never else is_sound(dialect, row, said)
            assert sound, (row.method, path, body[:80], said)
        as_form = headers | {"Content-Type": "application/x-www-form-urlencoded"}
        for body, never in forms(row) if dialect == "kite" else ():
            said = await line.ask(row.method, path, body, as_form)
            sound = is_refused(dialect, row, said) if never else is_sound(dialect, row, said)
            assert sound, (row.method, path, body[:80], said)

    town(tmp_path, talk)


async def unharmed(town: Town, key: str) -> None:
    """Nothing of all this became an order, the desk is ready, trades, and its logs are whole."""
    assert not any(account.state.orders or account.failed for account in town.play.accounts)
    (_, port, _), option = next(town.routes()), an_option(town.play)
    line, headers = town.line(port), signed("native", key)
    assert (await line.ask("GET", "/ready")).status == 200
    body = b'{"instrument": "%b", "side": "BUY", "quantity": %d}' % (option[0].encode(), option[1])
    assert (await line.ask("POST", "/api/orders", body, headers)).status == 200
    assert (await line.ask("GET", "/api/log/verify", b"", headers)).status == 200
    line.close()


def test_bodies_beyond_its_size_are_refused_by_every_route(tmp_path: Path) -> None:
    async def talk(town: Town) -> None:
        for dialect, port, row in town.routes():
            line, path = town.line(port), filled(row.path, "x")
            head = f"{row.method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            said = await line.send(f"{head}Content-Length: {row.max_bytes + 1}\r\n\r\n".encode())
            assert (said.status, in_form(dialect, row, said)) == (413, True), (row.path, said)
            line.close()
            if row.max_bytes < 100_000:
                chunk = b"%x\r\n%b\r\n" % (row.max_bytes + 1, b" " * (row.max_bytes + 1))
                said = await line.send(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode() + chunk)
                assert said.status == 413, (row.path, said)
                line.close()

    town(tmp_path, talk)


def test_who_asks_too_often_is_told_so_by_every_route(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for pace in Pace:
        monkeypatch.setitem(RATES, pace, (0.0, 1))

    async def talk(town: Town) -> None:
        key, seen = town.key("owner", KeyScope.ADMIN), set[tuple[str, Pace, bool]]()
        for dialect, port, row in town.routes():
            line, headers, bucket = (
                town.line(port),
                signed(dialect, key),
                (dialect, row.pace, row.scope is None),
            )
            body = b"" if row.method == "GET" else b"{}"
            if bucket not in seen:
                await line.ask(row.method, filled(row.path, "x"), body, headers)
            said = await line.ask(row.method, filled(row.path, "x"), body, headers)
            assert (said.status, in_form(dialect, row, said)) == (429, True), (row.path, said)
            seen.add(bucket)
            line.close()

    town(tmp_path, talk)


def test_who_tries_keys_is_slowed_down_and_locks_nobody_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(RATES, Pace.WRONG_KEYS, (0.0, 20))

    async def talk(town: Town) -> None:
        key = town.key("owner")
        for dialect, port, path in (
            ("native", town.doors.ports["native"], "/api/accounts"),
            ("kite", town.doors.ports["kite"], "/orders"),
        ):
            line = town.line(port)
            said = [await line.ask("GET", path, b"", signed(dialect, f"guess{n}")) for n in range(25)]
            assert [each.status for each in said] == [403] * 20 + [429] * 5
            assert (await line.ask("GET", path, b"", signed(dialect, key))).status == 200

    town(tmp_path, talk)
