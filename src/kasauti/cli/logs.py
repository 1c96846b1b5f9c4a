"""`kasauti log` and `kasauti prove`: what was recorded, whether it is whole, and what it proves."""

import csv
import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import typer

from kasauti.cli import proving
from kasauti.cli.account_choice import Account, Epoch, LogUrl, chosen
from kasauti.cli.console import console
from kasauti.cli.event_lines import event_lines
from kasauti.cli.exporting import appearing_whole
from kasauti.cli.options import Data, Json
from kasauti.cli.tables import events_table
from kasauti.domain.events import Recorded
from kasauti.domain.ist import ist_iso
from kasauti.domain.state import State
from kasauti.errors import InvalidInput, LogCorrupt
from kasauti.store.codec import encode

log_app = typer.Typer(help="The account's log: check it, read it, take it elsewhere.", no_args_is_help=True)


class Format(StrEnum):
    """What `log export` writes."""

    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(log_app, name="log")
    proving.add_to(app)


@log_app.command()
def verify(
    data: Data = None, account: Account = "", epoch: Epoch = 0, url: LogUrl = "", as_json: Json = False
) -> None:
    """Check that the log is whole: every hash, every number, every fold, and the books after each event."""
    state = State()
    with chosen(data, account, epoch, url).log() as log:
        for recorded in log.read(verify=True):
            state.apply(recorded)
            if state.ledger.trial_balance:
                raise LogCorrupt(f"event {recorded.seq} leaves the books out by {state.ledger.trial_balance}")
    if as_json:
        typer.echo(msgspec.json.encode({"events": state.seq, "whole": True}))
    else:
        typer.echo(f"{state.seq:,} events, whole and balanced, until {ist_iso(state.at)}")


@log_app.command()
def show(
    data: Data = None,
    account: Account = "",
    epoch: Epoch = 0,
    url: LogUrl = "",
    last: Annotated[int, typer.Option(min=1, help="How many of the last events.")] = 40,
    tag: Annotated[str | None, typer.Option(help="Only events with this tag, like order.filled.")] = None,
    as_json: Json = False,
) -> None:
    """Show the last events, each as a sentence."""
    with chosen(data, account, epoch, url).log() as log:
        everything = list(event_lines(log.read()))
    wanted = [(r, line) for r, line in everything if tag is None or tag == r.event.TAG][-last:]
    if as_json:
        for recorded, _ in wanted:
            sys.stdout.write(msgspec.json.encode(_row(recorded)).decode() + "\n")
    else:
        console().print(events_table(wanted))


@log_app.command()
def export(
    file: Annotated[
        Path, typer.Argument(help="The file to write: .json or .jsonl (a line an event), .csv or .parquet.")
    ],
    data: Data = None,
    account: Account = "",
    epoch: Epoch = 0,
    url: LogUrl = "",
) -> None:
    """Write every event to a file that other programs read; it appears once it is whole."""
    try:
        form = Format(file.suffix.lstrip("."))
    except ValueError as error:
        raise InvalidInput(
            f"{file.name} does not end in .json, .jsonl, .csv or .parquet; choose one of them"
        ) from error
    with appearing_whole(file) as unfinished, chosen(data, account, epoch, url).log() as log:
        rows = (_row(recorded) for recorded in log.read(verify=True))
        count = _WRITERS[form](unfinished, rows)
    typer.echo(f"{count:,} events written to {file}")


def _row(recorded: Recorded) -> dict[str, Any]:
    return {
        "seq": recorded.seq,
        "at": ist_iso(recorded.at),
        "at_ns": recorded.at,
        "cause": recorded.cause,
        "tag": recorded.event.TAG,
        "version": recorded.event.VERSION,
        "event": msgspec.Raw(encode(recorded.event)),
    }


def _write_json(file: Path, rows: Iterator[dict[str, Any]]) -> int:
    count = 0
    with file.open("wb") as out:
        for row in rows:
            out.write(msgspec.json.encode(row) + b"\n")
            count += 1
    return count


def _write_csv(file: Path, rows: Iterator[dict[str, Any]]) -> int:
    count = 0
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        for row in rows:
            if not count:
                writer.writerow(row)
            writer.writerow([bytes(v).decode() if isinstance(v, msgspec.Raw) else v for v in row.values()])
            count += 1
    return count


def _write_parquet(file: Path, rows: Iterator[dict[str, Any]]) -> int:
    flat = [{**row, "event": bytes(row["event"]).decode()} for row in rows]
    pq.write_table(pa.Table.from_pylist(flat), file)
    return len(flat)


_WRITERS = {
    Format.JSON: _write_json,
    Format.JSONL: _write_json,
    Format.CSV: _write_csv,
    Format.PARQUET: _write_parquet,
}
