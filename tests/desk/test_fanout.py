"""Watchers of the floor: encoded once, the latest wins, nobody waits for a slow one."""

import asyncio
from collections.abc import Hashable, Iterator, Sequence

import msgspec
import pytest

from kasauti.config import load_config
from kasauti.desk.fanout import Fanout
from kasauti.desk.floor import Floor
from kasauti.desk.outbox import Outbox
from kasauti.desk.playing import DeskPlay
from kasauti.domain.instrument import Universe
from kasauti.domain.market import TickBatch


class _Counted:
    """Encodes a slot as its mode, id and last price, and counts how often."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, floor: Floor, mode: Hashable, slots: Sequence[int]) -> list[str]:
        self.count += len(slots)
        return [f"{mode} {floor.universe[slot].id} {floor.board.quote(slot).last}" for slot in slots]


def _tick(floor: Floor, slot: int, last: int) -> TickBatch:
    at = int(floor.board.at.max()) + 1_000_000
    return TickBatch.of(at=[at], slot=[slot], last=[last])


@pytest.fixture(scope="module")
def play(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskPlay]:
    with DeskPlay(load_config(None, {}, {}), tmp_path_factory.mktemp("desk"), 1.0) as playing:
        yield playing


def test_a_move_is_encoded_once_for_all_who_watch(play: DeskPlay) -> None:
    async def watch() -> None:
        encode = _Counted()
        fanout: Fanout[str] = Fanout(encode)
        play.follow(fanout)
        floor = play.desk.floor
        shown = floor.universe[0].id
        boxes: list[Outbox[str]] = [Outbox() for _ in range(20)]
        for box in boxes:
            fanout.watch(box, 1, shown)
        encode.count = 0
        floor.show(_tick(floor, 0, 250_000_000))
        assert encode.count == 0, "the moment itself only takes note"
        assert [await box.take() for box in boxes] == [[f"1 {shown} 250000000"]] * 20
        assert encode.count == 1

    asyncio.run(watch())


def test_who_does_not_read_gets_the_latest_and_nothing_older(play: DeskPlay) -> None:
    async def watch() -> None:
        fanout: Fanout[str] = Fanout(_Counted())
        play.follow(fanout)
        floor, box = play.desk.floor, Outbox[str]()
        fanout.watch(box, 1, floor.universe[0].id)
        box.say("said")
        for last in (250_000_000, 250_000_500, 250_001_000):
            floor.show(_tick(floor, 0, last))
            await asyncio.sleep(0.03)
        assert await box.take() == ["said", f"1 {floor.universe[0].id} 250001000"]

    asyncio.run(watch())


def test_a_large_moment_is_handed_out_in_parts_and_nothing_of_it_is_lost(play: DeskPlay) -> None:
    async def watch() -> None:
        encode = _Counted()
        fanout: Fanout[str] = Fanout(encode, at_once=2)
        play.follow(fanout)
        floor, box = play.desk.floor, Outbox[str]()
        ids = [each.id for each in floor.universe][:5]
        for each in ids:
            fanout.watch(box, 1, each)
        encode.count = 0
        at = int(floor.board.at.max()) + 1
        for last in (100_000, 200_000):
            floor.show(TickBatch.of(at=[at] * 5, slot=list(range(5)), last=[last] * 5))
            await asyncio.sleep(0)
            assert encode.count in {2, 4}, "a turn takes a part"
        await asyncio.sleep(0.05)
        assert await box.take() == [f"1 {each} 200000" for each in ids]

    asyncio.run(watch())


def test_another_market_is_watched_by_the_same_names(play: DeskPlay) -> None:
    async def watch() -> None:
        fanout: Fanout[str] = Fanout(_Counted())
        play.follow(fanout)
        floor, box = play.desk.floor, Outbox[str]()
        shown = floor.universe[1].id
        fanout.watch(box, 1, shown)
        await box.take()
        turned = Universe([floor.universe[1], floor.universe[0]])
        market = msgspec.structs.replace(floor.market, universe=turned)
        other = Floor(floor.loaded, market, floor.clock)
        other.followers = [fanout]
        fanout.begin(other)
        other.show(TickBatch.of(at=[1], slot=[0], last=[70_000]))
        assert await box.take() == [f"1 {shown} 70000"]

    asyncio.run(watch())


def test_what_nobody_watches_is_not_encoded(play: DeskPlay) -> None:
    async def watch() -> None:
        encode = _Counted()
        fanout: Fanout[str] = Fanout(encode)
        play.follow(fanout)
        floor, box = play.desk.floor, Outbox[str]()
        ids = [each.id for each in floor.universe][:2]
        fanout.watch(box, 1, ids[0])
        fanout.watch(box, 2, ids[0])
        fanout.leave(box, 1, ids[0])
        fanout.watch(box, 1, ids[1])
        fanout.drop(box)
        encode.count = 0
        for slot in (0, 1):
            floor.show(_tick(floor, slot, 250_000_000))
        await asyncio.sleep(0.03)
        assert encode.count == 0

    asyncio.run(watch())


def test_who_takes_no_answers_either_is_to_be_let_go() -> None:
    async def watch() -> None:
        box: Outbox[int] = Outbox()
        for number in range(1_100):
            box.say(number)
        assert box.overflowed
        assert await box.take() == list(range(1_024))

    asyncio.run(watch())
