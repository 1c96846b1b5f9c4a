"""What a backtest came to, for people and programs."""

from functools import cached_property
from pathlib import Path

from kasauti.analytics.day_report import DayReport
from kasauti.analytics.reporting import day_report
from kasauti.analytics.run import Ending
from kasauti.compose.markets import Market
from kasauti.compose.recorded import Traded
from kasauti.config.sections import Config, StrategySection
from kasauti.domain.money import format_rupees
from kasauti.store.memory import MemoryLog


class BacktestResult:
    """
    What a backtest came to.

    `label` is the strategy's name and `parameters` what it ran with. `ending` says whether the run came to
    the end of its data; where a strategy failed, `failure` is what it raised, with its file and line.
    """

    def __init__(
        self, label: str, section: StrategySection, config: Config, market: Market, traded: Traded
    ) -> None:
        self.label = label
        self.parameters = dict(section.parameters)
        self.config = config
        self.market = market
        self.ending: Ending = traded.ending
        self.failure = traded.failure
        self.log: MemoryLog = traded.log

    @cached_property
    def day_report(self) -> DayReport:
        """The report of all days, as `kasauti report` has it."""
        return day_report(self.log.read())

    def save(self, path: str | Path) -> None:
        """Keep the log in a new file, for `kasauti compare` and every command that reads a log."""
        self.log.save(Path(path), self.config.account.name)

    def __repr__(self) -> str:
        report = self.day_report
        return (
            f"<backtest of {self.label}, {len(report.days)} days, {self.ending}: net"
            f" {format_rupees(report.net, signed=True)} in {report.results.trips} round trips>"
        )
