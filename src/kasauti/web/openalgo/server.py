"""What the server says about itself: whether it is there, and that its accounts trade on paper."""

from starlette.responses import Response

from kasauti.web.endpoint import Call
from kasauti.web.openalgo.data_requests import Notice, Toggle
from kasauti.web.openalgo.words import BROKER, MODE, failure, reply


async def ping(call: Call) -> Response:
    """Say that the server is there."""
    return reply({"status": "success", "data": {"message": "pong", "broker": BROKER}, "mode": MODE})


async def analyzer(call: Call) -> Response:
    """Say that orders go to the simulated market."""
    return reply({"status": "success", "data": _analyzer(call), "mode": MODE})


async def toggle(call: Call) -> Response:
    """
    Confirm that orders are simulated; anything else is refused.

    Whether an account trades on paper is fixed when it is opened. No key turns paper into money.
    """
    asked: Toggle = call.body
    if not asked.mode:
        message = (
            "This account trades on paper, which was fixed when it was opened; it cannot be switched to live."
        )
        return failure(message, 403)
    told = {**_analyzer(call), "message": "Analyzer mode switched to analyze"}
    return reply({"status": "success", "data": told, "mode": MODE})


async def notify(call: Call) -> Response:
    """Say that nobody here is linked to Telegram."""
    asked: Notice = call.body
    if not asked.username or not asked.message:
        return failure("Username and message are required", 400)
    return failure("User not found or not linked to Telegram", 404)


async def whatsapp(call: Call) -> Response:
    """Say that nobody here is linked to WhatsApp."""
    return failure("WhatsApp is not linked", 404)


def _analyzer(call: Call) -> dict[str, object]:
    state = call.account().state
    return {"mode": MODE, "analyze_mode": True, "total_logs": state.day_orders + state.day_denied}
