"""The inbox of alerts and the audit trail: nothing is lost, and nothing is changed unseen."""

import csv
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest
import sqlalchemy as sa
from tests.store.registries import NOW

from kasauti.errors import InvalidInput, StorageError, StorageTooNew
from kasauti.store.registry.accounts import Currency
from kasauti.store.registry.alerts import Stage
from kasauti.store.registry.audit import RETENTION_NS
from kasauti.store.registry.registry import Registry
from kasauti.store.registry.rows import DESK, Actor

BODY = b'{"symbol":"INFY","action":"buy","note":"\x00\xff"}'


def strategy(registry: Registry, name: str = "orb") -> int:
    accounts = registry.accounts.all("asha")
    account = (
        accounts[0]
        if accounts
        else registry.accounts.open(
            "asha", "main", plan="zerodha", capital=1, currency=Currency.INR, by=DESK, at=NOW
        )
    )
    portfolios = registry.portfolios.all(account.id)
    portfolio = portfolios[0] if portfolios else registry.portfolios.create(account.id, "core", "", DESK, NOW)
    return registry.strategies.create(portfolio.id, name, by=DESK, at=NOW).id


def test_an_alert_is_kept_as_it_came_and_says_how_far_it_came(registry: Registry) -> None:
    orb = strategy(registry)
    came = registry.alerts.store(orb, "k1", BODY, NOW, dialect="tradingview", address="52.89.214.238")
    alert, is_new = came
    assert is_new
    assert (alert.status, alert.content, alert.received_at) == (Stage.RECEIVED, BODY, NOW)
    steps = [Stage.VALIDATED, Stage.RISK, Stage.ORDER, Stage.FILLED]
    for number, stage in enumerate(steps, 1):
        registry.alerts.advance(alert.id, stage, NOW + number, order_id="P1" if stage is Stage.ORDER else "")
    done = registry.alerts.get(alert.id)
    times = (done.validated_at, done.risk_at, done.order_at, done.filled_at, done.ended_at)
    assert times == (NOW + 1, NOW + 2, NOW + 3, NOW + 4, NOW + 4)
    assert (done.status, done.order_id) == (Stage.FILLED, "P1")
    assert registry.alerts.of(registry.accounts.all()[0].id) == [done]


def test_five_copies_are_one_alert(registry: Registry) -> None:
    orb, other = strategy(registry), strategy(registry, "other")
    stored = [registry.alerts.store(orb, "k1", BODY, NOW + each) for each in range(5)]
    assert [is_new for _, is_new in stored] == [True, False, False, False, False]
    assert len({alert.id for alert, _ in stored}) == 1
    assert registry.alerts.store(other, "k1", BODY, NOW)[1]


def test_copies_that_come_at_once_are_one_alert(registry: Registry) -> None:
    """Ten keys, five copies each, on five threads, as a server's pool may have them."""
    orb = strategy(registry)
    with ThreadPoolExecutor(5) as threads:
        stored = list(
            threads.map(lambda number: registry.alerts.store(orb, f"k{number % 10}", BODY, NOW), range(50))
        )
    assert sum(is_new for _, is_new in stored) == 10
    assert len({alert.id for alert, _ in stored}) == 10
    assert registry.audit.verify() > 0


def test_what_has_not_ended_is_there_after_a_start(registry: Registry) -> None:
    orb = strategy(registry)
    ids = [registry.alerts.store(orb, f"k{each}", BODY, NOW)[0].id for each in range(4)]
    registry.alerts.advance(ids[1], Stage.VALIDATED, NOW)
    registry.alerts.advance(ids[2], Stage.REFUSED, NOW, reason="no such symbol")
    assert [(each.id, each.status) for each in registry.alerts.waiting()] == [
        (ids[0], Stage.RECEIVED),
        (ids[1], Stage.VALIDATED),
        (ids[3], Stage.RECEIVED),
    ]
    assert registry.alerts.get(ids[2]).reason == "no such symbol"


def test_an_alert_goes_forward_only(registry: Registry) -> None:
    alert, _ = registry.alerts.store(strategy(registry), "k1", BODY, NOW)
    registry.alerts.advance(alert.id, Stage.VALIDATED, NOW + 1)
    assert registry.alerts.advance(alert.id, Stage.VALIDATED, NOW + 2).validated_at == NOW + 1
    for stage in (Stage.RECEIVED, Stage.ORDER, Stage.FILLED):
        with pytest.raises(InvalidInput, match=f"is validated: it cannot become {stage}"):
            registry.alerts.advance(alert.id, stage, NOW + 3)
    registry.alerts.advance(alert.id, Stage.FAILED, NOW + 4)
    with pytest.raises(InvalidInput, match="is failed"):
        registry.alerts.advance(alert.id, Stage.RISK, NOW + 5)


