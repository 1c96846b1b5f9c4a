"""Postbacks: what became of orders that came through the twin, sent to where its owner configured."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from kasauti.config.sections import Kite as Settings
from kasauti.desk.account import DeskAccount
from kasauti.desk.first_start import KEY_FILE
from kasauti.desk.floor import Floor
from kasauti.desk.order_news import OUTCOME, order_id_of
from kasauti.desk.playing import DeskPlay
from kasauti.domain import events as ev
from kasauti.domain.inputs import MarketData
from kasauti.domain.standing_events import StandingDenied, StandingPlaced
from kasauti.errors import ConfigError, StorageError
from kasauti.web.access import Caller, Doorkeeper
from kasauti.web.kite.delivered import Delivered
from kasauti.web.kite.placing import CAUSE
from kasauti.web.kite.updates import missed_updates_of, numbered_updates_of

if TYPE_CHECKING:
    from kasauti.web.kite.courier import Courier

_LOGGER = logging.getLogger(__name__)
#: The events that Kite posts; one that only woke, or was cancelled in part, is none. brokers.md 1.7.
_POSTED = frozenset({"COMPLETE", "CANCELLED", "REJECTED", "UPDATE"})


class Postbacks:
    """
    Follows the accounts that a key opens, and has a courier take what became of their orders.

    Only orders that came through the twin are posted, those of its GTTs and alerts of today included. The key
    is the secret of the app, with which each postback is signed. What `delivered` says was not, and is of the
    account's trading day, is given again when an account is first followed: after a start, and when it comes
    from another process. What waits for an account that goes to another one is that one's to give.
    """

    def __init__(
        self, play: DeskPlay, doorkeeper: Doorkeeper, courier: "Courier", delivered: Delivered, secret: str
    ) -> None:
        self._play = play
        self._doorkeeper = doorkeeper
        self._courier = courier
        self._delivered = delivered
        #: The logs that this process has had since it gave again what they had before.
        self._known: set[str] = set()
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
        """End; what waits has a moment, and else the next start."""
        self._open = False
        ends = {
            account.log.stream: account.state.seq
            for account in self._followed
            if account.log.stream in self._known
        }
        self._let_go()
        await asyncio.to_thread(self._end, ends)

    def _end(self, ends: Mapping[str, int]) -> None:
        if self._courier.end():
            for log, seq in ends.items():
                self._delivered.mark(log, seq)

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
            self._give_missed(account)
            account.listeners.append(self._told)

    def _give_missed(self, account: DeskAccount) -> None:
        """Give what was not delivered before this process began, as far as it is of today."""
        log, caller = account.log.stream, self._caller
        if log in self._known or caller is None:
            return
        try:
            after = self._delivered.of(log)
        except StorageError as error:
            _LOGGER.warning("how far the postbacks of %s came is not known now: %s", log, error)
            return
        self._known.add(log)
        if after is None:
            self._courier.note(log, account.state.seq)
            return
        _warn_of_earlier_days(account, after)
        universe, ours = self._play.desk.floor.universe, self._ours[account.name]
        for about_it, (seq, update) in missed_updates_of(account, after, universe, caller.user, self._secret):
            if about_it in ours:
                self._give(account, seq, update)

    def _give(self, account: DeskAccount, seq: int, update: dict[str, object]) -> None:
        if update["status"] in _POSTED:
            self._courier.give(account.log.stream, seq, msgspec.json.encode(update))

    def _let_go(self) -> None:
        for account in self._followed:
            account.listeners.remove(self._told)
        self._followed = []

    def _told(self, account: DeskAccount, recorded: Sequence[ev.Recorded]) -> None:
        if self._leaves(account, recorded):
            self._known.discard(account.log.stream)
            self._courier.withdraw(account.log.stream)
            return
        self._note(account, recorded)
        ours = self._ours[account.name]
        mine = [each for each in recorded if order_id_of(each.event) in ours]
        if not mine or self._caller is None:
            return
        universe = self._play.desk.floor.universe
        for seq, update in numbered_updates_of(account, mine, universe, self._caller.user, self._secret):
            self._give(account, seq, update)

    def _leaves(self, account: DeskAccount, recorded: Sequence[ev.Recorded]) -> bool:
        """Whether an account goes to another process with this; one that is reset or archived does not."""
        is_gone = account.name not in self._play.desk.accounts
        return (
            is_gone
            and isinstance(recorded[-1].event, ev.SessionStopped)
            and bool(self._play.elsewhere(account.name))
        )

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
    # A client of HTTP takes a start some time, and most desks post nothing.
    from kasauti.web.kite.courier import Courier  # noqa: PLC0415

    secret = _secret(settings, play.folder)
    delivered = Delivered(play.registry.postbacks, play.folder)
    return [Postbacks(play, doorkeeper, Courier(settings.postback_url, delivered), delivered, secret)]


def _warn_of_earlier_days(account: DeskAccount, after: int) -> None:
    """Say so if there may have been something to post that is of an earlier day than today's."""
    begins = account.today[0].seq if account.today else account.state.seq + 1
    earlier = islice(account.log.read(after + 1), max(0, begins - after - 1))
    if any(isinstance(each.event, OUTCOME) for each in earlier):
        _LOGGER.warning(
            "postbacks of %s were given up: its events %d to %d are of an earlier trading day",
            account.log.stream,
            after + 1,
            begins - 1,
        )


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
