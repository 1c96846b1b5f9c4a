"""A registry as the tests of the store begin with it."""

from pathlib import Path

from kasauti.store.registry.registry import Registry
from kasauti.store.registry.rows import DESK
from kasauti.store.registry.users import Role

#: 15 January 2026, 09:15 IST.
NOW = 1_768_448_700_000_000_000


def make(folder: Path, url: str = "") -> None:
    """Make a registry with an admin and a user, neither of whom can log in."""
    registry = Registry.open(folder, url)
    registry.users.create("asha", Role.ADMIN, "", DESK, NOW)
    registry.users.create("ravi", Role.USER, "", DESK, NOW)
    registry.close()
