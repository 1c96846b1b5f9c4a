"""Where logs are kept, from one word."""

from pathlib import Path

import pytest
from tests.store.stories import whole_day, write

from kasauti.domain.state import State
from kasauti.errors import ConfigError, LogError
from kasauti.store.log_store import LogStore
from kasauti.store.opening import open_store, path_of, shown
from kasauti.store.recovery import Situation, StateManager


@pytest.mark.parametrize(
    ("word", "path"),
    [
        ("data/log.db", "data/log.db"),
        (Path("data/log.db"), "data/log.db"),
        ("sqlite:///db/paper_trading.db", "db/paper_trading.db"),
        ("sqlite:////srv/desk/log.db", "/srv/desk/log.db"),
        ("sqlite:///my%20data/log.db", "my data/log.db"),
        ("sqlite:///log.db?timeout=5", "log.db"),
    ],
)
def test_a_file_is_named_by_a_path_or_a_url(word: str | Path, path: str) -> None:
    assert path_of(word) == Path(path)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_a_url_of_postgresql_names_no_file(scheme: str) -> None:
    assert path_of(f"{scheme}://desk:secret@db.example/desk") is None


@pytest.mark.parametrize(
    "url",
    ["mysql://desk:hunter2@db.example/desk", "oracle://desk:hunter2@db.example", "sqlite:///", "sqlite://"],
)
def test_any_other_url_is_refused_without_showing_its_password(url: str) -> None:
    with pytest.raises(ConfigError, match=r"://.* (is not a database|names no file)") as refused:
        path_of(url)
    assert "hunter2" not in str(refused.value)


def test_a_url_is_shown_without_what_is_secret_in_it() -> None:
    shown_url = shown("postgresql://desk:hunter2@db.example:5432/desk?password=hunter2&sslmode=require")
    assert shown_url == "postgresql://db.example:5432/desk"


def test_a_store_keeps_many_accounts_and_starts_each_where_it_ended(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/desk/log.db"
    (tmp_path / "desk").mkdir()
    store: LogStore = open_store(url, create=True)
    day = whole_day()
    logs = [store.stream(name) for name in ("asha", "ravi")]
    for recorded in day:
        logs[0].append(recorded)
    for recorded in day[:5]:
        logs[1].append(recorded)
    store.commit()
    store.close()

    store = open_store(url, readonly=True)
    assert store.streams() == ["asha", "ravi"]
    states = [StateManager(store.stream(name), tmp_path) for name in store.streams()]
    assert states[0].get_recovery_info(day[-1].at).last_event == len(day)
    assert states[1].get_recovery_info(day[4].at).situation is not Situation.NOTHING
    assert State.replay(store.stream("asha").read()) == State.replay(day)
    store.close()


def test_a_store_that_is_missing_is_not_made_unless_asked(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="there is no log in"):
        open_store(tmp_path / "log.db")
    assert not list(tmp_path.iterdir())


def test_what_only_reads_cannot_go_on(tmp_path: Path) -> None:
    store = open_store(tmp_path / "log.db", create=True)
    write(store.stream("asha"), whole_day())
    store.close()
    reader = open_store(tmp_path / "log.db", readonly=True)
    with pytest.raises(LogError, match="opened for reading only"):
        StateManager(reader.stream("asha"), tmp_path).resume_session()
    reader.close()
