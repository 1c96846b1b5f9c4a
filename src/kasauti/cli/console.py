"""The console every command writes to."""

import io
import sys

from rich.console import Console

#: Columns where there is no terminal: wide enough that a table keeps everything.
_PIPE_WIDTH = 200


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Leave it to the caller: Rich would end the process, in the middle of a session."""
        raise BrokenPipeError


def console(*, stderr: bool = False) -> Console:
    """
    Return a console on standard output, or on standard error.

    Into a file or a pipe it writes UTF-8, as ₹ and box lines need it, and in lines wide enough for every
    table. A `COLUMNS` in the environment wins.
    """
    stream = sys.stderr if stderr else sys.stdout
    if isinstance(stream, io.TextIOWrapper) and stream.encoding.lower() != "utf-8":
        stream.reconfigure(encoding="utf-8", errors="replace")
    made = _Console(stderr=stderr, highlight=False)
    if not made.is_terminal and "COLUMNS" not in made._environ:  # noqa: SLF001  Rich has no other way to ask
        made.width = _PIPE_WIDTH
    return made
