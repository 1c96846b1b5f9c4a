"""Who a request is for and which page sent it: checked at every door, by HTTP and by WebSocket."""

import asyncio
import contextlib
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from tests.web.hostile import filled, in_form, signed
from tests.web.people import Town, town
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from kasauti.store.registry.keys import Scope as KeyScope
from kasauti.web.binding import LOOPBACK, Binding, checked_binding
from kasauti.web.kite.words import NO_SESSION
from kasauti.web.names import strangeness

STRANGERS = (
    {"Host": "evil.example"},
    {"Host": ""},
    {"Host": "127.0.0.1.evil.example"},
    {"Host": "127.0.0.1@evil.example"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1.evil.example"},
    {"Origin": "http://evil.example:80@127.0.0.1"},
    {"Origin": "file://"},
    {"Origin": "http://[::"},
)
FRIENDS: tuple[dict[str, str], ...] = (
    {},
    {"Host": "localhost"},
    {"Host": "LOCALHOST:1"},
    {"Host": "[::1]"},
    {"Host": "[::1]:5000"},
    {"Origin": "http://localhost:3000"},
    {"Origin": "http://[::1]:5000"},
)


@pytest.mark.parametrize(
    ("host", "origin", "strange"),
    [(each.get("Host", "127.0.0.1"), each.get("Origin"), True) for each in STRANGERS]
    + [(each.get("Host", "127.0.0.1"), each.get("Origin"), False) for each in FRIENDS],
)
def test_names_and_origins(host: str, origin: str | None, *, strange: bool) -> None:
    headers = {"host": host} | ({} if origin is None else {"origin": origin})
    sent = [(name.encode(), value.encode()) for name, value in headers.items()]
    assert bool(strangeness({"headers": sent}, LOOPBACK)) is strange


def test_every_route_refuses_a_strange_name_and_a_strange_page(tmp_path: Path) -> None:
    async def talk(town: Town) -> None:
        key = town.key("owner", KeyScope.ADMIN)
        for dialect, port, row in town.routes():
            line, path = town.line(port), filled(row.path, "x")
            for stranger in (STRANGERS[0], STRANGERS[4], STRANGERS[5]):
                said = await line.ask(row.method, path, b"", signed(dialect, key) | stranger)
                assert (said.status, in_form(dialect, row, said)) == (421, True), (row.path, stranger, said)
            twice = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\n\r\n"
            if row.method == "GET":
                assert (await line.send(twice.encode())).status in {400, 421}, row.path
            line.close()

    town(tmp_path, talk)


def test_every_socket_refuses_a_strange_name_and_a_strange_page(tmp_path: Path) -> None:
    async def talk(town: Town) -> None:
        key, ports = town.key("owner"), town.doors.ports
        sockets = {
            f"ws://127.0.0.1:{ports['native']}/api/stream",
            f"ws://127.0.0.1:{ports['openalgo-feed']}/",
            f"ws://127.0.0.1:{ports['kite']}/?api_key=bot&access_token={key}",
            f"ws://127.0.0.1:{ports['kite']}/oms?api_key=bot&access_token={key}",
        }
        for url in sockets:
            for stranger in STRANGERS:
                if not stranger.get("Host", "any") or "@" in stranger.get("Host", ""):
                    continue  # no client of WebSockets can be made to call that
                with pytest.raises(InvalidStatus) as refused:
                    await opened(url, stranger)
                assert refused.value.response.status_code in {400, 403}, (url, stranger)
            for friend in FRIENDS:
                await opened(url, friend)

    town(tmp_path, talk)


async def opened(url: str, headers: dict[str, str]) -> None:
    """Open a WebSocket with these headers in place of its own, and close it."""
    more = [(name, value) for name, value in headers.items() if name != "Host"]
    host, port = url.partition("//")[2].partition("/")[0].split(":")
    at = url.replace(f"{host}:{port}", headers["Host"], 1) if headers.get("Host") else url
    async with connect(at, additional_headers=more, host=host, port=int(port), proxy=None):
        pass


def certificate(folder: Path) -> tuple[Path, Path]:
    """Make a certificate for 127.0.0.1 and its key."""
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "desk")]),
    )
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = folder / "desk.pem", folder / "desk-key.pem"
    files[0].write_bytes(made.public_bytes(Encoding.PEM))
    files[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return files


def test_with_a_certificate_every_door_is_encrypted(tmp_path: Path) -> None:
    made, key_file = certificate(tmp_path)
    trusted = ssl.create_default_context(cafile=str(made))

    async def talk(town: Town) -> None:
        key, ports = town.key("owner"), town.doors.ports
        async with httpx.AsyncClient(verify=trusted, trust_env=False) as client:
            ready = await client.get(f"https://127.0.0.1:{ports['native']}/ready")
            assert ready.status_code == 200
            kite = await client.get(f"https://127.0.0.1:{ports['kite']}/orders")
            assert kite.json()["message"] == NO_SESSION
            with pytest.raises(httpx.RemoteProtocolError):
                await client.get(f"http://127.0.0.1:{ports['native']}/ready")
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            said = await town.line(ports["openalgo-feed"]).ask("GET", "/")
            pytest.fail(f"a door is not encrypted: {said}")
        for url in (
            f"wss://127.0.0.1:{ports['native']}/api/stream",
            f"wss://127.0.0.1:{ports['openalgo-feed']}/",
            f"wss://127.0.0.1:{ports['kite']}/?api_key=bot&access_token={key}",
        ):
            async with connect(url, ssl=trusted, proxy=None):
                pass

    town(tmp_path / "desk", talk, checked_binding("127.0.0.1", (), made, key_file, insecure=False))


def test_another_name_is_answered_to_only_where_it_was_allowed(tmp_path: Path) -> None:
    async def talk(town: Town) -> None:
        line = town.line(town.doors.ports["native"])
        for name, status in (("desk.example", 200), ("other.example", 421)):
            for headers in ({"Host": name}, {"Origin": f"https://{name}"}):
                assert (await line.ask("GET", "/health", b"", headers)).status == status
        line.close()

    town(tmp_path, talk, Binding(names=LOOPBACK | {"desk.example"}))
