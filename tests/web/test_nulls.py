"""The character U+0000 is refused at every door: an event that had it could not be in every table."""

from pathlib import Path

import httpx
import pytest
from tests.web.serving import served_doors

from kasauti.desk.playing import DeskPlay
from kasauti.web.nulls import has_null

_ORDER = "transaction_type=BUY&quantity=1&product=MIS&order_type=LIMIT&price=10&validity=DAY"


@pytest.mark.parametrize(
    ("path", "query", "body", "expected"),
    [
        ("/api/orders", b"", b'{"tag": "a\\u0000b"}', True),
        ("/api/orders", b"", b'{"tag": "a\\\\\\u0000b"}', True),
        ("/api/orders", b"", b'{"tag": "a\\\\u0000b"}', False),  # a backslash, and then letters
        ("/api/orders", b"", b'{"tag": "100%00"}', False),
        ("/orders/regular", b"", b"tag=a%00b", True),
        ("/orders/regular", b"", b"tag=a%2500b", False),
        ("/quote", b"i=NSE:SBIN%00", b"", True),
        ("/orders/a\0b", b"", b"", True),
        ("/orders", b"", b"", False),
    ],
)
def test_where_a_null_may_be(path: str, query: bytes, body: bytes, *, expected: bool) -> None:
    assert has_null({"path": path, "query_string": query}, body) is expected


def test_a_null_in_any_part_of_a_request_is_refused_and_nothing_is_recorded(tmp_path: Path) -> None:
    async def talk(clients: dict[str, httpx.AsyncClient], play: DeskPlay, secret: str) -> None:
        native, kite = clients["native"], clients["kite"]
        before = play.accounts[0].state.seq
        order = {"side": "BUY", "quantity": 1}
        said = [
            await native.post("/api/orders", json={"instrument": "NSE:SBIN\0", **order}),
            await native.post("/api/orders", json={"instrument": "NSE:SBIN", "tag": "a\0", **order}),
            await native.get("/api/orders/a%00b"),
            await native.get("/api/quotes?instruments=NSE:SBIN%00"),
            await native.post("/api/v1/funds", json={"apikey": secret, "strategy": "\0"}),
            await kite.post(
                "/orders/regular",
                content=f"exchange=NSE&tradingsymbol=SBIN%00&{_ORDER}",
                headers={"content-type": "application/x-www-form-urlencoded"},
            ),
            await kite.get("/quote/ltp?i=NSE:SBIN%00"),
        ]
        assert [each.status_code for each in said] == [400] * len(said), [each.text for each in said]
        assert all("U+0000" in each.text for each in said)
        assert play.accounts[0].state.seq == before

    served_doors(tmp_path, talk, {})
