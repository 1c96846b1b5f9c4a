"""
Credentials as other programs keep them: OpenAlgo's `.env`, and JSON or YAML of one broker or of several.

What does not say plainly whose the credentials are is refused by its names. No error is raised where a value
is at hand, and no message has one.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec
import yaml
from yaml.nodes import MappingNode, ScalarNode

from kasauti.brokers.credentials import Credentials, detect, is_key
from kasauti.brokers.credentials_file import load_credentials_from_file, private_text
from kasauti.brokers.secret import Secret
from kasauti.errors import CredentialsError

_LINE: Final = re.compile(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)")
_QUOTED: Final = re.compile(r"(['\"])(.*)\1\s*(?:#.*)?")
_BROKER: Final = re.compile(r"[a-z][a-z0-9_]{1,23}")
#: What a template has in place of a value.
_PLACEHOLDER: Final = re.compile(r"YOUR_[A-Z_]+|<[a-z_ ]+>|")
#: The names that OpenAlgo has for what a broker asks for.
_OPENALGO: Final = {
    "BROKER_API_KEY": "api_key",
    "BROKER_API_SECRET": "api_secret",
    "BROKER_API_KEY_MARKET": "market_api_key",
    "BROKER_API_SECRET_MARKET": "market_api_secret",
}
_REDIRECT: Final = "REDIRECT_URL"
#: Keys that name the broker, and keys that only hold everything else.
_NAMING, _HOLDING = ("broker", "broker_name"), ("brokers", "credentials")
#: How many parts may be in each other.
_DEEPEST: Final = 2
_DOCUMENTS: Final = (".json", ".yaml", ".yml")


class Imported(msgspec.Struct, frozen=True):
    """Credentials, and the broker that they are of."""

    broker: str
    credentials: Credentials


def import_credentials(path: Path, broker: str = "") -> Imported:
    """
    Return what a file has, by the form that its name says; `broker` chooses where it does not say.

    Raises `CredentialsError` for a file that others can read, that says nothing plainly, or too much.
    """
    if path.suffix.lower() in _DOCUMENTS:
        return _of_document(path, broker)
    if path.suffix.lower() == ".env" or path.name.startswith(".env"):
        return _of_openalgo(path, broker)
    credentials = load_credentials_from_file(path)
    return Imported(broker or detect(credentials).broker, credentials)


# OpenAlgo's .env


def _of_openalgo(path: Path, broker: str) -> Imported:
    lines: dict[str, int] = {}
    secrets: dict[str, Secret] = {}
    said = ""
    twice = ""
    for number, name, secret in _assignments(private_text(path)):
        if name in lines:
            twice = twice or f"{name} stands in lines {lines[name]} and {number}"
        lines[name] = number
        if name == _REDIRECT:
            said = _broker_of(secret)
        elif not _PLACEHOLDER.fullmatch(secret.reveal()):
            secrets[_OPENALGO[name]] = secret
    if twice:
        raise CredentialsError(f"{path} is not plain: {twice}; keep one of them")
    if said and broker and said != broker:
        raise CredentialsError(
            f"{path} is of {said} by its {_REDIRECT}, and --broker says {broker}; correct one of them"
        )
    if not said and not broker:
        raise CredentialsError(
            f"{path} does not say which broker it is for: its {_REDIRECT} names none; name it with --broker"
        )
    if "api_key" not in secrets:
        raise CredentialsError(f"{path} has no BROKER_API_KEY that is filled in; fill it in first")
    return Imported(broker or said, Credentials(secrets, str(path)))


def _assignments(text: str) -> Iterator[tuple[int, str, Secret]]:
    for number, line in enumerate(text.splitlines(), 1):
        found = _LINE.fullmatch(line)
        if found is not None and (found[1] in _OPENALGO or found[1] == _REDIRECT):
            quoted = _QUOTED.fullmatch(found[2])
            yield number, found[1], Secret(quoted[2] if quoted else found[2].partition(" #")[0].strip())


def _broker_of(address: Secret) -> str:
    """Return the broker in http://127.0.0.1:5000/zerodha/callback, "" for an address that names none."""
    try:
        name = urlsplit(address.reveal()).path.strip("/").partition("/")[0]
    except ValueError:
        return ""
    return name if _BROKER.fullmatch(name) else ""


