"""The configurations of nginx and Caddy in the documents, as they stand there, in front of a desk."""

import base64
import getpass
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from tests.web.certificate import self_signed
from tests.web.process import Up
from websockets.sync.client import ClientConnection, connect

_DOCUMENT = (Path(__file__).parents[2] / "docs" / "server.md").read_text(encoding="utf-8")
_NAMES = {"desk": ("native", 5000), "kite": ("kite", 5010), "feed": ("openalgo-feed", 8765)}
_ASKER = "127.0.0.9"
_FLAGS = [flag for name in _NAMES for flag in ("--allow-host", f"{name}.example")]
_START_S = 15


def _text(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", _DOCUMENT, re.DOTALL)
    return str(found)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _nginx(folder: Path, up: Up, port: int) -> list[str]:
    certificate, key = self_signed(folder)
    servers = []
    for name, (door, usual) in _NAMES.items():
        server = _text("nginx").replace("/etc/ssl/desk.example.pem", str(certificate))
        server = server.replace("/etc/ssl/desk.example.key", str(key)).replace("desk.", f"{name}.")
        server = server.replace("listen 443 ssl", f"listen 127.0.0.1:{port} ssl")
        servers.append(server.replace("127.0.0.1:5000", f"127.0.0.1:{up.ports[door]}"))
        assert f"{name}.example` with {usual}" in _DOCUMENT or usual == 5000
    kept = " ".join(
        f"{each}_temp_path {folder}/{each};" for each in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    # Started by root, its workers would be somebody who may not write into the folder of a test.
    who = f"user {getpass.getuser()};" if os.geteuid() == 0 else ""
    main = f"{who} daemon off; pid {folder}/pid; error_log {folder}/error.log; events {{}}"
    (folder / "nginx.conf").write_text(f"{main}\nhttp {{ access_log off; {kept}\n{''.join(servers)} }}\n")
    return ["nginx", "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]


def _caddy(folder: Path, up: Up, port: int) -> list[str]:
    text = _text("caddyfile")
    for door, usual in _NAMES.values():
        assert f"127.0.0.1:{usual}\n" in text
        text = text.replace(f"127.0.0.1:{usual}\n", f"127.0.0.1:{up.ports[door]}\n")
    # Certificates of its own instead of those that it would ask the internet for, and no other ports.
    ours = f"admin off\nlocal_certs\nskip_install_trust\nauto_https disable_redirects\nhttps_port {port}"
    ours += f"\nstorage file_system {folder}/storage\n"
    (folder / "Caddyfile").write_text(text.replace("{\n", "{\n" + ours, 1))
    return ["caddy", "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]


_PROXIES = {"nginx": _nginx, "caddy": _caddy}


@contextmanager
def _behind(proxy: str, folder: Path, up: Up) -> Iterator[int]:
    """Yield the port of a proxy in front of a desk, once it speaks TLS."""
    port = _free_port()
    command = _PROXIES[proxy](folder, up, port)
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        ends = time.monotonic() + _START_S
        while (why := _not_there(port)) and time.monotonic() < ends:
            assert running.poll() is None, f"{proxy} does not take its configuration"
            time.sleep(0.05)
        assert not why, f"{proxy} did not start: {why}"
        yield port
    finally:
        running.terminate()
        running.wait(timeout=30)


def _not_there(port: int) -> str:
    """Return why nobody answers yet, "" if somebody does."""
    try:
        with _client(port, "desk") as client:
            client.get("/health")
    except httpx.TransportError as error:
        return str(error)
    return ""


def _unchecked() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


class _Named(httpx.BaseTransport):
    """Speaks to 127.0.0.1 by a public name, from an address of its own."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._inner = httpx.HTTPTransport(verify=_unchecked(), local_address=_ASKER)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request."""
        request.headers["host"] = self._name
        request.extensions["sni_hostname"] = self._name
        return self._inner.handle_request(request)

    def close(self) -> None:
        """Hang up."""
        self._inner.close()


def _client(port: int, name: str, key: str = "none") -> httpx.Client:
    headers = {"authorization": f"Bearer {key}" if name == "desk" else f"token bot:{key}"}
    transport = _Named(f"{name}.example")
    return httpx.Client(
        base_url=f"https://127.0.0.1:{port}", headers=headers, transport=transport, timeout=30
    )


@pytest.mark.parametrize("proxy", _PROXIES)
def test_a_desk_behind_a_proxy_serves_all_its_doors(proxy: str, tmp_path: Path) -> None:
    if shutil.which(proxy) is None:
        pytest.skip(f"{proxy} is not installed")
    up = Up(tmp_path / "desk", *_FLAGS, "--trust-proxy", "127.0.0.1")
    with _behind(proxy, tmp_path, up) as port:
        _rest(port, up.key)
        _sockets(port, up.key)
        _ticker_that_names_nobody(port, up.key)
    assert up.end() == 0
    # What is noted is written behind the answers: all of it is there once the desk has ended.
    lines = [json.loads(line) for line in (up.folder / "server.log").read_text().splitlines()]
    noted = {line["address"] for line in lines if line["kind"] == "request"}
    assert noted == {_ASKER}, "who asks is who the proxy saw, whatever it says of itself"


def _rest(port: int, key: str) -> None:
    with _client(port, "desk", key) as desk:
        order = {"instrument": "NSE:SBIN", "side": "BUY", "quantity": 1, "product": "MIS"}
        said = desk.post("/api/orders", json=order, headers={"X-Forwarded-For": "203.0.113.7"})
        assert said.status_code == 200, said.text
        assert desk.post("/api/v1/funds", json={"apikey": key}).json()["status"] == "success"
        assert desk.get("/api/accounts", headers={"Origin": "https://elsewhere.example"}).status_code == 421
        # More than nginx takes unless it is told to.
        rows = b"a,b\n" + b"1,2\n" * 300_000
        sent = desk.put("/api/replay/recordings", params={"name": "day.csv"}, content=rows)
        assert "no known layout" in sent.json()["error"]["message"]
    with _client(port, "kite", key) as kite:
        assert kite.get("/user/profile").json()["data"]["user_id"] == "owner"
        assert kite.get("/connect/login", params={"api_key": "bot", "v": "3"}).status_code == 200


def _sockets(port: int, key: str) -> None:
    with _socket(port, "desk", "/api/stream") as stream:
        stream.send(json.dumps({"action": "authenticate", "key": key}))
        assert json.loads(stream.recv(timeout=10))["type"] == "authenticated"
        stream.send(json.dumps({"action": "quotes", "instruments": ["NSE:SBIN"]}))
        assert json.loads(stream.recv(timeout=10))["type"] == "quote"
    with _socket(port, "feed", "/") as feed:
        feed.send(json.dumps({"action": "authenticate", "api_key": key}))
        assert json.loads(feed.recv(timeout=10))["status"] == "success"
    with _socket(port, "kite", f"/?api_key=bot&access_token={key}") as ticker:
        assert ticker.recv(timeout=10)


def _socket(port: int, name: str, path: str) -> ClientConnection:
    url = f"wss://{name}.example:{port}{path}"
    return connect(url, sock=_raw(port), ssl=_unchecked(), proxy=None)


def _raw(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=10, source_address=(_ASKER, 0))


def _ticker_that_names_nobody(port: int, key: str) -> None:
    """Do as KiteTicker, whose TLS handshake has no name of a server in it."""
    with _unchecked().wrap_socket(_raw(port), server_hostname=None) as line:
        head = f"GET /?api_key=bot&access_token={key} HTTP/1.1\r\nHost: kite.example\r\n"
        head += "Upgrade: WebSocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        head += f"Sec-WebSocket-Key: {base64.b64encode(b'k' * 16).decode()}\r\n\r\n"
        line.sendall(head.encode())
        assert line.recv(1_000).startswith(b"HTTP/1.1 101")
