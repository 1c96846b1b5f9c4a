"""Accounts, portfolios, strategies and what new accounts begin with."""

import msgspec
import pytest
from tests.store.registries import NOW

from kasauti.errors import InvalidInput, NameTaken, NotThere
from kasauti.store.registry.accounts import Account, Currency
from kasauti.store.registry.defaults import AccountDefaults
from kasauti.store.registry.notifications import Severity
from kasauti.store.registry.registry import Registry
from kasauti.store.registry.rows import DESK, Actor, checked_name

ASHA = Actor("asha", "127.0.0.1")
LAKH = 100_000 * 10_000


def opened(registry: Registry, name: str = "main", user: str = "asha") -> Account:
    return registry.accounts.open(
        user, name, plan="zerodha", capital=LAKH, currency=Currency.INR, by=ASHA, at=NOW
    )


def test_a_user_has_several_accounts_of_which_the_first_is_the_default(registry: Registry) -> None:
    first, second = opened(registry), opened(registry, "options")
    other = opened(registry, user="ravi")
    assert registry.accounts.all("asha") == [first, second]
    assert registry.accounts.all() == [first, second, other]
    assert registry.accounts.get("ravi", "main") == registry.accounts.by_id(other.id) == other
    assert len({first.stream, second.stream, other.stream}) == 3
    assert registry.accounts.by_stream(other.stream) == other
    assert (first.mode, first.plan, first.capital, first.currency) == ("paper", "zerodha", LAKH, "INR")


def test_an_account_is_kept_in_the_currency_it_was_opened_in(registry: Registry) -> None:
    for currency in Currency:
        made = registry.accounts.open(
            "asha", currency.value, plan="zerodha", capital=1, currency=currency, by=ASHA, at=NOW
        )
        assert registry.accounts.by_id(made.id).currency is currency


def test_a_name_is_taken_once_by_each_user(registry: Registry) -> None:
    opened(registry)
    opened(registry, user="ravi")
    with pytest.raises(NameTaken, match="'asha' has an account 'main' already"):
        opened(registry)
    assert len(registry.accounts.all()) == 2


@pytest.mark.parametrize("name", ["", "a/b", "../x", "-x", ".x", "a b", "ä", "x" * 64, "a\0", "a\n"])
def test_a_name_can_stand_in_a_url_and_a_file(name: str) -> None:
    with pytest.raises(InvalidInput, match="cannot be the name of an account"):
        checked_name(name, "an account")


def test_an_account_has_an_owner_and_begins_with_money(registry: Registry) -> None:
    for capital in (0, -1):
        with pytest.raises(InvalidInput, match="more than nothing"):
            registry.accounts.open(
                "asha", "main", plan="zerodha", capital=capital, currency=Currency.INR, by=ASHA, at=NOW
            )
    with pytest.raises(NotThere, match="no user 'nobody'"):
        opened(registry, user="nobody")
    with pytest.raises(NotThere, match="no account 'asha/main'"):
        registry.accounts.get("asha", "main")


def test_a_reset_begins_another_epoch_and_keeps_the_old_log(registry: Registry) -> None:
    account = opened(registry)
    again = registry.accounts.new_epoch(account.id, 2 * LAKH, ASHA, NOW + 5)
    assert (again.epoch, again.capital) == (2, 2 * LAKH)
    assert again.stream != account.stream
    old, new = registry.accounts.epochs(account.id)
    assert (old.number, old.stream, old.capital, old.opened_at, old.ended_at) == (
        1,
        account.stream,
        LAKH,
        NOW,
        NOW + 5,
    )
    assert (new.number, new.stream, new.capital, new.opened_at, new.ended_at) == (
        2,
        again.stream,
        2 * LAKH,
        NOW + 5,
        0,
    )


def test_an_archived_account_can_only_be_read(registry: Registry) -> None:
    account = opened(registry)
    assert registry.accounts.archive(account.id, ASHA, NOW + 1).archived_at == NOW + 1
    assert registry.accounts.all() == []
    assert [each.id for each in registry.accounts.all(archived=True)] == [account.id]
    with pytest.raises(InvalidInput, match="is archived: it can only be read"):
        registry.accounts.new_epoch(account.id, LAKH, ASHA, NOW + 2)


