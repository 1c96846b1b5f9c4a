"""Writing a file whole or not at all, and making the folder for it."""

import os
from pathlib import Path

from kasauti.errors import KasautiError


def write_atomically(path: Path, content: bytes, *, flush: bool = True) -> None:
    """
    Put `content` in `path`: whoever looks, also after a crash, finds the old content or the new.

    What it was written to first stands in the same folder, which is made if it is missing. Without `flush` a
    loss of power may leave neither. Raises `OSError`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.tmp")
    with temporary.open("wb") as file:
        file.write(content)
        if flush:
            file.flush()
            os.fsync(file.fileno())
    temporary.replace(path)


def make_folder(folder: Path, option: str, error: type[KasautiError]) -> None:
    """Make a folder if it is not there; raises `error`, which names the `option` that chooses another."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as failed:
        raise error(f"{folder} cannot be made: {failed.strerror}; choose another {option}") from failed
