"""What senders post is read as they mean it, or refused with the reason. Bodies are from their documents."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kasauti.errors import InvalidInput
from kasauti.web.webhooks.reading import Action, Sender, Signal, read_alert

#: What is posted, and what it asks for.
READ: dict[str, tuple[Sender, list[Signal]]] = {
    '{"symbol": "SBIN", "action": "BUY", "price": 811}': (Sender.PLAIN, [Signal("SBIN", Action.BUY)]),
    '{"strategy":"TradingView Strategy","symbol":"NHPC","action":"buy","exchange":"NSE","pricetype":"MARKET",'
    '"product":"MIS","quantity":"4","position_size":"4"}': (
        Sender.TRADINGVIEW, [Signal("NHPC", Action.BUY, 4, 4, "NSE")]),
    '{"symbol":"NHPC","action":"sell","quantity":"4.0","position_size":"-4"}': (
        Sender.TRADINGVIEW, [Signal("NHPC", Action.SELL, 4, -4)]),
    '{"symbol": "SBIN", "action": "BUY", "position_size": "10"}': (
        Sender.TRADINGVIEW, [Signal("SBIN", Action.BUY, 0, 10)]),
    '{"strategy":"TradingView Line Alert","symbol":"NIFTY26D0126000CE","action":"Short","quantity":"75"}': (
        Sender.PLAIN, [Signal("NIFTY26D0126000CE", Action.SHORT, 75)]),
    '\ufeff  {"ticker": "nse:sbin", "side": "cover"}\n': (Sender.PLAIN, [Signal("NSE:SBIN", Action.COVER)]),
    '{"stocks":"SBIN,RELIANCE,","trigger_prices":"811,1187","triggered_at":"2:34 pm",'
    '"scan_name":"My BUY scan","scan_url":"x","alert_name":"y"}': (
        Sender.CHARTINK, [Signal("SBIN", Action.BUY), Signal("RELIANCE", Action.BUY)]),
    '{"stocks":"M&M","scan_name":"my short Scan"}': (Sender.CHARTINK, [Signal("M&M", Action.SHORT)]),
}  # fmt: skip

#: What is posted, and a part of the reason why it cannot be used.
REFUSED = {
    '{"symbol":"SBIN","action":"BUY","exchange":"NSE\\u0000"}': "write it like NSE",
    '{"symbol": "SBIN", "action": "{{strategy.order.action}}"}': "{{strategy.order.action}} was not replaced",
    '{"symbol": "SBIN", "action": "HOLD"}': "'HOLD'",
    '{"symbol": "SBIN"}': "no action",
    '{"action": "BUY"}': "no symbol",
    '{"symbol": "", "action": "BUY"}': "no symbol",
    '{"symbol": "SBIN\\u0000", "action": "BUY"}': "cannot be a symbol",
    '{"symbol": "SBIN", "action": "BUY", "quantity": 1.5}': "1.5",
    '{"symbol": "SBIN", "action": "BUY", "quantity": "1e9"}': "1e9",
    '{"symbol": "SBIN", "action": "BUY", "quantity": 1e309}': "not JSON",
    '{"symbol": "SBIN", "action": "BUY", "quantity": NaN}': "not JSON",
    '{"symbol": "SBIN", "action": "BUY", "quantity": -5}': "without a sign",
    '{"symbol": "SBIN", "action": "BUY", "quantity": true}': "True",
    '{"symbol": "SBIN", "symbol": "INFY", "action": "BUY"}': "twice",
    '{"stocks": "SBIN", "scan_name": "breakout"}': "BREAKOUT",
    '{"stocks": ",", "scan_name": "buy"}': "0 stocks",
    "buy SBIN": "not JSON",
    "[1]": "no JSON object",
    "[" * 5_000: "not JSON",
}


@pytest.mark.parametrize("posted", READ)
def test_an_alert_is_read_as_its_sender_means_it(posted: str) -> None:
    assert read_alert(posted.encode()) == READ[posted]


@pytest.mark.parametrize("posted", REFUSED)
def test_what_cannot_be_meant_is_refused_with_the_reason(posted: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_alert(posted.encode())
    assert REFUSED[posted] in str(refused.value)


@given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_nothing_that_is_posted_raises_anything_else(posted: bytes) -> None:
    with contextlib.suppress(InvalidInput):
        read_alert(posted)


_NAMES = (
    "symbol", "ticker", "action", "side", "quantity", "qty", "position_size", "exchange", "stocks",
    "scan_name",
)  # fmt: skip
_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["BUY", "SBIN", "1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=4,
)


@given(st.dictionaries(st.sampled_from(_NAMES), _JSON, max_size=6) | _JSON)
def test_whatever_is_sent_is_read_or_refused(sent: object) -> None:
    with contextlib.suppress(InvalidInput):
        _, signals = read_alert(json.dumps(sent).encode())
        assert all(signal.symbol and signal.quantity >= 0 for signal in signals)
