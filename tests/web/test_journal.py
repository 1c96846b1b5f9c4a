"""The server's own log: a line of JSON for every request and for what of note happened."""

import asyncio
import json
import logging
import stat
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kasauti.web.journal import NAME, Journal, journal_in
from kasauti.web.journal_line import request_line

_WORDS = st.text(max_size=20)


def lines(folder: Path) -> list[dict[str, Any]]:
    """Return what was written."""
    return [json.loads(line) for line in (folder / NAME).read_text().split("\n") if line]


def test_a_request_has_a_line_with_the_id_that_its_answer_names(tmp_path: Path) -> None:
    async def talk() -> list[str]:
        with journal_in(tmp_path) as journal:
            return [journal.request("native", "GET /x/{id}", 200 + n, 0.0015, "pub", "::1") for n in (0, 4)]

    numbers = asyncio.run(talk())
    first, second = lines(tmp_path)
    assert [first["id"], second["id"]] == numbers
    assert len(set(numbers)) == 2
    told = {name: first[name] for name in ("kind", "dialect", "route", "status", "ms", "key", "address")}
    assert told == {
        "kind": "request", "dialect": "native", "route": "GET /x/{id}", "status": 200, "ms": 1.5,
        "key": "pub", "address": "::1",
    }  # fmt: skip
    assert stat.S_IMODE((tmp_path / NAME).stat().st_mode) == 0o600


@settings(max_examples=30)
@given(_WORDS, _WORDS, st.integers(0, 999), st.floats(0, 1e6), _WORDS, _WORDS)
def test_a_line_is_what_its_fields_encode_to(
    dialect: str, route: str, status: int, seconds: float, key: str, address: str
) -> None:
    line = request_line("2026-11-27T09:15:00", "a-1", dialect, route, status, seconds, key, address)
    assert line == msgspec.json.encode(
        {
            "at": "2026-11-27T09:15:00", "kind": "request", "id": "a-1", "dialect": dialect, "route": route,
            "status": status, "ms": int(seconds * 1e6) / 1_000, "key": key, "address": address,
        }
    )  # fmt: skip


def test_what_goes_wrong_is_noted_with_its_place_and_without_its_values(tmp_path: Path) -> None:
    with journal_in(tmp_path):
        try:
            int("canary")
        except ValueError:
            logging.getLogger("kasauti.web").exception("it failed")
        logging.getLogger("kasauti.web").info("not of note")
    (line,) = lines(tmp_path)
    assert (line["kind"], line["what"], line["error"]) == ("error", "it failed", "ValueError")
    assert "test_journal.py:" in line["where"]
    assert "canary" not in (tmp_path / NAME).read_text()


def test_text_with_line_ends_stays_one_line(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal:
        journal.note('x\n{"kind": "forged"}\r\n', who="\u2028")
    (line,) = lines(tmp_path)
    assert line["what"].endswith("\r\n")


def test_a_full_file_becomes_the_previous_one(tmp_path: Path) -> None:
    journal = Journal(tmp_path, full=200)
    for number in range(10):
        journal.note(f"{number}")
    journal.close()
    assert (tmp_path / "server.log.1").exists()
    assert (tmp_path / NAME).stat().st_size < 300
    assert lines(tmp_path) == [] or lines(tmp_path)[-1]["what"] == "9"


def test_a_disk_that_takes_nothing_hinders_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(tmp_path)

    def full(file: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("kasauti.web.journal.os.write", full)
        journal.note("lost")
    journal.note("kept")
    journal.close()
    assert (journal.lost, [each["what"] for each in lines(tmp_path)]) == (1, ["kept"])


def test_loggers_of_several_threads_lose_no_line(tmp_path: Path) -> None:
    def speak(name: str) -> None:
        for number in range(200):
            logging.getLogger("kasauti.web").warning("%s %d", name, number)

    async def talk() -> None:
        with journal_in(tmp_path) as journal:
            speaking = [asyncio.to_thread(speak, name) for name in ("one", "two")]
            requests = [
                journal.request("native", "GET /x", 200, 0.001, "pub", f"address {n}") for n in range(100)
            ]
            await asyncio.gather(*speaking)
            assert len(set(requests)) == 100

    asyncio.run(talk())
    told = [line.get("what") or line["address"] for line in lines(tmp_path)]
    assert len(told) == len(set(told)) == 500
