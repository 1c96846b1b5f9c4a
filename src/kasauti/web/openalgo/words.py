"""OpenAlgo's words: exchanges, the status of an order, and the shapes of its answers."""

from enum import Enum
from typing import Any

import msgspec
from starlette.responses import Response

from kasauti.domain.ist import ist_datetime
from kasauti.domain.order import Order, Status
from kasauti.web.answers import Json

#: The exchanges of the API. Those that are not traded here have no instruments, and that is the answer then.
EXCHANGES = (
    "NSE", "NFO", "CDS", "BSE", "BFO", "BCD", "MCX", "NCDEX", "NCO",
    "NSE_INDEX", "BSE_INDEX", "MCX_INDEX", "GLOBAL_INDEX", "CRYPTO",
)  # fmt: skip
DERIVATIVES = ("NFO", "BFO", "MCX", "CDS", "NCO", "BCD", "NCDEX", "CRYPTO")

#: What `broker` says in answers.
BROKER = "kasauti"
#: Accounts here trade on paper, which OpenAlgo calls so.
MODE = "analyze"

WRONG_KEY = "Invalid openalgo apikey"
UNEXPECTED = "An unexpected error occurred in the API endpoint"
TOO_OFTEN = "Rate limit exceeded. Please slow down your requests."
RETRY_AFTER_S = 60

_STATUS = {
    Status.SUBMITTED: "open",
    Status.OPEN: "open",
    Status.TRIGGER_PENDING: "trigger pending",
    Status.COMPLETE: "complete",
    Status.CANCELLED: "cancelled",
    Status.EXPIRED: "cancelled",
    Status.DENIED: "rejected",
    Status.REJECTED: "rejected",
}


class Family(Enum):
    """How an endpoint words what is wrong with a request."""

    #: The faults as text, as Python writes a dict.
    ORDER = "order"
    #: As above, without the mode.
    PLAIN = "plain"
    #: The faults as an object.
    DATA = "data"
    #: The faults beside a message.
    OPTION = "Validation error"
    GREEKS = "Validation failed"


def status_word(order: Order) -> str:
    """Return the status of an order; a stop order on its way is shown as one that waits for its trigger."""
    if order.status is Status.SUBMITTED and order.order_type.has_trigger:
        return _STATUS[Status.TRIGGER_PENDING]
    return _STATUS[order.status]


def stamp(at: int) -> str:
    """Return a moment as order books show it: 08-Apr-2025 13:58:03, IST; "" for none."""
    return ist_datetime(at).strftime("%d-%b-%Y %H:%M:%S") if at else ""


def reply(body: Any, status: int = 200) -> Response:  # noqa: ANN401  whatever JSON can say
    """Return an answer."""
    return Json(msgspec.json.encode(body), status)


def failure(message: Any, status: int, **more: object) -> Response:  # noqa: ANN401  a sentence, or faults
    """Return an error."""
    return reply({"status": "error", "message": message, **more}, status)


def invalid(family: Family, faults: Any) -> Response:  # noqa: ANN401  nested as the request is
    """Return what is wrong with a request, in the words of the endpoint's family."""
    match family:
        case Family.ORDER:
            return failure(str(faults), 400, mode=MODE)
        case Family.PLAIN:
            return failure(str(faults), 400)
        case Family.DATA:
            return failure(faults, 400)
        case _:
            return failure(family.value, 400, errors=faults)
