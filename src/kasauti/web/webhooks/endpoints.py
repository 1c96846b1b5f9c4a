"""The routes of the hooks."""

import asyncio

import msgspec
from starlette.responses import HTMLResponse, Response

from kasauti.desk.account import DeskAccount
from kasauti.desk.playing import DeskPlay
from kasauti.errors import InvalidInput, NotAllowed, NotThere
from kasauti.store.registry.alerts import Alert
from kasauti.web.access import Scope
from kasauti.web.endpoint import Call, Endpoint, Pace
from kasauti.web.native.dialect import answer
from kasauti.web.native.failures import Failure, Problem
from kasauti.web.native.orders import OfAccount
from kasauti.web.webhooks.door import HookDoor
from kasauti.web.webhooks.owning import row_of
from kasauti.web.webhooks.reading import read_alert
from kasauti.web.webhooks.showing import AlertShown, alert_shown, page_of

_MOST_BYTES = 32 * 1024
#: Of the largest number that a database counts to.
_DIGITS = 18


class Received(msgspec.Struct, frozen=True):
    """An alert that is stored. `is_new` is false for another copy of one; `page` says how far it comes."""

    alert: int
    is_new: bool
    page: str


class Alerts(msgspec.Struct, frozen=True):
    """Alerts, newest first."""

    alerts: list[AlertShown]


class Wrong(msgspec.Struct, frozen=True):
    """What OpenAlgo says of an alert that it does not take; ChartInk's has a status as well."""

    error: str
    status: str = "error"


class HookRoutes:
    """The endpoints in front of a `door`."""

    def __init__(self, door: HookDoor) -> None:
        self._door = door

    async def receive(self, call: Call) -> Response:
        """Take an alert in."""
        taken = await self._door.knock(call.request, call.body)
        if taken.problem:
            return answer(Failure(Problem("hook.refused", taken.problem)), 400)
        page = f"/hook/{call.request.path_params['token'].partition('.')[0]}/alerts/{taken.alert.id}"
        return answer(Received(taken.alert.id, taken.is_new, page), 202)

    async def strategy(self, call: Call) -> Response:
        """Take an alert in as OpenAlgo's strategies do, for its clients."""
        try:
            taken = await self._door.knock(call.request, call.body)
        except (NotAllowed, NotThere):
            return answer({"error": "Invalid webhook ID"}, 404)
        except InvalidInput as error:
            return answer({"error": str(error)}, 400)
        if taken.problem:
            return answer({"error": taken.problem}, 400)
        return answer({"message": f"Order queued successfully for {_symbols(taken.alert)}"})

    async def chartink(self, call: Call) -> Response:
        """Take a ChartInk alert in as OpenAlgo does."""
        try:
            taken = await self._door.knock(call.request, call.body)
        except (NotAllowed, NotThere):
            return answer({"status": "error", "error": "Invalid webhook ID"}, 404)
        except InvalidInput as error:
            return answer({"status": "error", "error": str(error)}, 400)
        if taken.problem:
            return answer({"status": "error", "error": taken.problem}, 400)
        symbols = _symbols(taken.alert)
        return answer({"status": "success", "message": f"Orders queued for symbols: {symbols}"})

    async def page(self, call: Call) -> Response:
        """Show an alert to who has its hook's secret: as a page, or as JSON to who asks for that."""
        request = call.request
        hook, _ = await asyncio.to_thread(self._door.admitted, request, looks=True)
        alert = await asyncio.to_thread(_alert, call, request.path_params["alert"])
        if alert.strategy_id != hook.strategy_id:
            raise NotThere("this hook has no such alert")
        shown = alert_shown(alert)
        if "text/html" in request.headers.get("accept", ""):
            return HTMLResponse(page_of(shown), headers={"referrer-policy": "no-referrer"})
        return answer(shown)

    async def alerts(self, call: Call) -> Response:
        """Return the alerts of an account's strategies."""
        account = call.account(call.body.account)
        found = await asyncio.to_thread(_alerts_of, call.play, account)
        return answer(Alerts([alert_shown(each) for each in found]))

    async def one_alert(self, call: Call) -> Response:
        """Return an alert of one of the key's accounts."""
        account = call.account(call.body.account)
        alert = await asyncio.to_thread(_alert_of, call, account, call.request.path_params["alert"])
        return answer(alert_shown(alert))

    def endpoints(self) -> tuple[Endpoint, ...]:
        """Return the rows."""
        posts = (
            ("/hook/{token}", self.receive, Received, None, "Take an alert in: stored, then done once."),
            ("/strategy/webhook/{token}", self.strategy, None, Wrong, "The same in OpenAlgo's words."),
            ("/chartink/webhook/{token}", self.chartink, None, Wrong, "The same in its words for ChartInk."),
        )
        looks = (
            ("/hook/{token}/alerts/{alert}", self.page, None, None, "How far an alert came."),
            ("/api/alerts", self.alerts, OfAccount, Scope.READ, "The alerts of an account, newest first."),
            ("/api/alerts/{alert}", self.one_alert, OfAccount, Scope.READ, "How far an alert came."),
        )
        return (
            *(
                Endpoint(
                    method="POST",
                    path=path,
                    handler=handler,
                    scope=None,
                    pace=Pace.WEBHOOKS,
                    summary=summary,
                    takes=bytes,
                    gives=gives,
                    fails=fails,
                    max_bytes=_MOST_BYTES,
                )
                for path, handler, gives, fails, summary in posts
            ),
            *(
                Endpoint(
                    method="GET",
                    path=path,
                    handler=handler,
                    scope=scope,
                    pace=Pace.READS,
                    summary=summary,
                    takes=takes,
                    gives=Alerts if path == "/api/alerts" else AlertShown,
                )
                for path, handler, takes, scope, summary in looks
            ),
        )


def _alert(call: Call, number: str) -> Alert:
    if not (number.isascii() and number.isdigit() and len(number) <= _DIGITS) or not call.play.has_registry:
        raise NotThere(f"there is no alert {number[:20]!r}")
    return call.play.registry.alerts.get(int(number))


def _alert_of(call: Call, account: DeskAccount, number: str) -> Alert:
    """Return an alert of an account."""
    alert, row = _alert(call, number), row_of(call.play, account)
    strategy = call.play.registry.strategies.get(alert.strategy_id)
    if row is None or strategy.account_id != row.id:
        raise NotThere(f"the account {account.name} has no such alert")
    return alert


def _alerts_of(play: DeskPlay, account: DeskAccount) -> list[Alert]:
    row = row_of(play, account) if play.has_registry else None
    return [] if row is None else play.registry.alerts.of(row.id)


def _symbols(alert: Alert) -> str:
    _, signals = read_alert(alert.content)
    return ", ".join(signal.symbol for signal in signals)
