"""The ticker's packets are those of Kite, byte by byte."""

import os
from pathlib import Path

import msgspec
import pytest

from kasauti.web.kite.packets import DIVISORS, LAYOUTS, Mode, frame, packed

_SHARED = Path(os.environ.get("KASAUTI_SHARED", Path(__file__).parents[4] / "shared"))
_GOLDEN = _SHARED / "fixtures" / "kite" / "golden"
_NAMES = (
    "full_mcx_empty_depth", "full_nfo_oi", "full_nse_depth", "full_zero_ltt", "index_full_32",
    "index_full_32_negative_change", "index_quote_28", "ltp_bcd_div1e4", "ltp_cds_div1e7", "ltp_nco_div1e4",
    "ltp_nse", "multi_packet", "official_full_framed", "official_quote_framed", "quote_nse",
)  # fmt: skip


def test_packets_are_as_long_as_kites() -> None:
    sizes = {key: layout.itemsize - 2 for key, layout in LAYOUTS.items()}
    assert sizes == {
        (Mode.LTP, False): 8,
        (Mode.LTP, True): 8,
        (Mode.QUOTE, False): 44,
        (Mode.QUOTE, True): 28,
        (Mode.FULL, False): 184,
        (Mode.FULL, True): 32,
    }


def test_a_price_packet_has_its_token_and_price_big_endian() -> None:
    (one,) = packed(Mode.LTP, {"token": [408065], "last": [157_095]}, index=False)
    assert frame([one]).hex() == "0001000800063a01000265a7"
    assert frame([]).hex() == "0000"


@pytest.mark.parametrize("name", _NAMES)
def test_golden_frames_are_made_again_from_what_they_say(name: str) -> None:
    if not _GOLDEN.is_dir():
        pytest.skip("the golden frames are not on this machine; KASAUTI_SHARED names where they are")
    raw = bytes.fromhex((_GOLDEN / f"{name}.hex").read_text().strip())
    told = msgspec.json.decode((_GOLDEN / f"{name}.json").read_bytes())
    packets = []
    for packet, tick in zip(_split(raw), told, strict=True):
        index = tick["instrument_token"] & 0xFF == 9
        columns = _columns(tick, index=index)
        if index and len(packet) > 8:
            # The decoder makes its own figure of the change, so it is taken from the frame.
            columns["change"] = [int.from_bytes(packet[24:28], "big", signed=True)]
        for name_, start in (("trade_time", 44), ("time", 60)):
            if len(packet) == 184:
                columns[name_] = [int.from_bytes(packet[start : start + 4], "big")]
        if len(packet) == 32:
            columns["time"] = [int.from_bytes(packet[28:32], "big")]
        packets += packed(Mode(tick["mode"]), columns, index=index)
    assert frame(packets) == raw


def _split(raw: bytes) -> list[bytes]:
    found, at = [], 2
    for _ in range(int.from_bytes(raw[:2], "big")):
        size = int.from_bytes(raw[at : at + 2], "big")
        found.append(raw[at + 2 : at + 2 + size])
        at += 2 + size
    return found


def _columns(tick: dict, *, index: bool) -> dict:  # type: ignore[type-arg]
    divisor = DIVISORS.get(tick["instrument_token"] & 0xFF, 100)

    def price(value: float) -> list[int]:
        return [round(value * divisor)]

    columns = {"token": [tick["instrument_token"]], "last": price(tick["last_price"])}
    if tick["mode"] == "ltp":
        return columns
    columns |= {name: price(tick["ohlc"][name]) for name in ("open", "high", "low", "close")}
    if index:
        return columns
    columns |= {
        "last_quantity": [tick["last_traded_quantity"]],
        "average": price(tick["average_traded_price"]),
        "volume": [tick["volume_traded"]],
        "buy_quantity": [tick["total_buy_quantity"]],
        "sell_quantity": [tick["total_sell_quantity"]],
    }
    if tick["mode"] == "full":
        columns |= {"oi": [tick["oi"]], "oi_high": [tick["oi_day_high"]], "oi_low": [tick["oi_day_low"]]}
        for side, word in (("bids", "buy"), ("asks", "sell")):
            rows = [(e["quantity"], round(e["price"] * divisor), e["orders"], 0) for e in tick["depth"][word]]
            columns[side] = [rows]
    return columns
