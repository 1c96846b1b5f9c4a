"""A recorded day in place of the market: uploaded, checked, played at any speed, stepped, set forward."""

import asyncio
import re
from collections.abc import Callable
from datetime import date
from enum import StrEnum
from pathlib import Path

import msgspec
from starlette.responses import Response

from kasauti.compose.markets import Market
from kasauti.domain.ist import parse_ist
from kasauti.errors import InvalidInput, MarketDataError, NotThere
from kasauti.web.access import Scope
from kasauti.web.endpoint import Call, Endpoint, Pace
from kasauti.web.native.dialect import answer
from kasauti.web.native.shown import moment

_FOLDER = "recordings"
_ARRIVING = "arriving"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}\.(csv|parquet)")
_MOST_BYTES = 128 * 1024 * 1024
#: So fast that no wall time passes between two moments.
_FASTEST = 1_000_000.0
_TURNS = 200


class Action(StrEnum):
    """What is done with the replay that is loaded."""

    PLAY = "play"
    PAUSE = "pause"
    STEP = "step"
    SEEK = "seek"
    SPEED = "speed"
    END = "end"


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """A recording and what `kasauti data check` says of it; `refusal` is "" for one that can be replayed."""

    name: str
    rows: int
    instruments: int
    days: list[str]
    findings: list[str]
    refusal: str


class Recordings(msgspec.Struct, frozen=True):
    """The names of recordings that were uploaded."""

    recordings: list[str]


