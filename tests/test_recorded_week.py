"""
A whole recorded expiry week of real NIFTY chains, and other real data, traded through `kasauti replay`.

What must hold is checked against the raw files, read here with pyarrow alone: every fill rests on a price
that is in the file at its moment, inside the session and not a frozen repeat; and the first entry is worked
out from the file by code that shares nothing with the strategy but its rules.
"""

import json
import os
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from tests.cli.command import kasauti
from tests.compose.worlds import events_of, fills_of

from kasauti.domain import events as ev
from kasauti.domain.evidence import Rule
from kasauti.domain.ist import ist_datetime

SHARED = Path(os.environ.get("KASAUTI_SHARED", Path(__file__).parents[2] / "shared")) / "data"
WEEK = SHARED / "index_chain_5min_2026"
MINUTES = SHARED / "nifty_chain_1min_202608"
TICKS = SHARED / "ticks_upstox_20251215"
INDEX = SHARED / "index_1min" / "NIFTY_2024-01_2024-04_1min.parquet"

needs_data = pytest.mark.skipif(not WEEK.is_dir(), reason=f"the recorded data is not there: {SHARED}")

FIRST_DAY = datetime(2026, 1, 22)  # noqa: DTZ001  times in the files are IST without an offset
EXPIRY = datetime(2026, 1, 27)  # noqa: DTZ001  as above
TICK = 500


class Snapshot(msgspec.Struct):
    """One chain as the file has it: for each strike the call's last, OI and volume, then the put's."""

    at: datetime
    spot: float
    rows: dict[float, tuple[float, ...]]


@cache
def rows_of_week() -> list[dict[str, Any]]:
    """Return the rows of the week's file that are about NIFTY."""
    (file,) = WEEK.glob("*.parquet")
    table = pq.read_table(file)
    rows: list[dict[str, Any]] = table.filter(pc.equal(table["symbol"], "NIFTY")).to_pylist()
    return rows


def snapshots(day: datetime) -> list[Snapshot]:
    """Return the snapshots of a day within the session of which at least half the options have a price."""
    found: dict[datetime, Snapshot] = {}
    for row in rows_of_week():
        at = row["ts"]
        if at.date() != day.date() or not time(9, 15) <= at.time() < time(15, 30):
            continue
        values = tuple(
            row[name] or 0.0 for name in ("ce_ltp", "ce_oi", "ce_vol", "pe_ltp", "pe_oi", "pe_vol")
        )
        found.setdefault(at, Snapshot(at, row["spot"], {})).rows[row["strike"]] = values
    kept: list[Snapshot] = []
    for at in sorted(found):
        each = found[at]
        priced = sum((row[0] > 0) + (row[3] > 0) for row in each.rows.values())
        if each.spot > 0 and priced >= len(each.rows):
            kept.append(each)
    return kept


#: Strike, and CE or PE.
Option = tuple[float, str]
#: A moment, and the open interest of every option then.
Reading = tuple[datetime, dict[Option, float]]


class Board:
    """The last values of everything, zeros left out."""

    def __init__(self) -> None:
        self.spot = 0.0
        self.last: dict[Option, float] = {}
        self.interest: dict[Option, float] = {}
        self.volume: dict[Option, float] = {}

    def take(self, snapshot: Snapshot) -> None:
        self.spot = snapshot.spot
        for strike, (call, call_oi, call_volume, put, put_oi, put_volume) in snapshot.rows.items():
            for kind, last, interest, volume in (
                ("CE", call, call_oi, call_volume),
                ("PE", put, put_oi, put_volume),
            ):
                if last > 0:
                    self.last[strike, kind] = last
                    self.interest[strike, kind] = interest
                    self.volume[strike, kind] = volume


class Average:
    """A session VWAP: what traded between two looks counts at the price of the later one."""

    def __init__(self) -> None:
        self.turnover = self.traded = 0.0
        self.before: float | None = None

    def look(self, last: float, volume: float) -> None:
        if self.before is not None and volume > self.before:
            self.turnover += last * (volume - self.before)
            self.traded += volume - self.before
        self.before = volume