def test_a_strategy_belongs_to_one_portfolio_of_its_account(registry: Registry) -> None:
    account, other = opened(registry), opened(registry, "other")
    core = registry.portfolios.create(account.id, "core", "what I live from", ASHA, NOW)
    spare = registry.portfolios.create(account.id, "spare", "", ASHA, NOW)
    strange = registry.portfolios.create(other.id, "core", "", ASHA, NOW)
    made = registry.strategies.create(core.id, "jade_lizard", by=ASHA, at=NOW, params={"lots": 1})
    assert (made.account_id, made.portfolio_id, made.params) == (account.id, core.id, '{"lots":1}')
    assert registry.strategies.move(made.id, spare.id, ASHA, NOW + 1).portfolio_id == spare.id
    with pytest.raises(InvalidInput, match="belongs to another account"):
        registry.strategies.move(made.id, strange.id, ASHA, NOW + 2)
    with pytest.raises(NameTaken):
        registry.strategies.create(spare.id, "jade_lizard", by=ASHA, at=NOW)
    with pytest.raises(NameTaken):
        registry.portfolios.create(account.id, "core", "", ASHA, NOW)
    registry.portfolios.archive(spare.id, ASHA, NOW + 3)
    assert registry.portfolios.all(account.id) == [core]
    assert registry.strategies.all(account.id) == [registry.strategies.get(made.id)]


def test_parameters_have_versions(registry: Registry) -> None:
    portfolio = registry.portfolios.create(opened(registry).id, "core", "", ASHA, NOW)
    made = registry.strategies.create(portfolio.id, "orb", by=ASHA, at=NOW, params={"minutes": 15})
    changed = registry.strategies.set_params(made.id, {"minutes": 30}, ASHA, NOW + 1)
    assert (changed.version, changed.params, changed.updated_at) == (2, '{"minutes":30}', NOW + 1)
    kept = [(each.version, each.params, each.created_at) for each in registry.strategies.versions(made.id)]
    assert kept == [(1, '{"minutes":15}', NOW), (2, '{"minutes":30}', NOW + 1)]
    assert registry.strategies.switch(made.id, ASHA, NOW + 2, on=False).enabled is False
    assert registry.strategies.archive(made.id, ASHA, NOW + 3).archived_at == NOW + 3
    assert registry.strategies.all(portfolio.account_id) == []
    with pytest.raises(InvalidInput, match="'orb' is archived"):
        registry.strategies.switch(made.id, ASHA, NOW + 4, on=True)


def test_defaults_are_those_given_until_an_admin_sets_others(registry: Registry) -> None:
    assert registry.defaults.current().capital == LAKH
    given = AccountDefaults(capital=50_000 * 10_000)
    assert registry.defaults.current(given) == given
    set_by_admin = AccountDefaults(capital=5 * LAKH, currency=Currency.USD, presets=(LAKH, 5 * LAKH))
    registry.defaults.change(set_by_admin, ASHA, NOW)
    assert registry.defaults.current(given) == set_by_admin
    entry = registry.audit.entries(category="defaults")[-1]
    assert entry.user_name == "asha"
    assert msgspec.json.decode(entry.before)["capital"] == LAKH
    assert msgspec.json.decode(entry.after)["capital"] == 5 * LAKH
    with pytest.raises(InvalidInput, match="more than nothing"):
        registry.defaults.change(AccountDefaults(presets=(0,)), ASHA, NOW)


def test_every_change_is_in_the_audit_trail(registry: Registry) -> None:
    account = opened(registry)
    portfolio = registry.portfolios.create(account.id, "core", "", ASHA, NOW)
    registry.strategies.create(portfolio.id, "orb", by=ASHA, at=NOW)
    registry.accounts.new_epoch(account.id, LAKH, ASHA, NOW)
    registry.accounts.archive(account.id, ASHA, NOW)
    told = [(each.event, each.user_name, each.address) for each in registry.audit.all()]
    assert told == [
        ("user.created", DESK.name, ""),
        ("user.created", DESK.name, ""),
        ("account.opened", "asha", "127.0.0.1"),
        ("portfolio.created", "asha", "127.0.0.1"),
        ("strategy.created", "asha", "127.0.0.1"),
        ("account.reset", "asha", "127.0.0.1"),
        ("account.archived", "asha", "127.0.0.1"),
    ]


def test_users_are_told_and_say_what_they_have_read(registry: Registry) -> None:
    asha, ravi = registry.users.get("asha"), registry.users.get("ravi")
    first = registry.notifications.add(
        asha.id, "order.rejected", Severity.WARNING, "Rejected", "no margin", NOW, order_id="P1"
    )
    second = registry.notifications.add(asha.id, "feed.stale", Severity.CRITICAL, "No prices", "", NOW)
    registry.notifications.add(ravi.id, "day.opened", Severity.INFO, "Good morning", "", NOW)
    registry.notifications.read(asha.id, first, NOW + 1)
    registry.notifications.sent(second, NOW + 2)
    assert [(each.id, each.read_at) for each in registry.notifications.of(asha.id)] == [
        (second, 0),
        (first, NOW + 1),
    ]
    assert [each.id for each in registry.notifications.of(asha.id, unread=True)] == [second]
    assert [each.title for each in registry.notifications.unsent()] == ["Rejected", "Good morning"]
