"""A file that a command writes for other programs: it appears once it is whole."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kasauti.errors import InvalidInput


@contextmanager
def appearing_whole(file: Path) -> Iterator[Path]:
    """Yield where to write what is to be `file`; `InvalidInput` if the block or the place does not let it."""
    unfinished = file.with_name(f".{file.name}.unfinished")
    try:
        yield unfinished
        unfinished.replace(file)
    except OSError as error:
        raise InvalidInput(f"{file} cannot be written: {error.strerror}; choose another place") from error
    finally:
        unfinished.unlink(missing_ok=True)
