"""Options that several commands share, and how they become a configuration and an account."""

import os
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from kasauti.compose.parts import check_plan, overlay_of
from kasauti.config import Loaded, load_config
from kasauti.errors import ConfigError, InvalidInput
from kasauti.exchange.overlay import use

Config = Annotated[
    Path | None, typer.Option("--config", help="Settings as YAML; `kasauti config explain` lists them.")
]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="One setting, like risk.max_positions=3; repeatable."),
]
Regime = Annotated[
    str | None, typer.Option(help="live: refuse what a broker refuses; permissive: take what makes sense.")
]
Data = Annotated[Path | None, typer.Option("--data", help="The account's folder.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")]

#: Where `kasauti demo` keeps its account, below the folder of accounts.
DEMO = "demo"
#: Where `kasauti replay` keeps its account.
REPLAY = "replay"


def load(config: Path | None, set_: list[str] | None, **more: str | None) -> Loaded:
    """Return the configuration; `more` are settings from options of their own, dots written as `__`."""
    overrides = settings_given(set_)
    for key, given in more.items():
        if given is not None:
            overrides[key.replace("__", ".")] = given
    loaded = load_config(config, overrides, os.environ)
    use(overlay_of(loaded))
    check_plan(loaded)
    return loaded


def settings_given(set_: list[str] | None) -> dict[str, str]:
    """Return what --set says."""
    overrides = {}
    for text in set_ or []:
        key, equals, value = text.partition("=")
        if not equals:
            raise ConfigError(f"--set {text} has no value; write it like --set risk.max_positions=3.")
        overrides[key] = value
    return overrides


def day_of(text: str | None) -> date | None:
    """Return the day that an option names, None if it was not given."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(f"{text!r} is not a day; write it like 2026-01-22") from error
