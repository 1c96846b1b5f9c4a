"""`kasauti prove`: an account's claims, derived again from its log alone."""

import msgspec
import typer
from rich.console import Console

from kasauti.analytics.proof import CHECKS, Proof, prove
from kasauti.cli.account_choice import Account, Epoch, LogUrl, chosen
from kasauti.cli.console import console
from kasauti.cli.options import Data, Json
from kasauti.compose.instruments import known_instrument
from kasauti.exchange.charges import ChargeBook
from kasauti.store.log_store import StoredLog


def prove_account(opened: StoredLog) -> Proof:
    """Verify the chain of an account's log, then prove what it says; `LogCorrupt` for a broken chain."""
    with opened as log:
        return prove(log.read(verify=True), known_instrument, ChargeBook)


def print_proof(console: Console, proof: Proof) -> None:
    """Show what was checked, and PASS or the first thing that is wrong."""
    failed = CHECKS.index(proof.failed) if proof.failed else len(CHECKS)
    for number, check in enumerate(CHECKS):
        mark = (
            "[green]ok[/]  "
            if number < failed
            else "[bold red]FAIL[/]"
            if number == failed
            else "[dim]--[/]  "
        )
        console.print(f"{mark} {check}")
    console.print(
        f"{proof.events:,} events, {proof.orders:,} orders, {proof.trades:,} trades, {proof.days} days"
    )
    if proof.passed:
        console.print(f"[bold green]PASS[/] {proof.digest}")
    else:
        console.print(f"[bold red]FAIL[/] {proof.problem}", markup=True)


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("prove")(prove_)


def prove_(
    data: Data = None, account: Account = "", epoch: Epoch = 0, url: LogUrl = "", as_json: Json = False
) -> None:
    """
    Derive every position, rupee and fill again from the log alone; print PASS and a hash, or what is wrong.

    Ends with exit code 1 if anything is.
    """
    proof = prove_account(chosen(data, account, epoch, url).log())
    if as_json:
        typer.echo(msgspec.json.encode(proof))
    else:
        print_proof(console(), proof)
    raise typer.Exit(0 if proof.passed else 1)
