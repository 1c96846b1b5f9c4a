"""Writing a file whole or not at all."""

import os
from pathlib import Path


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
