"""
The hooks' door: who may knock, and that an alert is stored before anybody is told that it came.

A hook is named by its public part. Its secret is behind a point in the URL, in the header `X-Kasauti-Secret`,
or in the body as `secret`; a signed hook wants `X-Kasauti-Signature: sha256=` and the body's HMAC instead.
"""

import asyncio
import hmac
from hashlib import sha256
from ipaddress import ip_address, ip_network
from typing import Final

import msgspec
from starlette.requests import Request

from kasauti.desk.playing import DeskPlay
from kasauti.domain.ist import NS_PER_SECOND
from kasauti.errors import InvalidInput, NotAllowed, NotThere
from kasauti.store.registry.alerts import Alert
from kasauti.store.registry.hooks import Hook
from kasauti.store.registry.strategies import StrategySetup
from kasauti.web.webhooks.carrying import Carrier
from kasauti.web.webhooks.settings import settings_of

SECRET_HEADER: Final = "x-kasauti-secret"  # noqa: S105  a header's name
SIGNATURE_HEADER: Final = "x-kasauti-signature"
KEY_HEADER: Final = "idempotency-key"
_SCHEME: Final = "sha256="
_MOST_REMEMBERED: Final = 10_000
_LONGEST_KEY: Final = 200
_HIDDEN: Final = b"***"
_CONTENT: Final = "content:"


class _Body(msgspec.Struct):
    """What of a body concerns the door; everything else is the reader's."""

    secret: str = ""
    alert_id: str | int = ""


class Taken(msgspec.Struct, frozen=True):
    """An alert that is stored; `is_new` is False for another copy. `problem` says why it cannot be used."""

    alert: Alert
    is_new: bool
    problem: str


class HookDoor:
    """Takes alerts in, for a `carrier` to carry out."""

    def __init__(self, play: DeskPlay, carrier: Carrier) -> None:
        self._play = play
        self._carrier = carrier
        #: When the same content came last, by strategy and digest: its key, and the time of the first copy.
        self._recent: dict[tuple[int, bytes], tuple[str, int]] = {}

    async def open(self) -> None:
        """Know again what came before a restart, and have it carried out as far as it was not."""
        if self._play.has_registry:
            for alert in await asyncio.to_thread(self._lately):
                if alert.dedupe.startswith(_CONTENT):
                    digest = sha256(alert.content).digest()
                    self._recent[alert.strategy_id, digest] = (alert.dedupe, alert.received_at)
        await self._carrier.open()

    def _lately(self) -> list[Alert]:
        registry = self._play.registry
        found = [alert for row in registry.accounts.all() for alert in registry.alerts.of(row.id)]
        return sorted(found, key=lambda alert: alert.id)

    async def close(self) -> None:
        """Carry out what has come."""
        await self._carrier.close()

    async def knock(self, request: Request, body: bytes) -> Taken:
        """Take an alert in; raises `NotAllowed`, `NotThere`, or `StorageError` if it cannot be stored."""
        hook, body = await asyncio.to_thread(self.admitted, request, body)
        strategy = await asyncio.to_thread(self._play.registry.strategies.get, hook.strategy_id)
        now = self._carrier.wall()
        key = self._key(request, strategy, body, now)
        address = _address(request)

        def store() -> tuple[Alert, bool]:
            return self._play.registry.alerts.store(strategy.id, key, body, now, address=address)

        alert, is_new = await asyncio.to_thread(store)
        problem = await self._carrier.take(alert) if is_new else ""
        return Taken(alert, is_new, problem)

    def admitted(self, request: Request, body: bytes = b"", *, looks: bool = False) -> tuple[Hook, bytes]:
        """
        Return the hook that a request may use, and its body without the secret.

        Who only `looks` may name the secret of a signed hook, for a browser signs nothing.
        """
        public, _, secret = request.path_params["token"].partition(".")
        if not self._play.has_registry:
            raise NotThere("there is no such hook; `kasauti hook add` makes one")
        hooks = self._play.registry.hooks
        try:
            hook = hooks.by_public(public)
        except NotThere as error:
            raise NotThere("there is no such hook; `kasauti hook list` shows what there is") from error
        if hook.revoked_at:
            raise NotThere("the hook was removed; `kasauti hook add` makes another one")
        if hook.addresses and not _is_within(_address(request), hook.addresses):
            raise NotAllowed("the hook does not take alerts from this address")
        secret = secret or request.headers.get(SECRET_HEADER, "") or _of_body(body).secret
        if hook.signed and not (looks and hooks.opens(hook.id, secret)):
            expected = hmac.new(hooks.secret_of(hook.id).encode(), body, sha256).hexdigest()
            given = request.headers.get(SIGNATURE_HEADER, "").lower()
            if not hmac.compare_digest(given.encode("utf-8", "replace"), (_SCHEME + expected).encode()):
                raise NotAllowed(f"the body is not signed as the hook asks; send {SIGNATURE_HEADER}")
            return hook, body
        if not hooks.opens(hook.id, secret):
            raise NotAllowed("the secret is missing or wrong; it is the part of the URL behind the point")
        return hook, body.replace(secret.encode(), _HIDDEN)

    def _key(self, request: Request, strategy: StrategySetup, body: bytes, now: int) -> str:
        """Return what makes an alert the same as another: the sender's key, else its content for a while."""
        given = request.headers.get(KEY_HEADER, "") or str(_of_body(body).alert_id)
        if given:
            if len(given) > _LONGEST_KEY:
                raise InvalidInput(f"the alert's key has more than {_LONGEST_KEY} characters; shorten it")
            return f"given:{given}"
        digest = sha256(body).digest()
        window = _window(strategy)
        key, first = self._recent.get((strategy.id, digest), ("", 0))
        # One that was stored before the clock was set back is not of a time to come.
        if key and abs(now - first) < window:
            return key
        key = f"{_CONTENT}{digest.hex()[:32]}:{now}"
        if len(self._recent) >= _MOST_REMEMBERED:
            self._recent = {each: told for each, told in self._recent.items() if now - told[1] < window}
        self._recent[strategy.id, digest] = (key, now)
        return key


def _window(strategy: StrategySetup) -> int:
    try:
        return settings_of(strategy.params).window_s * NS_PER_SECOND
    except InvalidInput:
        return 0


def _of_body(body: bytes) -> _Body:
    try:
        return msgspec.json.decode(body, type=_Body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _Body()


def _address(request: Request) -> str:
    return request.client.host if request.client is not None else ""


def _is_within(address: str, networks: tuple[str, ...]) -> bool:
    try:
        return any(ip_address(address) in ip_network(each, strict=False) for each in networks)
    except ValueError:
        return False
