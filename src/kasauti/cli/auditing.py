"""`kasauti audit`: the trail of who changed what, taken elsewhere and, after five years, cut."""

from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from kasauti.cli.desk_folder import DeskData, Url, desk_folder, registry_of, whoever_asks
from kasauti.cli.exporting import appearing_whole
from kasauti.domain.ist import ist_ns
from kasauti.errors import InvalidInput
from kasauti.feeds.clock import wall_ns

_FORMS = (".csv", ".json", ".jsonl")

audit_app = typer.Typer(
    help="The audit trail of a desk: take it elsewhere, cut what is older than five years.",
    no_args_is_help=True,
)


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(audit_app, name="audit")


@audit_app.command()
def export(
    file: Annotated[Path, typer.Argument(help="The file to write: .csv, or .json or .jsonl (a line each).")],
    data: DeskData = None,
    url: Url = "",
) -> None:
    """Write every line of the trail to a file, its chain checked; it appears once it is whole."""
    if file.suffix not in _FORMS:
        raise InvalidInput(f"{file.name} does not end in {', '.join(_FORMS)}; choose one of them")
    with appearing_whole(file) as unfinished, registry_of(desk_folder(data), url) as registry:
        count = registry.audit.verify()
        lines: Iterable[str | bytes] = registry.audit.as_json()
        if file.suffix == ".csv":
            lines = registry.audit.as_csv()
        with unfinished.open("wb") as out:
            out.writelines(line.encode() if isinstance(line, str) else line for line in lines)
    typer.echo(f"{count:,} lines of the audit trail written to {file}")


@audit_app.command()
def purge(
    before: Annotated[
        datetime, typer.Argument(formats=["%Y-%m-%d"], help="The first day to keep, like 2021-04-01.")
    ],
    data: DeskData = None,
    url: Url = "",
) -> None:
    """Remove the lines from before a day that is more than five years ago; a line tells of it."""
    day: date = before.date()
    with registry_of(desk_folder(data), url) as registry:
        gone = registry.audit.purge(ist_ns(day), whoever_asks(), wall_ns())
    typer.echo(f"from before {day}: {gone:,} removed")
