"""A sweep as one HTML page that needs nothing else: maps, ranking, walk forward, and what chance explains."""

from html import escape
from typing import Final

from kasauti.sweeps.charts import heat_map
from kasauti.sweeps.exploring import Trial
from kasauti.sweeps.heat import Heat, heats
from kasauti.sweeps.odds import OVERFITTED, SIGNIFICANT, Odds
from kasauti.sweeps.page_chance import chance_section
from kasauti.sweeps.page_style import PAGE_STYLE, STYLE
from kasauti.sweeps.page_tables import failures, ranking
from kasauti.sweeps.page_walk import walk_section
from kasauti.sweeps.result import SweepResult
from kasauti.sweeps.wording import amount_text, metric_text, parameters_text, rupees_text

#: Rows of the ranked table; the files beside the page have them all.
RANKED: Final = 25


def page(result: SweepResult) -> str:
    """Return the page as a whole document."""
    title = escape(f"Sweep of {result.basis.strategy}")
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<meta name="color-scheme" content="light dark"><title>{title}</title><style>{STYLE}'
        f"{PAGE_STYLE}</style></head><body>"
        f"{_content(result)}</body></html>\n"
    )


def notebook(result: SweepResult) -> str:
    """Return the page's content with its style, for a cell of a notebook."""
    return f"<style>{STYLE}</style>{_content(result)}"


def _content(result: SweepResult) -> str:
    parts = [_head(result), _verdict(result), _tiles(result), _maps(result)]
    parts += [ranking(result, RANKED), walk_section(result), chance_section(result), failures(result)]
    return f'<main class="sweep">{"".join(parts)}{_foundations(result)}</main>'


def _head(result: SweepResult) -> str:
    basis = result.basis
    about = (
        f"{basis.data} · {basis.span.first} to {basis.span.last}, {basis.days:,} trading days ·"
        f" capital ₹{rupees_text(basis.capital)} · ranked by {result.metric.replace('_', ' ')}"
    )
    return f'<h1>Sweep of {escape(basis.strategy)}</h1><p class="soft">{escape(about)}</p>'


def _verdict(result: SweepResult) -> str:
    parts = []
    if result.interrupted:
        parts.append(
            '<p class="verdict bad"><b>Interrupted.</b> This is what was computed until then; the same'
            " command goes on from here.</p>"
        )
    if result.best is None:
        parts.append('<p class="verdict bad"><b>No combination has a result to rank.</b></p>')
    elif result.odds is not None:
        parts.append(f'<p class="verdict {_class_of(result.odds)}">{_first_bold(result.odds.verdict)}</p>')
    return "".join(parts)


def _class_of(odds: Odds) -> str:
    if odds.selection is not None and odds.selection.probability > OVERFITTED:
        return "bad"
    return "holds" if odds.deflated >= SIGNIFICANT else ""


def _first_bold(sentence: str) -> str:
    word, colon, rest = sentence.partition(":")
    return f"<b>{escape(word)}{colon}</b>{escape(rest)}"


def _tiles(result: SweepResult) -> str:
    tiles: list[tuple[str, str]] = []
    best = result.best
    if best is not None:
        names = [axis.name for axis in result.swept]
        value = metric_text(result.metric, best.outcome.figure(result.metric))
        tiles.append(
            (f"best {result.metric.replace('_', ' ')}: {parameters_text(best.combination, names)}", value)
        )
        if result.metric != "net":
            tiles.append(("its net profit, after charges", amount_text(best.outcome.figure("net") or 0.0)))
    if result.walk is not None and result.walk.days:
        gained = result.walk.equity[-1] - result.walk.capital
        tiles.append(("walk forward, out of sample", amount_text(gained)))
    if result.odds is not None:
        tiles.append(("deflated Sharpe ratio: probability that it is real", f"{result.odds.deflated:.0%}"))
        if result.odds.selection is not None:
            tiles.append(("probability of backtest overfitting", f"{result.odds.selection.probability:.0%}"))
    tried = f"{len(result.trials):,}"
    without = len(result.failed) + len(result.refused)
    tiles.append(("combinations tried" + (f", {without:,} without a result" if without else ""), tried))
    cells = "".join(f'<div class="tile"><b>{escape(b)}</b><span>{escape(a)}</span></div>' for a, b in tiles)
    return f'<div class="tiles">{cells}</div>'


def _maps(result: SweepResult) -> str:
    drawn = heats(result.trials, result.axes, result.metric)
    figures = [_map(heat, result.metric, result.best) for heat in drawn]
    if not figures:
        return ""
    return (
        "<h2>Where it is good</h2><p>A good region is worth more than a good cell: where the neighbours of"
        f" the best are bad, it is luck.</p>{''.join(figures)}"
    )


def _map(heat: Heat, metric: str, best: Trial | None) -> str:
    chosen = None if best is None else (best.combination[heat.across.name], best.combination[heat.down.name])
    others = f"; the best over all {escape(' and '.join(heat.others))}" if heat.others else ""
    return (
        f"<figure><figcaption>{escape(metric.replace('_', ' ').capitalize())} by"
        f" {escape(heat.across.name)} and {escape(heat.down.name)}{others}. Framed: the best. Dashed: not"
        f" tried, or without a result.</figcaption>{heat_map(heat, metric, chosen)}</figure>"
    )


def _foundations(result: SweepResult) -> str:
    basis = result.basis
    rows = {
        "Search": basis.search,
        "Fill profile": basis.profile,
        "Price list": f"{basis.plan}: brokerage, taxes and fees of each day, in every figure",
        "Fixed parameters": parameters_text(
            {axis.name: axis.values[0] for axis in result.axes if len(axis.values) == 1}
        )
        or "none",
        "Backtests": f"{result.computed:,} computed, {result.reused:,} known, in {result.seconds:.1f} s",
        "Kasauti": basis.version,
    }
    if basis.changed:
        rows["Computed anew"] = (
            f"the folder's earlier results are of another {', another '.join(basis.changed)}"
        )
    if basis.remarks:
        rows["Remarks"] = " · ".join(basis.remarks)
    cells = "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in rows.items())
    return f"<h2>What it rests on</h2><dl>{cells}</dl>"
