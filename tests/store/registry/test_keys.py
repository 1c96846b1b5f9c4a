"""Users, API keys and hooks: who is let in."""

import hmac
import stat
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.store.registries import NOW

from kasauti.errors import CredentialsError, InvalidInput, NameTaken, NotThere
from kasauti.store.registry.accounts import Currency
from kasauti.store.registry.keys import REFRESH_NS, Key, KeyKind, Scope
from kasauti.store.registry.registry import SERVER_KEY, Registry
from kasauti.store.registry.rows import DESK
from kasauti.store.registry.users import Role
from kasauti.store.server_key import ServerKey

SECOND = 1_000_000_000
MINUTE = 60 * SECOND
READ = frozenset({Scope.READ})


def of_asha(registry: Registry, **more: object) -> tuple[Key, str]:
    return registry.keys.create(registry.users.get("asha").id, READ, DESK, NOW, **more)  # type: ignore[arg-type]


def account(registry: Registry, user: str) -> int:
    return registry.accounts.open(
        user, "main", plan="zerodha", capital=1, currency=Currency.INR, by=DESK, at=NOW
    ).id


def test_a_secret_opens_what_its_key_says(registry: Registry) -> None:
    main = account(registry, "asha")
    key, secret = of_asha(
        registry, account_id=main, label="my bot", symbols=frozenset({"NSE:INFY"}), max_quantity=50
    )
    assert registry.keys.key_of(secret, NOW) == key
    assert (key.scopes, key.label, key.paper_only, key.kind) == (READ, "my bot", True, KeyKind.KEY)
    assert key.may(Scope.READ)
    assert not key.may(Scope.TRADE)
    assert registry.keys.by_public(key.public) == key
    assert key.refuses("NSE:INFY", 50) == ""
    assert key.refuses("NSE:TCS", 1) == "this key may trade NSE:INFY, not NSE:TCS"
    assert key.refuses("NSE:INFY", 51) == "this key may trade 50 units at once, not 51"


def test_a_key_reaches_one_account_or_all_of_its_user_and_nobody_elses(registry: Registry) -> None:
    asha, ravi = registry.users.get("asha").id, registry.users.get("ravi").id
    mine, strange = account(registry, "asha"), account(registry, "ravi")
    one, _ = of_asha(registry, account_id=mine)
    every, _ = of_asha(registry)
    assert [key.reaches(mine, asha) for key in (one, every)] == [True, True]
    assert [key.reaches(mine + 1, asha) for key in (one, every)] == [False, True]
    assert [key.reaches(strange, ravi) for key in (one, every)] == [False, False]
    with pytest.raises(NotThere, match="has no account"):
        of_asha(registry, account_id=strange)


def test_nothing_but_the_secret_opens(registry: Registry) -> None:
    key, secret = of_asha(registry)
    for wrong in (secret.swapcase(), secret[:-1], f"{secret} ", "", "\ud800", "\0", key.public):
        assert registry.keys.key_of(wrong, NOW) is None


def test_a_key_ends_when_it_expires_or_is_revoked_or_its_user_is_disabled(registry: Registry) -> None:
    _, expiring = of_asha(registry, expires_at=NOW + 5)
    revoked, secret = of_asha(registry)
    _, users = of_asha(registry)
    assert registry.keys.key_of(expiring, NOW + 4)
    assert registry.keys.key_of(expiring, NOW + 5) is None
    assert registry.keys.key_of(secret, NOW + 5)
    registry.keys.revoke(revoked.id, DESK, NOW + 6)
    assert registry.keys.key_of(secret, NOW + 6) is None
    assert registry.keys.key_of(users, NOW + 6)
    registry.users.disable("asha", DESK, NOW + 7)
    assert registry.keys.key_of(users, NOW + 7 + REFRESH_NS) is None
    assert [bool(each.revoked_at) for each in registry.keys.of(revoked.user_id)] == [False, True, False]


