"""What a log says of its shares beyond their ids: series or group, what a fund holds, the ISIN."""

from msgspec.structs import replace

from kasauti.domain import events as ev
from kasauti.domain import settlement_events as stl
from kasauti.domain.instrument import Instrument
from kasauti.exchange.charge_class import relisted
from kasauti.exchange.day_books import Find


class Listings:
    """Finds instruments by their ids, with what the events so far have told of them."""

    def __init__(self, find: Find) -> None:
        self._find = find
        self._told: dict[str, str] = {}
        self._isins: dict[str, str] = {}
        self._found: dict[str, Instrument | None] = {}

    def learn(self, event: ev.Event) -> None:
        """Take in what an event tells of an instrument."""
        if isinstance(event, ev.OrderPlaced):
            if self._told.get(event.instrument, "") != event.listing:
                self._told[event.instrument] = event.listing
                self._found.pop(event.instrument, None)
        elif isinstance(event, stl.DeliveryDue) and event.isin:
            self._isins[event.instrument] = event.isin
            self._found.pop(event.instrument, None)

    def find(self, instrument_id: str) -> Instrument | None:
        """Return the instrument, None if its id says nothing."""
        if instrument_id not in self._found:
            instrument = self._find(instrument_id)
            if instrument is not None:
                instrument = relisted(instrument, self._told.get(instrument_id, ""))
                isin = self._isins.get(instrument_id)
                instrument = replace(instrument, isin=isin) if isin else instrument
            self._found[instrument_id] = instrument
        return self._found[instrument_id]
