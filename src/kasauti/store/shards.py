"""
Which process has which accounts, where several share one database.

Every process works it out alike from the names of those that are there, so nobody has to be asked: an account
belongs to the process with the highest number for it. When one goes, only its accounts move. What nobody can
work out wrongly is who writes: that is the account's lock.
"""

from collections.abc import Iterable, Sequence
from hashlib import blake2b

from kasauti.errors import InvalidInput
from kasauti.store.log_store import SharedStore


def owner(account: str, processes: Sequence[str]) -> str:
    """Return which of the processes an account belongs to (rendezvous hashing)."""
    return max(processes, key=lambda process: (_weight(process, account), process))


class Share:
    """The part of the process `me` in a shared `store`; `processes` are all that there may be."""

    def __init__(self, store: SharedStore, me: str, processes: Sequence[str]) -> None:
        """Say that this process is there; raises `LogLocked` if another one has its name."""
        if me not in processes:
            raise InvalidInput(
                f"{me!r} is none of the processes {', '.join(processes)}; add it to the list of all"
            )
        self._store = store
        self._me = me
        self._processes = tuple(processes)
        store.lock(_presence(me), f"the name {me!r}")

    def present(self) -> list[str]:
        """Return the processes that are there."""
        held = self._store.held()
        return [each for each in self._processes if each == self._me or _presence(each) in held]

    def to_take(self, accounts: Iterable[str]) -> list[str]:
        """Return the accounts that are this process's now, that it has not, and that nobody has."""
        present, held = self.present(), self._store.held()
        return [each for each in accounts if each not in held and owner(each, present) == self._me]

    def to_release(self) -> list[str]:
        """Return the accounts that this process has and that belong to one that is there again."""
        present = self.present()
        return [each for each in sorted(self._store.taken) if owner(each, present) != self._me]


def _presence(process: str) -> str:
    # No account has a name like it: those begin with a user's.
    return f"(process) {process}"


def _weight(process: str, account: str) -> int:
    return int.from_bytes(blake2b(account.encode(), key=process.encode()[:64], digest_size=8).digest(), "big")
