"""What a desk begins with: a user, an account and a key that is kept where its owner finds it again."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from kasauti.config import Loaded
from kasauti.errors import ConfigError
from kasauti.feeds.clock import wall_ns
from kasauti.store.registry.accounts import Currency
from kasauti.store.registry.defaults import AccountDefaults
from kasauti.store.registry.keys import Scope
from kasauti.store.registry.registry import Registry
from kasauti.store.registry.rows import DESK
from kasauti.store.registry.users import Role

#: The user a desk begins with: whoever started it.
OWNER: Final = "owner"
KEY_FILE: Final = "owner.key"
_CURRENCY: Final = "PAPER_DEFAULT_CURRENCY"


def defaults_of(registry: Registry, loaded: Loaded, environ: Mapping[str, str]) -> AccountDefaults:
    """Return what accounts are opened with: as an admin set it, else as settings and environment have it."""
    return registry.defaults.current(given_defaults(loaded, environ))


def given_defaults(loaded: Loaded, environ: Mapping[str, str]) -> AccountDefaults:
    """Return what accounts are opened with as settings and environment have it."""
    word = environ.get(_CURRENCY, Currency.INR)
    if word not in set(Currency):
        raise ConfigError(f"environment {_CURRENCY} is {word!r}; an account is kept in INR, USD or EUR")
    account = loaded.config.account
    return AccountDefaults(capital=account.capital, currency=Currency(word), plan=account.plan)


def found(registry: Registry, loaded: Loaded, folder: Path, environ: Mapping[str, str]) -> str:
    """
    Give a registry without users its owner, an account and a key; return the key, "" where there are users.

    The key is also in `folder`'s `owner.key`, which only its owner can read.
    """
    if registry.users.all():
        return ""
    at, begin = wall_ns(), defaults_of(registry, loaded, environ)
    owner = registry.users.create(OWNER, Role.ADMIN, "", DESK, at)
    registry.accounts.open(
        OWNER,
        loaded.config.account.name,
        plan=begin.plan,
        capital=begin.capital,
        currency=begin.currency,
        by=DESK,
        at=at,
    )
    _, secret = registry.keys.create(owner.id, frozenset(Scope), DESK, at, label="made at the first start")
    _keep(folder / KEY_FILE, secret)
    return secret


def _keep(path: Path, secret: str) -> None:
    path.unlink(missing_ok=True)
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(file, secret.encode() + b"\n")
    finally:
        os.close(file)
