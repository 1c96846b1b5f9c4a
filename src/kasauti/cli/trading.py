"""`kasauti demo`, `run` and `replay`: sessions, from the first question to the report."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.prompt import Prompt

from kasauti.analytics.reporting import day_report
from kasauti.brokers.credentials_file import load_credentials_from_file
from kasauti.brokers.factory import BrokerFactory
from kasauti.cli.account_view import recovery_panel
from kasauti.cli.options import DEMO, REPLAY, Config, Data, Set, load
from kasauti.cli.playing import Player, Recent
from kasauti.cli.report_view import ReportView
from kasauti.compose.account import OpenAccount, open_log
from kasauti.compose.markets import Market, built_in_market, recorded_market
from kasauti.compose.trader import Answer, Past, UniversalPaperTrader
from kasauti.config import Loaded
from kasauti.domain.ist import NS_PER_SECOND
from kasauti.errors import InvalidInput
from kasauti.exchange.calendar import Calendar
from kasauti.feeds.clock import wall_ns
from kasauti.feeds.recorded.recording import open_recording
from kasauti.simulator.market.built_in import DEMO_DAY

#: A day of the built-in market on which the strategy that ships has something to do.
DEMO_SEED = 41
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
    seed: Annotated[int, typer.Option(min=0, help="Which day: the same seed is the same day.")] = DEMO_SEED,
    config: Config = None,
    set_: Set = None,
    data: Data = None,
    quiet: Quiet = False,
) -> None:
    """Watch a paper-trading session on the built-in market: no broker, no key, no internet, any time."""
    loaded = load(config, set_, feed__seed=str(seed), account__capital_rupees="500000")
    folder = data or Path(loaded.config.storage.data_dir) / DEMO
    market = built_in_market(seed, DEMO_DAY)
    _session(loaded, folder, market, _pace(speed), Answer.FRESH, quiet=quiet)


def replay(
    path: Annotated[Path, typer.Argument(metavar="DATA", help="A data file, or a folder of them.")],
    speed: Speed = _FASTEST,
    from_: Annotated[str | None, typer.Option("--from", help="The first day, like 2026-01-22.")] = None,
    to: Annotated[str | None, typer.Option(help="The last day.")] = None,
    strategy: Annotated[str | None, typer.Option(help="A strategy by name, or my_file.py:MyClass.")] = None,
    symbol: Annotated[list[str] | None, typer.Option(help="Only this symbol; repeatable.")] = None,
    config: Config = None,
    set_: Set = None,
    data: Data = None,
    quiet: Quiet = False,
) -> None:
    """Trade recorded days through the same loops, at any speed."""
    strategies = None if strategy is None else f"[{{use: {strategy!r}}}]"
    loaded = load(config, set_, feed__kind="recorded", feed__path=str(path), strategies=strategies)
    folder = data or Path(loaded.config.storage.data_dir) / REPLAY
    recording = open_recording(path, from_=_day(from_), to=_day(to), symbols=symbol or ())
    market = recorded_market(recording, path.name)
    _session(loaded, folder, market, _pace(speed), Answer.FRESH, quiet=quiet)


def run(
    broker: Annotated[str | None, typer.Option(help="Where prices come from: builtin or recorded.")] = None,
    config: Config = None,
    credentials: Annotated[Path | None, typer.Option(help="A broker's credentials file.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="After a crash: go on.")] = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Begin anew; the old account is kept apart.")
    ] = False,
    on_recovery: Annotated[Answer | None, typer.Option(help="After a crash: do this without asking.")] = None,
    speed: Annotated[str | None, typer.Option(help="Overrides feed.speed: 1 to 1000, or max.")] = None,
    set_: Set = None,
    data: Data = None,
    quiet: Quiet = False,
) -> None:
    """Paper-trade with your own settings; a session that crashed is found and taken up again."""
    answers = {Answer.RESUME: resume, Answer.FRESH: fresh, on_recovery: on_recovery is not None}
    given = [answer for answer, asked in answers.items() if asked and answer is not None]
    if len(given) > 1:
        raise InvalidInput("--resume, --fresh and --on-recovery say different things; give one of them")
    secrets = None if credentials is None else load_credentials_from_file(credentials)
    chosen = None
    if broker is not None or secrets is not None:
        chosen = BrokerFactory().choose(secrets, broker)
    loaded = load(config, set_, feed__kind=chosen, feed__speed=speed)
    folder = data or Path(loaded.config.storage.data_dir)
    pace = _pace(str(loaded.config.feed.speed))
    _session(loaded, folder, None, pace, given[0] if given else None, quiet=quiet)


def _session(
    loaded: Loaded, folder: Path, market: Market | None, speed: float, answer: Answer | None, *, quiet: bool
) -> None:
    """Take an account up, play its market, and end with the day's report."""
    console = Console(highlight=False)
    with OpenAccount(folder, loaded.config.account.name) as account:
        if market is None:
            market = _configured_market(loaded, account)
        recent = Recent()
        trader = UniversalPaperTrader(loaded, account, market, subscribers=(recent,))
        past = trader.past(wall_ns())
        trader.begin(past, answer or _answer(loaded, trader, past, console))
        player = Player(trader, recent, console, quiet=quiet)
        player.play(speed)
        trader.end("stopped by the user" if player.interrupted else "the market's data ended")
    with open_log(folder) as log:
        console.print(ReportView(day_report(log.read())))
    if player.interrupted:
        console.print("Stopped cleanly: nothing is lost, and `kasauti run` goes on from here.", style="bold")
    console.print(f"The account is in {folder}. Look closer with kasauti trades, log show, prove.")


def _configured_market(loaded: Loaded, account: OpenAccount) -> Market:
    """Return the market of the configuration; the built-in one goes on to the next day when one is over."""
    feed = loaded.config.feed
    if feed.kind == "recorded":
        assert feed.path is not None, "the configuration has been checked"
        path = Path(feed.path)
        return recorded_market(open_recording(path, from_=feed.day, to=feed.day), path.name)
    day = feed.day or DEMO_DAY
    state = account.state
    if feed.day is None and state.day:
        last = date.fromisoformat(state.day)
        day = last if state.day_open else Calendar().next_trading_day(last)
    return built_in_market(feed.seed, day)


def _answer(loaded: Loaded, trader: UniversalPaperTrader, past: Past, console: Console) -> Answer:
    """Find out what to do about the past: nothing to ask, a policy, or a question on a terminal."""
    policy = loaded.config.recovery.on_recovery
    if not past.needs_an_answer:
        return Answer.RESUME
    now = past.last_at + int(past.downtime_s * NS_PER_SECOND)
    console.print(recovery_panel(trader.state, now))
    if policy != "ask":
        return Answer(policy)
    if not console.is_terminal:
        console.print("Nobody to ask: going on (recovery.on_recovery decides otherwise).")
        return Answer.RESUME
    question = "Go on (resume), begin a new account (fresh), or keep positions and take no new risk (hold)?"
    return Answer(Prompt.ask(question, choices=[each.value for each in Answer], default=Answer.RESUME.value))


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


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(f"{text!r} is not a day; write it like 2026-01-22") from error
