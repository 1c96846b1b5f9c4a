"""What holds option legs looks at them when there may be something to do, and not every minute."""

from collections.abc import Iterator

from tests.strategies.floor import INDEX, Floor, at, option_id

from kasauti.domain.commands import CancelOrder, Command, PlaceOrder
from kasauti.domain.money import rupees
from kasauti.domain.view import View
from kasauti.strategies.short_straddle import ShortStraddle

CALL, PUT = option_id(26_000, "CE"), option_id(26_000, "PE")


class Counted(ShortStraddle):
    """A short straddle that counts how often it looks at what it holds."""

    looks = 0

    def _look(self, view: View, *, at_leisure: bool) -> Iterator[Command]:
        self.looks += 1
        yield from super()._look(view, at_leisure=at_leisure)


def sold() -> tuple[Floor, Counted]:
    """Return a floor at 09:20 with both legs sold at 100, each with its stop, and its strategy."""
    strategy = Counted()
    on = Floor(lambda: strategy, rupees(1_000_000))
    on.start()
    on.now = at("09:20")
    on.set(INDEX, last=rupees("26012.35"))
    for name in (CALL, PUT):
        on.set(name, last=rupees(100))
    on.timer("entry")
    for order in on.working:
        on.fill(rupees(100), order=order)
    return on, strategy


def quiet(on: Floor, strategy: Counted, *clocks: str) -> int:
    """Return how many looks the monitors at `clocks` take, all of which ask for nothing."""
    before = strategy.looks
    for clock in clocks:
        on.now = at(clock)
        assert on.timer() == []
    return strategy.looks - before


def test_what_found_nothing_to_do_is_not_looked_at_again() -> None:
    on, strategy = sold()

    assert quiet(on, strategy, "09:21", "09:22", "09:23", "09:24") == 1
    assert quiet(on, strategy, "09:25", "09:26", "11:00") == 1, "its patience with entries is over"
    on.set(CALL, last=rupees(120))
    assert quiet(on, strategy, "12:00", "15:09") == 0, "a price alone moves nothing: stops rest"


def test_something_that_happened_is_looked_at_at_the_next_monitor() -> None:
    on, strategy = sold()
    quiet(on, strategy, "09:30", "09:31")
    stop = next(order for order in on.working if order.instrument == CALL)
    on.end(stop)

    on.now = at("09:32")
    assert [each.instrument for each in on.timer() if isinstance(each, PlaceOrder)] == [CALL]
    assert quiet(on, strategy, "09:33", "09:34") == 1


def test_the_exit_comes_although_nothing_has_happened() -> None:
    on, strategy = sold()
    quiet(on, strategy, "09:30", "15:09")

    on.now = at("15:10")
    assert {type(each) for each in on.timer()} == {CancelOrder}
    assert quiet(on, strategy, "15:11", "15:12", "15:13") == 1, "their end has been asked for"


def test_after_a_restart_it_looks() -> None:
    on, strategy = sold()
    quiet(on, strategy, "09:30", "09:31")
    again = Counted()
    on._make = lambda: again
    on.restart()

    assert quiet(on, again, "09:32", "09:33") == 1
