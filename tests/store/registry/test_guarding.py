"""How secrets are kept and compared: passwords by a slow hash, guesses in constant time."""

from typing import Any

import pytest
import sqlalchemy as sa
from argon2 import extract_parameters
from argon2.low_level import Type
from tests.store.registries import NOW

from kasauti.store.registry import hooks, keys, users
from kasauti.store.registry.keys import Scope
from kasauti.store.registry.registry import Registry
from kasauti.store.registry.rows import DESK
from kasauti.store.registry.users import Role
from kasauti.store.tables import USERS

MINUTE = 60 * 1_000_000_000


class Counting:
    """A comparison that counts, and answers as it is told to."""

    def __init__(self, *, answer: bool) -> None:
        self.calls = 0
        self._answer = answer

    def __call__(self, *given: Any) -> bool:
        self.calls += 1
        return self._answer

    verify = __call__


def test_a_password_is_kept_as_owasp_wants_it(registry: Registry) -> None:
    """Argon2id with at least 19 MiB, two passes: the password storage cheat sheet."""
    for name in ("mira", "tara"):
        registry.users.create(name, Role.USER, "correct horse", DESK, NOW)
    with registry.database.read() as connection:
        kept = [row[0] for row in connection.execute(sa.select(USERS.c.password)) if row[0]]
    parameters = [extract_parameters(each) for each in (*kept, registry.users._nobodys)]
    assert all(each.type is Type.ID for each in parameters)
    assert all(each.memory_cost >= 19 * 1_024 and each.time_cost >= 2 for each in parameters)
    assert len(set(kept)) == len(kept), "each has a salt of its own"


def test_a_name_that_nobody_has_takes_as_long_as_one_that_somebody_has(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry.users.create("mira", Role.USER, "correct horse", DESK, NOW)
    counting = Counting(answer=False)
    monkeypatch.setattr(users, "_HASHER", counting)
    for name in ("mira", "nobody", "asha"):
        assert registry.users.login(name, "guess of a password", NOW) is None
    assert counting.calls == 3


def test_keys_and_hooks_are_compared_in_constant_time(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    asha = registry.users.get("asha")
    _, secret = registry.keys.create(asha.id, frozenset({Scope.READ}), DESK, NOW)
    assert registry.keys.key_of(secret, NOW) is not None
    for module in (keys, hooks):
        monkeypatch.setattr(module, "compare_digest", Counting(answer=False))
    assert registry.keys.key_of(secret, NOW) is None
    assert not registry.hooks.opens(1, "any")
    assert hooks.compare_digest.calls == 1  # type: ignore[attr-defined]


def test_who_is_locked_out_has_their_keys_still_and_is_let_in_from_the_desks_own_machine(
    registry: Registry,
) -> None:
    mira = registry.users.create("mira", Role.ADMIN, "correct horse", DESK, NOW)
    _, secret = registry.keys.create(mira.id, frozenset({Scope.ADMIN}), DESK, NOW)
    for quarter in range(4):
        for _ in range(5):
            registry.users.login("mira", "wrong", NOW + quarter * 16 * MINUTE, "10.0.0.9")
    at = NOW + 49 * MINUTE
    assert registry.users.login("mira", "correct horse", at) is None
    assert registry.keys.key_of(secret, at) is not None
    registry.users.set_password("mira", "another horse", DESK, at)
    assert registry.users.login("mira", "another horse", at) is not None
