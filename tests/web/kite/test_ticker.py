"""The ticker over a real socket, read by the official client's own decoder."""

import json
from collections.abc import Iterator

import pytest
from kiteconnect import KiteTicker  # type: ignore[import-untyped]
from tests.web.kite.served import House
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

_NIFTY = 256265


@pytest.fixture
def line(house: House) -> Iterator[ClientConnection]:
    with _connected(house, house.key.secret) as connection:
        yield connection


def _connected(house: House, token: str) -> ClientConnection:
    url = f"ws://127.0.0.1:{house.port}?api_key=bot&access_token={token}"
    return connect(url, proxy=None)


def _ticks(line: ClientConnection) -> list[dict[str, object]]:
    """Return the ticks of the next frame that has some, by the official decoder."""
    decoder = KiteTicker.__new__(KiteTicker)
    while True:
        said = line.recv(timeout=10)
        if isinstance(said, bytes) and len(said) > 2:
            ticks: list[dict[str, object]] = decoder._parse_binary(said)
            return ticks


def _say(line: ClientConnection, action: str, value: object) -> None:
    line.send(json.dumps({"a": action, "v": value}))


def test_each_mode_is_decoded_as_what_it_is(house: House, line: ClientConnection) -> None:
    future = next(
        e for e in house.kite().instruments("NFO") if e["tradingsymbol"] == house.future().tradingsymbol
    )
    token = future["instrument_token"]
    for mode in ("ltp", "quote", "full"):
        _say(line, "mode", [mode, [token, _NIFTY]])
        seen: dict[object, dict[str, object]] = {}
        while len(seen) < 2:
            seen |= {each["instrument_token"]: each for each in _ticks(line) if each["mode"] == mode}
            # An index and a price packet look alike in both: 8 bytes.
        assert seen[_NIFTY]["tradable"] is False
        assert seen[token]["tradable"] is True
        name = f"NFO:{future['tradingsymbol']}"
        assert float(str(seen[token]["last_price"])) > 0, name
        assert ("ohlc" in seen[token], "depth" in seen[token]) == (mode != "ltp", mode == "full")


def test_an_order_that_trades_is_told_as_text_and_signed(house: House, line: ClientConnection) -> None:
    future = house.future()
    line.ping().wait(10)
    order_id = house.kite().place_order(
        "regular", "NFO", future.tradingsymbol, "BUY", future.lot_size, "NRML", "MARKET", market_protection=-1
    )
    while not isinstance(said := line.recv(timeout=10), str):
        pass
    told = json.loads(said)
    assert (told["type"], told["data"]["order_id"], told["data"]["status"]) == ("order", order_id, "COMPLETE")
    assert len(told["data"]["checksum"]) == 64


def test_what_is_not_understood_is_an_error_and_the_line_stays(line: ClientConnection) -> None:
    for said in ("{", '{"a": "dance", "v": []}', '{"a": "mode", "v": ["all", [1]]}'):
        line.send(said)
        while not isinstance(answer := line.recv(timeout=10), str):
            pass
        assert json.loads(answer)["type"] == "error"


def test_a_quiet_line_beats(line: ClientConnection) -> None:
    assert line.recv(timeout=10) == b"\x00"


def test_a_wrong_token_is_refused_before_the_line_is_open(house: House) -> None:
    with pytest.raises(InvalidStatus) as refused, _connected(house, "wrong"):
        pass
    assert refused.value.response.status_code == 403
