"""The figures of a report as a reader meets them: name, value, how it is computed, and after whom."""

from collections.abc import Callable
from typing import NamedTuple

from kasauti.analytics.metrics import Metrics
from kasauti.analytics.report import formats as fmt


class Figure(NamedTuple):
    """
    One figure: `how` is its formula in a line, `source` who defined it so, "" where it is plain counting.

    `good` is whether it is a gain, None where it is neither.
    """

    name: str
    value: str
    under: str
    how: str
    good: bool | None = None
    source: str = ""


def headline(m: Metrics) -> list[Figure]:
    """Return the few figures that are read first."""
    return [
        Figure(
            "Return",
            fmt.percent(m.total_return, plus=True),
            f"{fmt.percent(m.cagr, plus=True)} a year",
            "Equity at the end by capital, less one; by year (equity / capital) ** (252 / days) - 1",
            _good(m.total_return),
        ),
        Figure(
            "Deepest fall",
            fmt.percent(m.max_drawdown),
            fmt.rupees(m.max_drawdown_amount) + " at most",
            "From the highest equity so far, marked to market within days, by that high",
        ),
        Figure(
            "Sharpe",
            fmt.ratio(m.sharpe),
            _probability(m),
            "Mean daily return less the risk-free rate, by its standard deviation, times the root of 252",
            _good(m.sharpe),
        ),
        Figure(
            "Won",
            fmt.percent(m.win_rate),
            f"of {fmt.count(m.trips)} round trips",
            "Round trips with a net profit by all round trips",
        ),
        Figure(
            "Profit factor",
            fmt.ratio(m.profit_factor),
            f"payoff {fmt.ratio(m.payoff)}",
            "What winners made by what losers lost; payoff: mean winner by mean loser",
            None if m.profit_factor is None else m.profit_factor > 1,
        ),
        Figure(
            "A round trip",
            fmt.rupees(m.expectancy, plus=True),
            "on average, after charges",
            "Expectancy: net result of all round trips by their number",
            _good(m.expectancy),
        ),
    ]


def _good(value: float | None) -> bool | None:
    return None if not value else value > 0


def _probability(m: Metrics) -> str:
    if m.deflated_sharpe is None:
        return "not defined"
    return f"above zero with {m.deflated_sharpe:.0%} probability"


def _row(name: str, value: str, how: str, source: str = "") -> Figure:
    return Figure(name, value, "", how, source=source)


class Block(NamedTuple):
    """Figures that belong together."""

    name: str
    figures: list[Figure]


def blocks(m: Metrics) -> list[Block]:
    """Return all figures, by what they are about."""
    return [make(m) for make in _BLOCKS]


def _growth(m: Metrics) -> Block:
    trials = f"Deflated Sharpe, {fmt.count(m.trials)} trial{'' if m.trials == 1 else 's'}"
    deflated = fmt.DASH if m.deflated_sharpe is None else f"{m.deflated_sharpe:.0%}"
    return Block(
        "Growth and risk",
        [
            _row(
                "CAGR", fmt.percent(m.cagr, plus=True), "(equity / capital) ** (252 / days) - 1", "empyrical"
            ),
            _row(
                "Volatility",
                fmt.percent(m.volatility),
                "Standard deviation (n - 1) of daily returns x root of 252",
                "empyrical",
            ),
            _row(
                "Sharpe",
                fmt.ratio(m.sharpe),
                "Mean / standard deviation (n - 1) of daily returns less the risk-free rate x root of 252",
                "Sharpe 1994",
            ),
            _row(
                "Sortino",
                fmt.ratio(m.sortino),
                "Mean of the same / root of the mean of their squares where they are below 0 x root of 252",
                "Sortino and Price 1994",
            ),
            _row("Calmar", fmt.ratio(m.calmar), "CAGR / deepest fall", "Young 1991"),
            _row(
                "Ulcer index",
                fmt.percent(m.ulcer_index),
                "Root of the mean squared drawdown",
                "Martin and McCann 1989",
            ),
            _row(
                "Tail ratio",
                fmt.ratio(m.tail_ratio),
                "95th percentile of daily returns / 5th, without signs",
                "empyrical",
            ),
            _row("Skewness", fmt.ratio(m.skewness), "Third standardised moment of daily returns"),
            _row("Kurtosis", fmt.ratio(m.kurtosis), "Fourth standardised moment; a normal one has 3"),
            _row(
                trials,
                deflated,
                "Probability that the Sharpe ratio beats the best of so many trials without skill",
                "Bailey and López de Prado 2014",
            ),
        ],
    )