class Entry(msgspec.Struct, frozen=True):
    """What the rules of the strategy ask for, and the figures they rest on."""

    at: datetime
    strike: float
    kind: str
    before: float
    now: float
    last: float
    average: float


def first_entry(day: datetime) -> Entry | None:
    """Work the day's first entry out, minute by minute, from the file."""
    coming = snapshots(day)
    board, averages = Board(), dict[Option, Average]()
    reading: Reading | None = None
    candle: tuple[datetime, float] | None = None
    for moment in _minutes(day):
        while coming and coming[0].at <= moment:
            board.take(coming[0])
            if coming[0].at < moment or moment.minute % 5:
                candle = (coming[0].at, coming[0].spot)
            coming.pop(0)
        if not board.spot:
            continue
        for option, last in board.last.items():
            averages.setdefault(option, Average()).look(last, board.volume[option])
        if moment.minute % 5 or candle is None or candle[0] < moment - timedelta(minutes=5):
            continue
        before, reading = reading, (moment, dict(board.interest))
        if before is not None and moment - before[0] > timedelta(minutes=10):
            before = None
        found = _decide(moment, candle[1], board, averages, before)
        if found is not None and time(9, 30) <= moment.time() <= time(14, 0):
            return found
    return None


def _minutes(day: datetime) -> Iterator[datetime]:
    moment = datetime.combine(day.date(), time(9, 16))
    while moment.time() <= time(14, 0):
        yield moment
        moment += timedelta(minutes=1)


