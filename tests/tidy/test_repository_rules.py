"""The repository's own rules, where no linter has them."""

import ast
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import kasauti.errors

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "kasauti"
MODULES = sorted(PACKAGE.rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
CORE = ("domain", "exchange", "risk", "simulator", "engine")

MODULE_LINES = 400
FUNCTION_LINES = 60
VAGUE_NAMES = {"utils", "util", "helpers", "common", "misc", "core", "manager", "service"}
MODE_WORDS = {"backtest", "paper", "live"}

#: The loop against a clock, around the engine: "live" is its name in the design, and no mode is known in it.
LOOP = PACKAGE / "engine" / "live.py"

#: Modules that people or other programs enter by, so that nothing in the package imports them.
ENTRIES = {
    "kasauti.__main__",
    "kasauti.store.shards",
    "kasauti.strategies.lookahead",
    "kasauti.testing",
    "kasauti.web.keys",
    "kasauti.desk.paper_trading",
}

#: The steps from one version of the tables to the next, which Alembic finds in their folder.
STEPS = PACKAGE / "store" / "migrations" / "versions"

#: Where anything at all may be caught, and how often: a stranger's code runs there, or the process ends.
CATCHES_EVERYTHING = {
    "desk/account.py": 1,  # a listener that fails costs the account nothing
    "desk/desk.py": 2,  # whatever goes wrong inside an account stops that account, and nobody else
    "web/application.py": 1,  # no request ends without an answer in its dialect's words
    "web/webhooks/carrying.py": 2,  # an alert that meets a mistake of ours ends alone
    "compose/strategies.py": 1,  # as plugins.py, when the stranger is asked what it wants
    "compose/account.py": 1,  # closes the log, and raises again
    "compose/signals.py": 1,  # as plugins.py, when a strategy computes its signals
    "engine/guard.py": 1,  # a hook's thread hands whatever was raised to the engine's side
    "engine/host.py": 3,  # whatever a strategy raises stops it, not the account
    "engine/lanes.py": 3,  # as host.py
    "engine/readings.py": 1,  # as host.py: an indicator raises again at the candle that it cannot take
    "engine/live.py": 2,  # raised again, once what came before is on its way or turned away
    "plugins.py": 1,  # a stranger's import may raise anything
    "store/postgres.py": 1,  # ends the session, and raises again
    "store/database.py": 2,  # closes what was half opened, and raises again
    "sweeps/trial.py": 1,  # whatever a strategy raises fails its own combination only
    "store/sqlite.py": 2,  # as above, and: after any failed write nothing is written
}

#: Modules that exist on POSIX or on Windows only: imported where they are used, behind a check.
ONE_SYSTEM_ONLY = {"fcntl", "grp", "msvcrt", "pwd", "resource", "termios", "tty", "winreg"}


def _id(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _dotted(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def _tracked() -> list[Path]:
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a git clone: which files belong to the repository is not known")
    listing = [git, "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, check=True, capture_output=True, text=True).stdout.split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


# Size and names


@pytest.mark.parametrize("path", MODULES + TESTS, ids=_id)
def test_a_module_fits_in_the_head(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MODULE_LINES


@pytest.mark.parametrize("path", MODULES + TESTS, ids=_id)
def test_a_function_fits_on_a_screen(path: Path) -> None:
    functions = [n for n in ast.walk(_tree(path)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    too_long = {f.name: f.end_lineno - f.lineno + 1 for f in functions if f.end_lineno is not None}
    assert {name: lines for name, lines in too_long.items() if lines > FUNCTION_LINES} == {}


@pytest.mark.parametrize("path", MODULES, ids=_id)
def test_a_module_is_named_after_what_is_in_it(path: Path) -> None:
    names = set(path.relative_to(PACKAGE).with_suffix("").parts)
    words = {word for name in names for word in name.split("_")}
    assert words & VAGUE_NAMES == set()


# Imports


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _named_as_plugins() -> set[str]:
    """Modules that are loaded by name: entry points, and `module:Class` strings in the package."""
    texts = [(ROOT / "pyproject.toml").read_text(encoding="utf-8")]
    texts += [path.read_text(encoding="utf-8") for path in MODULES]
    return {name for text in texts for name in re.findall(r"[\"'](kasauti(?:\.\w+)+):\w+[\"']", text)}


def test_every_module_is_imported_by_the_package() -> None:
    used = {name for path in MODULES for name in _imports(path)} | _named_as_plugins() | ENTRIES
    packages = {_dotted(path) for path in MODULES if path.name == "__init__.py"}
    found = {_dotted(path) for path in MODULES if path.parent != STEPS}
    assert found - packages - used == set()


@pytest.mark.parametrize("path", MODULES, ids=_id)
def test_modules_of_one_operating_system_are_not_imported_at_the_top(path: Path) -> None:
    at_the_top = {
        alias.name
        for node in _tree(path).body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in ([ast.alias(node.module or "")] if isinstance(node, ast.ImportFrom) else node.names)
    }
    assert at_the_top & ONE_SYSTEM_ONLY == set()


# What the code may say and do


def _docstrings(tree: ast.Module) -> set[int]:
    owners = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    firsts = [node.body[0] for node in ast.walk(tree) if isinstance(node, owners) and node.body]
    return {id(first.value) for first in firsts if isinstance(first, ast.Expr)}


def _identifiers(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield (line, text) of every name and of every string that is not a docstring."""
    docstrings = _docstrings(tree)
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=text) | ast.Attribute(attr=text) | ast.arg(arg=text):
                yield node.lineno, text
            case ast.ClassDef(name=text) | ast.FunctionDef(name=text) | ast.AsyncFunctionDef(name=text):
                yield node.lineno, text
            case ast.keyword(arg=str(text)):
                yield node.lineno, text
            case ast.Constant(value=str(text)) if id(node) not in docstrings:
                yield node.lineno, text
            case _:
                pass


def _words(text: str) -> set[str]:
    """Split snake_case, CamelCase and sentences into lower-case words."""
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", text)}


def test_words_are_split_where_people_see_them() -> None:
    assert _words("PaperVenue is_live BACKTEST delivery") == {
        "paper",
        "venue",
        "is",
        "live",
        "backtest",
        "delivery",
    }


@pytest.mark.parametrize(
    "path", [p for p in MODULES if p.relative_to(PACKAGE).parts[0] in CORE and p != LOOP], ids=_id
)
def test_nothing_below_the_composition_root_knows_the_mode(path: Path) -> None:
    told = [(line, text) for line, text in _identifiers(_tree(path)) if _words(text) & MODE_WORDS]
    assert told == []


def _catches_everything(handler: ast.ExceptHandler) -> bool:
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(
        kind is None or (isinstance(kind, ast.Name) and kind.id in {"Exception", "BaseException"})
        for kind in caught
    )


def test_everything_is_caught_only_where_it_is_listed() -> None:
    handlers = [
        path.relative_to(PACKAGE).as_posix()
        for path in MODULES
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.ExceptHandler) and _catches_everything(node)
    ]
    assert {name: handlers.count(name) for name in handlers} == CATCHES_EVERYTHING


# Files


#: Written in pieces, so that this file does not name them.
ELSEWHERE = re.compile(
    "|".join(
        [
            "pypi" + r"\.org",
            "python" + r"hosted\.org",
            "index" + r"-url\s*=",
            r"(?<![\w.])/" + r"(?:root|work|opt)/\w",
            "/" + r"home/\w+/",
            "/" + r"Users/\w+/",
            r"[A-Z]:\\" + r"Users",
        ]
    )
)


def test_no_file_names_a_package_host_or_a_place_on_one_machine() -> None:
    found = []
    for path in _tracked():
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue  # not a text
        found += [f"{_id(path)}:{number}" for number, line in enumerate(lines, 1) if ELSEWHERE.search(line)]
    assert found == []


def _locked(name: str) -> dict[str, str]:
    """Return the blocks of a lock file by package: the requirement and its hashes."""
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=\S)", text.strip())
    return {re.split(r"[=<>~!\[ ]", block, maxsplit=1)[0]: block for block in blocks}


@pytest.mark.parametrize("name", ["run.lock", "server.lock", "dev.lock"])
def test_a_lock_pins_and_hashes_every_package_and_names_no_place(name: str) -> None:
    for package, block in _locked(name).items():
        requirement, *hashes = block.splitlines()
        assert re.fullmatch(r"[a-z0-9.-]+(\[[a-z0-9,-]+\])?==[\w.]+( ; [^\\]+)? \\", requirement), package
        assert hashes, package
        assert all(re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?", line) for line in hashes), package


def test_the_locks_agree() -> None:
    run, server, dev = map(_locked, ("run.lock", "server.lock", "dev.lock"))
    assert {package: server.get(package) for package in run} == run
    for package, block in server.items():
        assert _pinned(dev[package]) == _pinned(block)


def _pinned(block: str) -> list[str]:
    """Return version and hashes of a locked package, whatever the platforms that it is for."""
    requirement, *hashes = block.splitlines()
    return [re.split(r" [;\\]", requirement)[0], *(line.rstrip(" \\") for line in hashes)]


def test_the_locks_hold_every_dependency_and_the_build_backend() -> None:
    project = _pyproject()["project"]
    build = _pyproject()["build-system"]["requires"]
    build_in = (ROOT / "requirements" / "build.in").read_text(encoding="utf-8").splitlines()
    assert [line for line in build_in if not line.startswith("#")] == build
    assert {_package(r) for r in [*project["dependencies"], *build]} <= _locked("run.lock").keys()
    assert {_package(r) for r in project["optional-dependencies"]["postgres"]} <= _locked(
        "server.lock"
    ).keys()
    assert {_package(r) for r in project["optional-dependencies"]["dev"]} <= _locked("dev.lock").keys()


def _package(requirement: str) -> str:
    return re.split(r"[<>=~!\[; ]", requirement, maxsplit=1)[0].lower().replace("_", "-")


# Documents


def test_every_runtime_dependency_says_why_it_is_there() -> None:
    page = (ROOT / "docs" / "adr" / "0009-dependencies.md").read_text(encoding="utf-8")
    given = set(re.findall(r"^\| `([\w-]+)` \| \S.+ \|$", page, re.MULTILINE))
    assert {re.split(r"[<>=;]", r)[0] for r in _pyproject()["project"]["dependencies"]} == given


def test_every_lint_exception_says_why() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    section = text[text.index("[tool.ruff.lint]") : text.index("[tool.ruff.lint.flake8-tidy-imports")]
    codes = [line for line in section.splitlines() if re.match(r'\s*"[A-Z]+\d*",', line)]
    assert codes, "the lists of exceptions are not where this test looks for them"
    assert [line for line in codes if not re.search(r"# \w.{5,}", line)] == []


def _error_classes() -> list[type[kasauti.errors.KasautiError]]:
    found = [kasauti.errors.KasautiError]
    for kind in found:
        found += kind.__subclasses__()
    return found


def test_every_error_has_its_own_code_and_a_line_in_the_documents() -> None:
    rows = re.findall(
        r"^\| `([\w.]+)` \| (\d+) \| .+ \| .+ \|$",
        (ROOT / "docs" / "errors.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    documented = {code: int(exit_code) for code, exit_code in rows}
    kinds = _error_classes()
    assert len({kind.code for kind in kinds}) == len(kinds)
    assert {kind.code: kind.exit_code for kind in kinds} == documented


def test_the_index_of_decisions_lists_them_all() -> None:
    pages = sorted(path.name for path in (ROOT / "docs" / "adr").glob("[0-9]*.md"))
    index = (ROOT / "docs" / "adr" / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| \[\d{4}\]\((.+?)\)", index, re.MULTILINE) == pages
    assert [int(name[:4]) for name in pages] == list(range(1, len(pages) + 1))


def test_a_decision_has_its_four_parts() -> None:
    for page in (ROOT / "docs" / "adr").glob("[0-9]*.md"):
        text = page.read_text(encoding="utf-8")
        for part in ("Context.", "Decision.", "Consequences.", "Rejected."):
            assert f"**{part}**" in text, f"{page.name} has no {part}"


def test_every_relative_link_leads_somewhere() -> None:
    broken = []
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        broken += [f"{_id(page)}: {link}" for link in links if not (page.parent / link).exists()]
    assert broken == []
