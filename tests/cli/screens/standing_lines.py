"""One of each event of a standing instruction, and what its sentence has to say."""

from kasauti.domain.commands import GttLeg, PlaceBracket, PlaceGtt, PlaceOrder
from kasauti.domain.events import Event
from kasauti.domain.money import rupees
from kasauti.domain.order import OrderType, Product, Side
from kasauti.domain.standing import StandingStatus
from kasauti.domain.standing_events import (
    StandingArmed,
    StandingChanged,
    StandingDenied,
    StandingEnded,
    StandingPlaced,
    StandingSent,
    StandingTrailed,
    StandingTriggered,
)

GTT = PlaceGtt(
    "NSE:SBIN",
    (
        GttLeg(Side.SELL, 10, rupees(899), rupees(900)),
        GttLeg(Side.SELL, 10, rupees(999), rupees(1000)),
    ),
)
BRACKET = PlaceBracket(
    PlaceOrder("NSE:SBIN", Side.BUY, 10, OrderType.LIMIT, Product.MIS, rupees(950)),
    stoploss=rupees(5),
    target=rupees(10),
    trailing=rupees(2),
    relative=True,
)

STANDING_SAID: list[tuple[Event, str]] = [
    (
        StandingPlaced("P_GTT_1", GTT),
        "P_GTT_1 stands: SBIN CNC: SELL 10 at 899.00 when it comes to 900.00, or SELL 10 at 999.00",
    ),
    (StandingDenied("P_GTT_2", "gtt", "NSE:SBIN", "gtt.count", "too many"), "gtt P_GTT_2 denied (gtt.count)"),
    (
        StandingChanged("P_BRACKET_3", BRACKET),
        "BUY 10 SBIN MIS LIMIT at 950.00, stop 5.00 away, target 10.00 away, stop trailing 2.00 behind",
    ),
    (
        StandingTriggered("P_GTT_1", "1", rupees(899), "nobody was here"),
        "P_GTT_1 acts at 899.00, leg 1, late: nobody was here",
    ),
    (StandingSent("P_GTT_1", "1", "PAPER_1_SBIN_7", 10), "P_GTT_1: its 1 order #7 was sent"),
    (
        StandingArmed("P_BRACKET_3", 10, rupees(945), rupees(960), rupees(950), "the entry traded"),
        "P_BRACKET_3 guards 10, stop 945.00, target 960.00: the entry traded",
    ),
    (StandingTrailed("P_BRACKET_3", rupees(950), rupees(952)), "its stop follows to 950.00"),
    (StandingEnded("P_GTT_1", StandingStatus.DELETED, "asked"), "P_GTT_1 deleted: asked"),
]
