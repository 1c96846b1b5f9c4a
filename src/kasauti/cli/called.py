"""Commands that are loaded when they are called, so that help and short commands need not wait for all."""

import gc
import sys
from collections.abc import Sequence
from importlib import import_module
from types import ModuleType
from typing import Any, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group


class Called(NamedTuple):
    """
    A command before it is loaded.

    `adder` is the function, as module:name, that adds it to an application; `summary` is how its own help
    begins; `panel` is the heading under which it is listed.
    """

    name: str
    adder: str
    summary: str
    panel: str

    def loaded(self) -> Any:  # noqa: ANN401  the class of commands is Typer's own affair
        """Return the command itself."""
        module, _, name = self.adder.partition(":")
        app = typer.Typer()
        getattr(_imported(module), name)(app)
        return get_group(app).commands[self.name]


def _imported(name: str) -> ModuleType:
    """
    Return a module, loaded if it is not.

    What loading brings is here to stay: looked through for rings of dead objects, as Python does again and
    again while there is more of it, it takes a tenth of the time and gives nothing.
    """
    if name in sys.modules or not gc.isenabled():
        return import_module(name)
    gc.disable()
    try:
        return import_module(name)
    finally:
        gc.freeze()
        gc.enable()


def group_of(commands: Sequence[Called]) -> type[TyperGroup]:
    """Return a group that lists `commands` by what is known of them, and loads the one that is called."""
    known = {each.name: each for each in commands}

    class Group(TyperGroup):
        """Its own help is plain text: what draws boxes takes longer to load than all of this."""

        def __init__(self, **settings: Any) -> None:  # noqa: ANN401  whatever Typer gives its groups
            super().__init__(**settings)
            for each in commands:
                listed = TyperCommand(each.name, help=each.summary, rich_help_panel=each.panel)
                self.add_command(listed, each.name)

        def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401  Typer's own classes
            self.format_usage(ctx, formatter)
            self.format_help_text(ctx, formatter)
            self.format_options(ctx, formatter)

        def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401  as above
            width = max(len(each.name) for each in commands)
            for panel in dict.fromkeys(each.panel for each in commands):
                with formatter.section(panel):
                    rows = [(e.name.ljust(width), e.summary) for e in commands if e.panel == panel]
                    formatter.write_dl(rows)

        def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401  Typer's own classes
            name, _, rest = super().resolve_command(ctx, args)
            return name, known[str(name)].loaded(), rest

    return Group