# The audit trail


def told(registry: Registry, count: int, at: int = NOW) -> None:
    for number in range(count):
        registry.audit.record(
            Actor("=asha", "::1"), "order.placed", f"order:{number}", at, order_id=f"P{number}"
        )


@pytest.mark.parametrize("change", ["UPDATE audit_log SET user_name = 'ravi'", "DELETE FROM audit_log"])
def test_the_database_refuses_to_change_or_remove_the_trail(registry: Registry, change: str) -> None:
    told(registry, 3)
    whole = list(registry.audit.all())
    with (
        pytest.raises(StorageError, match=r"stays as it is|kept for five years"),
        registry.database.write() as c,
    ):
        c.execute(sa.text(change))
    assert list(registry.audit.all()) == whole


def test_rows_cannot_be_put_over_old_ones(registry: Registry) -> None:
    whole = list(registry.audit.all())
    over = "INSERT{} INTO audit_log SELECT * FROM audit_log WHERE id = 1"
    replacing = over.format(" OR REPLACE" if registry.database.engine.dialect.name == "sqlite" else "")
    with pytest.raises(StorageError), registry.database.write() as connection:
        connection.execute(sa.text(replacing))
    assert list(registry.audit.all()) == whole


def test_a_change_past_the_guards_is_found(registry: Registry) -> None:
    told(registry, 5)
    assert registry.audit.verify() == 7
    postgres = registry.database.engine.dialect.name == "postgresql"
    on = " ON audit_log" if postgres else ""
    with registry.database.write() as connection:
        connection.execute(sa.text(f"DROP TRIGGER audit_log_update{on}"))
        connection.execute(sa.text("UPDATE audit_log SET order_id = 'P9' WHERE id = 4"))
    with pytest.raises(StorageError, match="line 4 of the audit trail"):
        registry.audit.verify()


def test_five_years_are_kept_and_what_went_before_is_told(registry: Registry) -> None:
    """The lines of the fixture are of 2026; these three are written as of 2015."""
    long_ago = NOW - 2 * RETENTION_NS
    with registry.database.write() as connection:
        postgres = connection.dialect.name == "postgresql"
        on = " ON audit_log" if postgres else ""
        guard = (
            connection.execute(
                sa.text("SELECT sql FROM sqlite_master WHERE name = 'audit_log_delete'")
            ).scalar()
            if not postgres
            else (
                "CREATE TRIGGER audit_log_delete BEFORE DELETE ON audit_log"
                " FOR EACH ROW EXECUTE FUNCTION refuse_recent()"
            )
        )
        connection.execute(sa.text(f"DROP TRIGGER audit_log_delete{on}"))
        connection.execute(sa.text("DELETE FROM audit_log"))
        connection.execute(sa.text(guard or ""))
    told(registry, 3, long_ago)
    told(registry, 2)
    assert registry.audit.verify() == 5
    with pytest.raises(InvalidInput, match="kept for five years"):
        registry.audit.purge(NOW - RETENTION_NS + 1, DESK, NOW)
    assert registry.audit.purge(NOW - RETENTION_NS, DESK, NOW) == 3
    assert registry.audit.purge(NOW - RETENTION_NS, DESK, NOW) == 0
    assert [each.id for each in registry.audit.all()] == [4, 5, 6]
    assert registry.audit.verify() == 3


def test_the_trail_is_exported_whole(registry: Registry) -> None:
    told(registry, 2)
    rows = list(csv.DictReader(registry.audit.as_csv()))
    assert [row["event"] for row in rows] == ["user.created", "user.created", "order.placed", "order.placed"]
    assert rows[2]["user_name"] == "'=asha", "no formula for a spreadsheet"
    assert rows[2]["time"] == "2026-01-15T09:15:00.000+05:30"
    lines = [msgspec.json.decode(line) for line in registry.audit.as_json()]
    assert [line["hash"] for line in lines] == [row["hash"] for row in rows]
    assert lines[2]["user_name"] == "=asha"


def test_tables_of_a_newer_version_are_left_alone(registry: Registry) -> None:
    with registry.database.write() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StorageTooNew, match=r"tables of version 9999.*update Kasauti"):
        type(registry.database)(registry.database.engine, "here")
