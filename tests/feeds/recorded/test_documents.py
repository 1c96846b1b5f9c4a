"""`docs/data.md` is true: every layout, column and fault is in it, with what is done about it."""

import re
from pathlib import Path

import pytest

from kasauti.exchange.indices import INDICES
from kasauti.feeds.recorded.layout import LAYOUTS, OTHER_MEANING, Layout
from kasauti.feeds.recorded.report import TREATMENT

PAGE = (Path(__file__).parents[3] / "docs" / "data.md").read_text(encoding="utf-8")


def _named(text: str) -> set[str]:
    """Return what stands in backticks; a range like `bid_p1` … `bid_p5` stands for all of it."""
    names = set(re.findall(r"`([^`]+)`", text))
    for first, last in re.findall(r"`(\w+?)1` … `\w+?(\d)`", text):
        names |= {f"{first}{n}" for n in range(1, int(last) + 1)}
    return names


ROWS = {
    name: cells
    for name, *cells in re.findall(r"^\| `([\w-]+)` \| (.+) \| (.+) \| (.+) \|$", PAGE, re.MULTILINE)
}


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_a_layout_has_its_row_with_all_its_columns(layout: Layout) -> None:
    about, required, optional = ROWS[layout.name]
    assert layout.on_request == ("on request" in about)
    if layout.on_request:
        assert _named(required) == _named(optional) == {OTHER_MEANING[layout.name]}
        return
    assert _named(required) == {names[0] for names in layout.required.values()}
    assert _named(optional) == {names[0] for names in layout.optional.values()}
    every = {name for names in {**layout.required, **layout.optional}.values() for name in names}
    assert every <= _named(PAGE)


def test_every_fault_has_its_row_with_what_is_done() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| .+ \| (\w+) \|$", PAGE, re.MULTILINE))
    assert rows == {fault.value: treatment.action.value for fault, treatment in TREATMENT.items()}


def test_every_index_is_named() -> None:
    for index in INDICES:
        assert re.search(rf"\b{index.name}\b\s+\(`{re.escape(index.id)}`\)", PAGE)
