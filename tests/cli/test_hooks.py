"""`kasauti hook`: a hook is made and listed, and its secret is shown once."""

import json
from pathlib import Path

from typer.testing import CliRunner

from kasauti.cli.app import app
from kasauti.store.registry.registry import Registry

RUN = CliRunner()


def test_a_hook_is_made_listed_and_closed_and_its_secret_is_shown_once(tmp_path: Path) -> None:
    made = RUN.invoke(app, ["hook", "add", "--strategy", "orb", "--quantity", "5", "--data", str(tmp_path)])
    assert made.exit_code == 0, made.output
    public, _, secret = made.output.partition("/hook/")[2].splitlines()[0].partition(".")
    listed = RUN.invoke(app, ["hook", "list", "--json", "--data", str(tmp_path)])
    [row] = json.loads(listed.output)
    assert (row["strategy"], row["mode"], row["public"]) == ("orb", "LONG", public)
    assert secret
    assert secret not in listed.output
    registry = Registry.open(tmp_path)
    assert registry.hooks.opens(row["hook"], secret)
    closed = RUN.invoke(app, ["hook", "remove", str(row["hook"]), "--data", str(tmp_path)])
    assert closed.exit_code == 0
    assert not registry.hooks.opens(row["hook"], secret)
    registry.close()


def test_a_hook_of_a_desk_on_a_database_is_made_there(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "folder", tmp_path / "database"
    elsewhere.mkdir()
    where = ["--data", str(folder), "--url", f"sqlite:///{elsewhere}/log.db"]
    made = RUN.invoke(app, ["hook", "add", "--strategy", "orb", *where, "--port", "6000"])
    assert "http://127.0.0.1:6000/hook/" in made.output
    registry = Registry.open(elsewhere)
    [account] = registry.accounts.all()
    assert [each.name for each in registry.strategies.all(account.id)] == ["orb"]
    registry.close()
