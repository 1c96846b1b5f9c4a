"""`kasauti demo`, `run` and `replay`: sessions, from the first question to the report."""

import json
import shlex
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.prompt import Prompt

from kasauti.analytics.reporting import day_report
from kasauti.brokers.credentials_file import load_credentials_from_file
from kasauti.brokers.factory import BrokerFactory
from kasauti.cli.account_view import recovery_panel
from kasauti.cli.console import console
from kasauti.cli.options import DEMO, REPLAY, Config, Data, Regime, Set, load
from kasauti.cli.playing import Interruption, Player, Recent
from kasauti.cli.report_view import ReportView
from kasauti.compose.account import OpenAccount
from kasauti.compose.account_log import open_log
from kasauti.compose.markets import Market, market_of
from kasauti.compose.trader import Answer, Past, UniversalPaperTrader
from kasauti.config import Loaded
from kasauti.config.loading import COMMAND_LINE
from kasauti.domain.events import DayOpened
from kasauti.domain.ist import NS_PER_SECOND
from kasauti.domain.state import State
from kasauti.errors import InvalidInput
from kasauti.exchange.calendar import Calendar
from kasauti.feeds.clock import wall_ns

#: A day of the built-in market on which the strategy that ships has something to do.
DEMO_SEED = 41
#: What the demo sets where nobody else does.
_DEMO = {"feed.seed": str(DEMO_SEED), "account.capital_rupees": "500000", "simulator.band": "edges"}
_FASTEST = "max"