# JSON and YAML


def _of_document(path: Path, broker: str) -> Imported:
    content = _read(path)
    if len(content) == 1 and content[0][0] in _HOLDING and isinstance(content[0][1], list):
        content = content[0][1]
    _check_once(path, content)
    parts = {name: each for name, each in content if isinstance(each, list)}
    if not parts:
        return _of_one(path, broker, content)
    if len(parts) != len(content):
        raise CredentialsError(
            f"{path} has parts ({_names(parts)}) and values beside them; keep one broker's in a file, or all"
            " of them in parts"
        )
    if broker and broker not in parts:
        raise CredentialsError(f"{path} has nothing of {broker}; it has {_names(parts)}")
    if not broker and len(parts) > 1:
        raise CredentialsError(f"{path} is of several brokers: {_names(parts)}; choose one with --broker")
    chosen = broker or next(iter(parts))
    if not _BROKER.fullmatch(chosen):
        raise CredentialsError(f"{path} has a part whose name is no broker's; name it like zerodha")
    _check_once(path, parts[chosen])
    return _of_one(path, chosen, parts[chosen])


def _of_one(path: Path, broker: str, content: "_Part") -> Imported:
    secrets = {name: each for name, each in content if isinstance(each, Secret)}
    said = {secrets.pop(name).reveal().lower() for name in _NAMING if name in secrets}
    said |= {broker} if broker else set()
    if len(said) > 1 or not all(_BROKER.fullmatch(each) for each in said):
        raise CredentialsError(
            f"{path} names more than one broker, or none plainly, in broker, broker_name and --broker; keep"
            " one"
        )
    empty = [name for name, each in content if not each or isinstance(each, list)]
    if empty:
        raise CredentialsError(
            f"{path}: {_shown(empty[0])} has no text as its value; fill it in or take it out"
        )
    if not all(is_key(name, each) for name, each in secrets.items()):
        raise CredentialsError(
            f"{path} has keys that are not lower-case words joined by _; they are not shown"
        )
    credentials = Credentials(secrets, str(path))
    return Imported(next(iter(said)) if said else detect(credentials).broker, credentials)


#: A part of a document: names with texts, with parts, or with what is neither.
_Part = list[tuple[str, "Secret | _Part | None"]]


def _read(path: Path) -> _Part:
    """Read a document; JSON is YAML. What the parser says may show a value, so only its line is told."""
    content, line = _parsed(private_text(path))
    if content is None:
        where = f" near line {line}" if line else ""
        raise CredentialsError(f"{path} cannot be read{where}; write names and values as JSON or YAML")
    return content


def _parsed(text: str) -> tuple[_Part | None, int]:
    """Return a document, or None and the line that is wrong. Raises nothing, for values are at hand here."""
    try:
        node = yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        return None, error.problem_mark.line + 1 if error.problem_mark else 1
    except (yaml.YAMLError, RecursionError):
        return None, 1
    return (_part(node, _DEEPEST), 0) if isinstance(node, MappingNode) else (None, 0)


def _part(node: MappingNode, deeper: int) -> _Part:
    found: _Part = []
    for key, value in node.value:
        name = key.value if isinstance(key, ScalarNode) else ""
        if isinstance(value, ScalarNode):
            is_null = value.style is None and value.value.lower() in ("null", "~")
            found.append((name, Secret("" if is_null else value.value)))
        else:
            found.append(
                (name, _part(value, deeper - 1) if isinstance(value, MappingNode) and deeper else None)
            )
    return found


def _check_once(path: Path, content: _Part) -> None:
    names = [name for name, _ in content]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise CredentialsError(f"{path} has {_shown(twice)} twice; keep one of them")


def _shown(name: str) -> str:
    return name if is_key(name, Secret("x")) else "a key that is not shown"


def _names(parts: Mapping[str, object]) -> str:
    known = sorted(name for name in parts if _BROKER.fullmatch(name))
    others = len(parts) - len(known)
    return ", ".join([*known, *([f"{others} that are not shown"] if others else [])])
