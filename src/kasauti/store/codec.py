"""
Events as bytes: the payload is compact JSON, the tag and the version beside it say what it is.

A tag never changes its meaning. A change of an event's fields, also one more with a default, raises the
event's `VERSION`, so that an older Kasauti refuses a record instead of overlooking half of it. A payload of
an older version is read as it is, its missing fields as their defaults; where that is not enough, a function
in `UPCASTERS` lifts it to the next version. The tests keep a golden file for each tag and version, for ever.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from kasauti.domain import events as ev
from kasauti.domain import product_events as prod
from kasauti.domain import settlement_events as stl
from kasauti.domain import standing_events as sev
from kasauti.errors import LogCorrupt, LogTooNew

#: Every tag that can stand in a log.
TAGS: dict[str, type[ev.Event]] = {
    "account.opened": ev.AccountOpened,
    "money.moved": ev.MoneyMoved,
    "session.started": ev.SessionStarted,
    "session.stopped": ev.SessionStopped,
    "day.opened": ev.DayOpened,
    "day.closed": ev.DayClosed,
    "timer.fired": ev.TimerFired,
    "order.placed": ev.OrderPlaced,
    "order.denied": ev.OrderDenied,
    "order.opened": ev.OrderOpened,
    "order.triggered": ev.OrderTriggered,
    "order.modify_requested": ev.ModifyRequested,
    "order.modify_denied": ev.ModifyDenied,
    "order.modified": ev.OrderModified,
    "order.modify_rejected": ev.ModifyRejected,
    "order.cancel_requested": ev.CancelRequested,
    "order.cancelled": ev.OrderCancelled,
    "order.rejected": ev.OrderRejected,
    "order.expired": ev.OrderExpired,
    "order.filled": ev.OrderFilled,
    "position.settled": ev.PositionSettled,
    "position.adjusted": ev.PositionAdjusted,
    "futures.marked": stl.FuturesMarked,
    "delivery.due": stl.DeliveryDue,
    "delivery.settled": stl.DeliverySettled,
    "proceeds.held": stl.ProceedsHeld,
    "shares.assigned": stl.SharesAssigned,
    "settlement.missing": stl.SettlementMissing,
    "product.changed": prod.ProductChanged,
    "product.change_denied": prod.ProductChangeDenied,
    "position.converted": stl.PositionConverted,
    "shares.auctioned": stl.SharesAuctioned,
    "interest.charged": stl.InterestCharged,
    "strategy.noted": ev.StrategyNoted,
    "strategy.indicators": ev.IndicatorsNoted,
    "strategy.failed": ev.StrategyFailed,
    "trading.halted": ev.TradingHalted,
    "trading.resumed": ev.TradingResumed,
    "venue.anomaly": ev.VenueAnomaly,
    "margin.reckoned": ev.MarginReckoned,
    "margin.risk_file": ev.RiskFileUsed,
    "band.filled": ev.BandFilled,
    "standing.placed": sev.StandingPlaced,
    "standing.denied": sev.StandingDenied,
    "standing.changed": sev.StandingChanged,
    "standing.triggered": sev.StandingTriggered,
    "standing.sent": sev.StandingSent,
    "standing.armed": sev.StandingArmed,
    "standing.trailed": sev.StandingTrailed,
    "standing.ended": sev.StandingEnded,
}

#: Lifts the fields of a payload of (tag, version) to the next version.
Upcaster = Callable[[dict[str, Any]], dict[str, Any]]
UPCASTERS: dict[tuple[str, int], Upcaster] = {}


class Codec:
    """Reads and writes the events of `tags`; `upcasters` lift what older versions wrote."""

    def __init__(
        self, tags: Mapping[str, type[ev.Event]], upcasters: Mapping[tuple[str, int], Upcaster]
    ) -> None:
        self._upcasters = upcasters
        #: For each tag the version of today, and what decodes it.
        self.current = {
            tag: (event.VERSION, msgspec.json.Decoder(event).decode) for tag, event in tags.items()
        }

    def decode(self, tag: str, version: int, payload: bytes, seq: int) -> ev.Event:
        """
        Return the event that stands at `seq`.

        Raises `LogTooNew` for a tag or version that this Kasauti does not know, `LogCorrupt` for a payload
        that is not an event of its tag.
        """
        known = self.current.get(tag)
        if known is None or version > known[0]:
            what = f"version {version} of {tag}" if known else f"the tag {tag!r}"
            raise LogTooNew(
                f"event {seq} has {what}, which this Kasauti does not know: a newer one wrote it; update"
                " Kasauti"
            )
        newest, decode = known
        try:
            if version < newest:
                payload = self._lifted(tag, version, newest, payload)
            event: ev.Event = decode(payload)
        except (msgspec.MsgspecError, UnicodeDecodeError, KeyError) as error:
            raise LogCorrupt(
                f"event {seq} ({tag}, version {version}) cannot be read: {error}; keep the file as it is and"
                " go on from a backup"
            ) from error
        return event

    def _lifted(self, tag: str, version: int, newest: int, payload: bytes) -> bytes:
        steps = [self._upcasters[tag, v] for v in range(version, newest) if (tag, v) in self._upcasters]
        if not steps:
            return payload
        fields = msgspec.json.decode(payload, type=dict[str, Any])
        for step in steps:
            fields = step(fields)
        return msgspec.json.encode(fields)


#: What every log of this package is written and read with.
CODEC = Codec(TAGS, UPCASTERS)

#: Return the payload of an event.
encode = msgspec.json.Encoder().encode
decode = CODEC.decode