def test_what_another_process_revokes_ends_within_a_second(
    registry: Registry, registry_url: str, tmp_path: Path
) -> None:
    key, secret = of_asha(registry)
    assert registry.keys.key_of(secret, NOW)
    other = Registry.open(tmp_path, registry_url)
    assert other.keys.key_of(secret, NOW) == key
    other.keys.revoke(key.id, DESK, NOW)
    other.close()
    assert registry.keys.key_of(secret, NOW + REFRESH_NS) is None


def test_a_key_that_is_in_no_cache_is_found_by_another_process(
    registry: Registry, registry_url: str, tmp_path: Path
) -> None:
    assert registry.keys.key_of("none", NOW) is None
    other = Registry.open(tmp_path, registry_url)
    key, secret = of_asha(other)
    other.close()
    assert registry.keys.key_of(secret, NOW + REFRESH_NS) == key


def test_the_database_has_no_secret(registry: Registry) -> None:
    _, secret = of_asha(registry, recoverable=True)
    registry.users.create("mira", Role.USER, "correct horse battery", DESK, NOW)
    with registry.database.read() as connection:
        tables = sa.inspect(connection).get_table_names()
        content = repr([connection.execute(sa.text(f"SELECT * FROM {name}")).all() for name in tables])  # noqa: S608
    assert secret not in content
    assert "correct horse battery" not in content


def test_only_a_recoverable_secret_can_be_read_again(registry: Registry) -> None:
    kept, secret = of_asha(registry, recoverable=True)
    lost, _ = of_asha(registry)
    assert registry.keys.secret_of(kept.id) == secret
    with pytest.raises(NotThere, match="it was shown once"):
        registry.keys.secret_of(lost.id)


def test_when_a_key_was_used_is_kept_now_and_then(registry: Registry) -> None:
    key, secret = of_asha(registry)
    registry.keys.save_last_used()
    assert registry.keys.by_public(key.public).last_used_at == 0
    for at in (NOW + 1, NOW + 9):
        registry.keys.key_of(secret, at)
    registry.keys.save_last_used()
    assert registry.keys.by_public(key.public).last_used_at == NOW + 9


def test_a_key_that_could_do_nothing_is_not_made(registry: Registry) -> None:
    wrong: list[dict[str, object]] = [
        {"expires_at": NOW},
        {"max_quantity": -1},
        {"label": "a\0"},
        {"label": "x" * 10_001},
    ]
    for terms in wrong:
        with pytest.raises(InvalidInput):
            of_asha(registry, **terms)
    with pytest.raises(InvalidInput, match="needs a scope"):
        registry.keys.create(registry.users.get("asha").id, frozenset(), DESK, NOW)


def test_what_no_database_can_hold_is_not_found_and_not_kept(registry: Registry) -> None:
    """Whatever stands in a request is looked for as it came."""
    for text in ("a\0b", "\ud800"):
        for look in (registry.users.get, registry.keys.by_public, registry.hooks.by_public):
            with pytest.raises(InvalidInput):
                look(text)
    for number in (2**63, -(2**64)):
        with pytest.raises(InvalidInput):
            registry.accounts.by_id(number)


# The server's key


def test_the_servers_key_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / SERVER_KEY
    first = ServerKey.open(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert ServerKey.open(path).digest(b"x", "secret") == first.digest(b"x", "secret")
    assert first.digest(b"x", "secret") != first.digest(b"y", "secret")
    path.chmod(0o640)
    with pytest.raises(CredentialsError, match=r"can be read by others.*chmod 600"):
        ServerKey.open(path)


def test_a_seal_of_another_key_is_not_opened(tmp_path: Path) -> None:
    first, second = ServerKey.open(tmp_path / "a"), ServerKey.open(tmp_path / "b")
    assert first.unseal(first.seal("₹")) == "₹"
    with pytest.raises(CredentialsError, match="sealed with another server key"):
        second.unseal(first.seal("₹"))
    assert first.digest(b"x", "secret") != second.digest(b"x", "secret")


def test_a_file_that_is_no_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"short")
    (tmp_path / "key").chmod(0o600)
    with pytest.raises(CredentialsError, match="it has 5 bytes, not 32"):
        ServerKey.open(tmp_path / "key")
    with pytest.raises(CredentialsError, match="cannot be used"):
        ServerKey.open(tmp_path / "no" / "folder")


