"""The report's tables as HTML."""

from collections.abc import Iterable, Sequence

from kasauti.analytics.band import Edge
from kasauti.analytics.breakdowns import Cost, Group
from kasauti.analytics.report import formats as fmt
from kasauti.analytics.report.model import Report, Trip

#: The heads of charges as a contract note has them.
HEADS: dict[str, str] = {
    "brokerage": "Brokerage",
    "stt": "STT / CTT",
    "exchange": "Exchange charge",
    "ipft": "Investor protection (IPFT)",
    "sebi": "SEBI fee",
    "stamp": "Stamp duty",
    "gst": "GST",
    "services": "Squaring off by the broker, depository",
    "rounding": "Contract notes beyond trades",
}
#: Trips shown from either end; all of them are in the CSV.
SHOWN = 100
_BASIS_POINTS = 10_000


def group_table(title: str, groups: Sequence[Group], most: int = 15) -> str:
    """Return the round trips that have something in common, with a bar for the net result."""
    if not groups:
        return ""
    kept = groups if len(groups) <= most else [*groups[: most // 2], *groups[-(most - most // 2) :]]
    largest = max(abs(group.net) for group in kept) or 1
    rows = "".join(_group(group, largest) for group in kept)
    left_out = len(groups) - len(kept)
    note = f'<p class="soft">{left_out} in between are not shown.</p>' if left_out else ""
    return (
        f'<section class="card"><h3>{fmt.text(title)}</h3>'
        '<div class="scroll"><table class="groups"><thead><tr>'
        f'<th scope="col">{fmt.text(title.removeprefix("By ").capitalize())}</th>'
        '<th scope="col" class="n">Trips</th><th scope="col" class="n">Won</th>'
        '<th scope="col" class="n">Mean ₹</th><th scope="col" class="n">Net ₹</th>'
        f'<th scope="col" class="bar"></th></tr></thead><tbody>{rows}</tbody></table></div>{note}</section>'
    )


def _group(group: Group, largest: int) -> str:
    won = fmt.percent(group.win_rate).replace(".0 %", " %")
    return (
        f'<tr><th scope="row">{fmt.text(group.name)}</th><td class="n">{fmt.count(group.trips)}</td>'
        f'<td class="n">{won}</td>{money(group.mean)}{money(group.net)}'
        f"{bar(group.net, largest)}</tr>"
    )


def band_table(own: Edge, edges: Sequence[Edge]) -> str:
    """Return the result of a run between what its orders make by other fill models, the best first."""
    ranked = sorted([own, *edges], key=lambda edge: -edge.net)
    rows = "".join(
        f'<tr><th scope="row">{fmt.text(edge.profile.partition("/")[0])}{" (in force)" * (edge is own)}</th>'
        f'{money(edge.gross)}<td class="n">{fmt.amount(edge.charges, plus=False)}</td>{money(edge.net)}'
        f'<td class="n">{fmt.count(edge.untouched) if edge.untouched else ""}</td></tr>'
        for edge in ranked
    )
    return (
        '<table><thead><tr><th scope="col">Fill model</th><th scope="col" class="n">Gross ₹</th>'
        '<th scope="col" class="n">Charges ₹</th><th scope="col" class="n">Net ₹</th>'
        f'<th scope="col" class="n">Orders that did not trade</th></tr></thead><tbody>{rows}</tbody></table>'
    )


def money(units: int, *, plus: bool = True) -> str:
    """Return a cell with an amount, green or red by its sign."""
    return f'<td class="n {_name(units)}" data-v="{units}">{fmt.amount(units, plus=plus)}</td>'


def _name(units: int) -> str:
    return "won" if units > 0 else "lost" if units < 0 else "flat"


def cost_table(report: Report) -> str:
    """Return the way from gross to net, head by head, with the part of turnover that each takes."""
    metrics = report.metrics
    unrealised = metrics.net - metrics.gross + metrics.charges
    costs = [cost for cost in report.costs if cost.amount]
    largest = (
        max([abs(metrics.gross), abs(metrics.net), abs(unrealised), *(abs(c.amount) for c in costs)]) or 1
    )
    rows = [_step("Realised before charges", metrics.gross, largest, kind="sum")]
    rows += [_cost(cost, largest) for cost in costs]
    if unrealised:
        rows.append(_step("Still open, at the last price", unrealised, largest))
    rows.append(_step("Net result", metrics.net, largest, kind="sum"))
    slippage = (
        f"Slippage of {fmt.rupees(metrics.slippage)} was added to the prices of fills, so it is inside the"
        " realised result."
        if metrics.slippage
        else "No slippage was added to the prices of fills."
    )
    return (
        '<div class="scroll"><table class="costs"><thead><tr><th scope="col">From gross to net</th>'
        '<th scope="col" class="n">of turnover</th><th scope="col" class="n">₹</th>'
        f'<th scope="col" class="bar"></th></tr></thead><tbody>{"".join(rows)}</tbody></table></div>'
        f'<p class="soft">{slippage} Turnover was {fmt.rupees(metrics.traded)} in'
        f" {fmt.count(metrics.fills)} fills; 1 bp is a hundredth of a per cent.</p>"
    )


def _cost(cost: Cost, largest: int) -> str:
    points = "" if cost.turnover is None else f"{cost.turnover * _BASIS_POINTS:.2f} bp"
    return _step(HEADS[cost.head], -cost.amount, largest, points=points)


def _step(name: str, units: int, largest: int, *, points: str = "", kind: str = "") -> str:
    return (
        f'<tr class="{kind}"><th scope="row">{fmt.text(name)}</th><td class="n soft">{points}</td>'
        f"{money(units)}{bar(units, largest)}</tr>"
    )


def bar(units: int, largest: int) -> str:
    """Return a cell with a bar from the middle, to the right for a gain."""
    share = abs(units) / largest * 50
    side = "left" if units >= 0 else "right"
    style = f"{side}:50%;width:{share:.1f}%"
    return f'<td class="bar"><span><i class="{_name(units)}" style="{style}"></i></span></td>'


_COLUMNS: tuple[tuple[str, str], ...] = (
    ("No.", "n"),
    ("Symbol", ""),
    ("Side", ""),
    ("Qty", "n"),
    ("Entry", ""),
    ("at", "n"),
    ("Exit", ""),
    ("at", "n"),
    ("Held", "n"),
    ("Why", ""),
    ("Gross ₹", "n"),
    ("Charges", "n"),
    ("Net ₹", "n"),
    ("Worst", "n"),
    ("Best", "n"),
)


def trip_table(trips: Sequence[Trip]) -> str:
    """Return the table of round trips; of many only the first and the last."""
    if not trips:
        return '<p class="none">No round trip was closed.</p>'
    heads = "".join(f'<th scope="col" class="{kind}">{name}</th>' for name, kind in _COLUMNS)
    if len(trips) <= 2 * SHOWN:
        rows = "".join(map(_trip, trips))
    else:
        between = fmt.count(len(trips) - 2 * SHOWN)
        gap = (
            f'<tr class="gap"><td colspan="{len(_COLUMNS)}">{between} more between these; `--csv` and'
            " `--parquet` have them all</td></tr>"
        )
        rows = "".join([*map(_trip, trips[:SHOWN]), gap, *map(_trip, trips[-SHOWN:])])
    return (
        '<div class="scroll tall"><table class="trips sortable"><thead><tr>'
        f"{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _trip(trip: Trip) -> str:
    side = "buy" if trip.side == "LONG" else "sell"
    held = trip.exit_at - trip.entry_at
    r = "" if trip.r is None else f' title="{fmt.ratio(trip.r)} R"'
    return (
        f'<tr><td class="n" data-v="{trip.number}">{fmt.count(trip.number)}</td>'
        f"<td>{fmt.text(trip.symbol)}</td>"
        f'<td class="{side}">{trip.side.capitalize()}</td>'
        f'<td class="n" data-v="{trip.quantity}">{fmt.count(trip.quantity)}</td>'
        f"<td>{fmt.short_moment(trip.entry_at)}</td>{_price(trip.entry_price)}"
        f"<td>{fmt.short_moment(trip.exit_at)}</td>{_price(trip.exit_price)}"
        f'<td class="n" data-v="{held}">{fmt.length(held)}</td><td{r}>{fmt.text(trip.reason)}</td>'
        f"{money(trip.gross)}{_plain(trip.charges)}{money(trip.net)}{_plain(trip.worst)}{_plain(trip.best)}</tr>"
    )


def _price(units: int) -> str:
    return f'<td class="n" data-v="{units}">{fmt.price(units)}</td>'


def _plain(units: int) -> str:
    return f'<td class="n soft" data-v="{units}">{fmt.amount(units, plus=False)}</td>'


def facts(rows: Iterable[tuple[str, str]]) -> str:
    """Return names and what is said of them, side by side."""
    listed = "".join(f"<div><dt>{fmt.text(name)}</dt><dd>{said}</dd></div>" for name, said in rows)
    return f'<dl class="facts">{listed}</dl>'
