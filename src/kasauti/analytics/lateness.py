"""How late a job of the account's day ran: what carries when it was due is held against when it happened."""

from kasauti.domain import events as ev
from kasauti.domain.ist import NS_PER_SECOND

#: A live market's clock comes round to a job a moment after it is due: that is on time.
_GRACE_NS = 5 * NS_PER_SECOND


def late_by(event: ev.Event, at: int) -> int:
    """Return by how many nanoseconds an event that happened `at` missed its moment; 0 for one on time."""
    due: int = getattr(event, "due", 0)
    return at - due if due and at - due > _GRACE_NS else 0
