"""From what a sender posts to signals: JSON of several makes, also as plain text."""

import json
import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

import msgspec

from kasauti.errors import InvalidInput
from kasauti.web.once import once

_MOST_SIGNALS: Final = 100
_PLACEHOLDER: Final = re.compile(r"\{\{[^{}]{0,100}\}\}")
_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,12}(\.0{1,8})?")
_SYMBOL: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 &:_.!-]{0,79}")
_EXCHANGE: Final = re.compile(r"[A-Za-z_]{0,20}")
_SYMBOLS: Final = ("symbol", "ticker", "tradingsymbol")
_ACTIONS: Final = ("action", "side", "order_action", "transaction_type")
_QUANTITIES: Final = ("quantity", "qty", "contracts")


class Action(StrEnum):
    """What an alert asks for; what BUY and SELL mean depends on the strategy's mode."""

    BUY = "BUY"
    SELL = "SELL"
    SHORT = "SHORT"
    COVER = "COVER"


#: Other words for them that senders use.
_WORDS: Final = {
    "LONG": Action.BUY,
    "B": Action.BUY,
    "S": Action.SELL,
    "EXIT": Action.SELL,
    **{str(each): each for each in Action},
}


class Sender(StrEnum):
    """Whose manner an alert is in."""

    PLAIN = "plain"
    TRADINGVIEW = "tradingview"
    CHARTINK = "chartink"


class Signal(msgspec.Struct, frozen=True):
    """One wish of an alert. `quantity` is 0 and `target` None where it says none; `exchange` likewise ""."""

    symbol: str
    action: Action
    quantity: int = 0
    target: int | None = None
    exchange: str = ""


def read_alert(content: bytes) -> tuple[Sender, list[Signal]]:
    """Return what an alert asks for; `InvalidInput` says in a sentence why it cannot be read."""
    fields = _fields(content)
    if "stocks" in fields:
        return Sender.CHARTINK, _chartink(fields)
    signal = _signal(fields)
    sender = Sender.PLAIN if signal.target is None else Sender.TRADINGVIEW
    return sender, [signal]


def _fields(content: bytes) -> Mapping[str, Any]:
    try:
        text = content.decode("utf-8-sig").strip()
    except UnicodeDecodeError as error:
        raise InvalidInput(f"the alert is not UTF-8 text: {error}") from error
    if left := _PLACEHOLDER.search(text):
        raise InvalidInput(
            f"the placeholder {left[0]} was not replaced by its sender: it is not known there, or the message"
            " was sent as a test; write one that TradingView fills in"
        )
    try:
        msgspec.json.decode(content.removeprefix(b"\xef\xbb\xbf"))
        fields = json.loads(text, object_pairs_hook=once)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise InvalidInput(f"the alert is not JSON ({error}); write a message like the one shown") from error
    if not isinstance(fields, dict):
        raise InvalidInput('the alert is no JSON object; write {"symbol": …, "action": …}')
    return {str(name).strip().lower(): value for name, value in fields.items()}


def _signal(fields: Mapping[str, Any]) -> Signal:
    symbol = _text(fields, _SYMBOLS)
    target = None
    if _says(fields, "position_size"):
        target = _whole("position_size", fields["position_size"])
    named = next((name for name in _QUANTITIES if _says(fields, name)), "")
    quantity = _whole(named, fields[named]) if named else 0
    if quantity < 0:
        raise InvalidInput(f"{named} is {quantity}; write how many units, without a sign")
    exchange = fields.get("exchange") or ""
    if not isinstance(exchange, str) or not _EXCHANGE.fullmatch(exchange.strip()):
        raise InvalidInput(f"exchange is {exchange!r:.50}; write it like NSE")
    return Signal(
        _symbol(symbol), _action(_text(fields, _ACTIONS)), quantity, target, exchange.strip().upper()
    )


def _chartink(fields: Mapping[str, Any]) -> list[Signal]:
    """Read ChartInk's list: the action is a word of the scan's name, prices and times are only told."""
    scan = _text(fields, ("scan_name",)).upper()
    action = next((each for each in Action if each in scan), None)
    if action is None:
        raise InvalidInput(f"the scan's name {scan[:80]!r} has none of BUY, SELL, SHORT, COVER in it")
    names = [name.strip() for name in _text(fields, ("stocks",)).split(",") if name.strip()]
    if not 0 < len(names) <= _MOST_SIGNALS:
        raise InvalidInput(f"the alert names {len(names)} stocks; 1 to {_MOST_SIGNALS} can be carried out")
    return [Signal(_symbol(name), action) for name in dict.fromkeys(names)]


def _says(fields: Mapping[str, Any], name: str) -> bool:
    """Whether a field says anything, be it nonsense."""
    value = fields.get(name)
    return value is not None and value != ""


def _text(fields: Mapping[str, Any], names: Sequence[str]) -> str:
    value = next((fields[name] for name in names if _says(fields, name)), None)
    if not isinstance(value, str):
        raise InvalidInput(f"the alert has no {names[0]}; add it as text")
    return value.strip()


def _symbol(text: str) -> str:
    if not _SYMBOL.fullmatch(text):
        raise InvalidInput(f"{text[:80]!r} cannot be a symbol; write it like SBIN or NSE:SBIN")
    return text.upper()


def _action(word: str) -> Action:
    found = _WORDS.get(word.upper())
    if found is None:
        raise InvalidInput(f"action is {word[:50]!r}; it is one of BUY, SELL, SHORT, COVER")
    return found


def _whole(name: str, value: object) -> int:
    """Return a whole number, also one written as text or with a point and noughts behind it."""
    text = str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
    if not _WHOLE.fullmatch(text):
        raise InvalidInput(f"{name} is {value!r:.50}; write a whole number of units")
    return int(text.partition(".")[0])
