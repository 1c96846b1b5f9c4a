"""
Every exception Kasauti raises, drawn as a tree.

A refused order is an event, a mistake of our own code is an assertion; what is left, the world's
failures and a user's bad input, is here. Each message is a full sentence that names the value, the
place and what to do next, and never a secret.

KasautiError                    code, exit_code
├─ InvalidInput                 a value that cannot be used: price, quantity, date, symbol, unit
│  ├─ NotThere                  a name or number that stands for nothing: account, user, key, strategy
│  └─ NameTaken                 a name that somebody or something else has
├─ NotAllowed                   somebody who may not: a wrong secret, signature or address
├─ ConfigError                  a setting that is unknown, missing or wrong
├─ CredentialsError             a credentials file that cannot be used
├─ PluginError                  a plug-in that cannot be found or loaded
├─ MarketDataError              data that is missing, broken or foreign
├─ RuleUnknown                  a date or key outside the exchange rules that are known
├─ BrokerError                  a broker that cannot be reached or is not supported
├─ KeyRefused                   a key that is not good for what was asked
├─ AccountStopped               an account that takes nothing more
│  └─ AccountElsewhere          an account that another process has
├─ StorageError                 the database of users, accounts and keys cannot be used
│  └─ StorageTooNew             its tables were made by a newer version
└─ LogError                     the event log cannot be read or written
   ├─ LogCorrupt                a record is not what was written
   ├─ LogLocked                 another process holds the log
   ├─ LogTooNew                 a record written by a newer version
   ├─ NumberTooLarge            a recorded number that nothing else can keep
   └─ LogWriteFailed            the disk did not take a record: the account stops
"""

from typing import ClassVar


class KasautiError(Exception):
    """The base of everything below. `code` is stable; `exit_code` is what the command line returns."""

    code: ClassVar[str] = "kasauti.error"
    exit_code: ClassVar[int] = 1


class InvalidInput(KasautiError, ValueError):
    """A value that cannot be used."""

    code = "input.invalid"
    exit_code = 2


class NotThere(InvalidInput):
    """A name or number that stands for nothing."""

    code = "input.not_there"


class NameTaken(InvalidInput):
    """A name that somebody or something else has."""

    code = "input.taken"


class NotAllowed(KasautiError):
    """Somebody who may not."""

    code = "access.not_allowed"
    exit_code = 14


class ConfigError(KasautiError):
    """A setting that is unknown, missing or wrong."""

    code = "config.invalid"
    exit_code = 3


class CredentialsError(KasautiError):
    """A credentials file that cannot be used. The message never shows a value from it."""

    code = "credentials.invalid"
    exit_code = 4


class PluginError(KasautiError):
    """A plug-in that cannot be found or loaded."""

    code = "plugin.invalid"
    exit_code = 5


class MarketDataError(KasautiError):
    """Market data that is missing, broken or foreign."""

    code = "data.invalid"
    exit_code = 6


class RuleUnknown(KasautiError, LookupError):
    """A date or key outside the exchange rules that are known: refused, never guessed."""

    code = "rule.unknown"
    exit_code = 7


class BrokerError(KasautiError):
    """A broker that cannot be reached or is not supported."""

    code = "broker.unavailable"
    exit_code = 8


class StorageError(KasautiError):
    """The database of users, accounts and keys cannot be used; nothing of what was asked was kept."""

    code = "storage.error"
    exit_code = 13


class StorageTooNew(StorageError):
    """The tables were made by a newer version of Kasauti."""

    code = "storage.too_new"


class LogError(KasautiError):
    """The event log cannot be read or written."""

    code = "log.error"
    exit_code = 9


class LogCorrupt(LogError):
    """A record in the log is not what was written."""

    code = "log.corrupt"


class LogLocked(LogError):
    """Another process holds the log."""

    code = "log.locked"
    exit_code = 10


class LogTooNew(LogError):
    """A record was written by a newer version of Kasauti."""

    code = "log.too_new"


class NumberTooLarge(LogError):
    """A log has a number that 64 bits do not hold: snapshots and tables cannot keep what follows from it."""

    code = "log.number_too_large"


class LogWriteFailed(LogError):
    """The disk did not take a record. The account stops: nothing leaves that is not recorded."""

    code = "log.write_failed"
    exit_code = 11


class KeyRefused(KasautiError):
    """The key is not good for what was asked: another symbol, or more units at once. Nothing was recorded."""

    code = "key.refused"
    exit_code = 14


class AccountStopped(KasautiError):
    """An account takes nothing more, because something went wrong in it; the others go on."""

    code = "account.stopped"
    exit_code = 12


class AccountElsewhere(AccountStopped):
    """Another process has the account, or this one is about to take it up."""

    code = "account.elsewhere"
