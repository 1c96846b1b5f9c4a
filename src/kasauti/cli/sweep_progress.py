"""How far a sweep has come, on a terminal: a bar with rate, time left, and what went wrong."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from kasauti.sweeps.exploring import Progress


@contextmanager
def shown_sweep(console: Console) -> Iterator[Callable[[Progress], None]]:
    """Show a bar on `console` while the block runs, if it is a terminal, and yield what to tell it."""
    if not console.is_terminal:
        yield lambda _: None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[trouble]}"),
    )
    with Bar(*columns, console=console, transient=True) as bar:
        task = bar.add_task("reading the data", total=None, rate="", trouble="")

        def tell(progress: Progress) -> None:
            elapsed = bar.tasks[0].elapsed or 0.0
            bar.update(
                task,
                description=progress.phase,
                total=progress.total,
                completed=progress.done,
                rate=rate_words(progress.done - progress.reused, elapsed),
                trouble=trouble_words(progress),
            )

        yield tell


def rate_words(done: int, seconds: float) -> str:
    """Return backtests by seconds in words, "" before there is anything to divide."""
    if done <= 0 or seconds <= 0:
        return ""
    rate = done / seconds
    return f"{rate:,.0f}/s" if rate >= 10 else f"{rate:.1f}/s" if rate >= 1 else f"{rate * 60:.0f}/min"  # noqa: PLR2004


def trouble_words(progress: Progress) -> str:
    """Return what was known before and what has no result, "" for nothing of both."""
    parts = [(progress.reused, "known"), (progress.failed, "without result")]
    return ", ".join(f"{count:,} {word}" for count, word in parts if count)