def _decide(
    moment: datetime, spot: float, board: Board, averages: dict[Option, Average], before: Reading | None
) -> Entry | None:
    """Apply the conditions in order: a whole chain near spot, a direction, unwinding, above the average."""
    strikes = sorted({strike for strike, _ in board.last})
    near = [s for s in strikes if s >= spot][:5] + [s for s in strikes if s < spot][-5:]
    if any(not board.interest.get((strike, kind)) for strike in near for kind in ("CE", "PE")):
        return None
    walls = {}
    for kind in ("CE", "PE"):
        most = max(board.interest[strike, kind] for strike in near)
        equal = [strike for strike in near if board.interest[strike, kind] == most]
        walls[kind] = min(equal, key=lambda strike: abs(strike - spot))
    up, down = walls["CE"] - spot, spot - walls["PE"]
    if up == down:
        return None
    kind = "CE" if up < down else "PE"
    option = (walls[kind], kind)
    was = 0.0 if before is None else before[1].get(option, 0.0)
    now, last, average = board.interest[option], board.last[option], averages[option]
    if not was or now >= was or not average.traded or last <= average.turnover / average.traded:
        return None
    return Entry(moment, *option, was, now, last, average.turnover / average.traded)


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the account that has traded the week."""
    folder = tmp_path_factory.mktemp("week") / "account"
    ran = kasauti(
        "replay", WEEK, "--symbol", "NIFTY", "--data", folder, "--quiet",
        "--set", "account.capital_rupees=500000",
    )  # fmt: skip
    assert (ran.code, ran.err) == (0, "")
    return folder


@needs_data
def test_the_first_entry_is_the_one_worked_out_by_hand(week: Path) -> None:
    """Thursday 22 January: open interest of the 25300 put falls while it trades above its VWAP."""
    found = first_entry(FIRST_DAY)
    assert found is not None
    # In figures, so that a reader can look them up in the file.
    assert (found.at, found.strike, found.kind) == (FIRST_DAY.replace(hour=10, minute=25), 25_300, "PE")
    assert (found.before, found.now) == (10_439_000, 10_175_425)
    assert (found.last, round(found.average, 2)) == (98.25, 94.30)

    placed = entries(week)[0]
    assert placed.at == _ns(found.at)
    assert placed.event.instrument == "NFO:NIFTY26JAN25300PE"
    assert (placed.event.quantity, placed.event.side.value, placed.event.tag) == (65, "BUY", "entry")
    (at, fill), *_ = fills_of(events_of(week))
    cap = 98.25 * 1.2
    prices = [(each.at.time(), each.rows[25_300][3]) for each in snapshots(FIRST_DAY) if each.at > found.at]
    assert prices[:2] == [(time(10, 28, 48), 120.20), (time(10, 34, 47), 115.15)]
    assert prices[0][1] > cap > prices[1][1], "NSE lets a market order pay 20 % over the last price"
    assert ist_datetime(at).time() == prices[1][0]
    assert fill.price == 117_90_00, "the rest of a capped market order waits at its cap"


@needs_data
@pytest.mark.parametrize("day", [22, 27, 28, 29])
def test_every_day_enters_when_and_what_its_own_numbers_say(week: Path, day: int) -> None:
    found = first_entry(FIRST_DAY.replace(day=day))
    assert found is not None
    (placed,) = [each for each in entries(week) if ist_datetime(each.at).day == day]
    assert placed.at == _ns(found.at)
    assert placed.event.instrument.endswith(f"{found.strike:.0f}{found.kind}")


@needs_data
def test_the_first_exit_is_the_trailing_stop_worked_out_by_hand(week: Path) -> None:
    """Bought at 117.90: armed from 129.69 on, then 10 % below the highest price seen."""
    asked = next(
        each
        for each in events_of(week)
        if isinstance(each.event, ev.OrderPlaced) and each.event.tag.startswith("exit")
    )
    peak = 0.0
    for snapshot in snapshots(FIRST_DAY):
        last = snapshot.rows[25_300][3]
        if snapshot.at.time() < time(10, 34, 47) or not last:
            continue
        peak = max(peak, last)
        assert last > 0.75 * 117.90, "the initial stop is far away"
        if peak >= 1.1 * 117.90 and last <= 0.9 * peak:
            assert asked.at == _ns(snapshot.at)
            break
    assert isinstance(asked.event, ev.OrderPlaced)
    assert asked.event.tag == "exit:trailing"


@needs_data
def test_every_fill_rests_on_a_price_of_the_file_at_its_moment(week: Path) -> None:
    """Inside the session, not on a repeat of everything before it, a tick from it or at the order's cap."""
    log = events_of(week)
    instruments = {e.event.order_id: e.event for e in log if isinstance(e.event, ev.OrderPlaced)}
    fills = fills_of(log)
    assert len(fills) == 8
    for at, fill in fills:
        order = instruments[fill.order_id]
        moment = ist_datetime(at).replace(tzinfo=None)
        of_day = snapshots(moment)
        (number,) = [n for n, each in enumerate(of_day) if each.at == moment]
        strike, kind = float(order.instrument[-7:-2]), order.instrument[-2:]
        last = of_day[number].rows[strike][0 if kind == "CE" else 3]
        assert fill.evidence.price == round(last * 10_000)
        if fill.evidence.rule is Rule.THROUGH:
            assert fill.evidence.price < fill.price == order.band, "the first has waited at its cap"
        else:
            assert fill.price - fill.evidence.price == TICK * order.side.sign
        assert of_day[number].rows != of_day[number - 1].rows, "something had changed"
        assert at > next(e.at for e in log if e.event == order), "after it was asked for"


@needs_data
def test_the_sessions_are_respected(week: Path) -> None:
    log = events_of(week)
    for each in log:
        clock = ist_datetime(each.at).time()
        if isinstance(each.event, ev.OrderPlaced) and each.event.tag == "entry":
            assert time(9, 30) <= clock <= time(14, 0)
        elif isinstance(each.event, ev.OrderPlaced):
            assert clock <= time(15, 25)
        elif isinstance(each.event, ev.OrderFilled):
            assert time(9, 15) <= clock <= time(15, 30)
    days = [each.event.day for each in log if isinstance(each.event, ev.DayOpened)]
    assert days == ["2026-01-22", "2026-01-27", "2026-01-28", "2026-01-29"], "the 26th is a holiday"
    assert len(entries(week)) == 4, "one a day"
    assert not any(isinstance(each.event, ev.OrderDenied | ev.StrategyFailed) for each in log)


