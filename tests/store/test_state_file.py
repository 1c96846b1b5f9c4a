import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from tests.store.json_schema import problems
from tests.store.stories import CALL, Story, session

from kasauti.domain import events as ev
from kasauti.domain import standing_events as sev
from kasauti.domain.commands import PlaceBracket, PlaceGtt, PlaceOrder
from kasauti.domain.order import Product, Side
from kasauti.domain.standing import StandingStatus
from kasauti.domain.state import State
from kasauti.store.amounts import exact_rupees
from kasauti.store.state_file import SCHEMA, state_path, trading_state

PUBLISHED: dict[str, Any] = json.loads(
    (files("kasauti.store") / "schema" / "trading_state_v2.json").read_text(encoding="utf-8")
)


def shown(events: list[ev.Recorded]) -> dict[str, Any]:
    """Return the state file after `events`, numbers as they are written."""
    state = State.replay(events)
    content: dict[str, Any] = json.loads(trading_state(state, date(2026, 1, 13)), parse_float=Decimal)
    return content


def full() -> list[ev.Recorded]:
    """An account that holds, waits, has noted and has failed."""
    story = Story()
    return [
        *story.opened(),
        *story.started(after_crash=True),
        *story.day_opened(),
        *story.traded(),
        *story.noted(),
        *story.traded(Side.BUY, 65, strategy=""),
        story.event(ev.TimerFired("square_off:derivatives", story.at), "timer:square_off"),
        story.event(ev.StrategyFailed("momentum", "on_chain", "ValueError: no", "entries")),
        story.event(ev.StrategyFailed("ema", "on_tick", "ValueError: no", "all")),
        story.event(ev.TradingHalted("looked at"), "user"),
        *story.placed(tag="=cmd"),
        *story.filled(30),
    ]


def every_prefix() -> list[int]:
    return list(range(1, len(full()) + 1))


@pytest.mark.parametrize("length", every_prefix())
def test_every_state_file_is_of_the_published_form(length: int) -> None:
    content = json.loads(trading_state(State.replay(full()[:length]), date(2026, 1, 13)))
    assert problems(content, PUBLISHED, PUBLISHED) == []
    assert content["schema"] == SCHEMA == PUBLISHED["$id"]


BROKEN: dict[str, Callable[[dict[str, Any]], object]] = {
    "$.extra is not in the schema": lambda c: c.update(extra=1),
    "$.funds is missing": lambda c: c.pop("funds"),
    "$.last_event": lambda c: c.update(last_event=True),
    "$.as_of": lambda c: c.update(as_of="2026-01-13T09:15:00.000Z"),
    "$.positions[0].quantity": lambda c: c["positions"][0].update(quantity=1.5),
    "$.positions[0].strategies.momentum.noted": lambda c: c["positions"][0]["strategies"]["momentum"].update(
        noted=[]
    ),
    "$.open_orders[0].status": lambda c: c["open_orders"][0].update(status="COMPLETE"),
    "$.strategies.momentum.stopped": lambda c: c["strategies"]["momentum"].update(stopped="maybe"),
    "$.day.orders": lambda c: c["day"].update(orders=-1),
}


@pytest.mark.parametrize("place", BROKEN)
def test_the_check_against_the_schema_can_fail(place: str) -> None:
    content = json.loads(trading_state(State.replay(full()), date(2026, 1, 13)))
    BROKEN[place](content)
    assert [p for p in problems(content, PUBLISHED, PUBLISHED) if p.startswith(place)]


def test_every_field_of_the_schema_is_explained_or_plain() -> None:
    """What the names alone leave open has a description, here or behind its reference."""
    assert PUBLISHED["$defs"]["money"]["description"].startswith("Rupees")
    assert all(rule.get("description") or rule.get("type") for rule in PUBLISHED["properties"].values())


def test_what_is_held_is_shown_with_its_entry_and_what_its_strategy_noted() -> None:
    """130 at 1234.50 and 1236.00 by the strategy, 65 by hand at the same two prices, then 30 more."""
    [position] = shown(full())["positions"]
    by_strategy = position.pop("strategies")
    assert position.pop("entry_time") == "2026-01-13T09:14:56.000+05:30"
    assert position == {
        "symbol": CALL,
        "product": "MIS",
        "quantity": 225,
        # (65 x 123.45 + 65 x 123.60 + 32 x 123.45 + 33 x 123.60 + 30 x 123.45) / 225
        "entry_price": Decimal("123.5153"),
        "cost": Decimal("27790.95"),
        "realised": Decimal("0.00"),
        "charges": Decimal("136.05"),
        "margin": Decimal("0.00"),
    }
    assert by_strategy == {
        "momentum": {
            "quantity": 160,
            # (65 x 123.45 + 65 x 123.60 + 30 x 123.45) / 160
            "entry_price": Decimal("123.5109"),
            "entry_time": "2026-01-13T09:14:56.000+05:30",
            "noted": {"instrument": CALL, "peak": 1_290_000, "levels": {"initial": 926_000}},
        }
    }