class Load(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which recording, and which of its days; all of them if left out."""

    name: str
    day: date | None = None


class Control(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to do. `speed` is 1 to 1000, or 0 for as fast as possible; `to` an IST time in ISO 8601."""

    action: Action
    speed: float = 1.0
    to: str = ""


class Replay(msgspec.Struct, frozen=True, kw_only=True):
    """
    What plays on the desk; `is_replay` is False for its own market, whose clock is not to be touched.

    `speed` 0 is as fast as possible.
    """

    is_replay: bool
    market: str
    days: list[date]
    at: str
    speed: float
    is_paused: bool
    logs: dict[str, str]


async def upload(call: Call) -> Response:
    """Keep a recording, if it is one."""
    path = _path(call, call.request.query_params.get("name", ""))
    if not call.body:
        raise InvalidInput("the body is empty; send the file as it is")
    return answer(await asyncio.to_thread(_kept, path, call.body))


def _kept(path: Path, content: bytes) -> Checked:
    # What is found in it is told with the name that was given, so it has that from the beginning.
    arriving = path.parent / _ARRIVING / path.name
    arriving.parent.mkdir(parents=True, exist_ok=True)
    try:
        arriving.write_bytes(content)
        checked = _checked(arriving)
        if not checked.refusal:
            arriving.replace(path)
    except OSError as error:
        raise InvalidInput(
            f"{path.name} cannot be kept: {error.strerror}; make room and send it again"
        ) from error
    finally:
        arriving.unlink(missing_ok=True)
    if checked.refusal:
        raise MarketDataError(f"{path.name} cannot be replayed and was not kept: {checked.refusal}")
    return checked


def _checked(path: Path) -> Checked:
    from kasauti.feeds.recorded.recording import check  # noqa: PLC0415  only who has files reads them

    report = check(path)
    return Checked(
        name=path.name,
        rows=report.rows,
        instruments=report.instruments,
        days=[each.day for each in report.days],
        findings=[str(each) for each in report.findings],
        refusal="" if report.refusal is None else str(report.refusal),
    )


async def recordings(call: Call) -> Response:
    """Return what was uploaded."""
    folder = call.play.folder / _FOLDER
    names = sorted(each.name for each in folder.glob("*") if _NAME.fullmatch(each.name))
    return answer(Recordings(names))


async def load(call: Call) -> Response:
    """Load a recording; the desk's own market waits."""
    asked: Load = call.body
    path = _path(call, asked.name)
    if not path.exists():
        raise NotThere(f"there is no recording {asked.name!r}; upload it first")

    def opened() -> Market:
        from kasauti.compose.recorded_markets import market_of_data  # noqa: PLC0415  as above

        return market_of_data(path, start=asked.day, end=asked.day)

    market = await asyncio.to_thread(opened)
    before = call.desk
    call.play.replay(market)
    await _until_changed(call, before)
    return answer(_shown(call))


async def control(call: Call) -> Response:
    """Play, pause, step, set forward, change the speed, or end."""
    asked: Control = call.body
    if not call.play.is_replay:
        raise InvalidInput("no replay is loaded; the desk's own market goes by its own clock")
    clock = call.desk.floor.clock
    if asked.action is Action.PLAY:
        clock.go_on()
    elif asked.action is Action.PAUSE:
        clock.pause()
    elif asked.action is Action.STEP:
        reached = clock.reached
        clock.step()
        await _until(lambda: clock.reached > reached)
    elif asked.action is Action.SPEED:
        if asked.speed and not 1 <= asked.speed <= 1_000:  # noqa: PLR2004  as the message says
            raise InvalidInput(f"speed is {asked.speed}; it is 1 to 1000, or 0 for as fast as possible")
        clock.set_speed(asked.speed or _FASTEST)
    elif asked.action is Action.SEEK:
        at = _sought(call, asked.to)
        await _until(lambda: clock.now() >= at)
    else:
        before = call.desk
        call.play.end_replay()
        await _until_changed(call, before)
    return answer(_shown(call))


def _sought(call: Call, to: str) -> int:
    at, now = parse_ist(to), call.desk.floor.clock.now()
    if at < now:
        raise InvalidInput(
            f"{to} is before {moment(now)}, and what has happened is not undone; load the recording again to"
            " begin anew: every account gets a new log, and the one of this replay stays readable"
        )
    call.desk.floor.clock.forward(at)
    return at


async def _until(came: Callable[[], bool]) -> bool:
    """Wait until something has come about, as long as a client waits; return whether it has."""
    for _ in range(_TURNS):
        if came():
            return True
        await asyncio.sleep(0.01)
    return False


async def status(call: Call) -> Response:
    """Return what plays."""
    return answer(_shown(call))


def _shown(call: Call) -> Replay:
    assert call.caller is not None, "the endpoint asks for a key"
    floor, mine = call.desk.floor, call.caller.accounts
    return Replay(
        is_replay=call.play.is_replay,
        market=floor.market.label,
        days=list(floor.market.days),
        at=moment(floor.clock.now()),
        speed=floor.clock.speed if floor.clock.speed < _FASTEST else 0,
        is_paused=floor.clock.is_paused,
        logs={each.name: each.log.stream for each in call.play.accounts if each.name in mine},
    )


async def _until_changed(call: Call, before: object) -> None:
    """Wait for the desk to have gone to another market."""
    if not await _until(lambda: call.desk is not before):
        raise InvalidInput("the desk did not change its market; see /ready, and ask again")


def _path(call: Call, name: str) -> Path:
    if not _NAME.fullmatch(name):
        raise InvalidInput(
            f"{name[:80]!r} cannot be a recording's name; write it like day-2026-11-20.parquet"
        )
    return call.play.folder / _FOLDER / name


ENDPOINTS = (
    Endpoint(
        method="PUT",
        path="/api/replay/recordings",
        handler=upload,
        scope=Scope.ADMIN,
        pace=Pace.SESSIONS,
        summary="Upload a recording, CSV or Parquet, as ?name=; it is checked as kasauti data check does.",
        takes=bytes,
        gives=Checked,
        max_bytes=_MOST_BYTES,
    ),
    Endpoint(
        method="GET",
        path="/api/replay/recordings",
        handler=recordings,
        scope=Scope.READ,
        pace=Pace.READS,
        summary="What was uploaded.",
        gives=Recordings,
    ),
    Endpoint(
        method="GET",
        path="/api/replay",
        handler=status,
        scope=Scope.READ,
        pace=Pace.READS,
        summary="What plays on the desk.",
        gives=Replay,
    ),
    Endpoint(
        method="POST",
        path="/api/replay",
        handler=load,
        scope=Scope.ADMIN,
        pace=Pace.SESSIONS,
        summary="Load a recorded day, standing still at its beginning.",
        takes=Load,
        gives=Replay,
    ),
    Endpoint(
        method="POST",
        path="/api/replay/control",
        handler=control,
        scope=Scope.ADMIN,
        pace=Pace.READS,
        summary="Play, pause, step, set forward, change the speed, end.",
        takes=Control,
        gives=Replay,
    ),
)
