"""
The log of an account to look at: whose it is, which of its lives, in whichever home it is.

A session's account has a log of its own name, and earlier lives in files of their own. A desk has the logs of
all its accounts in one home, each named `user/account/epoch`; a replay has its own beside that.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import msgspec

from kasauti.compose.account import EPOCHS, LOG
from kasauti.errors import InvalidInput, LogError
from kasauti.store.log_store import StoredLog
from kasauti.store.opening import open_store

_OF_A_DESK: Final = re.compile(r"([^/]+)/([^/@]+)/([1-9][0-9]*)")


class _Life(msgspec.Struct, frozen=True):
    """One life of an account: `account` as a person names it; `file` is where it is if it was put away."""

    stream: str
    account: str
    epoch: int
    file: Path | None = None

    def is_called(self, word: str) -> bool:
        """Whether a person may mean it by a word: its account's name, with or without the user's."""
        return word in (self.account, self.account.rpartition("/")[2])


def open_log(folder: Path, account: str = "", epoch: int = 0, url: str = "") -> StoredLog:
    """
    Open the log of an account for reading, also while another process writes it.

    It is in `folder`, or in the database that `url` names. `account` is its name, alone or as `user/name`, or
    that of a log as it stands there; it may be left out where there is only one. `epoch` is the number of one
    of its lives, 0 for the last. Raises `InvalidInput` for a name that several have or nobody has, and what
    `open_store` raises.
    """
    with ExitStack() as closing:
        store = closing.enter_context(open_store(url or folder / LOG, readonly=True))
        streams = store.streams()
        if not streams:
            raise LogError(f"{store.where} has no events yet; start a session first")
        if account in streams and not epoch:
            life = _Life(account, account, 0)
        else:
            life = _chosen(list(_lives(streams, folder)), account, epoch, store.where)
        if life.file is not None:
            return _put_away(life.file)
        log = store.stream(life.stream)
        closing.pop_all()
    return log


def _put_away(file: Path) -> StoredLog:
    with ExitStack() as closing:
        store = closing.enter_context(open_store(file, readonly=True))
        log = store.stream(store.streams()[0])
        closing.pop_all()
    return log


def _lives(streams: Iterable[str], folder: Path) -> Iterator[_Life]:
    """Yield the lives that accounts have here; what is of a replay is not an account's own."""
    for stream in streams:
        of_a_desk = _OF_A_DESK.fullmatch(stream)
        if of_a_desk is not None:
            yield _Life(stream, f"{of_a_desk[1]}/{of_a_desk[2]}", int(of_a_desk[3]))
        elif "@" not in stream:
            before = sorted(
                int(each.name) for each in (folder / EPOCHS).glob("[0-9]*") if (each / LOG).exists()
            )
            for number in before:
                yield _Life("", stream, number, folder / EPOCHS / f"{number:04d}" / LOG)
            yield _Life(stream, stream, max(before, default=0) + 1)


def _chosen(lives: Sequence[_Life], account: str, epoch: int, where: str) -> _Life:
    meant = [each for each in lives if not account or each.is_called(account)]
    names = sorted({each.account for each in meant})
    if not names:
        there = ", ".join(sorted({each.account for each in lives})) or "logs of replays only"
        raise InvalidInput(f"{where} has no account {account!r}; it has {there}")
    if len(names) > 1:
        raise InvalidInput(f"{where} has several accounts; name one with --account: {', '.join(names)}")
    last = max(each.epoch for each in meant)
    for each in meant:
        if each.epoch == (epoch or last):
            return each
    there = ", ".join(str(each.epoch) for each in sorted(meant, key=lambda each: each.epoch))
    raise InvalidInput(f"{names[0]} has no epoch {epoch}; it has {there}")