# Users


def test_a_password_lets_its_user_in(registry: Registry) -> None:
    mira = registry.users.create("mira", Role.USER, "correct horse", DESK, NOW)
    assert registry.users.login("mira", "correct horse", NOW) == mira
    for name, password in (
        ("mira", "Correct horse"),
        ("mira", ""),
        ("nobody", "correct horse"),
        ("asha", ""),
    ):
        assert registry.users.login(name, password, NOW) is None
    registry.users.set_password("mira", "another horse", DESK, NOW)
    assert registry.users.login("mira", "correct horse", NOW) is None
    assert registry.users.login("mira", "another horse", NOW) == mira
    registry.users.disable("mira", DESK, NOW)
    assert registry.users.login("mira", "another horse", NOW) is None
    registry.users.enable("mira", DESK, NOW)
    assert registry.users.login("mira", "another horse", NOW) == mira


def test_five_wrong_passwords_lock_out_for_a_quarter_of_an_hour(registry: Registry) -> None:
    registry.users.create("mira", Role.USER, "correct horse", DESK, NOW)
    for number in range(5):
        assert registry.users.login("mira", "wrong", NOW + number, "10.0.0.9") is None
    locked_at = NOW + 4
    assert registry.users.login("mira", "correct horse", locked_at + 15 * MINUTE - 1) is None
    assert registry.users.login("mira", "correct horse", locked_at + 15 * MINUTE) is not None
    entry = registry.audit.entries()[-1]
    assert (entry.event, entry.user_name, entry.address) == ("user.locked_out", "mira", "10.0.0.9")


def test_names_of_users_are_unique_and_plain(registry: Registry) -> None:
    with pytest.raises(NameTaken, match="user 'asha' already"):
        registry.users.create("asha", Role.USER, "", DESK, NOW)
    with pytest.raises(InvalidInput, match="cannot be the name of a user"):
        registry.users.create("as/ha", Role.USER, "", DESK, NOW)
    with pytest.raises(InvalidInput, match="8 to 1000 characters"):
        registry.users.create("mira", Role.USER, "short", DESK, NOW)
    assert [(each.name, each.role) for each in registry.users.all()] == [("asha", "admin"), ("ravi", "user")]
    registry.users.set_role("ravi", Role.ADMIN, DESK, NOW)
    assert registry.users.by_id(registry.users.get("ravi").id).role is Role.ADMIN


# Hooks


def test_a_hook_opens_with_its_secret_until_it_is_revoked(registry: Registry) -> None:
    portfolio = registry.portfolios.create(account(registry, "asha"), "core", "", DESK, NOW)
    strategy = registry.strategies.create(portfolio.id, "orb", by=DESK, at=NOW)
    hook, secret = registry.hooks.create(strategy.id, DESK, NOW, signed=True, addresses=("52.89.214.238",))
    other, _ = registry.hooks.create(strategy.id, DESK, NOW)
    assert registry.hooks.by_public(hook.public) == hook
    assert (hook.signed, hook.addresses) == (True, ("52.89.214.238",))
    assert registry.hooks.opens(hook.id, secret)
    assert not registry.hooks.opens(other.id, secret)
    assert not registry.hooks.opens(hook.id, "")
    signature = hmac.digest(secret.encode(), b"body", "sha256")
    assert hmac.digest(registry.hooks.secret_of(hook.id).encode(), b"body", "sha256") == signature
    registry.hooks.revoke(hook.id, DESK, NOW + 1)
    assert not registry.hooks.opens(hook.id, secret)
    assert [each.revoked_at for each in registry.hooks.of(strategy.id)] == [NOW + 1, 0]
