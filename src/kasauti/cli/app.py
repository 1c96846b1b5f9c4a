"""Every command of the command line, in one application; a command's module is loaded when it is called."""

from typing import Annotated

import typer

from kasauti import __version__, compiled
from kasauti.cli.called import Called, group_of

_TRY, _TRADE, _LOOK, _SET = "Test a strategy", "Trade on paper", "Look at an account", "Data and settings"
_RULES = "What the exchange asks"

#: Name, who adds it, what it does as its docstring begins, and under which heading it is listed.
COMMANDS = (
    Called(
        "backtest",
        "kasauti.cli.backtesting:add_to",
        "Trade recorded days with a strategy, as fast as the machine allows, and show what came of it.",
        _TRY,
    ),
    Called(
        "sweep",
        "kasauti.cli.sweep:add_to",
        "Backtest a strategy with many parameters: the best, a map of them, and what chance explains.",
        _TRY,
    ),
    Called(
        "compare",
        "kasauti.cli.comparing:add_to",
        "Put runs side by side, each against the first, and say where the difference comes from.",
        _TRY,
    ),
    Called(
        "lookahead-check",
        "kasauti.cli.lookahead:add_to",
        "Run a strategy again on less data, and name the first decision that changes.",
        _TRY,
    ),
    Called(
        "strategies",
        "kasauti.cli.strategy_list:add_to",
        "What strategies there are by name, and the parameters of one.",
        _TRY,
    ),
    Called(
        "calibrate",
        "kasauti.cli.calibrating:add_to",
        "Hold your own live fills against the simulated exchange, and say which settings come nearest.",
        _TRY,
    ),
    Called(
        "demo",
        "kasauti.cli.trading:add_to",
        "Watch a paper-trading session on the built-in market: no broker, no key, no internet, any time.",
        _TRADE,
    ),
    Called(
        "run",
        "kasauti.cli.trading:add_to",
        "Paper-trade with your own settings; a session that crashed is found and taken up again.",
        _TRADE,
    ),
    Called(
        "replay",
        "kasauti.cli.trading:add_to",
        "Trade recorded days through the same loops, at any speed.",
        _TRADE,
    ),
    Called(
        "up",
        "kasauti.cli.serving:add_to",
        "Start the desk: accounts, market and APIs, on this machine only, until Ctrl-C.",
        _TRADE,
    ),
    Called(
        "kite-shim",
        "kasauti.cli.kite_shim:add_to",
        "Run a bot that was written for Kite Connect against the desk: kasauti kite-shim python bot.py.",
        _TRADE,
    ),
    Called(
        "account",
        "kasauti.cli.accounts:add_to",
        "The accounts of a desk: open, list, begin anew, put away, pay in and out.",
        _TRADE,
    ),
    Called(
        "key",
        "kasauti.cli.keys:add_to",
        "The keys by which programs reach a desk: make, list, revoke.",
        _TRADE,
    ),
    Called(
        "status",
        "kasauti.cli.inspecting:add_to",
        "Show what the account is, how far it has come, and whether anybody runs it.",
        _LOOK,
    ),
    Called(
        "positions",
        "kasauti.cli.inspecting:add_to",
        "Show what is held, and what today's positions made; --day shows the day's trades alone.",
        _LOOK,
    ),
    Called(
        "holdings",
        "kasauti.cli.holdings:add_to",
        "Show the shares held in delivery: settled, bought yesterday, and sold today.",
        _LOOK,
    ),
    Called(
        "orders",
        "kasauti.cli.inspecting:add_to",
        "Show the orders of the day and what stands besides; --why says why one has not filled or acted.",
        _LOOK,
    ),
    Called(
        "trades",
        "kasauti.cli.inspecting:add_to",
        "Show the trades; --explain derives a price again from its evidence.",
        _LOOK,
    ),
    Called(
        "funds",
        "kasauti.cli.inspecting:add_to",
        "Show where the money is: free, blocked, in positions, and what charges took.",
        _LOOK,
    ),
    Called(
        "report",
        "kasauti.cli.inspecting:add_to",
        "Show the report of a day or of several: assumptions, result, round trips, charges, remarks.",
        _LOOK,
    ),
    Called(
        "note",
        "kasauti.cli.note:add_to",
        "Show the contract note of a day: its trades, its charges by segment, what the ledger booked.",
        _LOOK,
    ),
    Called(
        "log", "kasauti.cli.logs:add_to", "The account's log: check it, read it, take it elsewhere.", _LOOK
    ),
    Called(
        "prove",
        "kasauti.cli.proving:add_to",
        "Derive every position, rupee and fill again from the log alone;"
        " print PASS and a hash, or what is wrong.",
        _LOOK,
    ),
    Called(
        "break",
        "kasauti.cli.crash:add_to",
        "Kill a trading session at random moments, resume it each time,"
        " and prove that nothing was lost or doubled.",
        _LOOK,
    ),
    Called(
        "charges",
        "kasauti.cli.charges:add_to",
        "Say what orders would cost on both sides, part by part, and what it takes to break even.",
        _RULES,
    ),
    Called(
        "margin",
        "kasauti.cli.margin:add_to",
        "Say what orders would block together: by leg, by scenario, and what each hedge saves.",
        _RULES,
    ),
    Called("data", "kasauti.cli.data:add_to", "Look at market data before it is traded.", _SET),
    Called(
        "instruments",
        "kasauti.cli.instruments:add_to",
        "What is listed on a day, what changed, and what an exchange allows an instrument.",
        _SET,
    ),
    Called(
        "rules",
        "kasauti.cli.rules:add_to",
        "What the exchanges, the law and the brokers ask on a date, and why; what changed.",
        _SET,
    ),
    Called(
        "calendar",
        "kasauti.cli.calendar:add_to",
        "Say whether an exchange trades on a day, and when; or which days of a year are unlike the others.",
        _RULES,
    ),
    Called(
        "hook",
        "kasauti.cli.hooks:add_to",
        "Doors by which alerts of TradingView, ChartInk and others come in.",
        _SET,
    ),
    Called(
        "vault",
        "kasauti.cli.vault:add_to",
        "Credentials of brokers, sealed; nothing shows them.",
        _SET,
    ),
    Called(
        "db",
        "kasauti.cli.databases:add_to",
        "Where a desk keeps its accounts: make it, check it, save it.",
        _SET,
    ),
    Called(
        "audit",
        "kasauti.cli.auditing:add_to",
        "The audit trail of a desk: take it elsewhere, cut what is older than five years.",
        _SET,
    ),
    Called("config", "kasauti.cli.settings:add_to", "Every setting, its value and where it came from.", _SET),
)

app = typer.Typer(
    name="kasauti",
    cls=group_of(COMMANDS),
    help="Test trading strategies for Indian markets before they touch money.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True)
def _version(
    version: Annotated[bool, typer.Option("--version", help="Print version and form of the core.")] = False,
) -> None:
    if version:
        typer.echo(f"kasauti {__version__} ({compiled.told()})")
        raise typer.Exit
