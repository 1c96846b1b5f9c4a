"""A number that no log can hold is refused in words, and spoils nothing that comes after it."""

from pathlib import Path

import httpx
import pytest
from tests.web.serving import an_option, served_at_ports

from kasauti.desk.playing import DeskPlay
from kasauti.domain.money import rupees
from kasauti.errors import InvalidInput

_PRICES = ("9" * 30, "9" * 400, "9" * 6_000, "1e4000", "-1e400", "922337203685477.5808")
_UNITS = (2**63, 10**30, -(2**63) - 1)


@pytest.mark.parametrize("amount", _PRICES)
def test_an_amount_that_64_bits_do_not_hold_is_none(amount: str) -> None:
    with pytest.raises(InvalidInput):
        rupees(amount)


def test_the_largest_amount_is_one() -> None:
    assert rupees("922337203685477.5807") == 2**63 - 1


def test_large_numbers_are_refused_and_books_are_read_as_before(tmp_path: Path) -> None:
    async def talk(client: httpx.AsyncClient, play: DeskPlay, ports: dict[str, int], key: str) -> None:
        option, lot = an_option(play)
        order: dict[str, object] = {
            "instrument": option, "side": "BUY", "quantity": lot, "order_type": "LIMIT", "price": "1",
        }  # fmt: skip
        wishes = [{**order, "price": price} for price in _PRICES]
        wishes += [{**order, "trigger_price": price} for price in _PRICES]
        wishes += [{**order, "quantity": units} for units in _UNITS]
        seq = play.accounts[0].state.seq
        for wish in wishes:
            said = await client.post("/api/orders", json=wish)
            assert said.status_code == httpx.codes.BAD_REQUEST, said.text
            assert len(said.text) < 500, "it does not say all of it again"
        assert play.accounts[0].state.seq == seq, "nothing of it is in the log"

        kite = {"exchange": "NFO", "tradingsymbol": option.partition(":")[2], "transaction_type": "BUY"}
        kite |= {"product": "NRML", "order_type": "LIMIT", "price": "1", "quantity": str(2**62)}
        headers = {"authorization": f"token bot:{key}"}
        async with httpx.AsyncClient(headers=headers, trust_env=False) as bot:
            root = f"http://127.0.0.1:{ports['kite']}"
            said = await bot.post(f"{root}/orders/regular", data=kite)
            assert (said.status_code, said.json()["error_type"]) == (400, "InputException")
            assert (await bot.get(f"{root}/orders")).status_code == httpx.codes.OK
        book = await client.post("/api/v1/orderbook", json={"apikey": key})
        assert book.status_code == httpx.codes.OK

    served_at_ports(tmp_path, talk)


def test_a_required_field_of_openalgo_that_is_null_is_named(tmp_path: Path) -> None:
    async def talk(client: httpx.AsyncClient, play: DeskPlay, ports: dict[str, int], key: str) -> None:
        wish = {"apikey": key, "underlying": "NIFTY", "exchange": "NSE_INDEX", "expiry_date": None}
        said = await client.post("/api/v1/syntheticfuture", json=wish)
        assert said.status_code == httpx.codes.BAD_REQUEST
        assert "expiry_date" in said.text

    served_at_ports(tmp_path, talk)
