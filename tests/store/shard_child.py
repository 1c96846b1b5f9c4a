"""
One of two processes that share the accounts of a database: the child of the takeover test.

    python -m tests.store.shard_child URL ME ACCOUNT...

Waits for the other, takes the accounts that are its own, folds each log as any start does, and goes on where
it ends, in groups of random size, all accounts in one commit. After each it says which account has come to
which event. It ends when each of its accounts has the whole story, or when it is killed.
"""

import random
import sys
import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from tests.store.crash_child import story

from kasauti.domain import events as ev
from kasauti.store.log_store import StoredLog
from kasauti.store.postgres import PostgresStore
from kasauti.store.recovery import StateManager
from kasauti.store.shards import Share

PROCESSES = ("first", "second")
#: Events in the whole story of each account.
LENGTH = 600

Taken = tuple[StoredLog, Iterator[ev.Recorded]]


def told(account: str) -> Iterator[ev.Recorded]:
    """Yield the story of an account: the same every time, and not that of another."""
    for recorded in islice(story(), LENGTH):
        yield ev.Recorded(recorded.seq, recorded.at, f"{recorded.cause} {account}", recorded.event)


def taken_up(store: PostgresStore, account: str, folder: Path) -> Taken:
    log = store.stream(account)
    state = StateManager(log, folder).resume_session()
    assert state.seq == log.seq
    return log, islice(told(account), log.seq, None)


def main(url: str, me: str, *accounts: str) -> None:
    chance = random.Random(me)
    taken: dict[str, Taken] = {}
    with tempfile.TemporaryDirectory() as folder, PostgresStore.open(url, shared=True) as store:
        share = Share(store, me, PROCESSES)
        while len(share.present()) < len(PROCESSES):
            pass
        while len(taken) < len(accounts) or any(log.seq < LENGTH for log, _ in taken.values()):
            for account in share.to_take(accounts):
                taken[account] = taken_up(store, account, Path(folder))
            for log, rest in taken.values():
                for recorded in islice(rest, chance.randint(0, 9)):
                    log.append(recorded)
            store.commit()
            sys.stdout.write(f"{' '.join(f'{name}={log.seq}' for name, (log, _) in taken.items())}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
