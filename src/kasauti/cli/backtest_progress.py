"""How far a run has come, on a terminal: a bar with the rate and the time that is left."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from kasauti.cli.typography import calendar_day
from kasauti.compose import recorded
from kasauti.domain.ist import ist_date


@contextmanager
def shown_progress(console: Console) -> Iterator[Callable[[recorded.Progress], None] | None]:
    """Show a bar on `console` while the block runs, if it is a terminal, and yield what to tell it."""
    if not console.is_terminal:
        yield None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("Reading the data", total=None, rate="")

        def tell(progress: recorded.Progress) -> None:
            elapsed = bar.tasks[0].elapsed or 0.0
            bar.update(
                task,
                description=calendar_day(ist_date(progress.at)),
                total=1.0,
                completed=progress.part,
                rate=f"{rate_words(progress.rows, elapsed)}",
            )

        yield tell


def rate_words(rows: int, seconds: float) -> str:
    """Return rows by seconds in words, "" before there is anything to divide by."""
    if seconds <= 0:
        return ""
    rate = rows / seconds
    return f"{rate / 1e6:.1f} M rows/s" if rate >= 1e6 else f"{rate / 1e3:.0f} k rows/s"  # noqa: PLR2004
