"""The command line as a person has it: what was typed, what came out, how it ended."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextvars import copy_context
from pathlib import Path
from typing import Any
from unittest.mock import patch

import msgspec

from kasauti.cli.main import main


class Ended(msgspec.Struct, frozen=True):
    """How a command ended: its exit code, standard output, standard error."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """Return the output as JSON; the command went well."""
        assert self.code == 0, self.err
        return json.loads(self.out)

    def sentence(self) -> str:
        """Return the one sentence of an error; nothing else came out."""
        lines = self.err.strip().splitlines()
        assert self.out == ""
        assert len(lines) == 1, self.err
        assert "Traceback" not in self.err
        assert lines[0].startswith("Error: ")
        return lines[0].removeprefix("Error: ")


def kasauti(*arguments: object, env: Mapping[str, str] | None = None) -> Ended:
    """Run a command in this process; an exception that is not an exit fails the test."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    words = ["kasauti", *(str(each) for each in arguments)]
    code: object = 0
    with (
        patch.object(sys, "argv", words),
        patch.object(sys, "stdout", out),
        patch.object(sys, "stderr", err),
        patch.dict(os.environ, clean_environment() | dict(env or {}), clear=True),
    ):
        try:
            copy_context().run(main)  # the rules of a process are its own, and this one goes on
        except SystemExit as ended:
            code = ended.code
    assert isinstance(code, int) or code is None
    return Ended(code or 0, _text(out), _text(err))


def _text(stream: io.TextIOWrapper) -> str:
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode()


def clean_environment() -> dict[str, str]:
    """Return the environment without what sets Kasauti or its console."""
    ours = ("KASAUTI_", "TRADING_MODE", "PAPER_DEFAULT_BALANCE", "COLUMNS", "LINES", "FORCE_COLOR", "TERM")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def start(*arguments: object, cwd: Path, **options: Any) -> "subprocess.Popen[str]":
    """Start a command in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "kasauti", *(str(each) for each in arguments)],
        cwd=cwd,
        env=clean_environment() | {"PYTHONUNBUFFERED": "1"},
        stdout=options.pop("stdout", subprocess.PIPE),
        stderr=options.pop("stderr", subprocess.PIPE),
        text=True,
        **options,
    )


def ended(process: "subprocess.Popen[str]") -> Ended:
    """Wait for a process, and return how it ended."""
    out, err = process.communicate(timeout=120)
    return Ended(process.returncode, out, err)
