"""How far to believe the best, on a sweep's page: the figures, and what they say in plain words."""

from html import escape

import numpy as np

from kasauti.sweeps.charts import bars
from kasauti.sweeps.odds import Odds
from kasauti.sweeps.page_tables import table
from kasauti.sweeps.result import SweepResult
from kasauti.sweeps.wording import DASH


def chance_section(result: SweepResult) -> str:
    """Return the section, nothing where no combination has returns to look at."""
    odds = result.odds
    if odds is None:
        return ""
    return (
        "<h2>How far to believe the best</h2>"
        f"<p>The best of {odds.trials:,} trials looks good also where none has any skill. Trials that are"
        " alike count as if each were independent, so the test is on the strict side.</p>"
        f'<div class="pair">{_ratios(result, odds)}{_logits(odds)}</div>{_figures(odds)}'
    )


def _ratios(result: SweepResult, odds: Odds) -> str:
    values = [trial.outcome.figure("sharpe") or 0.0 for trial in result.trials if trial.outcome.ok]
    low, high = min([*values, 0.0]), max([*values, odds.luck, 0.1])
    counts = np.histogram(values, bins=24, range=(low, high))[0].tolist()
    marks = [(odds.luck, f"luck {odds.luck:.2f}"), (odds.sharpe, f"the best {odds.sharpe:.2f}")]
    return (
        "<figure><figcaption>Sharpe ratios of all trials; the best of as many without skill is expected at"
        f" “luck”.</figcaption>{bars(counts, (low, high), marks)}</figure>"
    )


def _logits(odds: Odds) -> str:
    found = odds.selection
    if found is None:
        return (
            '<p class="soft">Whether selection is worth anything could not be tested: that takes several'
            " combinations and at least eight days.</p>"
        )
    return (
        f"<figure><figcaption>Where the best in one half of the days ranks in the other, over"
        f" {found.splits:,} ways to halve them: to the right of 0 it is among the better half (logit of its"
        f" rank).</figcaption>{bars(found.logits, (-found.edge, found.edge), [])}</figure>"
    )


def _figures(odds: Odds) -> str:
    rows = [
        ("Sharpe ratio of the best, a year", f"{odds.sharpe:.2f}", "of daily returns, after charges"),
        ("expected of the luckiest", f"{odds.luck:.2f}", f"best of {odds.trials:,} trials without skill"),
        ("probabilistic Sharpe ratio", f"{odds.probabilistic:.1%}", "if it had been the only trial"),
        (
            "deflated Sharpe ratio",
            f"{odds.deflated:.1%}",
            "knowing how many were tried; 95 % is the usual bar",
        ),
        (
            "days needed",
            _days(odds),
            f"to say with 95 % that the ratio is above 0; there are {odds.record:,}",
        ),
    ]
    found = odds.selection
    if found is not None:
        rows += [
            (
                "probability of overfitting",
                f"{found.probability:.1%}",
                "the best in-sample is below the median outside",
            ),
            ("probability of loss", f"{found.loss:.1%}", "the best in-sample loses money outside"),
            (
                "slope",
                f"{found.slope:.2f}",
                "how its Sharpe ratio outside follows that inside; below 0 it misleads",
            ),
        ]
    cells = [[(name, "left"), (value, ""), (words, "text")] for name, value, words in rows]
    blocks = "" if found is None else f" {found.blocks} blocks."
    return (
        f"{table(['', '', 'what it says'], cells, kind='plain')}"
        f'<p class="soft">{escape(_SOURCES)}{blocks}</p>'
    )


def _days(odds: Odds) -> str:
    return DASH if odds.needed is None else f"{odds.needed:,}"


_SOURCES = (
    "Deflated Sharpe ratio: Bailey and López de Prado, Journal of Portfolio Management 40 (2014). Track"
    " record length: the same, Journal of Risk 15 (2012). Overfitting by combinatorially symmetric"
    " cross-validation: Bailey, Borwein, López de Prado and Zhu, Journal of Computational Finance 20 (2016)."
)
