"""What reckoning margins anew does to the state: what is held, the day's peak, since when money lacks."""

from typing import TYPE_CHECKING, cast

from kasauti.domain.account_folds import Folds
from kasauti.domain.margin_events import MarginReckoned, RiskFileUsed
from kasauti.domain.trade_folds import renew_margins

if TYPE_CHECKING:
    from kasauti.domain.state import State


def _margin_reckoned(state: "State", event: MarginReckoned, at: int) -> None:
    renew_margins(state, event.margins, event.risk_marks)
    state.peak_margin = max(state.peak_margin, event.required)
    state.short_since = (state.short_since or at) if event.shortfall else 0
    state.shortfall = event.shortfall
    state.reckoned_at = event.due


def _risk_file_used(state: "State", event: RiskFileUsed, at: int) -> None:
    state.risk_file = event.file


FOLDS: Folds = cast("Folds", {MarginReckoned: _margin_reckoned, RiskFileUsed: _risk_file_used})
