"""
The `kasauti` command: where everything that goes wrong becomes a sentence and an exit code.

The commands themselves are in `app`, which is imported last: whoever presses Ctrl-C while that takes a second
gets no traceback either.
"""

import sys
from contextvars import copy_context
from typing import cast

_NAME = "kasauti"
#: What a shell returns for a program that Ctrl-C ended before it had anything to stop cleanly.
_INTERRUPTED = 130


def main() -> None:
    """
    Run the command line.

    Whatever goes wrong in the world or in what was typed ends as one sentence on standard error and the exit
    code of `docs/errors.md`; with `--json` as an object with `code` and `message`.
    """
    try:
        _run()
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)


def _run() -> None:
    from kasauti.errors import KasautiError  # noqa: PLC0415  see above

    try:
        # What a command puts in use for itself, like rules of the user's own, ends with it.
        sys.exit(copy_context().run(_command))
    except BrokenPipeError:
        # Whoever read our output has seen enough; what is left unwritten is nobody's loss.
        sys.stderr.close()
        sys.exit(0)
    except KasautiError as error:
        _complain(error.code, str(error))
        sys.exit(error.exit_code)
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        _complain(KasautiError.code, f"{place}{error.strerror or error}; check that path and disk are usable")
        sys.exit(KasautiError.exit_code)


def _command() -> int:
    """Return the exit code; raises `InvalidInput` for what was typed wrongly where a machine reads."""
    import typer  # noqa: PLC0415  see above

    from kasauti.cli.app import app  # noqa: PLC0415
    from kasauti.errors import InvalidInput  # noqa: PLC0415

    if "--json" not in sys.argv:
        app(prog_name=_NAME)
    usage_error = cast("type[typer.BadParameter]", typer.BadParameter.__bases__[0])
    try:
        return app(prog_name=_NAME, standalone_mode=False) or 0
    except usage_error as error:
        raise InvalidInput(error.format_message()) from error


def _complain(code: str, message: str) -> None:
    if "--json" in sys.argv:
        import msgspec  # noqa: PLC0415  see above

        sys.stderr.write(msgspec.json.encode({"code": code, "message": message}).decode() + "\n")
        return
    from rich.text import Text  # noqa: PLC0415  see above

    from kasauti.cli.console import console  # noqa: PLC0415

    told = Text.assemble(("Error: ", "bold red"), message)
    console(stderr=True).print(told, soft_wrap=True)
