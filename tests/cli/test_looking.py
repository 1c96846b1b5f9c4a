"""What the commands that only look say of an account, for people and for machines."""

import csv
import json
from datetime import date, time
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tests.cli.command import kasauti
from tests.compose.worlds import events_of, momentum_day

from kasauti import __version__
from kasauti.cli.crash import BrokenRun
from kasauti.compose.account import LOG
from kasauti.domain import events as ev
from kasauti.domain.events import AccountOpened, DayOpened, OrderDenied, Recorded
from kasauti.domain.ist import ist_ns
from kasauti.domain.order import Side
from kasauti.store.codec import encode
from kasauti.store.sqlite import SqliteLog

INSTRUMENT = "NFO:NIFTY26NOV25900PE"


def test_status_says_where_the_account_stands(account: Path) -> None:
    row = kasauti("status", "--data", account, "--json").json()
    log = events_of(account)
    assert (row["account"], row["mode"], row["day"], row["day_open"]) == (
        "main",
        "paper",
        "2026-11-23",
        False,
    )
    assert (row["in_session"], row["positions"], row["open_orders"]) == (False, 0, 0)
    assert (row["day_orders"], row["day_trades"], row["last_event"]) == (2, 2, len(log))
    assert row["last_at"] == "2026-11-23T15:40:00.000+05:30"

    told = kasauti("status", "--data", account)
    assert told.code == 0
    for word in ("main", "2026-11-23", "stopped cleanly", str(account)):
        assert word in told.out


def test_trades_orders_and_positions_tell_one_story(account: Path) -> None:
    bought, sold = kasauti("trades", "--data", account, "--json").json()
    entry, out = kasauti("orders", "--data", account, "--json").json()
    (position,) = kasauti("positions", "--data", account, "--json").json()

    assert [bought["side"], sold["side"]] == ["BUY", "SELL"]
    assert {each["instrument"] for each in (bought, sold, entry, out, position)} == {INSTRUMENT}
    assert [bought["order_id"], sold["order_id"]] == [entry["order_id"], out["order_id"]]
    assert {each["status"] for each in (entry, out)} == {"COMPLETE"}
    assert position["quantity"] == 0
    made = (Decimal(sold["price"]) - Decimal(bought["price"])) * bought["quantity"]
    assert Decimal(position["realised"]) == made
    paid = sum(Decimal(each["charges"]["total"]) for each in (bought, sold))
    assert Decimal(position["charges"]) == paid
    assert Decimal(position["net"]) == made - paid


def test_funds_add_up(account: Path) -> None:
    funds = kasauti("funds", "--data", account, "--json").json()
    label = funds.pop("margin_label")
    assert label == "approximate (SPAN-lite, no risk file)"
    amount = {name: Decimal(value) for name, value in funds.items() if isinstance(value, str)}
    assert amount["capital"] == 500_000
    assert amount["funds"] == amount["capital"] + amount["realised"] - Decimal(funds["charges"]["total"])
    assert amount["free"] == amount["funds"], "nothing is held"
    told = kasauti("funds", "--data", account)
    assert "₹5,00,000.00" in told.out


def test_the_report_agrees_with_the_funds(account: Path) -> None:
    report = kasauti("report", "--data", account, "--json").json()
    funds = kasauti("funds", "--data", account, "--json").json()
    assert report["days"] == ["2026-11-23"]
    text = json.dumps(report)
    assert funds["realised"] in text
    told = kasauti("report", "--data", account, "--from", "2026-11-23", "--to", "2026-11-23")
    assert (told.code, told.err) == (0, "")
    for words in ("Day report of main", "Round trips", "Charges", "Before you believe it"):
        assert words in told.out


@pytest.mark.parametrize("command", ["positions", "orders", "trades", "funds", "report", "status"])
def test_people_get_a_table_and_no_warning(account: Path, command: str) -> None:
    told = kasauti(command, "--data", account)
    assert (told.code, told.err) == (0, "")
    assert len(told.out.splitlines()) > 2


def test_a_trade_is_explained_from_its_evidence(account: Path) -> None:
    bought, _ = kasauti("trades", "--data", account, "--json").json()
    told = kasauti("trades", "--data", account, "--explain", bought["trade_id"])
    assert told.code == 0
    for words in (bought["trade_id"], bought["price"], "depth"):
        assert words in told.out
    machine = kasauti("trades", "--data", account, "--explain", bought["trade_id"], "--json").json()
    assert bought["order_id"] in json.dumps(machine)


