"""Tells a socket how the orders of its key's accounts stand, each time that has changed and is durable."""

from collections.abc import Sequence

from kasauti.desk.account import DeskAccount
from kasauti.desk.books import order_of
from kasauti.desk.order_news import NEWS, order_id_of
from kasauti.desk.outbox import Outbox
from kasauti.desk.playing import DeskPlay
from kasauti.domain import events as ev
from kasauti.web.access import Caller
from kasauti.web.openalgo.feed import order_update
from kasauti.web.openalgo.symbols import symbols_of


class OrderFeed:
    """The order updates of one socket."""

    def __init__(self, play: DeskPlay, caller: Caller, outbox: Outbox[str]) -> None:
        self._play = play
        self._user = caller.user
        self._outbox = outbox
        self._accounts = [each for each in play.accounts if each.name in caller.accounts]
        for account in self._accounts:
            account.listeners.append(self._told)

    def stop(self) -> None:
        """Tell it no more."""
        for account in self._accounts:
            account.listeners.remove(self._told)

    def _told(self, account: DeskAccount, recorded: Sequence[ev.Recorded]) -> None:
        """Say how each order that changed stands now, once."""
        news = dict.fromkeys(order_id_of(each.event) for each in recorded if isinstance(each.event, NEWS))
        symbols = symbols_of(self._play.desk.floor.universe)
        for order_id in news:
            order = order_of(account, order_id)
            if order is not None:
                self._outbox.say(order_update(order, symbols, self._user))
