"""Whatever is asked, the answer is one of OpenAlgo's, never a failure of ours."""

import random
from typing import Any, get_args, get_type_hints

import msgspec
import pytest
from tests.web.openalgo.served import Client, House

from kasauti.web.endpoint import Endpoint
from kasauti.web.openalgo.endpoints import ENDPOINTS
from kasauti.web.openalgo.fields import Rows, Text

ODD: list[Any] = [
    "", " ", "0", "-1", "1e309", "NaN", "٣", "\x00", "🙂" * 300, "9" * 400, "1.23456789", None, True, 0, -7,
    10**30, 1e300, 0.1, [], {}, [[]], [{}], {"a": [1]}, "{{close}}", "2026-02-30", "31FEB26", "ATM0", "NFO:",
]  # fmt: skip
PLAUSIBLE: dict[str, list[Any]] = {
    "symbol": ["SBIN", "NIFTY", "NIFTY23NOV26FUT", "NIFTY23NOV2626000CE", "NIFTY23NOV2627300PE"],
    "exchange": ["NSE", "NFO", "NSE_INDEX"],
    "underlying": ["NIFTY", "NIFTY23NOV26FUT", "SBIN"],
    "underlying_symbol": ["NIFTY", "NIFTY23NOV26FUT"],
    "underlying_exchange": ["NSE_INDEX", "NFO"],
    "expiry_date": ["23NOV26", "24NOV26"],
    "offset": ["ATM", "ITM2", "OTM50"],
    "trigger_type": ["SINGLE", "OCO"],
    "quantity": ["65", 1, 10**11],
    "start_date": ["2026-11-23", "1900-01-01"],
    "end_date": ["2026-11-23", "9999-12-31"],
    "from": ["2026-11-23", "1000000000", "9999999999999"],
    "to": ["2026-11-23", "9999-12-31", "0001-01-01"],
    "date": ["2026-11-23", "2050-12-31", "2021-01-26"],
    "year": [2026, 2020, 2050],
    "interval": ["1m", "D", "W"],
}


def _value(name: str, field: Any, draw: random.Random) -> Any:
    """Return a value for a field, mostly one that its checks let pass."""
    if draw.random() < 0.12:
        return draw.choice(ODD)
    if isinstance(field, Rows):
        return [_body(field.kind, draw) for _ in range(draw.randrange(3))]
    if isinstance(field, Text) and field.one_of and name not in PLAUSIBLE:
        return draw.choice(field.one_of)
    return draw.choice(PLAUSIBLE.get(name, ["1", 100, "850.55", 10**12]))


def _body(kind: type[msgspec.Struct], draw: random.Random) -> dict[str, Any]:
    hints = get_type_hints(kind, include_extras=True)
    return {
        each.encode_name: _value(each.encode_name, get_args(hints[each.name])[-1], draw)
        for each in msgspec.structs.fields(kind)
        if each.required or draw.random() < 0.5
    }


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda each: each.path)
def test_no_request_makes_the_server_fail(house: House, endpoint: Endpoint) -> None:
    draw = random.Random(endpoint.path)

    async def talk(client: Client) -> None:
        for _ in range(6):
            body = {**_body(endpoint.takes, draw), "apikey": client.key.secret}
            if endpoint.method == "GET":
                path = endpoint.path.replace("{symbol}", draw.choice(["NSE:SBIN", "X", ":", "NSE:", "%00"]))
                said = await client.http.get(path, params={name: str(value) for name, value in body.items()})
            else:
                said = await client.http.post(endpoint.path, content=msgspec.json.encode(body))
            known = {200, 400, 403, 404, 429}
            assert said.status_code in known, (body, said.text)

    house.host(talk)
