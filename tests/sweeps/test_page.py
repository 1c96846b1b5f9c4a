"""The page of a sweep needs nothing else, is well-formed, and says what happened."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import polars as pl
import pytest
from tests.sweeps.worlds import wanted

from kasauti.sweeps.campaign import run_sweep
from kasauti.sweeps.heat import heats
from kasauti.sweeps.page import notebook, page
from kasauti.sweeps.result import SweepResult

VOID = {"meta", "link", "br", "hr", "img", "input", "line", "rect", "polyline"}


@dataclass
class Outline(HTMLParser):
    """Reads a page and keeps its elements; one that is not closed where it was opened is an error."""

    open: list[str] = field(default_factory=list)
    elements: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    text: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def outlined(html: str) -> Outline:
    outline = Outline()
    outline.feed(html)
    outline.close()
    assert outline.open == []
    return outline


@pytest.fixture(scope="module")
def result() -> SweepResult:
    asked = wanted(["enter=0:3", "leave=3:6", "mode=well,raises"], days=10, walk_forward="4d:2d")
    return run_sweep(asked, lambda _: None, lambda: False)


def test_a_page_is_well_formed_and_needs_nothing_else(result: SweepResult) -> None:
    html = page(result)
    outline = outlined(html)

    assert not [tag for tag, _ in outline.elements if tag in {"script", "link", "img", "iframe", "object"}]
    assert not [
        attrs for _, attrs in outline.elements if {"src", "href", "srcset", "onload", "onclick"} & set(attrs)
    ]
    assert "url(" not in html
    assert "@import" not in html
    assert "http" not in html


def test_a_page_says_what_was_found(result: SweepResult) -> None:
    text = " ".join(outlined(page(result)).text)

    assert "Sweep of" in text
    assert "Walk forward, 4d:2d" in text
    assert "nothing to divide by" in text
    assert "deflated Sharpe ratio" in text
    assert "must be before leave" in text
    assert f"{len(result.failed)} failed" in text


def test_every_combination_with_a_result_is_a_cell_of_the_map(result: SweepResult) -> None:
    heat = heats(result.trials, result.axes, result.metric)[0]
    outline = outlined(page(result))
    cells = [attrs for tag, attrs in outline.elements if tag == "g" and "--p" in (attrs.get("style") or "")]
    shown = [value for row in heat.values for value in row if value is not None]

    assert len(shown) == 15, "4 x 4 without enter 3, leave 3"
    assert len(cells) >= len(shown)
    assert len([attrs for attrs in cells if "best" in (attrs["class"] or "").split()]) >= 1


def test_what_a_stranger_wrote_is_text_and_not_page(result: SweepResult) -> None:
    basis = msgspec.structs.replace(result.basis, strategy="<script>alert(1)</script>", data='"><img src=x>')
    html = page(msgspec.structs.replace(result, basis=basis))

    assert "<script>" not in html
    assert "<img" not in html
    outlined(html)


def test_nothing_but_errors_is_a_page_too() -> None:
    asked = wanted(["leave=3:4"], fixed={"mode": "raises"})
    result = run_sweep(asked, lambda _: None, lambda: False)

    text = " ".join(outlined(page(result)).text)

    assert result.best is None
    assert "No combination has a result to rank." in text
    assert re.search(r"2\s+failed", text)


def test_an_interrupted_sweep_says_so(result: SweepResult) -> None:
    assert "Interrupted." in page(msgspec.structs.replace(result, interrupted=True))


def test_a_notebook_shows_the_same(result: SweepResult) -> None:
    assert notebook(result) == result._repr_html_()
    outlined(notebook(result))
    style = notebook(result).partition("<style>")[2].partition("</style>")[0]
    assert not re.search(r"(^|[}\s])(html|body|@page)\b", style), "the notebook itself keeps its looks"


def test_all_results_are_in_the_files(result: SweepResult, tmp_path: Path) -> None:
    result.save(tmp_path)

    parquet = pl.read_parquet(tmp_path / "results.parquet")
    csv = pl.read_csv(tmp_path / "results.csv")

    assert parquet.height == csv.height == len(result.trials) == 32
    assert parquet.columns == csv.columns
    best = result.best
    assert best is not None
    row = parquet.sort("sharpe", descending=True, nulls_last=True).row(0, named=True)
    assert (row["enter"], row["leave"]) == (best.combination["enter"], best.combination["leave"])
    assert row["net"] == pytest.approx((best.outcome.figures["net"] or 0) / 10_000)
