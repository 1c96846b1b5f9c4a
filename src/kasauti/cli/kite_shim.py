"""`kasauti kite-shim`: an existing Kite Connect bot trades on paper, its source as it is."""

import os
import subprocess
from pathlib import Path
from typing import Annotated

import typer

from kasauti.cli.desk_folder import DeskData, desk_folder
from kasauti.desk.first_start import KEY_FILE
from kasauti.errors import ConfigError
from kasauti.web.kite import shim
from kasauti.web.kite.shim.sitecustomize import KEY, ROOT

_WORDS = {"ignore_unknown_options": True, "allow_extra_args": True, "allow_interspersed_args": False}


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("kite-shim", context_settings=_WORDS)(kite_shim)


def kite_shim(
    context: typer.Context,
    root: Annotated[
        str, typer.Option(envvar=ROOT, help="Where the desk's twin of Kite Connect is.")
    ] = "http://127.0.0.1:5010",
    data: DeskData = None,
) -> None:
    """Run a bot that was written for Kite Connect against the desk: kasauti kite-shim python bot.py."""
    if not context.args:
        raise ConfigError("no program is given; write it behind the command: kasauti kite-shim python bot.py")
    # What runs is what the user typed behind the command.
    raise typer.Exit(subprocess.call(context.args, env=environment(root, key_of(data))))  # noqa: S603  as said


def key_of(data: Path | None) -> str:
    """Return the key of the environment, else the one that the desk's first start left in its folder."""
    given = os.environ.get(KEY, "")
    if given:
        return given
    kept = desk_folder(data) / KEY_FILE
    try:
        return kept.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigError(
            f"{kept} cannot be read ({error.strerror}); start the desk with `kasauti up` first, or put one of"
            f" its keys into {KEY}"
        ) from error


def environment(root: str, key: str) -> dict[str, str]:
    """Return the environment in which a bot's `kiteconnect` speaks to a desk."""
    folder = str(Path(shim.__file__).parent)
    path = os.pathsep.join(filter(None, (folder, os.environ.get("PYTHONPATH", ""))))
    return {**os.environ, ROOT: root, KEY: key, "PYTHONPATH": path}
