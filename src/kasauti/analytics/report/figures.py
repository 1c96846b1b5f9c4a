"""The figures of a report as a reader meets them: name, value, and how it is computed."""

from collections.abc import Callable
from typing import NamedTuple

from kasauti.analytics.metrics import Metrics
from kasauti.analytics.report import formats as fmt


class Figure(NamedTuple):
    """One figure: `how` is its formula in a line, `good` whether it is a gain, None where it is neither."""

    name: str
    value: str
    under: str
    how: str
    good: bool | None = None


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


class Block(NamedTuple):
    """Figures that belong together."""

    name: str
    figures: list[Figure]


def blocks(m: Metrics) -> list[Block]:
    """Return all figures, by what they are about."""
    return [make(m) for make in _BLOCKS]


def _growth(m: Metrics) -> Block:
    trials = f"Deflated Sharpe, {fmt.count(m.trials)} trial{'' if m.trials == 1 else 's'}"
    return Block(
        "Growth and risk",
        [
            Figure("CAGR", fmt.percent(m.cagr, plus=True), "", "(equity / capital) ** (252 / days) - 1"),
            Figure("Volatility", fmt.percent(m.volatility), "", "Deviation of daily returns x root 252"),
            Figure("Sharpe", fmt.ratio(m.sharpe), "", "Mean by deviation of daily excess returns x root 252"),
            Figure("Sortino", fmt.ratio(m.sortino), "", "As Sharpe, by the deviation of losing days alone"),
            Figure("Calmar", fmt.ratio(m.calmar), "", "CAGR by the deepest fall"),
            Figure("Ulcer index", fmt.percent(m.ulcer_index), "", "Root of the mean squared drawdown"),
            Figure("Tail ratio", fmt.ratio(m.tail_ratio), "", "95th percentile of daily returns by the 5th"),
            Figure("Skewness", fmt.ratio(m.skewness), "", "Third standardised moment of daily returns"),
            Figure("Kurtosis", fmt.ratio(m.kurtosis), "", "Fourth standardised moment; a normal one has 3"),
            Figure(
                trials,
                fmt.DASH if m.deflated_sharpe is None else f"{m.deflated_sharpe:.0%}",
                "",
                "Probability that the Sharpe ratio beats the best of so many trials without skill",
            ),
        ],
    )


def _falls(m: Metrics) -> Block:
    recovered = fmt.day_of(m.drawdown_recovered) if m.drawdown_recovered else "not yet"
    return Block(
        "Falls and days",
        [
            Figure("Deepest fall", fmt.percent(m.max_drawdown), "", "By the high before it"),
            Figure("Largest in ₹", fmt.rupees(m.max_drawdown_amount), "", "From any high"),
            Figure("From", fmt.day_of(m.drawdown_from), "", "The high before the deepest fall"),
            Figure("Bottom", fmt.day_of(m.drawdown_trough), "", "The bottom of the deepest fall"),
            Figure("Recovered", recovered, "", "When that high was reached again"),
            Figure("Longest fall", fmt.length(m.longest_drawdown_ns), "", "Calendar time below a high"),
            Figure("Winning days", f"{fmt.count(m.winning_days)} of {fmt.count(m.days)}", "", "By equity"),
            Figure("Best day", fmt.rupees(m.best_day, plus=True), "", "Change of equity"),
            Figure("Worst day", fmt.rupees(m.worst_day, plus=True), "", "Change of equity"),
        ],
    )


def _trips(m: Metrics) -> Block:
    stops = f"over {fmt.count(m.trips_with_stop)} trips" if m.trips_with_stop else "no stop orders"
    return Block(
        "Round trips",
        [
            Figure("Won / lost", f"{fmt.count(m.wins)} / {fmt.count(m.losses)}", "", "By net result"),
            Figure("Mean winner", fmt.rupees(m.average_win, plus=True), "", "After charges"),
            Figure("Mean loser", fmt.rupees(m.average_loss, plus=True), "", "After charges"),
            Figure("Best", fmt.rupees(m.best_trip, plus=True), "", "After charges"),
            Figure("Worst", fmt.rupees(m.worst_trip, plus=True), "", "After charges"),
            Figure("Average R", fmt.ratio(m.average_r), "", f"Net by what a stop order put at risk, {stops}"),
            Figure("SQN", fmt.ratio(m.sqn), "", "Root of trips x mean by standard deviation of net results"),
            Figure("Kelly", fmt.percent(m.kelly), "", "Win rate less loss rate by payoff"),
            Figure(
                "Longest streaks",
                f"{m.longest_winning_streak} won, {m.longest_losing_streak} lost",
                "",
                "In the order they closed",
            ),
            Figure("Held on average", fmt.length(m.average_holding_ns), "", "From entry to exit"),
        ],
    )


def _activity(m: Metrics) -> Block:
    return Block(
        "Activity and cost",
        [
            Figure("Orders", fmt.count(m.orders), "", "Denied ones included"),
            Figure("Fills", fmt.count(m.fills), "", "Trades at the exchange"),
            Figure("Time held", fmt.percent(m.exposure), "", "Moments at which something was held"),
            Figure("Traded", fmt.rupees(m.traded), "", "Price times quantity of all fills"),
            Figure("Turnover", f"{fmt.ratio(m.turnover, 1)} x", "", "Traded by mean equity"),
            Figure("Charges", fmt.rupees(m.charges), "", "All heads, and what contract notes rounded"),
            Figure("Charges of gross", fmt.percent(m.cost_share), "", "Charges by a gross profit"),
            Figure("Slippage", fmt.rupees(m.slippage), "", "Inside the prices of fills"),
            Figure("Risk-free rate", fmt.percent(m.risk_free), "", "By year, in Sharpe and Sortino"),
        ],
    )


_BLOCKS: tuple[Callable[[Metrics], Block], ...] = (_growth, _falls, _trips, _activity)
