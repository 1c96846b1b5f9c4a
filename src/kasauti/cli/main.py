"""The `kasauti` command: every command group, and the one place where errors become sentences."""

import sys
from typing import Annotated

import msgspec
import typer
from rich.console import Console

from kasauti import __version__
from kasauti.cli import crash, data, inspecting, logs, settings, trading
from kasauti.errors import KasautiError

#: What a shell returns for a program that Ctrl-C ended before it had anything to stop cleanly.
_INTERRUPTED = 130

app = typer.Typer(
    name="kasauti",
    help="Test trading strategies for Indian markets before they touch money.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
trading.add_to(app)
inspecting.add_to(app)
logs.add_to(app)
crash.add_to(app)
data.add_to(app)
settings.add_to(app)


@app.callback(invoke_without_command=True)
def _version(
    version: Annotated[bool, typer.Option("--version", help="Print the version and end.")] = False,
) -> None:
    if version:
        typer.echo(f"kasauti {__version__}")
        raise typer.Exit


def main() -> None:
    """
    Run the command line.

    Whatever goes wrong in the world or in what was typed ends as one sentence on standard error and the exit
    code of `docs/errors.md`; with `--json` as an object with `code` and `message`.
    """
    try:
        app()
    except KasautiError as error:
        if "--json" in sys.argv:
            problem = {"code": error.code, "message": str(error)}
            sys.stderr.write(msgspec.json.encode(problem).decode() + "\n")
        else:
            Console(stderr=True, highlight=False).print(f"[bold red]Error:[/] {_escaped(str(error))}")
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    except BrokenPipeError:
        # Whoever read our output has seen enough; what is left unwritten is nobody's loss.
        sys.stderr.close()
        sys.exit(0)


def _escaped(text: str) -> str:
    return text.replace("[", r"\[")
