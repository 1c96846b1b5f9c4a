"""The market's clock stands still, changes its speed and is set forward, and never shows a time twice."""

from hypothesis import given
from hypothesis import strategies as st

from kasauti.domain.ist import NS_PER_SECOND
from kasauti.feeds.clock import ForwardClock, MarketClock


class Wall:
    """A wall clock that tests move."""

    def __init__(self) -> None:
        self.at = 1_000 * NS_PER_SECOND

    def __call__(self) -> int:
        return self.at

    def pass_s(self, seconds: float) -> None:
        """Let time pass."""
        self.at += int(seconds * NS_PER_SECOND)


def test_a_paused_clock_stands_still_and_goes_on_from_there() -> None:
    wall = Wall()
    clock = MarketClock(0, 60, wall)
    clock.expect(3_600 * NS_PER_SECOND)
    wall.pass_s(1)
    clock.pause()
    wall.pass_s(100)
    assert clock.now() == 60 * NS_PER_SECOND
    assert clock.seconds_until(61 * NS_PER_SECOND) == float("inf")
    clock.go_on()
    wall.pass_s(2)
    assert clock.now() == 180 * NS_PER_SECOND


def test_another_speed_holds_from_now_on() -> None:
    wall = Wall()
    clock = MarketClock(0, 60, wall)
    clock.expect(3_600 * NS_PER_SECOND)
    wall.pass_s(1)
    clock.set_speed(10)
    wall.pass_s(1)
    assert clock.now() == 70 * NS_PER_SECOND
    assert clock.seconds_until(90 * NS_PER_SECOND) == 2


def test_a_step_lets_one_moment_come_and_no_more() -> None:
    clock = MarketClock(0, 1, Wall())
    clock.pause()
    clock.expect(5)
    clock.step()
    assert clock.seconds_until(5) == 0
    clock.tell(5)
    clock.expect(9)
    assert clock.seconds_until(9) == float("inf")
    assert clock.now() == 5


@given(
    st.lists(
        st.sampled_from(["pause", "go_on", "step", "tell"])
        | st.floats(0.1, 10).map(lambda s: ("passes", s))
        | st.integers(1, 1000).map(lambda s: ("speed", s))
        | st.integers(0, 10**12).map(lambda at: ("forward", at)),
        max_size=30,
    )
)
def test_it_never_goes_back_and_never_past_data_that_is_to_come(doings: list[str | tuple[str, int]]) -> None:
    wall = Wall()
    clock = MarketClock(0, 10, wall)
    coming, seen = 50 * NS_PER_SECOND, 0
    clock.expect(coming)
    for doing in doings:
        match doing:
            case ("passes", seconds):
                wall.pass_s(seconds)
            case ("speed", speed):
                clock.set_speed(float(speed))
            case ("forward", to):
                clock.forward(int(to))
            case "tell":
                clock.tell(coming)
                coming += 50 * NS_PER_SECOND
                clock.expect(coming)
            case _:
                getattr(clock, str(doing))()
        assert seen <= clock.now() < coming
        seen = clock.now()


@given(st.lists(st.tuples(st.integers(-7_200, 7_200), st.integers(0, 7_200)), max_size=20))
def test_the_time_by_which_things_expire_never_goes_back_and_runs_at_least_as_time_does(
    steps: list[tuple[int, int]],
) -> None:
    wall, monotonic = Wall(), Wall()
    clock = ForwardClock(wall, monotonic)
    for set_by, passes in steps:
        before = clock.now()
        wall.pass_s(set_by + passes)
        monotonic.pass_s(passes)
        assert clock.now() >= before + passes * NS_PER_SECOND
        assert clock.now() >= wall.at


def test_a_clock_that_is_set_back_an_hour_is_waited_for_and_one_set_forward_is_followed() -> None:
    wall, monotonic = Wall(), Wall()
    clock = ForwardClock(wall, monotonic)
    began = wall.at
    wall.pass_s(-3_600)
    for each in (wall, monotonic):
        each.pass_s(60)
    assert clock.now() == began + 60 * NS_PER_SECOND
    wall.pass_s(3 * 3_600)
    assert clock.now() == wall.at
