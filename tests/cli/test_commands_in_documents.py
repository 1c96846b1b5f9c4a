"""Every command that README, docs and examples show can be typed as it is: it exists, and takes that."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import typer
from typer.main import get_command

from kasauti.cli.app import app

_ROOT = Path(__file__).parents[2]
_PAGES = [_ROOT / "README.md", *sorted((_ROOT / "docs").glob("*.md"))]
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`(kasauti [^`]+)`")
_SHELLS = {"", "sh", "bash", "console"}


class Shown(NamedTuple):
    """A command and where it is shown."""

    page: str
    line: str


def in_blocks() -> Iterator[Shown]:
    """Yield the commands that stand in blocks for a shell, as they are to be typed."""
    for page in _PAGES:
        for language, body in _BLOCK.findall(page.read_text(encoding="utf-8")):
            if language in _SHELLS:
                for line in body.replace("\\\n", " ").splitlines():
                    typed = line.strip().removeprefix("$ ").removeprefix(".venv/bin/")
                    if typed.startswith("kasauti "):
                        yield Shown(page.name, typed)


def in_examples() -> Iterator[Shown]:
    """Yield the commands that examples say they are run by."""
    for example in sorted((_ROOT / "examples").glob("*.py")):
        for line in example.read_text(encoding="utf-8").splitlines():
            if line.strip().startswith("kasauti "):
                yield Shown(example.name, line.strip())


def in_sentences() -> Iterator[Shown]:
    """Yield the commands in sentences and tables, whose arguments may be described instead of given."""
    for page in _PAGES:
        for line in _INLINE.findall(_BLOCK.sub("", page.read_text(encoding="utf-8"))):
            yield Shown(page.name, " ".join(line.replace("\\|", "|").split()))


def found(words: list[str]) -> tuple[Any, list[str], Any]:
    """Return the command that words lead to, the words behind its name, and the context it is in."""
    command: Any = get_command(app)
    context = command.context_class(command, info_name="kasauti")
    while hasattr(command, "commands") and words and not words[0].startswith("-"):
        _, command, words = command.resolve_command(context, words)
        context = command.context_class(command, parent=context, info_name=command.name)
    return command, words, context.parent


@pytest.mark.parametrize("shown", sorted({*in_blocks(), *in_examples()}), ids=str)
def test_a_command_in_a_block_can_be_typed(shown: Shown) -> None:
    words = shlex.split(shown.line, comments=True)[1:]
    assert not {"|", "&&", ">"} & set(words), "one command a line can be checked"
    command, rest, parent = found(words)
    try:
        command.make_context(command.name, rest, parent=parent)
    except typer.BadParameter as error:
        # What is to be there when it is typed is not here.
        if "does not exist" not in error.format_message():
            raise


@pytest.mark.parametrize("shown", sorted(set(in_sentences())), ids=str)
def test_a_command_in_a_sentence_exists_with_its_options(shown: Shown) -> None:
    """`a|b` names several; words in brackets may be left out; capitals stand for what a user has."""
    words = re.sub(r"[\[\]]", " ", shown.line).split()[1:]
    for alternative in words[1].split("|") if len(words) > 1 and "|" in words[1] else [""]:
        asked = [words[0], alternative, *words[2:]] if alternative else words
        command, rest, _ = found(asked)
        known = {"--help"} | {option for each in command.params for option in each.opts}
        missing = {word for word in rest if word.startswith("--")} - known
        if command.name != "kite-shim":
            assert not missing, f"{command.name} has no {missing}"
