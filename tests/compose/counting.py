"""A strategy that remembers every minute: something to write all the time."""

from collections.abc import Iterator

from kasauti.strategies import Command, Strategy, Subscriptions, TimerWanted, View


class Counting(Strategy):
    """Notes how many minutes it has seen."""

    class Memory(Strategy.Memory, kw_only=True):
        """How many minutes it has seen."""

        minutes: int = 0

    memory: Memory

    def subscriptions(self) -> Subscriptions:
        return Subscriptions(timers=[TimerWanted("minute", seconds=60)])

    def on_timer(self, name: str, view: View) -> Iterator[Command]:
        self.memory.minutes += 1
        yield self.note()
