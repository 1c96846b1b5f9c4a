"""What the server says about itself: whether it is there, and that its accounts trade on paper."""

from starlette.responses import Response

from kasauti.web.endpoint import Call
from kasauti.web.openalgo.words import BROKER, MODE, reply


async def ping(call: Call) -> Response:
    """Say that the server is there."""
    return reply({"status": "success", "data": {"message": "pong", "broker": BROKER}, "mode": MODE})


async def analyzer(call: Call) -> Response:
    """Say that orders go to the simulated market."""
    return reply({"status": "success", "data": _analyzer(call), "mode": MODE})


def _analyzer(call: Call) -> dict[str, object]:
    state = call.account().state
    return {"mode": MODE, "analyze_mode": True, "total_logs": state.day_orders + state.day_denied}