@needs_data
def test_the_week_has_a_report_and_a_proof(week: Path) -> None:
    report = kasauti("report", "--data", week)
    assert report.code == 0
    for words in (
        "Day report of main  Thu 22 Jan 2026 to Thu 29 Jan 2026",
        "Day by day",
        "+₹3,948.75",
        "All 8 fills rest on last prices or bars",
    ):
        assert words in report.out
    proof = kasauti("prove", "--data", week, "--json").json()
    assert (proof["failed"], proof["days"], proof["trades"]) == ("", 4, 8)


@needs_data
def test_the_data_check_says_what_is_not_traded() -> None:
    report = kasauti("data", "check", WEEK, "--symbol", "NIFTY", "--json").json()
    counts = {each["kind"]: each["count"] for each in report["findings"]}
    assert counts["frozen_repeat"] == 17_759
    assert counts["out_of_session"] == 1_922
    assert counts["half_empty"] == 577


def entries(account: Path) -> list[Any]:
    """Return the entries, as recorded."""
    return [e for e in events_of(account) if isinstance(e.event, ev.OrderPlaced) and e.event.tag == "entry"]


def _ns(at: datetime) -> int:
    """Return an IST moment of the file as nanoseconds UTC."""
    since = at - datetime(1970, 1, 1) - timedelta(hours=5, minutes=30)  # noqa: DTZ001  as above
    return (since // timedelta(microseconds=1)) * 1_000


# Other real data


@needs_data
def test_a_chain_of_minutes_that_ends_early_is_traded_as_far_as_it_goes(tmp_path: Path) -> None:
    """August 2026: data from 09:31 to 10:24; what was bought cannot be sold, and the report says so."""
    ran = kasauti("replay", MINUTES, "--data", tmp_path, "--quiet", "--set", "account.capital_rupees=500000")
    assert (ran.code, ran.err) == (0, "")
    log = events_of(tmp_path)
    ((at, fill),) = fills_of(log)
    assert ist_datetime(at).time() == time(10, 1)
    (file,) = MINUTES.glob("*.parquet")
    prices = [
        row["ltp"]
        for row in pq.read_table(file).to_pylist()
        if (row["ts"].time(), row["strike"], row["option_type"]) == (time(10, 1), 24_300, "PE")
        and row["expiry"].date().isoformat() == "2026-08-18"
    ]
    assert [fill.evidence.price] == [round(price * 10_000) for price in prices]
    assert "1 position left open" in ran.out
    assert "Left open" in ran.out
    assert kasauti("positions", "--data", tmp_path, "--json").json()[0]["quantity"] == 65
    assert kasauti("prove", "--data", tmp_path).code == 0


@needs_data
def test_ticks_with_depth_fill_on_the_book_of_the_file(tmp_path: Path) -> None:
    parameters = {"instrument": "NSE:BHARATFORG", "quantity": 10}
    chosen = json.dumps([{"use": "ema_rsi", "parameters": parameters}])
    ran = kasauti("replay", TICKS, "--data", tmp_path, "--quiet", "--set", f"strategies={chosen}")
    assert (ran.code, ran.err) == (0, "")
    raw = pq.read_table(TICKS / "NSE_EQ_INE465A01025.parquet")
    sides = {"BUY": "ask_p1", "SELL": "bid_p1"}
    log = events_of(tmp_path)
    orders = {e.event.order_id: e.event for e in log if isinstance(e.event, ev.OrderPlaced)}
    assert len(fills_of(log)) == 2
    for _, fill in fills_of(log):
        column = raw[sides[orders[fill.order_id].side.value]].to_pylist()
        assert fill.price in {round(price * 10_000) for price in column if price}
        assert fill.evidence.source.value == "depth"
    assert kasauti("prove", "--data", tmp_path).code == 0


@needs_data
def test_an_index_alone_cannot_be_traded_and_that_is_said(tmp_path: Path) -> None:
    chosen = json.dumps([{"use": "ema_rsi", "parameters": {"instrument": "NSE:NIFTY 50"}}])
    ran = kasauti("replay", INDEX, "--data", tmp_path / "a", "--quiet", "--set", f"strategies={chosen}")
    assert ran.code == 6
    assert "an index cannot be traded" in ran.sentence()