Speed = Annotated[str, typer.Option(help="How many times faster than the clock, 1 to 1000, or max.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Show nothing while it runs.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(demo)
    app.command()(run)
    app.command()(replay)


def demo(
    speed: Speed = "60",
    seed: Annotated[
        int | None,
        typer.Option(min=0, help=f"Which day: the same seed is the same day.  \\[default: {DEMO_SEED}]"),
    ] = None,
    config: Config = None,
    set_: Set = None,
    data: Data = None,
    quiet: Quiet = False,
) -> None:
    """Watch a paper-trading session on the built-in market: no broker, no key, no internet, any time."""
    given = load(config, set_, feed__kind="builtin", feed__seed=None if seed is None else str(seed))
    usual = {key: text for key, text in _DEMO.items() if key not in given.origins}
    loaded = load(config, set_, feed__kind="builtin", feed__seed=None if seed is None else str(seed), **usual)
    folder = data or Path(loaded.config.storage.data_dir) / DEMO
    market = market_of(loaded.config.feed)
    _session(_Asked(loaded, folder, _pace(speed), market, Answer.FRESH, config=config), quiet=quiet)


def replay(
    path: Annotated[Path, typer.Argument(metavar="DATA", help="A data file, or a folder of them.")],
    speed: Speed = _FASTEST,
    from_: Annotated[str | None, typer.Option("--from", help="The first day, like 2026-01-22.")] = None,
    to: Annotated[str | None, typer.Option(help="The last day.")] = None,
    strategy: Annotated[str | None, typer.Option(help="A strategy by name, or my_file.py:MyClass.")] = None,
    regime: Regime = None,
    symbol: Annotated[list[str] | None, typer.Option(help="Only this symbol; repeatable.")] = None,
    layout: Annotated[str | None, typer.Option(help="Where columns do not tell: see docs/data.md.")] = None,
    time_zone: Annotated[str | None, typer.Option(help="Of times without an offset: IST or UTC.")] = None,
    config: Config = None,
    set_: Set = None,
    data: Data = None,
    quiet: Quiet = False,
) -> None:
    """Trade recorded days through the same loops, at any speed."""
    strategies = None if strategy is None else json.dumps([{"use": strategy}])
    loaded = load(
        config,
        set_,
        feed__kind="recorded",
        feed__path=str(path),
        feed__first_day=from_,
        feed__last_day=to,
        feed__symbols=",".join(symbol) if symbol else None,
        feed__layout=layout,
        feed__time_zone=time_zone,
        account__regime=regime,
        strategies=strategies,
    )
    folder = data or Path(loaded.config.storage.data_dir) / REPLAY
    market = market_of(loaded.config.feed)
    _session(_Asked(loaded, folder, _pace(speed), market, Answer.FRESH, config=config), quiet=quiet)


def run(
    broker: Annotated[str | None, typer.Option(help="Where prices come from: builtin or recorded.")] = None,
    config: Config = None,
    credentials: Annotated[Path | None, typer.Option(help="A broker's credentials file.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="After a crash, or a hold: go on.")] = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Begin anew; the old account is kept apart.")
    ] = False,
    on_recovery: Annotated[Answer | None, typer.Option(help="After a crash: do this without asking.")] = None,
    speed: Annotated[str | None, typer.Option(help="Overrides feed.speed: 1 to 1000, or max.")] = None,
    regime: Regime = None,
    set_: Set = None,
    data: Data = None,
    quiet: Quiet = False,
) -> None:
    """Paper-trade with your own settings; a session that crashed is found and taken up again."""
    if resume + fresh + (on_recovery is not None) > 1:
        raise InvalidInput("--resume, --fresh and --on-recovery say different things; give one of them")
    secrets = None if credentials is None else load_credentials_from_file(credentials)
    chosen = None
    if broker is not None or secrets is not None:
        chosen = BrokerFactory().choose(secrets, broker)
    policy = None if on_recovery is None else on_recovery.value
    loaded = load(
        config,
        set_,
        feed__kind=chosen,
        feed__speed=speed,
        account__regime=regime,
        recovery__on_recovery=policy,
    )
    folder = data or Path(loaded.config.storage.data_dir)
    answer = Answer.RESUME if resume else Answer.FRESH if fresh else None
    pace = _pace(str(loaded.config.feed.speed))
    _session(_Asked(loaded, folder, pace, None, answer, config=config), quiet=quiet)


class _Asked(msgspec.Struct, frozen=True):
    """
    A session as it was asked for.

    `market` is None where the configuration says it, `answer` where the past, a policy or a person decides,
    `config` is the file of settings.
    """

    loaded: Loaded
    folder: Path
    speed: float
    market: Market | None
    answer: Answer | None
    config: Path | None


def _session(asked: _Asked, *, quiet: bool) -> None:
    """Take an account up, play its market, and end with the day's report."""
    out = console()
    with Interruption() as interruption:
        player, problem = _played(asked, out, interruption, quiet=quiet)
    if problem:
        console(stderr=True).print(f"[bold yellow]Warning:[/] {problem}.", soft_wrap=True)
    with open_log(asked.folder) as log:
        events = list(log.read())
    if any(isinstance(recorded.event, DayOpened) for recorded in events):
        out.print(ReportView(day_report(events)))
    if interruption.wished:
        out.print("[bold]Stopped cleanly: nothing is lost. To go on from here:[/]")
        out.print(_to_go_on(asked), style="bold", markup=False, soft_wrap=True)
    out.print(f"The account is in {asked.folder}. Look closer with kasauti trades, log show, prove.")
    if player.trouble is not None and not isinstance(player.trouble, OSError):
        raise player.trouble


def _played(asked: _Asked, out: Console, interruption: Interruption, *, quiet: bool) -> tuple[Player, str]:
    """Run the session from taking the account up to letting it go; also return what its files lack."""
    loaded = asked.loaded
    anew = asked.answer is Answer.FRESH
    with OpenAccount(asked.folder, loaded.config.account.name, anew=anew) as account:
        market = asked.market or _configured_market(loaded, account.state, asked.answer)
        recent = Recent()
        trader = UniversalPaperTrader(loaded, account, market, subscribers=(recent,))
        past = trader.past(wall_ns())
        with interruption.aside():
            answer, lifts_hold = _answer(asked, trader, past, out)
        trader.begin(past, answer, lifts_hold=lifts_hold)
        player = Player(trader, recent, out, interruption, quiet=quiet)
        player.play(asked.speed)
        trader.end(_reason(trader.market, interruption))
        return player, trader.files.problem


def _reason(market: Market, interruption: Interruption) -> str:
    if interruption.wished:
        return "stopped by the user"
    return "the market's data ended" if market.ends is None else f"feed.ends_at is {market.ends:%H:%M}"


def _to_go_on(asked: _Asked) -> str:
    """Return the command that takes the account up with the settings it was traded with."""
    words = ["kasauti", "run", "--data", str(asked.folder)]
    words += ["--config", str(asked.config)] if asked.config else []
    chosen = msgspec.to_builtins(asked.loaded.config, builtin_types=(Decimal,))
    for path, origin in asked.loaded.origins.items():
        if origin == COMMAND_LINE and not path.startswith("recovery."):
            value: Any = chosen
            for name in path.split("."):
                value = value[name]
            text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
            words += ["--set", f"{path}={text}"]
    return shlex.join(words)


def _configured_market(loaded: Loaded, state: State, answer: Answer | None) -> Market:
    """Return the market of the configuration; the built-in one goes on to the next day when one is over."""
    feed = loaded.config.feed
    day = None
    if feed.day is None and state.day and answer is not Answer.FRESH:
        last = date.fromisoformat(state.day)
        day = last if state.day_open else Calendar().next_trading_day(last)
    return market_of(feed, day)


def _answer(asked: _Asked, trader: UniversalPaperTrader, past: Past, out: Console) -> tuple[Answer, bool]:
    """
    Find out what to do about the past: what was asked for, a policy, a question, or nothing to decide.

    Returns the answer, and whether somebody said in so many words to go on.
    """
    if asked.answer is not None:
        return asked.answer, asked.answer is Answer.RESUME
    if not past.crashed:
        return Answer.RESUME, False
    now = past.last_at + int(past.downtime_s * NS_PER_SECOND)
    out.print(recovery_panel(trader.state, now, [past.missed], wrote_ns=past.wrote_ns))
    policy = asked.loaded.config.recovery.on_recovery
    if not past.same_day:
        return Answer.RESUME, False
    if policy != "ask":
        decided = Answer(policy)
        return decided, decided is Answer.RESUME
    if not out.is_terminal:
        out.print("Nobody to ask: going on (recovery.on_recovery decides otherwise).")
        return Answer.RESUME, False
    question = "Go on (resume), begin a new account (fresh), or keep positions and take no new risk (hold)?"
    choices = [each.value for each in Answer]
    said = Answer(Prompt.ask(question, choices=choices, default=Answer.RESUME.value, console=out))
    return said, said is Answer.RESUME


def _pace(text: str) -> float:
    """Return a speed; 0 is as fast as possible."""
    if text == _FASTEST:
        return 0.0
    try:
        speed = float(text)
    except ValueError as error:
        raise InvalidInput(f"--speed {text} is no speed; give a number from 1 to 1000, or max") from error
    if not 1 <= speed <= 1_000:  # noqa: PLR2004  the limits are in the sentence
        raise InvalidInput(f"--speed {text} is outside 1 to 1000; for more, give max")
    return speed
