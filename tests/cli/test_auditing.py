"""`kasauti audit`: the trail goes into a file line by line, and nothing younger than five years goes away."""

import csv
import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.cli.command import kasauti

from kasauti.store.registry.registry import Registry
from kasauti.store.registry.rows import DESK

_LONG_AGO = 1_400_000_000 * 10**9  # May 2014


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of a desk whose trail begins more than five years ago."""
    (tmp_path / "desk").mkdir()
    registry = Registry.open(tmp_path / "desk")
    registry.audit.record(DESK, "desk.begun", "desk", _LONG_AGO)
    registry.close()
    assert kasauti("account", "open", "swing", "--data", tmp_path / "desk").code == 0
    return tmp_path / "desk"


def test_the_trail_is_written_as_csv_and_as_json(folder: Path, tmp_path: Path) -> None:
    said = kasauti("audit", "export", tmp_path / "trail.csv", "--data", folder)
    assert said.code == 0, said.err
    with (tmp_path / "trail.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert kasauti("audit", "export", tmp_path / "trail.jsonl", "--data", folder).code == 0
    lines = [json.loads(line) for line in (tmp_path / "trail.jsonl").read_text().splitlines()]
    assert [row["event"] for row in rows] == [line["event"] for line in lines]
    assert rows[0]["event"] == "desk.begun"
    assert "account.opened" in {row["event"] for row in rows}
    assert [row["hash"] for row in rows] == [line["hash"] for line in lines]
    assert said.out.startswith(f"{len(rows)} lines of the audit trail written to")


def test_a_trail_that_was_tampered_with_is_not_written(folder: Path, tmp_path: Path) -> None:
    registry = Registry.open(folder)
    with registry.database.write() as connection:
        connection.execute(sa.text("DROP TRIGGER audit_log_update"))
        connection.execute(sa.text("UPDATE audit_log SET user_name = 'nobody' WHERE id = 2"))
    registry.close()
    said = kasauti("audit", "export", tmp_path / "trail.csv", "--data", folder)
    assert said.code == 13
    assert "line 2 of the audit trail" in said.sentence()
    assert not list(tmp_path.glob("*trail*"))
    assert kasauti("audit", "export", tmp_path / "trail.txt", "--data", folder).code == 2


def test_five_years_stay_and_what_is_older_may_go(folder: Path) -> None:
    refused = kasauti("audit", "purge", "2026-01-01", "--data", folder)
    assert refused.code == 2
    assert "kept for five years" in refused.sentence()
    gone = kasauti("audit", "purge", "2020-01-01", "--data", folder)
    assert gone.out == "from before 2020-01-01: 1 removed\n"
    assert kasauti("db", "verify", "--data", folder).code == 0
