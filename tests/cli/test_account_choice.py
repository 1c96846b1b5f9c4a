"""Commands that look find the log of the account and the life of it that somebody means."""

from pathlib import Path

import pytest
from tests.cli.command import kasauti
from tests.store.stories import whole_day, write

from kasauti.domain import events as ev
from kasauti.domain.money import RUPEE
from kasauti.store.opening import open_store
from kasauti.store.sqlite import SqliteLog

LOOKING = (
    ("status",), ("positions",), ("orders",), ("trades",), ("funds",), ("holdings",), ("report",), ("note",),
    ("prove",), ("log", "verify"), ("log", "show"),
)  # fmt: skip


def opened(name: str, capital: int) -> ev.Recorded:
    return ev.Recorded(1, 1, "session", ev.AccountOpened(name, "paper", "PAPER", capital * RUPEE, "zerodha"))


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """Return a desk's folder: two users, one of them with two lives and a replay."""
    for number, stream in enumerate(
        ("asha/main/1", "asha/main/2", "asha/main/2@replay-1", "ravi/main/1", "ravi/swing/10"), 1
    ):
        with SqliteLog.open(tmp_path / "log.db", stream, create=True) as log:
            log.append(opened(stream, number))
            log.commit()
    return tmp_path


@pytest.mark.parametrize(
    ("options", "stream"),
    [
        (("--account", "swing"), "ravi/swing/10"),
        (("--account", "asha/main"), "asha/main/2"),
        (("--account", "asha/main", "--epoch", "1"), "asha/main/1"),
        (("--account", "asha/main/1"), "asha/main/1"),
        (("--account", "asha/main/2@replay-1"), "asha/main/2@replay-1"),
    ],
)
def test_a_name_and_an_epoch_choose_one_log(desk: Path, options: tuple[str, ...], stream: str) -> None:
    assert kasauti("status", "--data", desk, *options, "--json").json()["account"] == stream


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ((), "has several accounts; name one with --account: asha/main, ravi/main, ravi/swing"),
        (("--account", "main"), "has several accounts; name one with --account: asha/main, ravi/main"),
        (("--account", "mian"), "has no account 'mian'; it has asha/main, ravi/main, ravi/swing"),
        (("--account", "asha/main", "--epoch", "3"), "asha/main has no epoch 3; it has 1, 2"),
        (("--account", "swing", "--epoch", "1"), "ravi/swing has no epoch 1; it has 10"),
    ],
)
def test_a_name_that_does_not_choose_one_is_answered_with_those_there_are(
    desk: Path, options: tuple[str, ...], sentence: str
) -> None:
    assert sentence in kasauti("funds", "--data", desk, *options).sentence()


@pytest.mark.parametrize("command", LOOKING, ids=" ".join)
def test_every_command_that_looks_takes_both(desk: Path, command: tuple[str, ...]) -> None:
    asked = kasauti(*command, "--data", desk, "--account", "nobody", "--epoch", "7")
    assert "has no account 'nobody'" in asked.sentence()


def test_an_export_is_of_the_account_that_is_named(desk: Path) -> None:
    file = desk / "log.json"
    kasauti("log", "export", file, "--data", desk, "--account", "asha/main", "--epoch", "1")
    assert "asha/main/1" in file.read_text()


def test_a_life_of_a_session_s_account_that_was_put_away_is_an_epoch(tmp_path: Path) -> None:
    for folder, capital in (("epochs/0001", 1), ("epochs/0003", 3), (".", 4)):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        with SqliteLog.open(tmp_path / folder / "log.db", "main", create=True) as log:
            log.append(opened("main", capital))
            log.commit()
    capitals = [
        kasauti("funds", "--data", tmp_path, "--epoch", epoch, "--json").json()["free"]
        for epoch in (0, 1, 3, 4)
    ]
    assert [each.partition(".")[0] for each in capitals] == ["4", "1", "3", "4"]
    assert (
        "main has no epoch 2; it has 1, 3, 4" in kasauti("funds", "--data", tmp_path, "--epoch", 2).sentence()
    )


def test_a_desk_in_a_database_is_looked_at_by_its_url(postgres_url: str, tmp_path: Path) -> None:
    with open_store(postgres_url, create=True) as store:
        write(store.stream("asha/main/1"), whole_day())
    asked = kasauti("log", "verify", "--url", postgres_url, "--json", env={"HOME": str(tmp_path)})
    assert asked.json()["events"] == len(whole_day())
