"""The registry of a desk, opened as a whole."""

from pathlib import Path
from typing import Self

from kasauti.store.opening import path_of
from kasauti.store.registry.accounts import Accounts
from kasauti.store.registry.alerts import Alerts
from kasauti.store.registry.audit import Audit
from kasauti.store.registry.defaults import Defaults
from kasauti.store.registry.hooks import Hooks
from kasauti.store.registry.keys import Keys
from kasauti.store.registry.notifications import Notifications
from kasauti.store.registry.portfolios import Portfolios
from kasauti.store.registry.postbacks import Postbacks
from kasauti.store.registry.statistics import DeskStatistics, statistics
from kasauti.store.registry.strategies import Strategies
from kasauti.store.registry.users import Users
from kasauti.store.server_key import ServerKey
from kasauti.store.sql import SqlDatabase

#: The registry's file, beside the log in a desk's folder, and the server's key.
DATABASE = "desk.db"
SERVER_KEY = "server.key"


class Registry:
    """
    Users, accounts, keys and what else a desk has to know, in one database.

    Every change is one transaction with its line in the audit trail, and durable when its method returns.
    Methods raise `NotThere` for what is not there, `NameTaken` for a name in use, `InvalidInput` for a value
    that cannot be, and `StorageError` if the database fails. Times come from the caller, nanoseconds UTC.
    """

    def __init__(self, database: SqlDatabase, server_key: ServerKey) -> None:
        self.database = database
        self.audit = Audit(database)
        self.users = Users(database, self.audit)
        self.accounts = Accounts(database, self.audit)
        self.portfolios = Portfolios(database, self.audit)
        self.strategies = Strategies(database, self.audit)
        self.keys = Keys(database, self.audit, server_key)
        self.hooks = Hooks(database, self.audit, server_key)
        self.alerts = Alerts(database)
        self.notifications = Notifications(database)
        self.defaults = Defaults(database, self.audit)
        self.postbacks = Postbacks(database)

    @classmethod
    def open(cls, folder: Path, url: str = "") -> Self:
        """
        Open the registry of the desk in `folder`: in its `desk.db`, or in the PostgreSQL that `url` names.

        A URL of SQLite names the file of the logs: the registry is beside it. What is missing is made, an
        older version's tables are brought up to date. The server's key is in the folder in any case. Raises
        `StorageError`, `StorageTooNew` or `CredentialsError`.
        """
        server_key = ServerKey.open(folder / SERVER_KEY)
        logs = path_of(url) if url else folder / "log.db"
        return cls(SqlDatabase.open(logs.with_name(DATABASE) if logs else url), server_key)

    def statistics(self) -> DeskStatistics:
        """Return the desk in figures, for an admin."""
        return statistics(self.database)

    def close(self) -> None:
        """Let go of the database."""
        self.database.close()
