"""
When the open-interest momentum strategy leaves an option it holds.

| exit          | fires when, with the default thresholds                                              |
|---------------|--------------------------------------------------------------------------------------|
| `initial`     | last <= 75 % of the average entry price: a loss of 25 %                               |
| `vwap`        | last <= 95 % of the option's session VWAP                                             |
| `oi_reversal` | open interest >= 110 % of what it was when the entry was decided                      |
| `trailing`    | last <= 90 % of the peak, once the peak has been >= 110 % of the average entry price  |
| `end_of_day`  | the clock shows 14:50 IST or later                                                    |

They are looked at in this order and the first that holds names the exit. At the threshold itself a stop
fires. Levels are whole numbers, rounded so that comparing with them is the same as comparing exactly.
"""

import msgspec

from kasauti.strategies.closing import stop_price
from kasauti.strategies.parameters import WHOLE
from kasauti.strategies.session_vwap import SessionVwap


class Stops(msgspec.Struct, frozen=True):
    """The thresholds, in hundredths of a per cent."""

    initial: int
    vwap: int
    oi_reversal: int
    trailing: int
    trailing_after: int


class Levels(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """
    Where each stop stands: prices in money units, `oi_reversal` in units.

    0 where it cannot fire: no VWAP yet, open interest not known, `trailing` not armed.
    """

    initial: int = 0
    vwap: int = 0
    oi_reversal: int = 0
    trailing: int = 0


class Held(msgspec.Struct, forbid_unknown_fields=True):
    """
    What has to be remembered of a held option.

    `open_interest` is what was open when the entry was decided (0: not known), `peak` the highest price since
    the entry, `reason` the exit that has been decided, which stands until nothing is held, `asked_at` when
    it was last asked for. `levels` are for people to see; nothing is decided on them.
    """

    instrument: str
    peak: int
    open_interest: int = 0
    vwap: SessionVwap = msgspec.field(default_factory=SessionVwap, name="vwap_sums")
    reason: str = ""
    asked_at: int = 0
    levels: Levels = Levels()


def levels(stops: Stops, held: Held, cost: int, quantity: int) -> Levels:
    """Return where the stops of `held` stand; `cost / quantity` is the average entry price, exact."""
    armed_at = -(-cost * (WHOLE + stops.trailing_after) // (quantity * WHOLE))
    return Levels(
        initial=stop_price(cost, quantity, stops.initial),
        vwap=held.vwap.share(WHOLE - stops.vwap, WHOLE),
        oi_reversal=-(-held.open_interest * (WHOLE + stops.oi_reversal) // WHOLE),
        trailing=held.peak * (WHOLE - stops.trailing) // WHOLE if held.peak >= armed_at else 0,
    )


def exit_reason(at: Levels, last: int, open_interest: int) -> str:
    """Return the first stop that fires, or nothing; a value of 0 is not known and fires none."""
    if 0 < last <= at.initial:
        return "initial"
    if 0 < last <= at.vwap:
        return "vwap"
    if 0 < at.oi_reversal <= open_interest:
        return "oi_reversal"
    if 0 < last <= at.trailing:
        return "trailing"
    return ""
