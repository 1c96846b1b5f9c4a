"""
Credentials files: one `key = value` a line.

Lines that begin with # or ; are comments. Spaces around key and value do not count; a value in single or
double quotes is what is between them. A value may contain =, # and quotes. The file must be its owner's own.

No error is raised where a value is at hand, so that not even a traceback that shows variables has one.
"""

import os
import stat
from pathlib import Path

import msgspec

from kasauti.brokers.credentials import Credentials, is_key
from kasauti.brokers.secret import Secret
from kasauti.errors import CredentialsError

_MOST_BYTES = 65_536
_OTHERS = 0o077
_QUOTES = "'\""

#: What stands where a byte was not UTF-8.
_NOT_TEXT = "\N{REPLACEMENT CHARACTER}"


class _Line(msgspec.Struct, frozen=True):
    """One line that is not a comment. `problem` is empty, or why it cannot be used."""

    number: int
    key: str = ""
    secret: Secret | None = None
    problem: str = ""


def load_credentials_from_file(path: str | Path) -> Credentials:
    """
    Return what the file at `path` holds.

    Raises `CredentialsError`, and never shows a value, for a file that is not there, that others can read, or
    that has a line which is not `key = value`, an empty value or a key twice. Which broker it is for is not
    looked at here.
    """
    path = Path(path)
    lines = _lines(private_text(path))
    problems = [f"line {line.number} {line.problem}" for line in lines if line.problem]
    seen: dict[str, int] = {}
    secrets: dict[str, Secret] = {}
    for line in lines:
        if line.secret is None:
            continue
        if line.key in seen:
            problems.append(f"lines {seen[line.key]} and {line.number} have the same key")
        seen[line.key], secrets[line.key] = line.number, line.secret
    if problems:
        raise CredentialsError(
            f"{path} cannot be used: {'; '.join(problems)}. Write key = value on each line."
        )
    return Credentials(secrets, str(path))


def private_text(path: Path) -> str:
    """Return the text of a file that is its owner's alone; `CredentialsError` for any other."""
    try:
        file = path.open("rb")
    except FileNotFoundError as error:
        raise CredentialsError(
            f"There is no credentials file {path}; copy a template from config/ and fill it in."
        ) from error
    except OSError as error:
        raise CredentialsError(f"{path} cannot be read: {error.strerror or error}.") from error
    with file:
        _check_access(path, os.fstat(file.fileno()))
        text = _text(file.read(_MOST_BYTES + 1))
    if text is None:
        raise CredentialsError(
            f"{path} is no credentials file: it is not UTF-8 text of at most {_MOST_BYTES} bytes."
        )
    return text


def _check_access(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise CredentialsError(f"{path} is not a regular file; name the file that holds the credentials.")
    if os.name == "posix" and status.st_mode & _OTHERS:
        raise CredentialsError(
            f"{path} can be read by others (mode {stat.S_IMODE(status.st_mode):04o}); run: chmod 600 {path}"
        )


def _text(content: bytes) -> str | None:
    """Return a file's text, None if it is none. Raises nothing, for values are at hand here."""
    text = content.decode("utf-8-sig", errors="replace")
    return None if len(content) > _MOST_BYTES or _NOT_TEXT in text or "\0" in text else text


def _lines(text: str) -> list[_Line]:
    """Take a file apart. Raises nothing, for values are at hand here."""
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.strip()
        if stripped and stripped[0] not in "#;":
            found.append(_line(number, stripped))
    return found


def _line(number: int, line: str) -> _Line:
    key, equals, value = (part.strip() for part in line.partition("="))
    if not equals:
        return _Line(number, problem="has no =")
    if not key:
        return _Line(number, problem="has nothing before its =")
    if value[:1] and value[0] in _QUOTES:
        if len(value) == 1 or value[-1] != value[0]:
            return _Line(number, problem="begins a quoted value that does not end with the same quote")
        value = value[1:-1]
    if not is_key(key, Secret(value)):
        return _Line(
            number, problem="does not begin with a key: lower-case words joined by _, and a value behind ="
        )
    return _Line(number, key, Secret(value))
