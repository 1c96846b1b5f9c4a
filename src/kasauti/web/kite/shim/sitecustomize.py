"""
Points a bot's `kiteconnect` at a desk, whatever address and credentials its source has.

Python imports this module by itself when the folder is on its path: `kasauti kite-shim` puts it there. It
needs nothing of Kasauti, for the bot may run in another environment. The address and the key are in the
environment, for this process and those it starts.
"""

import importlib.util
import os
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

# The bot's environment is all that reaches it; it knows nothing of our settings.
_ENVIRON = os.environ  # noqa: TID251  as said
ROOT, KEY = "KASAUTI_KITE_ROOT", "KASAUTI_KITE_KEY"


class _Finder(MetaPathFinder):
    """Finds `kiteconnect` where it is, and points it at the desk once it is loaded."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the package's own place, with the pointing behind its loading."""
        if fullname != "kiteconnect":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(fullname)
        if spec is not None and spec.loader is not None:
            spec.loader = _Pointing(spec.loader)
        return spec


class _Pointing(Loader):
    """Loads as another loader does, and points what it loaded at the desk."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Make the module as the other loader does."""
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """Load the module, and point it."""
        self._loader.exec_module(module)
        point(module, _ENVIRON[ROOT], _ENVIRON[KEY])


def point(package: Any, root: str, key: str) -> None:  # noqa: ANN401  the bot's own kiteconnect
    """Have the clients of a `kiteconnect` speak to `root` with `key`."""
    client, ticker = package.KiteConnect, package.KiteTicker
    client_init, ticker_init = client.__init__, ticker.__init__

    def begin_client(self: Any, api_key: str = "bot", *_: object, **options: Any) -> None:  # noqa: ANN401
        kept = {name: options[name] for name in ("debug", "timeout", "pool") if name in options}
        client_init(self, api_key, access_token=key, root=root, **kept)
        # A proxy of the bot's environment leads away from this machine.
        self.reqsession.trust_env = False
        self.set_access_token = _ignored

    def begin_ticker(self: Any, api_key: str = "bot", *_: object, **options: Any) -> None:  # noqa: ANN401
        options.pop("root", None)
        options.pop("access_token", None)
        ticker_init(self, api_key, key, root="ws" + root.removeprefix("http"), **options)

    def session(self: Any, request_token: str, api_secret: str) -> dict[str, Any]:  # noqa: ANN401
        return {**self.profile(), "api_key": self.api_key, "access_token": key, "refresh_token": ""}

    client.__init__, ticker.__init__ = begin_client, begin_ticker
    client.generate_session = session
    client._default_login_uri = f"{root}/connect/login"  # noqa: SLF001  there is no other way


def _ignored(access_token: str) -> None:
    """Pass over a token of the bot's own: the desk knows only its keys."""


if ROOT in _ENVIRON and KEY in _ENVIRON:
    sys.meta_path.insert(0, _Finder())
