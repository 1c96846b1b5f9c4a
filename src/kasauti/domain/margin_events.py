"""What may happen to an account's margin between its trades."""

from typing import ClassVar

from kasauti.domain.event import Event
from kasauti.domain.risk_mark import RiskMark


class RiskFileUsed(Event, frozen=True, gc=False, omit_defaults=True):
    """
    From now on margins of futures and options come from another risk file, `file` in words.

    Empty: from none any more, they are approximated, as they are before the first such event.
    """

    TAG: ClassVar[str] = "margin.risk_file"
    file: str


class MarginReckoned(Event, frozen=True, gc=False, omit_defaults=True):
    """
    What is held was margined anew, at one of the day's snapshots or after a call for more money.

    `due` is the snapshot's moment, `required` the money that all positions need, `margins` what each needs
    from now on by its key, where that changed, by new `risk_marks`. `shortfall` is what the account lacks.
    """

    TAG: ClassVar[str] = "margin.reckoned"
    due: int
    required: int
    margins: dict[str, int]
    risk_marks: tuple[RiskMark, ...] = ()
    shortfall: int = 0
