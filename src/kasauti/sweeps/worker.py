"""
A worker: a process of its own that computes what it is sent, until its input ends.

Messages are pickles with their length in front, from the parent on standard input and back on standard
output. What a strategy prints goes where standard error goes. A parent that dies closes the input, and so
ends its workers.
"""

import contextlib
import os
import pickle
import sys
from collections.abc import Callable
from typing import IO, Any, Final

_LENGTH: Final = 8
#: What the parent has a new interpreter run.
START: Final = "from kasauti.sweeps.worker import main; main()"


def send(stream: IO[bytes], message: object) -> None:
    """Write one message; `OSError` if nobody reads it."""
    send_pickled(stream, pickle.dumps(message, pickle.HIGHEST_PROTOCOL))


def send_pickled(stream: IO[bytes], body: bytes) -> None:
    """Write one message that is a pickle already."""
    stream.write(len(body).to_bytes(_LENGTH, "little"))
    stream.write(body)
    stream.flush()


def receive(stream: IO[bytes]) -> Any:  # noqa: ANN401  whatever the other side sends
    """Return the next message; `EOFError` where the other side has ended."""
    head = stream.read(_LENGTH)
    if len(head) < _LENGTH:
        raise EOFError
    size = int.from_bytes(head, "little")
    body = stream.read(size)
    if len(body) < size:
        raise EOFError
    return pickle.loads(body)  # noqa: S301  our own parent or child at the other end of a pipe


def main() -> None:
    """
    Serve the parent.

    The first message is the import path, the second the work, then lists of tasks; each is answered by a list
    of results. The work is answered by an empty text, or by why it cannot be done.
    """
    tasks, results = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    with contextlib.suppress(EOFError, OSError):
        sys.path[:] = receive(tasks)
        compute = _ready(tasks, results)
        while compute is not None:
            send(results, compute(receive(tasks)))


def _ready(tasks: IO[bytes], results: IO[bytes]) -> Callable[[Any], Any] | None:
    from kasauti.errors import KasautiError  # noqa: PLC0415  the import path is set by now
    from kasauti.sweeps.work import Bench  # noqa: PLC0415  as above

    try:
        bench = Bench.of(receive(tasks))
    except KasautiError as error:
        send(results, str(error))
        return None
    send(results, "")
    return bench.compute
