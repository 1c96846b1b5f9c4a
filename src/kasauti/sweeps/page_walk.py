"""The walk forward on a sweep's page: one account over all tests, each window, the choices."""

from html import escape

from kasauti.sweeps.charts import line
from kasauti.sweeps.figures import curve_figures
from kasauti.sweeps.page_tables import sign_class, table
from kasauti.sweeps.result import SweepResult
from kasauti.sweeps.walking import Walk, stability
from kasauti.sweeps.wording import DASH, amount_text, counts_text, metric_text, parameters_text


def walk_section(result: SweepResult) -> str:
    """Return the section, nothing where there was no walk."""
    walk = result.walk
    if walk is None:
        return ""
    return (
        f"<h2>Walk forward, {escape(result.basis.walk_forward)}</h2><p>In each window the best combination"
        " inside was chosen, and then traded on the days that followed, which the choice had not seen. Each"
        " test begins with the same capital; profits are added, not compounded.</p>"
        f"{_curve(walk)}{_summary(walk)}{_windows(result, walk)}{_stability(result, walk)}"
    )


def _curve(walk: Walk) -> str:
    tests = [step.outside for step in walk.steps if step.outside is not None and step.outside.ok]
    if not tests:
        return ""
    values = [float(walk.capital), *(float(value) for value in walk.equity)]
    begins, place = [], 0
    for test in tests:
        begins.append((place, f"{test.days[0]} to {test.days[-1]}" if test.days else ""))
        place += len(test.days)
    labels = (amount_text(min(values)), amount_text(max(values)), amount_text(values[0]))
    return (
        "<figure><figcaption>The account over all tests, one after the other; bands are windows.</figcaption>"
        f"{line(values, begins, labels)}</figure>"
    )


def _summary(walk: Walk) -> str:
    found = curve_figures(walk.capital, walk.equity)
    names = {"net": "Net ₹", "total_return": "Return", "sharpe": "Sharpe", "sortino": "Sortino"}
    names |= {"max_drawdown": "Drawdown", "calmar": "Calmar"}
    cells = [(metric_text(name, found[name]), sign_class(name, found[name])) for name in names]
    efficiency = DASH if walk.efficiency is None else f"{walk.efficiency:.0%}"
    heads = ["Days", *names.values(), "Profit a day, of that inside"]
    return table(heads, [[(f"{len(walk.days):,}", ""), *cells, (efficiency, "")]])


def _windows(result: SweepResult, walk: Walk) -> str:
    metric = result.metric
    name = metric.replace("_", " ")
    rows = []
    for number, step in enumerate(walk.steps, 1):
        cells = [(str(number), ""), (str(step.window.inside), ""), (str(step.window.outside), "")]
        if step.chosen is None or step.inside is None or step.outside is None:
            rows.append([*cells, ("nothing worked inside", "left"), *[(DASH, "")] * 3])
            continue
        names = [axis.name for axis in result.swept]
        net = step.outside.figure("net")
        rows.append(
            [
                *cells,
                (parameters_text(step.chosen, names), "left"),
                (metric_text(metric, step.inside.figure(metric)), ""),
                (step.outside.error or metric_text(metric, step.outside.figure(metric)), ""),
                (metric_text("net", net), sign_class("net", net)),
            ]
        )
    heads = ["#", "Chosen on", "Tested on", "Chosen", f"{name} inside", f"{name} outside", "Net ₹ outside"]
    return table(heads, rows, kind="plain")


def _stability(result: SweepResult, walk: Walk) -> str:
    chosen = sum(1 for step in walk.steps if step.chosen is not None)
    rows = []
    for axis in result.swept:
        found = stability(walk, axis.name)
        share = f"{found[0][1] / chosen:.0%}" if found else DASH
        rows.append([(axis.name, "left"), (f"{len(found)}", ""), (share, ""), (counts_text(found), "text")])
    if not rows:
        return ""
    heads = ["Parameter", "Different values", "Most frequent", "Chosen"]
    return f"<p>How steady the choice was:</p>{table(heads, rows, kind='plain')}"
