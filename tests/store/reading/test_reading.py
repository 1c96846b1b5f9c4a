"""The tables say what the logs say, however they were brought up to them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from tests.store.stories import Story, session, whole_day, write
from tests.trading import SHARE, Session, sells

from kasauti.domain.commands import ModifyOrder
from kasauti.domain.order import OrderType, Side
from kasauti.domain.state import State
from kasauti.store.log_store import LogStore
from kasauti.store.opening import open_store
from kasauti.store.reading import tables
from kasauti.store.reading.reading import Reading
from kasauti.store.registry.accounts import Currency
from kasauti.store.registry.registry import Registry
from kasauti.store.registry.rows import DESK
from kasauti.store.sql import SqlDatabase

RUPEE = 10_000


@pytest.fixture
def store(registry_url: str, registry: Registry, tmp_path: Path) -> Iterator[LogStore]:
    home = tmp_path / "log.db" if registry_url.startswith("sqlite") else registry_url
    with open_store(home, create=True) as opened:
        yield opened


def content(registry: Registry) -> dict[str, list[Any]]:
    with registry.database.read() as connection:
        return {
            table.name: sorted(tuple(row) for row in connection.execute(sa.select(table)))
            for table in tables.ALL
        }


def two_days() -> list[Any]:
    story = Story()
    events = [*story.opened(), *session(story, 7), *story.day_closed(), *story.stopped()]
    events += story.started()
    events += story.next_day()
    return [*events, *story.traded(Side.SELL, strategy=""), *story.placed(), *story.traded(Side.BUY, 65)]


def test_the_tables_have_what_the_state_has(registry: Registry, store: LogStore) -> None:
    day = whole_day()
    log = store.stream("main")
    write(log, day)
    assert Reading(registry.database).catch_up(log) == len(day)
    state, found = State.replay(day), content(registry)
    with registry.database.read() as connection:
        orders = {row.order_id: row for row in connection.execute(sa.select(tables.ORDERS))}
        (balance,) = connection.execute(sa.select(tables.BALANCES))
        positions = connection.execute(sa.select(tables.POSITIONS)).all()
        trades = connection.execute(sa.select(tables.TRADES)).all()
    assert {name: (row.status, row.filled) for name, row in orders.items()} == {
        name: (order.status, order.filled) for name, order in state.orders.items()
    }
    assert (balance.cash, balance.blocked, balance.trades) == (
        state.ledger.cash,
        state.ledger.margin,
        state.trades,
    )
    assert [(row.quantity, row.cost) for row in positions] == [
        (position.quantity, position.cost) for position in state.positions.values()
    ]
    assert len(trades) == state.trades
    assert all(row.value == row.quantity * row.price for row in trades)
    assert [row[:2] for row in found["projected"]] == [("main", len(day))]


def test_an_order_that_became_another_is_shown_as_that(registry: Registry, store: LogStore) -> None:
    session = Session().ticks("time of last bid ask\n09:15:01 ACME 100 99.95 100.05")
    stop = session.ask("09:15:02", sells(SHARE, 10, trigger="98"))
    limit = session.ask("09:15:02", sells(SHARE, 10, trigger="98"))
    session.ask("09:15:03", ModifyOrder(stop, order_type=OrderType.MARKET))
    session.ask("09:15:03", ModifyOrder(limit, order_type=OrderType.LIMIT, price=101 * RUPEE))
    log = store.stream("main")
    write(log, list(session.log))
    Reading(registry.database).catch_up(log)
    with registry.database.read() as connection:
        rows = {row.order_id: row for row in connection.execute(sa.select(tables.ORDERS))}
    shown = {
        each: (row.order_type, row.status, row.price, row.trigger_price, row.modifications)
        for each, row in rows.items()
    }
    assert shown == {
        stop: ("MARKET", "COMPLETE", 0, 0, 1),
        limit: ("LIMIT", "OPEN", 101 * RUPEE, 0, 1),
    }


@pytest.mark.parametrize("step", [1, 3, 1_000])
def test_step_by_step_and_by_several_processes_comes_to_the_same(
    registry: Registry, store: LogStore, step: int
) -> None:
    if step == 1 and registry.database.engine.dialect.name == "postgresql":
        step = 9
    events = two_days()
    whole, cut = store.stream("whole"), store.stream("cut")
    write(whole, events)
    Reading(registry.database).catch_up(whole)
    reading = Reading(registry.database)
    for number in range(0, len(events), step):
        write(cut, events[number : number + step])
        reading.catch_up(cut)
        if number % 4 == 0:
            reading = Reading(registry.database)  # as after a restart
    found = content(registry)
    for name, rows in found.items():
        of = {stream: [row[1:] for row in rows if row[0] == stream] for stream in ("whole", "cut")}
        if name == "projected":
            of = {stream: [row[:1] for row in rows] for stream, rows in of.items()}
        assert of["whole"] == of["cut"], name
        assert of["whole"], name


def test_a_text_that_no_postgresql_holds_keeps_nothing_else_out_of_the_tables(
    registry: Registry, store: LogStore
) -> None:
    story, log = Story(), store.stream("main")
    write(log, [*story.opened(), *story.traded(tag="a\0b"), *story.traded(tag="c")])
    Reading(registry.database).rebuild(store)
    with registry.database.read() as connection:
        orders = connection.execute(sa.select(tables.ORDERS.c.tag).order_by(tables.ORDERS.c.order_id))
        found = [row.tag for row in orders]
    held = "a\0b" if registry.database.engine.dialect.name == "sqlite" else "a\N{REPLACEMENT CHARACTER}b"
    assert found == [held, "c"]


def test_rebuilding_comes_to_the_same(registry: Registry, store: LogStore) -> None:
    events = two_days()
    for name in ("asha", "ravi"):
        write(store.stream(name), events)
        Reading(registry.database).catch_up(store.stream(name))
    before = content(registry)
    with registry.database.write() as connection:
        connection.execute(tables.ORDERS.update().values(status="garbage"))
        connection.execute(tables.TRADES.delete())
    assert Reading(registry.database).rebuild(store) == 2 * len(events)
    assert content(registry) == before


def test_tables_of_another_log_are_not_believed(registry: Registry, store: LogStore) -> None:
    log = store.stream("main")
    write(log, whole_day())
    Reading(registry.database).catch_up(log)
    expected = content(registry)
    with registry.database.write() as connection:
        connection.execute(tables.PROJECTED.update().values(hash=b"another log's"))
        connection.execute(
            tables.ORDERS.update()
            .values(order_id="of another log", status="garbage")
            .where(tables.ORDERS.c.order_id == "P-00001")
        )
    Reading(registry.database).catch_up(log)
    assert content(registry) == expected


def test_nothing_new_writes_nothing(registry: Registry, store: LogStore) -> None:
    log = store.stream("main")
    write(log, whole_day())
    reading = Reading(registry.database)
    assert reading.catch_up(log) == len(whole_day())
    assert reading.catch_up(log) == 0


# Views in the words of the sources


def test_the_tables_of_the_sources_show_a_users_first_account(registry: Registry, store: LogStore) -> None:
    story = Story()
    first, second = (
        registry.accounts.open(
            "asha", name, plan="zerodha", capital=50_000 * RUPEE, currency=Currency.INR, by=DESK, at=story.at
        )
        for name in ("main", "other")
    )
    events = [*story.opened(), *story.started(), *story.day_opened()]
    events += story.traded(Side.BUY, 130)
    events += story.placed(Side.SELL, 65)
    events += story.placed(Side.SELL, 65)
    events += story.cancelled()
    reading = Reading(registry.database)
    for account in (first, second):
        log = store.stream(account.stream)
        write(log, events)
        reading.catch_up(log)
    with registry.database.read() as connection:
        views = {
            name: [row._asdict() for row in connection.execute(sa.text(f"SELECT * FROM {name} ORDER BY id"))]  # noqa: S608
            for name in ("paper_accounts", "paper_orders", "paper_positions", "paper_trades")
        }
    (account_row,) = views["paper_accounts"]
    assert (account_row["user_id"], account_row["currency"]) == (first.user_id, "INR")
    assert float(account_row["initial_balance"]) == 50_000.00
    assert [(row["action"], row["status"], row["filled_quantity"]) for row in views["paper_orders"]] == [
        ("BUY", "FILLED", 130),
        ("SELL", "PENDING", 0),
        ("SELL", "CANCELLED", 0),
    ]
    (position,) = views["paper_positions"]
    assert (position["exchange"], position["product"], position["quantity"]) == ("NFO", "MIS", 130)
    assert [float(row["trade_value"]) for row in views["paper_trades"]] == [65 * 123.45, 65 * 123.60]
    assert {row["symbol"] for row in views["paper_trades"]} == {"NIFTY2611326000CE"}
    started = str(views["paper_trades"][0]["created_at"])
    assert started.startswith("2026-01-13 03:4"), "UTC: 09:15 IST is 03:45"


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("SELECT * FROM orders WHERE stream = 'a' AND placed_at > 5", "ix_orders_stream_placed_at"),
        ("SELECT * FROM trades WHERE stream = 'a' AND order_id = 'P'", "ix_trades_stream_order_id"),
        ("SELECT * FROM alerts WHERE status = 'received'", "ix_alerts_status"),
        ("SELECT * FROM broker_positions WHERE stream = 'a' AND closed_at = 0", "ix_broker_positions_stream"),
        ("SELECT * FROM strategies WHERE portfolio_id = 3", "ix_strategies_portfolio_id"),
    ],
)
def test_what_is_asked_often_has_its_index(sqlite_template: Path, query: str, index: str) -> None:
    """SQLite says so of an empty table; PostgreSQL's planner reads a small table as a whole."""
    database = SqlDatabase.open(sqlite_template / "desk.db")
    with database.read() as connection:
        plan = connection.execute(sa.text(f"EXPLAIN QUERY PLAN {query}")).all()
    database.close()
    assert index in str(plan)
