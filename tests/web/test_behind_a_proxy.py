"""Behind a reverse proxy: who asks is who the proxy says, where it is one that the desk is to believe."""

import json
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path

import pytest
from tests.web.hostile import signed
from tests.web.people import BY, Town, town
from websockets.asyncio.client import connect

from kasauti.errors import ConfigError
from kasauti.feeds.clock import wall_ns
from kasauti.web.binding import LOOPBACK, Binding, checked_binding
from kasauti.web.journal import NAME
from kasauti.web.wire import Wire, WireLimits

_HERE = (ip_network("127.0.0.1"),)
_TRUSTING = Binding(names=LOOPBACK | {"desk.example"}, proxies=_HERE)
_ASKER, _OTHER = "203.0.113.9", "203.0.113.10"
_TOO_OFTEN, _OK, _STRANGER, _NOT_ALLOWED, _NOT_READ = 429, 200, 421, 403, 400


def forwarded(*addresses: str) -> dict[str, str]:
    """Return what a proxy says of who asks; it calls the desk by its public name."""
    return {"Host": "desk.example", "X-Forwarded-For": ", ".join(addresses), "X-Forwarded-Proto": "https"}


def noted(folder: Path, kind: str) -> list[str]:
    """Return the addresses of the lines of a kind in the server's log, in order."""
    lines = [json.loads(line) for line in (folder / NAME).read_text().splitlines()]
    return [line["address"] for line in lines if line["kind"] == kind]


@pytest.mark.parametrize(
    ("proxies", "told", "seen"),
    [
        ((), forwarded(_ASKER), "127.0.0.1"),
        (
            _HERE,
            forwarded("198.51.100.1", _ASKER),
            _ASKER,
        ),  # the proxy adds what it saw behind what it was told
        (_HERE, forwarded(_ASKER, "127.0.0.1"), _ASKER),  # two proxies, one behind the other
        ((ip_network("10.0.0.0/8"),), forwarded(_ASKER), "127.0.0.1"),
    ],
)
def test_only_a_proxy_that_is_named_is_believed(
    tmp_path: Path, proxies: tuple[object, ...], told: Mapping[str, str], seen: str
) -> None:
    async def talk(town: Town) -> None:
        for door in ("native", "kite"):
            line = town.line(town.doors.ports[door])
            assert (await line.ask("GET", "/nowhere/at/all", headers=told)).status != _STRANGER
            path = "/api/accounts" if door == "native" else "/user/profile"
            key = town.key("ravi")
            said = await line.ask("GET", path, headers={**told, **signed(door, key)})
            assert said.status == _OK, said
        port = town.doors.ports["native"]
        says = {name: text for name, text in told.items() if name != "Host"}
        async with connect(f"ws://127.0.0.1:{port}/api/stream", additional_headers=says, proxy=None):
            pass

    town(tmp_path, talk, Binding(names=_TRUSTING.names, proxies=proxies))  # type: ignore[arg-type]
    assert noted(tmp_path, "request") == [seen] * 2
    assert set(noted(tmp_path, "socket")) == {seen}


def test_who_tries_keys_is_slowed_down_and_others_behind_the_same_proxy_are_not(tmp_path: Path) -> None:
    async def talk(town: Town) -> None:
        line = town.line(town.doors.ports["native"])
        wrong = signed("native", "no such key")

        async def tried(address: str) -> int:
            return (await line.ask("GET", "/api/accounts", headers={**forwarded(address), **wrong})).status

        tries = [await tried(_ASKER) for _ in range(120)]
        assert _TOO_OFTEN in tries
        assert await tried(_OTHER) != _TOO_OFTEN

    town(tmp_path, talk, _TRUSTING)


def test_a_hook_takes_alerts_from_the_address_that_the_proxy_saw(tmp_path: Path) -> None:
    async def talk(town: Town) -> None:
        registry, at = town.registry, wall_ns()
        account = registry.accounts.get("ravi", "main")
        folder = registry.portfolios.create(account.id, "hooks", "", BY, at)
        settings = {"webhook": {"exchange": "NFO", "product": "NRML"}}
        strategy = registry.strategies.create(folder.id, "s", by=BY, at=at, params=settings)
        hook, secret = registry.hooks.create(strategy.id, BY, at, addresses=(_ASKER,))
        line = town.line(town.doors.ports["native"])

        async def alerted(*path: str) -> int:
            body = json.dumps({"symbol": "NIFTY", "action": "nothing of sense"}).encode()
            said = await line.ask("POST", f"/hook/{hook.public}.{secret}", body, forwarded(*path))
            return said.status

        assert await alerted(_OTHER) == _NOT_ALLOWED
        assert await alerted(_ASKER, _OTHER) == _NOT_ALLOWED, "what the asker says of itself is not believed"
        assert await alerted(_ASKER) == _NOT_READ, "it came in, and says nothing of sense"

    town(tmp_path, talk, _TRUSTING)


def test_a_proxy_may_have_all_connections_and_nobody_else() -> None:
    limits = WireLimits(connections=100, per_address=3)
    wire = Wire(limits, _TRUSTING.is_proxy)
    assert {wire.enter("127.0.0.1") for _ in range(20)} == {""}
    assert [bool(wire.enter(_ASKER)) for _ in range(4)] == [False, False, False, True]
    assert not Binding().is_proxy("127.0.0.1")
    assert not _TRUSTING.is_proxy("unknown")


@pytest.mark.parametrize("proxy", ["*", "nginx", "10.0.0.1/8", ""])
def test_a_proxy_is_an_address_or_a_network(proxy: str) -> None:
    with pytest.raises(ConfigError, match="address of a proxy"):
        checked_binding("127.0.0.1", (), None, None, insecure=False, proxies=[proxy])


def test_a_name_is_compared_as_it_is_called_and_an_address_with_a_port_is_none() -> None:
    binding = checked_binding("127.0.0.1", ["Desk.Example"], None, None, insecure=False)
    assert "desk.example" in binding.names
    for name in ("https://desk.example", "desk.example:443", "desk.example/", "*", ""):
        with pytest.raises(ConfigError, match="not the name of a host"):
            checked_binding("127.0.0.1", [name], None, None, insecure=False)