def test_an_order_says_why_it_does_not_trade(account: Path) -> None:
    _, out = kasauti("orders", "--data", account, "--json").json()
    told = kasauti("orders", "--data", account, "--why", out["order_id"][-3:])
    assert told.code == 0
    assert out["order_id"] in told.out
    assert "complete" in told.out
    machine = kasauti("orders", "--data", account, "--why", out["order_id"], "--json").json()
    assert machine["order_id"] == out["order_id"]
    assert len(machine["why"]) == 1


def test_open_orders_are_those_that_can_still_trade(account: Path) -> None:
    assert kasauti("orders", "--data", account, "--open", "--json").json() == []


def test_trades_of_another_day_are_none(account: Path) -> None:
    assert kasauti("trades", "--data", account, "--day", "2026-11-20", "--json").json() == []
    assert len(kasauti("trades", "--data", account, "--day", "2026-11-23", "--json").json()) == 2


# The log


def test_the_log_verifies(account: Path) -> None:
    count = len(events_of(account))
    assert kasauti("log", "verify", "--data", account, "--json").json() == {"events": count, "whole": True}
    assert f"{count} events, whole and balanced" in kasauti("log", "verify", "--data", account).out


def test_the_log_is_readable(account: Path) -> None:
    told = kasauti("log", "show", "--data", account, "--tag", "order.filled")
    assert told.code == 0
    assert told.out.count("NIFTY26NOV25900PE") >= 2
    lines = kasauti("log", "show", "--data", account, "--last", "3", "--json").out.splitlines()
    rows = [json.loads(line) for line in lines]
    assert [row["seq"] for row in rows] == [each.seq for each in events_of(account)[-3:]]
    assert rows[-1]["tag"] == "session.stopped"


@pytest.mark.parametrize("form", ["json", "csv", "parquet"])
def test_an_export_reads_back_as_the_log(account: Path, tmp_path: Path, form: str) -> None:
    file = tmp_path / f"log.{form}"
    ran = kasauti("log", "export", file, "--data", account)
    assert ran.code == 0
    if form == "json":
        rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        payloads = [row["event"] for row in rows]
    elif form == "csv":
        rows = list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))
        payloads = [json.loads(row["event"]) for row in rows]
    else:
        rows = pq.read_table(file).to_pylist()
        payloads = [json.loads(row["event"]) for row in rows]

    log = events_of(account)
    assert [(int(r["seq"]), int(r["at_ns"]), r["cause"], r["tag"]) for r in rows] == [
        (each.seq, each.at, each.cause, each.event.TAG) for each in log
    ]
    assert payloads == [json.loads(encode(each.event)) for each in log]
    assert f"{len(log)} events written to {file}" in ran.out
    assert [each.name for each in tmp_path.iterdir()] == [file.name], "nothing unfinished stays"


def test_the_proof_passes_and_has_a_hash(account: Path) -> None:
    told = kasauti("prove", "--data", account)
    assert told.code == 0
    assert "PASS" in told.out
    assert "FAIL" not in told.out
    proof = kasauti("prove", "--data", account, "--json").json()
    assert (proof["failed"], proof["orders"], proof["trades"], proof["days"]) == ("", 2, 2, 1)
    assert len(proof["digest"]) == 64
    assert proof["digest"] in told.out


# Settings, data, and the program itself


def test_settings_are_explained_with_where_they_came_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file = Path("my.yaml")
    file.write_text("account:\n  capital_rupees: 250000\n")
    rows = kasauti(
        "config", "explain", "--config", file, "--set", "risk.max_positions=3", "--json",
        env={"KASAUTI_FEED__SEED": "5"},
    ).json()  # fmt: skip
    found = {row["key"]: (row["value"], row["origin"]) for row in rows}
    assert found["account.capital_rupees"] == (250_000, f"{file} line 2")
    assert found["risk.max_positions"] == (3, "command line")
    assert found["feed.seed"] == (5, "environment KASAUTI_FEED__SEED")
    assert found["account.plan"] == ("zerodha", "default")

    told = kasauti("config", "explain", "--config", file)
    assert f"{file} line 2" in told.out
    assert f"{file} can be used: 1 settings from it" in kasauti("config", "check", file).out


