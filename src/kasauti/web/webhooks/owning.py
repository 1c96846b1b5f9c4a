"""Which account of the desk a strategy of the registry trades in."""

from typing import Final

from kasauti.desk.account import DeskAccount
from kasauti.desk.playing import DeskPlay
from kasauti.errors import AccountStopped
from kasauti.store.registry.accounts import Account
from kasauti.store.registry.registry import Registry
from kasauti.store.registry.rows import DESK
from kasauti.store.registry.users import Role

#: Who has the accounts of a desk that were opened without a user.
OWNER: Final = "owner"


def stream_of(play: DeskPlay, account: Account) -> DeskAccount | None:
    """Return the desk's account of a row, None while the desk does not have it."""
    by_name = play.desk.accounts
    found = by_name.get(account.stream)
    return by_name.get(account.name) if found is None and account.user == OWNER else found


def account_of(play: DeskPlay, account_id: int) -> DeskAccount:
    """Return the desk's account with a number of the registry; `AccountStopped` if it does not trade here."""
    row = play.registry.accounts.by_id(account_id)
    found = stream_of(play, row)
    if found is None:
        raise AccountStopped(f"the account {row.name!r} of {row.user!r} does not trade on this desk now")
    return found


def row_of(play: DeskPlay, account: DeskAccount) -> Account | None:
    """Return the registry's row of a desk's account, None if it has none."""
    rows = play.registry.accounts.all()
    return next((each for each in rows if stream_of(play, each) is account), None)


def ensured_row(registry: Registry, name: str, *, plan: str, capital: int, at: int) -> Account:
    """Return the row of an account of the desk's owner, made if there is none yet."""
    known = [each for each in registry.accounts.all() if name in {each.name, each.stream}]
    if known:
        return known[0]
    if not any(user.name == OWNER for user in registry.users.all()):
        registry.users.create(OWNER, Role.ADMIN, "", DESK, at)
    currency = registry.defaults.current().currency
    return registry.accounts.open(OWNER, name, plan=plan, capital=capital, currency=currency, by=DESK, at=at)
