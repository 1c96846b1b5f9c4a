"""Postbacks: what became of orders that came through the twin, sent to where its owner configured."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from kasauti.config.sections import Kite as Settings
from kasauti.desk.account import DeskAccount
from kasauti.desk.first_start import KEY_FILE
from kasauti.desk.floor import Floor
from kasauti.desk.playing import DeskPlay
from kasauti.domain import events as ev
from kasauti.domain.inputs import MarketData
from kasauti.domain.standing_events import StandingDenied, StandingPlaced
from kasauti.errors import ConfigError
from kasauti.web.access import Caller, Doorkeeper
from kasauti.web.kite.courier import Courier
from kasauti.web.kite.placing import CAUSE
from kasauti.web.kite.updates import about, updates_of

#: The events that Kite posts; one that only woke, or was cancelled in part, is none. brokers.md 1.7.
_POSTED = frozenset({"COMPLETE", "CANCELLED", "REJECTED", "UPDATE"})


class Postbacks:
    """
    Follows the accounts that a key opens, and has a courier take what became of their orders.

    Only orders that came through the twin are posted, those of its GTTs and alerts of today included. The key
    is the secret of the app, with which each postback is signed.
    """

    def __init__(self, play: DeskPlay, doorkeeper: Doorkeeper, courier: Courier, secret: str) -> None:
        self._play = play
        self._doorkeeper = doorkeeper
        self._courier = courier
        self._secret = secret
        self._caller: Caller | None = None
        self._followed: list[DeskAccount] = []
        self._changes = -1
        #: Orders and standing instructions that came through the twin today, by account.
        self._ours: dict[str, set[str]] = {}
        self._open = False

    async def open(self) -> None:
        """Begin to send."""
        self._open = True
        self._courier.begin()
        self._play.follow(self)
        self.follow()

    async def close(self) -> None:
        """End; what waits has a moment."""
        self._open = False
        self._let_go()
        self._courier.end()

    # As a follower of the floor: accounts come and go.

    def begin(self, floor: Floor) -> None:
        """Another market has begun, perhaps with other accounts."""
        self._changes = -1

    def moved(self, data: MarketData) -> None:
        """Look whether there are other accounts; what moved is no matter."""
        if self._open and self._changes != self._play.changes:
            self.follow()

    def follow(self) -> None:
        """Follow the accounts that there are now."""
        self._let_go()
        self._changes = self._play.changes
        self._caller = self._doorkeeper.caller_of(self._secret)
        mine = () if self._caller is None else self._caller.accounts
        self._followed = [each for each in self._play.accounts if each.name in mine]
        for account in self._followed:
            self._ours[account.name] = set()
            self._note(account, account.today)
            account.listeners.append(self._told)

    def _let_go(self) -> None:
        for account in self._followed:
            account.listeners.remove(self._told)
        self._followed = []

    def _told(self, account: DeskAccount, recorded: Sequence[ev.Recorded]) -> None:
        self._note(account, recorded)
        ours = self._ours[account.name]
        mine = [each for each in recorded if about(each.event) in ours]
        if not mine or self._caller is None:
            return
        universe = self._play.desk.floor.universe
        for update in updates_of(account, mine, universe, self._caller.user, self._secret):
            if update["status"] in _POSTED:
                self._courier.give(msgspec.json.encode(update))

    def _note(self, account: DeskAccount, recorded: Sequence[ev.Recorded]) -> None:
        """Take note of what came through the twin."""
        ours = self._ours[account.name]
        for each in recorded:
            event = each.event
            if isinstance(event, ev.DayOpened):
                ours.clear()
            elif isinstance(event, ev.OrderPlaced | ev.OrderDenied):
                if each.cause == CAUSE or each.cause.removeprefix("standing:") in ours:
                    ours.add(event.order_id)
            elif isinstance(event, StandingPlaced | StandingDenied) and each.cause == CAUSE:
                ours.add(event.standing_id)


def postbacks(play: DeskPlay, doorkeeper: Doorkeeper) -> list[Postbacks]:
    """
    Return the postbacks of a desk: none unless an address is configured.

    Raises `ConfigError` if the file with the key that signs them cannot be read.
    """
    settings = play.loaded.config.kite
    if settings.postback_url is None:
        return []
    secret = _secret(settings, play.folder)
    return [Postbacks(play, doorkeeper, Courier(settings.postback_url), secret)]


def _secret(settings: Settings, folder: Path) -> str:
    path = Path(settings.postback_key_file) if settings.postback_key_file else folder / KEY_FILE
    try:
        secret = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeError) as error:
        raise ConfigError(
            f"postbacks are signed with the desk's key in {path}, which cannot be read: {error};"
            " name the file with kite.postback_key_file, or leave kite.postback_url out"
        ) from error
    if not secret:
        raise ConfigError(f"{path} is empty; it has to have the desk's key that signs postbacks")
    return secret
