"""What every strategy starts from: empty hooks, typed parameters, and a memory that outlives a crash."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, Self

import msgspec

from kasauti.domain.commands import Command, Note
from kasauti.domain.events import OrderFilled
from kasauti.domain.instrument import Instrument
from kasauti.domain.market import Candle, Quote
from kasauti.domain.order import Order
from kasauti.domain.view import CandleWanted, Chain, Subscriptions, View
from kasauti.errors import InvalidInput
from kasauti.ports import Indicator, idle
from kasauti.strategies.parameters import candle_seconds, read_parameters


class Strategy:
    """
    A strategy: subclass it, say in `subscriptions` what it wants to be called for, and yield commands.

    It holds no handle to anything: what it knows is what a hook is given, what it has kept in `memory`, and
    its `parameters`. What it wants after a restart it asks to have recorded, with `yield self.note()`. A
    hook that a class does not define is never called, and costs nothing. `name` is the class's own in
    snake_case unless the class or the maker says otherwise.
    """

    name: str = ""
    #: Candles of this length of each of `instruments` are asked for, like "1m", "5m" or "1h"; "" for none.
    candles: ClassVar[str] = ""
    #: Ids of what it trades. Where a class names none, a run sets all of its market that can be traded.
    instruments: Sequence[str] = ()
    parameters: "Parameters"
    memory: "Memory"

    class Parameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        """What can be set; a subclass has its own. Units stand at the end of the names."""

    class Memory(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
        """What is kept over a restart, as JSON-able data; a subclass has its own."""

    _named: ClassVar[re.Pattern[str]] = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "name" not in cls.__dict__:
            cls.name = cls._named.sub("_", cls.__name__).lower()

    def __init__(self, parameters: "Parameters | None" = None, *, name: str = "") -> None:
        if name:
            self.name = name
        self.parameters = self.Parameters() if parameters is None else parameters
        self.memory = self.blank()

    @classmethod
    def from_parameters(cls, values: Mapping[str, object] | None = None, *, name: str = "") -> Self:
        """
        Return the strategy with the parameters that `values` name, as a configuration file has them.

        Raises `ConfigError` for a key that is unknown, missing, or not of its type.
        """
        read = read_parameters(cls.Parameters, values or {}, name or cls.name)
        return cls(read, name=name)

    def blank(self) -> "Memory":
        """Return the memory of one that has seen nothing yet."""
        return self.Memory()

    def note(self) -> Note:
        """Return the command that has `memory` recorded, as it stands when the hook is over."""
        return Note(self.memory)

    def restore(self, note: bytes) -> None:
        """Take up again what the last note held; `InvalidInput` if it is not one of this strategy's."""
        try:
            self.memory = msgspec.json.decode(note, type=self.Memory)
        except msgspec.DecodeError as error:
            raise InvalidInput(
                f"{self.name} cannot take up what it noted: {error}. Another version of it wrote that;"
                " go on with that version, or start fresh."
            ) from error

    @property
    def follows(self) -> bool:
        """Whether `on_tick` hears the prices of what it holds; asked as a day begins, and after a note."""
        return True

    def subscriptions(self) -> Subscriptions:
        """Say which candles, chains, ticks and times this strategy wants to be called for."""
        if not self.candles:
            return Subscriptions()
        if isinstance(self.instruments, str):  # ("NSE:INFY") is no tuple: its letters would be instruments
            raise InvalidInput(
                f"{self.name} has the text {self.instruments!r} as its instruments; write a tuple, with its"
                f" comma: instruments = ({self.instruments!r},)"
            )
        seconds = candle_seconds(self.candles)
        return Subscriptions(candles=[CandleWanted(each, seconds) for each in self.instruments])

    def indicators(self, wanted: CandleWanted) -> Mapping[str, Indicator]:
        """
        Say what is to follow the candles that were asked for in `wanted`, each under its own name.

        As `on_candle` is called, `self.NAME` is what each reads with that candle in, None before there is
        enough; until the next candle it stays so. They go on over days and restarts.
        """
        return {}

    @idle
    def on_start(self, view: View) -> Iterable[Command]:
        """Begin a trading day, or go on after a restart."""
        return ()

    @idle
    def on_candle(self, candle: Candle, view: View) -> Iterable[Command]:
        """A candle that was asked for has closed."""
        return ()

    @idle
    def on_chain(self, chain: Chain, view: View) -> Iterable[Command]:
        """An option chain that was asked for is due."""
        return ()

    @idle
    def on_tick(self, quote: Quote, instrument: Instrument, view: View) -> Iterable[Command]:
        """A new price of an instrument that was asked for, or that this strategy holds."""
        return ()

    @idle
    def on_fill(self, fill: OrderFilled, order: Order, view: View) -> Iterable[Command]:
        """One of this strategy's orders traded."""
        return ()

    @idle
    def on_timer(self, name: str, view: View) -> Iterable[Command]:
        """A time that was asked for has come."""
        return ()
