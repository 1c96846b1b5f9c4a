"""The band of a result on the terminal: what the same orders make by other fill models."""

from collections.abc import Iterable

from rich.text import Text

from kasauti.analytics.band import Edge
from kasauti.cli.sheet import Cell, Column, Sheet
from kasauti.cli.typography import STRONG, amount, quantity, result

_COLUMNS = (
    Column("Fill model"),
    Column("Gross ₹", right=True),
    Column("Charges ₹", right=True),
    Column("Net ₹", right=True),
    Column("Orders that did not trade", right=True, drop=1),
)


def band_sheet(profile: str, gross: int, charges: int, edges: Iterable[Edge]) -> Sheet:
    """Return the account's own result, by `profile`, between those of the edges, the best first."""
    own = Edge(profile, gross, charges, gross - charges, 0)
    ranked = sorted([own, *edges], key=lambda edge: -edge.net)
    return Sheet(_COLUMNS, [_row(edge, own=edge is own) for edge in ranked])


def _row(edge: Edge, *, own: bool) -> list[Cell]:
    name = edge.profile.partition("/")[0]
    return [
        Text(f"{name}, in force", STRONG) if own else name,
        result(edge.gross),
        amount(edge.charges),
        result(edge.net),
        quantity(edge.untouched) if edge.untouched else "",
    ]
