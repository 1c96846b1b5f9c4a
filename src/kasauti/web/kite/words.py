"""Kite's words: the envelope of its answers, the types of its errors, times and amounts."""

import re
from enum import StrEnum
from typing import Any, Final

import msgspec
from starlette.responses import Response

from kasauti.domain.ist import ist_datetime
from kasauti.domain.money import RUPEE
from kasauti.web.answers import Json

NO_SESSION = "Incorrect `api_key` or `access_token`."
TOO_OFTEN = "Too many requests"
#: What `broker` says of a user.
BROKER = "KASAUTI"
PRODUCTS = ("CNC", "NRML", "MIS", "MTF", "CO")
ORDER_TYPES = ("MARKET", "LIMIT", "SL", "SL-M")
EXCHANGES = ("NSE", "BSE", "NFO", "BFO", "CDS", "BCD", "MCX")


class Fault(StrEnum):
    """The class of an error, which clients raise by its name."""

    TOKEN = "TokenException"  # noqa: S105  no secret, a class
    PERMISSION = "PermissionException"
    INPUT = "InputException"
    ORDER = "OrderException"
    MARGIN = "MarginException"
    HOLDING = "HoldingException"
    NETWORK = "NetworkException"
    DATA = "DataException"
    GENERAL = "GeneralException"


#: The HTTP status of each class of error, where an answer has no other. brokers.md 1.3.
STATUS = {
    Fault.TOKEN: 403,
    Fault.PERMISSION: 403,
    Fault.INPUT: 400,
    Fault.ORDER: 400,
    Fault.MARGIN: 400,
    Fault.HOLDING: 400,
    Fault.NETWORK: 429,
    Fault.DATA: 502,
    Fault.GENERAL: 500,
}


#: An amount as our own sentences have it: ₹12,34,567.50, with ten-thousandths where it has them.
_AMOUNT: Final = re.compile(r"₹([0-9][0-9,]*)\.([0-9]{2})[0-9]*")


def reply(data: Any) -> Response:  # noqa: ANN401  whatever JSON can say
    """Return an answer."""
    return Json(msgspec.json.encode({"status": "success", "data": data}))


def failure(fault: Fault, message: str, status: int = 0) -> Response:
    """Return an error."""
    body = {"status": "error", "message": worded(message), "data": None, "error_type": str(fault)}
    return Json(msgspec.json.encode(body), status or STATUS[fault])


def worded(sentence: str) -> str:
    """Return a sentence with amounts as Kite writes them, 1234567.50, where programs look for them."""
    return _AMOUNT.sub(lambda found: f"{found[1].replace(',', '')}.{found[2]}", sentence)


def stamp(at: int) -> str | None:
    """Return a moment as Kite writes it, 2026-11-23 09:15:00 in IST; None for none."""
    return ist_datetime(at).strftime("%Y-%m-%d %H:%M:%S") if at else None


def rupees_of(units: int) -> float | int:
    """Return money units as a number of rupees, whole ones without a fraction."""
    whole, rest = divmod(units, RUPEE)
    return units / RUPEE if rest else whole
