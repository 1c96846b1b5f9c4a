"""What new accounts begin with, as admins set it."""

from typing import Final

import msgspec
import sqlalchemy as sa

from kasauti.errors import InvalidInput
from kasauti.store.registry.accounts import Currency
from kasauti.store.registry.audit import Audit
from kasauti.store.registry.rows import Actor, json_text
from kasauti.store.sql import SqlDatabase
from kasauti.store.tables import DEFAULTS

#: Money units in a rupee.
_RUPEE: Final = 10_000


class AccountDefaults(msgspec.Struct, frozen=True):
    """What an account is opened with unless something else is asked for; amounts are money units."""

    capital: int = 100_000 * _RUPEE
    currency: Currency = Currency.INR
    plan: str = "zerodha"
    presets: tuple[int, ...] = (50_000 * _RUPEE, 100_000 * _RUPEE, 500_000 * _RUPEE, 1_000_000 * _RUPEE)


class Defaults:
    """The defaults of a desk; `given` (environment, configuration) hold until an admin sets others."""

    def __init__(self, database: SqlDatabase, audit: Audit) -> None:
        self._database = database
        self._audit = audit

    def current(self, given: AccountDefaults | None = None) -> AccountDefaults:
        """Return what holds now."""
        with self._database.read() as connection:
            return _current(connection, given or AccountDefaults())

    def change(self, new: AccountDefaults, by: Actor, at: int) -> AccountDefaults:
        """Set all of them; what differs from before is in the audit trail."""
        if new.capital <= 0 or any(each <= 0 for each in new.presets):
            raise InvalidInput("a default capital and every preset has to be more than nothing; correct it")
        told = msgspec.structs.asdict(new)
        with self._database.write() as connection:
            before = msgspec.structs.asdict(_current(connection, AccountDefaults()))
            changed = {each: value for each, value in told.items() if value != before[each]}
            connection.execute(DEFAULTS.delete())
            rows = [
                {"name": each, "value": json_text(value), "changed_by": by.name, "changed_at": at}
                for each, value in told.items()
            ]
            connection.execute(DEFAULTS.insert(), rows)
            was = {each: before[each] for each in changed}
            self._audit.add(connection, by, "defaults.changed", "defaults", at, before=was, after=changed)
        return new


def _current(connection: sa.Connection, given: AccountDefaults) -> AccountDefaults:
    stored = {row.name: msgspec.json.decode(row.value) for row in connection.execute(sa.select(DEFAULTS))}
    return msgspec.convert(msgspec.to_builtins(given) | stored, AccountDefaults)
