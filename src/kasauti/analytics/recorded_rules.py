"""The charges an account was traded under: those of its plan by the rules that its own log holds."""

from collections.abc import Callable

from kasauti.domain import events as ev
from kasauti.exchange.charges import ChargeBook
from kasauti.exchange.overlay import NO_OVERLAY, recorded_overlay, using


class RecordedCharges:
    """Gives the charges from one session to the next; `plan` makes those of a broker's plan."""

    def __init__(self, plan: Callable[[str], ChargeBook]) -> None:
        self._plan = plan
        self._name, self._overlay = "", NO_OVERLAY
        self._book: ChargeBook | None = None

    def of(self, begun: ev.AccountOpened | ev.SessionStarted) -> ChargeBook:
        """Return what holds from here on; the user's own rows are those of the log, not of files."""
        if isinstance(begun, ev.AccountOpened):
            self._name = begun.plan
        overlay = recorded_overlay(begun.rules)
        if self._book is None or overlay != self._overlay:
            self._overlay = overlay
            with using(overlay):
                self._book = self._plan(self._name)
        return self._book
