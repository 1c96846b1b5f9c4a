"""What a backtest came to, for people and programs."""

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kasauti.analytics import frames
from kasauti.analytics.doubts import doubts_about
from kasauti.analytics.headline import headline
from kasauti.analytics.metrics import Metrics, metrics_of
from kasauti.analytics.notebook import notebook_html
from kasauti.analytics.report.page import html_report
from kasauti.analytics.report.price_chart import PricesOf
from kasauti.analytics.run import Ending, Run
from kasauti.analytics.run_file import save_run
from kasauti.config.words import did_you_mean
from kasauti.errors import InvalidInput
from kasauti.store.memory import MemoryLog

if TYPE_CHECKING:
    import polars as pl
    from rich.table import Table

#: How the name of a file with the columns of a run ends.
RUN_SUFFIX = ".run"


class BacktestResult:
    """
    What a backtest came to.

    `run` has all of it as columns, `metrics` the figures; `orders`, `trades`, `round_trips`, `equity` and
    `daily` are polars data frames, each made when it is first asked for (`frame.to_pandas()` where pandas is
    installed). `ending` says whether the run came to the end of its data; where a strategy failed, `failure`
    is what it raised, with its file and line.
    """

    def __init__(
        self, run: Callable[[], Run], log: Callable[[], MemoryLog], account: str, prices: PricesOf | None
    ) -> None:
        self._make_run = run
        self._make_log = log
        self._account = account
        self._prices = prices

    @cached_property
    def run(self) -> Run:
        """The run as columns; see `kasauti.analytics.run`."""
        return self._make_run()

    @cached_property
    def metrics(self) -> Metrics:
        """The figures, each as `kasauti.analytics.metrics` defines it."""
        return metrics_of(self.run)

    @cached_property
    def log(self) -> MemoryLog:
        """
        What was recorded, event by event.

        Where the compiled kernel computed the run there was none: then the event engine trades it again.
        """
        return self._make_log()

    @property
    def label(self) -> str:
        """The strategy's name."""
        return self.run.label

    @property
    def parameters(self) -> dict[str, str]:
        """What the strategy ran with, as text."""
        return self.run.parameters

    @property
    def ending(self) -> Ending:
        """How it ended."""
        return self.run.ending

    @property
    def failure(self) -> str:
        """What a strategy raised, with its file and line; "" if none did."""
        return self.run.failure

    @cached_property
    def orders(self) -> "pl.DataFrame":
        """One row an order, denied ones included."""
        return frames.orders(self.run)

    @cached_property
    def trades(self) -> "pl.DataFrame":
        """One row a fill, with its charges."""
        return frames.trades(self.run)

    @cached_property
    def round_trips(self) -> "pl.DataFrame":
        """One row a round trip from flat to flat."""
        return frames.round_trips(self.run)

    @cached_property
    def equity(self) -> "pl.DataFrame":
        """What the account was worth, moment by moment."""
        return frames.equity(self.run)

    @cached_property
    def daily(self) -> "pl.DataFrame":
        """One row a trading day."""
        return frames.daily(self.run)

    def pandas(self, frame: str = "round_trips") -> Any:  # noqa: ANN401  pandas need not be there
        """Return a frame by name, as pandas has them: money as floats, in rupees. Needs `kasauti[pandas]`."""
        if frame not in frames.FRAMES:
            raise InvalidInput(
                f"there is no frame {frame!r}.{did_you_mean(frame, frames.FRAMES)}"
                f" Frames: {', '.join(frames.FRAMES)}"
            )
        return frames.floats(getattr(self, frame)).to_pandas()

    @cached_property
    def remarks(self) -> list[str]:
        """Reasons to trust the result less, the weightiest first."""
        return doubts_about(self.run, self.metrics)

    def report(self, path: str | Path) -> Path:
        """Write the report as one HTML file that needs no other; return its path."""
        file = Path(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(html_report(self.run, prices=self._prices), encoding="utf-8")
        return file

    def save(self, path: str | Path) -> None:
        """
        Keep it in a new file that `kasauti compare` reads.

        A name that ends in .run keeps the columns of the run, exactly; any other the log, which every command
        that looks at an account reads too.
        """
        file = Path(path)
        if file.suffix == RUN_SUFFIX:
            save_run(self.run, file)
        else:
            self.log.save(file, self._account)

    def __repr__(self) -> str:
        run = self.run
        rows = headline(run, self.metrics)
        width = max(len(label) for label, _ in rows)
        lines = [f"  {label.ljust(width)}  {figure}" for label, figure in rows]
        return "\n".join([f"Backtest of {run.label}, {run.ending}", *lines])

    def _repr_html_(self) -> str:
        return notebook_html(self.run, self.metrics)

    def __rich__(self) -> "Table":
        from rich.table import Table  # noqa: PLC0415  only who prints it on a terminal pays for it

        table = Table(title=f"Backtest of {self.run.label}, {self.run.ending}", box=None, show_header=False)
        table.add_column(style="dim")
        table.add_column(justify="right")
        for label, figure in headline(self.run, self.metrics):
            table.add_row(label, figure)
        return table