def test_data_is_checked_before_it_is_traded(recording: Path, tmp_path: Path) -> None:
    report = kasauti("data", "check", recording, "--json").json()
    assert report["rows"] == report["used"] == 69_511
    told = kasauti("data", "check", recording)
    assert told.code == 0
    assert "day.parquet" in told.out

    bad = tmp_path / "bad.csv"
    bad.write_text("symbol,ts,open,high,low,close,volume\nACME,2026-01-22T09:15:00,1,-1,nan,1,5\n")
    refused = kasauti("data", "check", bad)
    assert refused.code == 6
    assert kasauti("data", "check", bad, "--json").code == 6


def test_the_version_is_said() -> None:
    said = kasauti("--version").out
    assert said.startswith(f"kasauti {__version__}")
    assert "core" in said or said == f"kasauti {__version__}\n"


@pytest.mark.parametrize("arguments", [("--help",), ("-h",), ("run", "--help"), ("log", "--help")])
def test_help_is_there(arguments: tuple[str, ...]) -> None:
    told = kasauti(*arguments)
    assert told.code == 0
    assert "Usage: kasauti" in told.out


def test_the_last_account_used_is_the_one_looked_at(
    recording: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    kasauti("replay", recording, "--quiet", "--to", "2026-11-23")
    assert kasauti("status", "--json").json()["prices"] == "recorded:day.parquet"
    assert (tmp_path / "data" / "replay" / "log.db").exists()


def test_what_break_says_is_a_struct_for_machines() -> None:
    """The run itself is in tests/crash; here only that its form is what the documents say."""
    assert BrokenRun.__struct_fields__ == ("kills", "acknowledged", "lost", "changed", "finished")


def test_everything_in_the_log_can_be_told(account: Path) -> None:
    seen = {each.event.TAG for each in events_of(account)}
    for tag in sorted(seen):
        told = kasauti("log", "show", "--data", account, "--tag", tag)
        assert told.code == 0
        assert told.out.strip()
    assert ev.OrderFilled.TAG in seen


def test_a_built_in_day_can_be_shared_as_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The thin market of these tests instead of the whole one, which takes a while."""
    monkeypatch.setattr("kasauti.cli.data.built_in_market", lambda seed, _: momentum_day(seed=seed))
    file = tmp_path / "day.parquet"
    assert "69,511 ticks of" in kasauti("data", "generate", file).out
    assert kasauti("data", "check", file, "--json").json()["used"] == 69_511
    nowhere = kasauti("data", "generate", tmp_path / "nowhere" / "day.parquet")
    assert nowhere.code == 6
    assert "could not be written" in nowhere.sentence()
    assert "has to end in .parquet or .csv" in kasauti("data", "generate", tmp_path / "day.xlsx").sentence()


def test_a_refused_order_says_its_rule_and_the_nearest_that_would_pass(tmp_path: Path) -> None:
    denied = OrderDenied(
        "PAPER_20260113100000_ACME_01", "NSE:ACME", Side.BUY, 64, "quantity.lot",
        "Quantity should be a multiple of lot size 65.", "65", "64",
        nearest={"quantity": 65}, advice="65 would be.",
    )  # fmt: skip
    at = ist_ns(date(2026, 1, 13), time(10))
    with SqliteLog.open(tmp_path / LOG, "main", create=True) as log:
        opened = AccountOpened("main", "paper", "PAPER", 10**9, "zerodha")
        for seq, event in enumerate((opened, DayOpened("2026-01-13"), denied), 1):
            log.append(Recorded(seq, at, "user", event))
        log.commit()
    told = kasauti("orders", "--data", tmp_path, "--why", "ACME_01")
    for words in (
        "quantity.lot",
        "multiple of lot size 65",
        "It allows 65; asked for was 64",
        "65 would be.",
    ):
        assert words in " ".join(told.out.split())
    machine = kasauti("orders", "--data", tmp_path, "--why", "ACME_01", "--json").json()
    assert (machine["rule"], machine["nearest"]) == ("quantity.lot", {"quantity": 65})
