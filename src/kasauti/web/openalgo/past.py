"""What an instrument did: candles as JSON, or as the text that AmiBroker imports."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, ClassVar

from starlette.responses import PlainTextResponse, Response

from kasauti.brokers.answers import Interval
from kasauti.brokers.history import history as candles_of
from kasauti.domain.ist import NS_PER_SECOND, ist_clock, ist_date, ist_ns
from kasauti.domain.market import Candle
from kasauti.errors import MarketDataError, RuleUnknown
from kasauti.web.dialect import Worded
from kasauti.web.endpoint import Call
from kasauti.web.openalgo.data_requests import OneInstrument, Plain
from kasauti.web.openalgo.fields import Day, Text, shown
from kasauti.web.openalgo.placing import market
from kasauti.web.openalgo.prices import asked_slot, not_there
from kasauti.web.openalgo.words import failure, reply

_KNOWN = (
    "1s", "5s", "10s", "15s", "30s", "45s", "1m", "2m", "3m", "5m", "10m", "15m", "20m", "30m",
    "1h", "2h", "3h", "4h", "D", "W", "M", "Q", "Y",
)  # fmt: skip
#: The lengths that there are here.
_HERE = {
    "1m": Interval.MINUTE,
    "3m": Interval.MINUTES_3,
    "5m": Interval.MINUTES_5,
    "10m": Interval.MINUTES_10,
    "15m": Interval.MINUTES_15,
    "30m": Interval.MINUTES_30,
    "1h": Interval.MINUTES_60,
    "D": Interval.DAY,
}
#: How far back one request may go.
_LONGEST = {True: 3_653, False: 30}


class History(OneInstrument, kw_only=True, frozen=True):
    """Candles of some days."""

    interval: Annotated[str, Text(one_of=_KNOWN)]
    start_date: Annotated[date, Day()]
    end_date: Annotated[date, Day()]
    source: Annotated[str, Text(one_of=("api", "db"))] = "api"


def _moment(value: str) -> str:
    return "" if _day_of(value) else "Field must be a string in 'YYYY-MM-DD' format or a numeric timestamp."


class Ticker(Plain, kw_only=True, frozen=True, rename={"start": "from", "end": "to"}):
    """Candles by exchange and symbol in the path."""

    OPEN: ClassVar[bool] = True
    symbol: Annotated[str, Text()]
    interval: Annotated[str, Text(one_of=("1m", "5m", "15m", "30m", "1h", "4h", "D", "W", "M"))] = "D"
    start: Annotated[str, Text(check=_moment)]
    end: Annotated[str, Text(check=_moment)]
    format: Annotated[str, Text()] = "json"


async def history(call: Call) -> Response:
    """Return closed candles; times are seconds since 1970, of a day its midnight as UTC would have it."""
    asked: History = call.body
    if asked.source == "db":
        message = f"No data found for {asked.symbol} ({asked.exchange}) in the local database"
        return failure(message, 404)
    rows = _rows(call, asked_slot(call, asked), asked.interval, asked.start_date, asked.end_date)
    return reply({"status": "success", "data": [_row(each, asked.interval) for each in rows]})


async def intervals(call: Call) -> Response:
    """Return the lengths of candles that there are."""
    data = {
        "seconds": [],
        "minutes": [each for each in _HERE if each.endswith("m")],
        "hours": [each for each in _HERE if each.endswith("h")],
        "days": ["D"],
        "weeks": [],
        "months": [],
    }
    return reply({"status": "success", "data": data})


async def ticker(call: Call) -> Response:
    """Return candles as AmiBroker reads them, or as JSON; faults are in the same form."""
    asked: Ticker = call.body
    as_text = asked.format.lower() == "txt"
    exchange, _, name = asked.symbol.rpartition(":")
    slot = market(call).slot(exchange or "NSE", name)
    if slot is None:
        return _fault(not_there(exchange or "NSE", name), 404, as_text=as_text)
    start, end = _day_of(asked.start), _day_of(asked.end)
    assert start is not None, "it was checked"
    assert end is not None, "it was checked"
    longest = timedelta(days=_LONGEST[asked.interval in {"D", "W", "M"}])
    start = max(start, end - longest) if end - date.min > longest else start
    try:
        rows = _rows(call, slot, asked.interval, start, end)
    except Worded as refused:
        return _fault(bytes(refused.answer.body).decode(), 400, as_text=True) if as_text else refused.answer
    if as_text:
        lines = [_line(f"{exchange or 'NSE'}:{name}", each, asked.interval) for each in rows]
        return PlainTextResponse("\n".join(lines))
    return reply({"status": "success", "data": [_row(each, asked.interval) for each in rows]})


def _fault(message: str, status: int, *, as_text: bool) -> Response:
    return PlainTextResponse(message, status) if as_text else failure(message, status)


def _rows(call: Call, slot: int, interval: str, start: date, end: date) -> Sequence[Candle]:
    """Return the closed candles from `start` to `end`, both days included, as far as this market has come."""
    length = _HERE.get(interval)
    if length is None:
        raise Worded(failure(f"Unsupported interval: {interval}. Supported: {', '.join(_HERE)}", 400))
    if end < start:
        raise Worded(failure("end_date lies before start_date", 400))
    floor = call.desk.floor
    today = ist_date(call.desk.now)
    first = max(start, min(floor.market.days, default=today))
    stop = call.desk.now if end >= today else ist_ns(end + timedelta(days=1))
    if ist_ns(first) >= stop:
        return ()
    try:
        found = candles_of(
            floor.universe[slot],
            slot,
            length,
            floor.seen.minutes,
            floor.calendar,
            start=ist_ns(first),
            end=stop,
        )
    except (MarketDataError, RuleUnknown) as error:
        raise Worded(failure(str(error), 400)) from None
    return found.candles


def _row(candle: Candle, interval: str) -> dict[str, object]:
    at = candle.start // NS_PER_SECOND
    if interval == "D":
        day = ist_date(candle.start)
        at = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
    return {
        "timestamp": at,
        "open": shown(candle.open),
        "high": shown(candle.high),
        "low": shown(candle.low),
        "close": shown(candle.close),
        "volume": candle.volume,
        "oi": candle.open_interest,
    }


def _line(name: str, candle: Candle, interval: str) -> str:
    prices = ",".join(str(shown(each)) for each in (candle.open, candle.high, candle.low, candle.close))
    clock = "" if interval == "D" else f",{ist_clock(candle.start)}"
    return f"{name},{ist_date(candle.start)}{clock},{prices},{candle.volume}"


def _day_of(text: str) -> date | None:
    """Return the day of a date, or of a moment in seconds or milliseconds; None for anything else."""
    if text.isascii() and text.isdigit() and len(text) in {10, 13}:
        return ist_date(int(text) * 10 ** (19 - len(text)))
    try:
        return date.fromisoformat(text) if len(text) == len("2026-11-23") else None
    except ValueError:
        return None