def test_funds_and_counters_are_the_ledgers_in_rupees() -> None:
    content = shown(full())
    # 10 lakh, less 27,790.95 paid for options, less 5 x 27.21 charges
    assert content["funds"] == {
        "available": Decimal("959723.00"),
        "blocked": Decimal("12350.00"),
        "unsettled": Decimal("0.00"),
        "total": Decimal("972073.00"),
        "brought_in": Decimal("1000000.00"),
        "realised": Decimal("0.00"),
        "marked": Decimal("0.00"),
        "charges": Decimal("136.05"),
        "interest": Decimal("0.00"),
        "penalties": Decimal("0.00"),
        "dividends": Decimal("0.00"),
    }
    assert sum(content["charges"].values()) == Decimal("136.05")
    assert content["day"] == {
        "orders": 3,
        "trades": 5,
        "denied": 0,
        "realised": Decimal("0.00"),
        "charges": Decimal("136.05"),
        "net": Decimal("-136.05"),
    }


def test_an_order_that_can_still_trade_is_shown_as_it_is() -> None:
    [order] = shown(full())["open_orders"]
    assert order == {
        "order_id": "P-00003",
        "placed_at": "2026-01-13T09:15:07.000+05:30",
        "status": "OPEN",
        "symbol": CALL,
        "side": "BUY",
        "product": "MIS",
        "order_type": "LIMIT",
        "validity": "DAY",
        "quantity": 130,
        "filled": 30,
        "price": Decimal("123.50"),
        "trigger_price": Decimal("0.00"),
        "average_price": Decimal("123.45"),
        "blocked": Decimal("12350.00"),
        "queue_ahead": 65,
        "strategy": "momentum",
        "tag": "=cmd",
    }


def test_strategies_that_failed_and_halts_are_shown() -> None:
    content = shown(full())
    assert content["halted"] == "looked at"
    assert {name: each["stopped"] for name, each in content["strategies"].items()} == {
        "ema": "all",
        "momentum": "entries",
    }
    assert content["session"] == {
        "version": "0.1.0",
        "prices": "builtin:41",
        "after_crash": True,
        "downtime_s": Decimal("2.5"),
    }
    story = Story()
    assert shown([*story.opened(), *session(story, 2), *story.stopped()])["session"] is None


def test_the_file_is_named_after_the_date_and_written_for_people(tmp_path: Path) -> None:
    assert state_path(tmp_path, date(2026, 1, 3)) == tmp_path / "state" / "trading_state_20260103.json"
    lines = trading_state(State.replay(full()), date(2026, 1, 13)).decode().splitlines()
    assert lines[:4] == ["{", '  "schema": "kasauti.trading_state/2",', '  "date": "2026-01-13",', lines[3]]
    assert len(lines) > 100


@pytest.mark.parametrize(
    ("units", "text"),
    [
        (0, "0.00"),
        (1, "0.0001"),
        (100, "0.01"),
        (-100, "-0.01"),
        (12_345_600, "1234.56"),
        (12_345_678, "1234.5678"),
        (-5, "-0.0005"),
        (10**24, "100000000000000000000.00"),
    ],
)
def test_money_is_written_exactly(units: int, text: str) -> None:
    assert str(exact_rupees(units)) == text


def test_standing_exits_are_shown_with_where_they_are() -> None:
    """They are the stops of what is held: a person who looks at the file has to see them."""
    log = full()
    order = log[-1].seq + 1
    entry = PlaceOrder(CALL, Side.BUY, 65, product=Product.MIS, tag="orb")
    told = [
        sev.StandingPlaced(
            "P_BRACKET_1", PlaceBracket(entry, stoploss=1_000_000, target=1_400_000), "momentum"
        ),
        sev.StandingArmed("P_BRACKET_1", 65, 1_000_000, 1_400_000, 1_235_000, "the entry traded"),
        sev.StandingPlaced("P_GTT_2", PlaceGtt(CALL, ())),
        sev.StandingEnded("P_GTT_2", StandingStatus.DELETED, "asked"),
    ]
    log += [ev.Recorded(order + n, log[-1].at, "user", event) for n, event in enumerate(told)]
    written = trading_state(State.replay(log), date(2026, 1, 13))
    assert problems(json.loads(written), PUBLISHED, PUBLISHED) == []
    (standing,) = shown(log)["standing"]
    assert (standing["variety"], standing["guarded"], standing["strategy"]) == ("bracket", 65, "momentum")
    assert (standing["stop"], standing["target"]) == (Decimal("100.00"), Decimal("140.00"))
