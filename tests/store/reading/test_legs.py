"""Legs by hand: what went in and out between flat and flat, and whose part it was."""

from typing import Any

from tests.store.stories import CALL, Story

from kasauti.domain import events as ev
from kasauti.domain.order import Side
from kasauti.store.reading import tables
from kasauti.store.reading.fold import LogFold

BUY, SELL = Side.BUY, Side.SELL
FIELDS = ("side", "quantity", "entry_quantity", "entry_value", "exit_quantity", "exit_value", "realised")


def trades(*terms: tuple[Side, int, int, str]) -> list[ev.Recorded]:
    """Return a log in which so many units trade at a price, for a strategy."""
    story = Story()
    events = [*story.opened(), *story.started(), *story.day_opened()]
    for side, quantity, price, strategy in terms:
        events += story.placed(side, quantity, strategy=strategy)
        events += story.filled(quantity, price)
    return events


def rows_of(events: list[ev.Recorded], table: Any) -> list[dict[str, Any]]:
    fold = LogFold("main")
    for recorded in events:
        fold.take(recorded)
    return [row for found, row in fold.rows() if found is table]


def legs(*terms: tuple[Side, int, int]) -> list[tuple[Any, ...]]:
    found = rows_of(trades(*((*each, "") for each in terms)), tables.BROKER_POSITIONS)
    return [tuple(row[name] for name in FIELDS) for row in sorted(found, key=lambda row: row["leg"])]


def test_a_leg_that_is_added_to_and_closed_in_parts() -> None:
    """10 at 100 and 10 at 110 cost 2,100; 5 at 120 and 15 at 90 bring 600 and 1,350: 150 less."""
    assert legs((BUY, 10, 100), (BUY, 10, 110), (SELL, 5, 120), (SELL, 15, 90)) == [
        ("LONG", 0, 20, 2_100, 20, 1_950, -150)
    ]


def test_a_short_leg() -> None:
    """Sold for 1,000 and 550, bought back for 900 and 600: 50 more."""
    assert legs((SELL, 10, 100), (SELL, 5, 110), (BUY, 10, 90), (BUY, 5, 120)) == [
        ("SHORT", 0, 15, 1_550, 15, 1_500, 50)
    ]


def test_a_trade_through_flat_closes_one_leg_and_opens_the_next() -> None:
    assert legs((BUY, 10, 100), (SELL, 25, 104)) == [
        ("LONG", 0, 10, 1_000, 10, 1_040, 40),
        ("SHORT", -15, 15, 1_560, 0, 0, 0),
    ]


def test_what_is_held_is_open() -> None:
    (row,) = rows_of(trades((BUY, 10, 100, "")), tables.BROKER_POSITIONS)
    assert (row["quantity"], row["closed_at"], row["source"]) == (10, 0, "PAPER")
    assert f"{row['exchange']}:{row['symbol']}" == CALL
    assert row["opened_at"] == row["updated_at"] > 0


def test_a_leg_that_two_strategies_share_is_split_by_quantity() -> None:
    """A lizard holds 10 and a condor 5 of one option; the lizard leaves first."""
    events = trades(
        (SELL, 10, 100, "lizard"), (SELL, 5, 110, "condor"), (BUY, 10, 90, "lizard"), (BUY, 5, 80, "condor")
    )
    (leg,) = rows_of(events, tables.BROKER_POSITIONS)
    assert (leg["entry_quantity"], leg["exit_quantity"], leg["closed_at"]) == (15, 15, events[-1].at)
    parts = {row["strategy"]: row for row in rows_of(events, tables.STRATEGY_POSITIONS)}
    told = {name: [part[field] for field in FIELDS] for name, part in parts.items()}
    assert told == {
        "lizard": ["SHORT", 0, 10, 1_000, 10, 900, 100],
        "condor": ["SHORT", 0, 5, 550, 5, 400, 150],
    }
    assert {part["leg"] for part in parts.values()} == {leg["leg"]}
    sums = [
        sum(part[name] for part in parts.values()) for name in ("entry_quantity", "exit_quantity", "realised")
    ]
    assert sums == [leg["entry_quantity"], leg["exit_quantity"], leg["realised"]]


def test_strategies_that_hold_against_each_other_have_their_parts_though_the_account_is_flat() -> None:
    events = trades((BUY, 10, 100, "a"), (SELL, 10, 105, "b"))
    (leg,) = rows_of(events, tables.BROKER_POSITIONS)
    assert (leg["quantity"], leg["realised"]) == (0, 50)
    parts = {row["strategy"]: row for row in rows_of(events, tables.STRATEGY_POSITIONS)}
    assert {name: part["quantity"] for name, part in parts.items()} == {"a": 10, "b": -10}
    assert {part["leg"] for part in parts.values()} == {leg["leg"]}


def test_results_of_strategies_and_sessions() -> None:
    events = trades(
        (BUY, 10, 100, "a"), (SELL, 10, 130, "a"), (BUY, 10, 100, "a"), (SELL, 10, 90, "a"), (BUY, 1, 50, "b")
    )
    results = {row["strategy"]: row for row in rows_of(events, tables.STRATEGY_RESULTS)}
    names = (
        "trades",
        "closed",
        "wins",
        "realised",
        "gross_profit",
        "gross_loss",
        "largest_win",
        "largest_loss",
    )
    assert [results["a"][name] for name in names] == [4, 2, 1, 200, 300, 100, 300, 100]
    assert [results["b"][name] for name in names] == [1, 0, 0, 0, 0, 0, 0, 0]
    (session,) = rows_of(events, tables.SESSIONS)
    of_a_session = ("status", "trades", "closed", "wins", "realised", "gross_profit", "gross_loss")
    assert [session[name] for name in of_a_session] == ["RUNNING", 5, 2, 1, 200, 300, 100]
    paid = 5 * 272_100  # charges of each trade of the story
    assert session["capital_start"] == 10_000_000_000
    assert session["capital_end"] == 10_000_000_000 + 200 - paid
    assert session["drawdown"] == paid - 200
    assert session["capital_peak"] == 10_000_000_000


def test_a_session_that_ended_without_a_word_is_told_by_the_next() -> None:
    story = Story()
    events = [*story.opened(), *story.started(), *story.day_opened(), *story.traded()]
    events += story.started(after_crash=True)
    events += story.stopped()
    first, second = sorted(rows_of(events, tables.SESSIONS), key=lambda row: row["number"])
    assert (first["status"], first["ended_at"], first["last_at"]) == ("CRASHED", 0, events[-3].at)
    assert (second["status"], second["ended_by"], second["after_crash"]) == (
        "STOPPED",
        "stopped by the user",
        True,
    )
