"""Which broker the desk is set up for: its keys masked on every read, its secrets in the vault alone."""

import asyncio
from typing import Final

import msgspec
from starlette.responses import Response

from kasauti.brokers.credentials import FORMS
from kasauti.brokers.factory import DEFAULT, BrokerFactory
from kasauti.errors import InvalidInput
from kasauti.feeds.clock import wall_ns
from kasauti.store.registry.rows import Actor
from kasauti.store.vault import Vault, masked
from kasauti.web.access import Scope
from kasauti.web.endpoint import Call, Endpoint, Pace
from kasauti.web.native.dialect import answer

#: The vault's name for the broker of the desk.
_CURRENT: Final = "broker"
_LONGEST: Final = 512
_LOGIN: Final = {"zerodha": "https://kite.zerodha.com/connect/login?v=3"}


class BrokerKnown(msgspec.Struct, frozen=True, kw_only=True):
    """A broker by its title, the credentials it asks for, and whether it can be used in this release."""

    title: str
    keys: list[str]
    is_available: bool


class Supported(msgspec.Struct, frozen=True):
    """Brokers by name."""

    brokers: dict[str, BrokerKnown]


class Current(msgspec.Struct, frozen=True):
    """The broker that is set up; of its key the beginning is shown, of its secret that there is one."""

    name: str
    api_key: str
    has_secret: bool


class Configure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A broker and its key and secret."""

    broker_name: str
    api_key: str
    api_secret: str


class Tested(msgspec.Struct, frozen=True):
    """Whether the broker can be used now, why not, and where to log in if that is missing."""

    broker: str
    is_usable: bool
    message: str
    login_url: str


async def supported(call: Call) -> Response:
    """Return the brokers that are known."""
    forms = {form.broker: form for form in FORMS}
    found = {
        name: BrokerKnown(
            title=forms[name].title if name in forms else name,
            keys=list(forms[name].keys) if name in forms else [],
            is_available=name not in forms,
        )
        for name in BrokerFactory.supported()
    }
    return answer(Supported(found))


def _current(call: Call) -> Current:
    vault = Vault(call.play.folder)
    if _CURRENT not in vault.names():
        return Current(DEFAULT, "", has_secret=False)
    kept = vault.get(_CURRENT)
    return Current(kept["broker_name"], masked(kept["api_key"]), bool(kept["api_secret"]))


async def current(call: Call) -> Response:
    """Return the broker that is set up."""
    return answer(await asyncio.to_thread(_current, call))


async def configure(call: Call) -> Response:
    """Set a broker up; its secret goes into the vault and is not shown again."""
    asked: Configure = call.body
    if asked.broker_name not in BrokerFactory.supported():
        names = ", ".join(BrokerFactory.supported())
        raise InvalidInput(f"{asked.broker_name[:50]!r} is not a supported broker; there are {names}")
    for name, text in (("api_key", asked.api_key), ("api_secret", asked.api_secret)):
        if not (
            0 < len(text) <= _LONGEST and text.isascii() and text.isprintable() and text.split() == [text]
        ):
            raise InvalidInput(
                f"{name} cannot be used: it is 1 to {_LONGEST} plain characters without a space"
            )
    assert call.caller is not None, "the endpoint asks for a key"
    by = Actor(call.caller.user, "api")

    def kept() -> Current:
        Vault(call.play.folder).put(_CURRENT, msgspec.structs.asdict(asked))
        call.play.registry.audit.record(by, "broker.configured", f"broker:{asked.broker_name}", wall_ns())
        return _current(call)

    return answer(await asyncio.to_thread(kept))


async def usable(call: Call) -> Response:
    """Say whether the broker could be used; under the paper ceiling nobody is called."""
    found = await asyncio.to_thread(_current, call)
    is_usable = found.name not in {form.broker for form in FORMS}
    message = (
        "the broker needs no login"
        if is_usable
        else "its adapter comes with a later release; under the paper ceiling nobody was called"
    )
    return answer(Tested(found.name, is_usable, message, _LOGIN.get(found.name, "")))


ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/api/brokers/supported",
        handler=supported,
        scope=Scope.READ,
        pace=Pace.READS,
        summary="The brokers that are known.",
        gives=Supported,
    ),
    Endpoint(
        method="GET",
        path="/api/broker/current",
        handler=current,
        scope=Scope.ADMIN,
        pace=Pace.READS,
        summary="The broker that is set up, its key masked.",
        gives=Current,
    ),
    Endpoint(
        method="POST",
        path="/api/broker/configure",
        handler=configure,
        scope=Scope.ADMIN,
        pace=Pace.SESSIONS,
        summary="Set a broker up; its secret goes into the vault.",
        takes=Configure,
        gives=Current,
    ),
    Endpoint(
        method="POST",
        path="/api/broker/test",
        handler=usable,
        scope=Scope.ADMIN,
        pace=Pace.SESSIONS,
        summary="Say whether the broker can be used now.",
        gives=Tested,
    ),
)
