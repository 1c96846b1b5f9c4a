"""Which account a command looks at: its folder or database, its name there, and which of its lives."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from kasauti.cli.desk_folder import DESK
from kasauti.cli.options import DEMO, REPLAY
from kasauti.compose.account import LOG
from kasauti.compose.account_log import open_log
from kasauti.config import load_config
from kasauti.errors import LogError
from kasauti.store.log_store import StoredLog
from kasauti.store.opening import shown

Account = Annotated[
    str, typer.Option("--account", help="Which account, NAME or USER/NAME; needed where there are several.")
]
Epoch = Annotated[int, typer.Option("--epoch", min=0, help="Which of its lives; the last if left out.")]
LogUrl = Annotated[
    str, typer.Option("--url", "--database", help="The desk's PostgreSQL, if it is not in the folder.")
]


class Chosen(msgspec.Struct, frozen=True):
    """An account to look at; `where` is its folder or database, as a person may see it."""

    where: str
    log: Callable[[], StoredLog]


def chosen(data: Path | None, account: str, epoch: int, url: str) -> Chosen:
    """Return the account that the options name; without a folder or database the last one used here."""
    folder = Path() if url else existing_account(data)
    return Chosen(shown(url) if url else str(folder), lambda: open_log(folder, account, epoch, url))


def existing_account(data: Path | None) -> Path:
    """Return the folder of the account to look at: the one that is named, else the last one used here."""
    if data is None:
        home = Path(load_config(None, {}, os.environ).config.storage.data_dir)
        candidates = [home, home / DEMO, home / REPLAY, home / DESK]
        found = [each for each in candidates if (each / LOG).exists()]
        if not found:
            raise LogError(f"There is no account in {home} yet; `kasauti demo` makes one in a minute.")
        return max(found, key=lambda each: (each / LOG).stat().st_mtime_ns)
    if not (data / LOG).exists():
        raise LogError(f"There is no account in {data}: it has no {LOG}; check --data.")
    return data