def _falls(m: Metrics) -> Block:
    recovered = fmt.day_of(m.drawdown_recovered) if m.drawdown_recovered else "not yet"
    return Block(
        "Falls and days",
        [
            _row(
                "Deepest fall", fmt.percent(m.max_drawdown), "Largest of (high - equity) / high", "empyrical"
            ),
            _row("Largest in ₹", fmt.rupees(m.max_drawdown_amount), "From any high"),
            _row("From", fmt.day_of(m.drawdown_from), "The high before the deepest fall"),
            _row("Bottom", fmt.day_of(m.drawdown_trough), "The bottom of the deepest fall"),
            _row("Recovered", recovered, "When that high was reached again"),
            _row("Longest fall", fmt.length(m.longest_drawdown_ns), "Calendar time below a high"),
            _row("Winning days", f"{fmt.count(m.winning_days)} of {fmt.count(m.days)}", "By equity"),
            _row("Best day", fmt.rupees(m.best_day, plus=True), "Change of equity"),
            _row("Worst day", fmt.rupees(m.worst_day, plus=True), "Change of equity"),
        ],
    )


def _trips(m: Metrics) -> Block:
    stops = f"over {fmt.count(m.trips_with_stop)} trips" if m.trips_with_stop else "no stop orders"
    return Block(
        "Round trips",
        [
            _row("Won / lost", f"{fmt.count(m.wins)} / {fmt.count(m.losses)}", "By net result"),
            _row("Win rate", fmt.percent(m.win_rate), "Round trips with a net profit / all"),
            _row(
                "Profit factor",
                fmt.ratio(m.profit_factor),
                "Sum of net profits / sum of net losses",
                "backtesting.py",
            ),
            _row("Payoff", fmt.ratio(m.payoff), "Mean winner / mean loser"),
            _row(
                "Expectancy",
                fmt.rupees(m.expectancy, plus=True),
                "Net result of all round trips / their number",
                "Tharp 1998",
            ),
            _row("Mean winner", fmt.rupees(m.average_win, plus=True), "After charges"),
            _row("Mean loser", fmt.rupees(m.average_loss, plus=True), "After charges"),
            _row("Best", fmt.rupees(m.best_trip, plus=True), "After charges"),
            _row("Worst", fmt.rupees(m.worst_trip, plus=True), "After charges"),
            _row(
                "Average R",
                fmt.ratio(m.average_r),
                f"Mean of net / what a stop put at risk, {stops}",
                "Tharp 1998",
            ),
            _row("SQN", fmt.ratio(m.sqn), "Root of trips x mean / standard deviation of net", "Tharp 2008"),
            _row("Kelly", fmt.percent(m.kelly), "Win rate - (1 - win rate) / payoff", "Kelly 1956"),
            _row(
                "Longest streaks",
                f"{m.longest_winning_streak} won, {m.longest_losing_streak} lost",
                "In the order they closed",
            ),
            _row("Held on average", fmt.length(m.average_holding_ns), "From entry to exit"),
        ],
    )


def _activity(m: Metrics) -> Block:
    return Block(
        "Activity and cost",
        [
            _row("Orders", fmt.count(m.orders), "Denied ones included"),
            _row("Fills", fmt.count(m.fills), "Trades at the exchange"),
            _row("Time held", fmt.percent(m.exposure), "Moments at which something was held"),
            _row("Traded", fmt.rupees(m.traded), "Price times quantity of all fills"),
            _row("Turnover", f"{fmt.ratio(m.turnover, 1)} x", "Traded by mean equity"),
            _row("Charges", fmt.rupees(m.charges), "All heads, and what contract notes rounded"),
            _row("Charges of gross", fmt.percent(m.cost_share), "Charges by a gross profit"),
            _row("Slippage", fmt.rupees(m.slippage), "Inside the prices of fills"),
            _row("Risk-free rate", fmt.percent(m.risk_free), "By year, in Sharpe and Sortino"),
        ],
    )


_BLOCKS: tuple[Callable[[Metrics], Block], ...] = (_growth, _falls, _trips, _activity)
