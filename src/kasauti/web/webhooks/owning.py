"""Which account of the desk a strategy of the registry trades in."""

from kasauti.desk.account import DeskAccount
from kasauti.desk.first_start import OWNER
from kasauti.desk.playing import DeskPlay
from kasauti.errors import AccountStopped
from kasauti.store.registry.accounts import Account


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
