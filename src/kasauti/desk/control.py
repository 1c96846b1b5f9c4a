"""
A socket in a desk's folder, by which commands reach the desk that plays there.

Only the folder's owner can open it, so it asks for no key. One line of JSON asks, one answers.
"""

import asyncio
import contextlib
import os
import socket
from pathlib import Path

import msgspec

from kasauti.desk.administration import Administration, Done, Request
from kasauti.errors import InvalidInput, KasautiError, LogError
from kasauti.store.registry.rows import Actor

_SOCKET = "control.sock"
_WAIT_S = 30.0
_MOST = 64 * 1024


class _Asked(msgspec.Struct, frozen=True):
    who: str
    request: Request


class _Said(msgspec.Struct, frozen=True):
    done: Done | None = None
    why: str = ""


_ASKED = msgspec.json.Decoder(_Asked)
_SAID = msgspec.json.Decoder(_Said)


class Control:
    """The desk's end of the socket, open from `open` to `close`."""

    def __init__(self, folder: Path, administration: Administration) -> None:
        self._path = folder / _SOCKET
        self._administration = administration
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        """Begin to listen; a system or path that cannot have such a socket goes without."""
        if not hasattr(socket, "AF_UNIX"):
            return
        self._path.unlink(missing_ok=True)
        mask = os.umask(0o177)
        try:
            self._server = await asyncio.start_unix_server(self._answer, self._path, limit=_MOST)
        except OSError:  # a path too long for a socket's name
            self._server = None
        finally:
            os.umask(mask)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            asked = _ASKED.decode(await reader.readuntil())
            said = _Said(await self._administration.do(asked.request, Actor(asked.who, "control socket")))
        except KasautiError as error:
            said = _Said(why=str(error))
        except (msgspec.MsgspecError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            said = _Said(why="this is no request that a desk knows; use the kasauti of the same version")
        with contextlib.suppress(OSError):
            writer.write(msgspec.json.encode(said) + b"\n")
            await writer.drain()
        writer.close()

    async def close(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.close()
            self._path.unlink(missing_ok=True)


def ask_running(folder: Path, request: Request, who: str) -> Done | None:
    """Have the desk that plays in `folder` do something; None if none plays there."""
    if not hasattr(socket, "AF_UNIX"):
        return None
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(_WAIT_S)
        try:
            line.connect(str(folder / _SOCKET))
        except OSError:
            return None
        try:
            line.sendall(msgspec.json.encode(_Asked(who, request)) + b"\n")
            with line.makefile("rb") as answers:
                said = _SAID.decode(answers.readline())
        except (OSError, msgspec.MsgspecError) as error:
            raise LogError(
                f"the desk in {folder} did not answer: {error}; look with `kasauti account list`"
            ) from error
    if said.done is None:
        raise InvalidInput(said.why)
    return said.done
