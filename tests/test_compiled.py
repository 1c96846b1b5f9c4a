"""Compiled modules are used whole and only while they are of this very source."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from kasauti import compiled

ROOT = Path(__file__).parents[1]


@pytest.fixture
def stamp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where the stamp of a build goes that is as it should be, with one module."""
    path = tmp_path / "stamp.json"
    built = {
        "by": "1 modules by mypyc 1",
        "python": sys.implementation.cache_tag,
        "modules": {"kasauti.domain.state": "kasauti/domain/state.so"},
        "sources": compiled.sources(),
    }
    path.write_text(json.dumps(built), encoding="utf-8")
    monkeypatch.setattr(compiled, "STAMP", str(path))
    monkeypatch.delenv(compiled.SWITCH, raising=False)
    return path


def _edited(stamp: Path, name: str, value: object) -> None:
    built = json.loads(stamp.read_text(encoding="utf-8"))
    stamp.write_text(json.dumps(built | {name: value}), encoding="utf-8")


def test_what_is_compiled_from_this_source_is_used(stamp: Path) -> None:
    modules, why = compiled.choose()
    assert modules == {"kasauti.domain.state": "kasauti/domain/state.so"}
    assert why == "1 modules by mypyc 1"


def test_nothing_is_used_where_nothing_is_compiled(stamp: Path) -> None:
    stamp.unlink()
    assert compiled.choose() == ({}, "nothing is compiled in this environment")


def test_nothing_is_used_once_a_source_has_changed(stamp: Path) -> None:
    _edited(stamp, "sources", compiled.sources() | {"domain/state.py": "00"})
    assert compiled.choose() == ({}, "the source has changed since it was compiled")


def test_nothing_is_used_once_a_source_is_new(stamp: Path) -> None:
    fewer = compiled.sources()
    del fewer[next(iter(fewer))]
    _edited(stamp, "sources", fewer)
    assert compiled.choose()[0] == {}


def test_nothing_is_used_that_another_python_compiled(stamp: Path) -> None:
    _edited(stamp, "python", "cpython-27")
    modules, why = compiled.choose()
    assert modules == {}
    assert "cpython-27" in why


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", "null"])
def test_a_stamp_that_cannot_be_read_is_as_none(stamp: Path, text: str) -> None:
    stamp.write_text(text, encoding="utf-8")
    modules, why = compiled.choose()
    assert modules == {}
    assert str(stamp) in why


def test_the_switch_has_the_last_word(stamp: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(compiled.SWITCH, "pure")
    assert compiled.choose() == ({}, "KASAUTI_CORE says so")


def test_what_is_asked_for_and_not_there_is_an_error(stamp: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(compiled.SWITCH, "compiled")
    assert compiled.choose()[0]
    stamp.unlink()
    with pytest.raises(ImportError, match="make compiled"):
        compiled.choose()


def test_a_word_the_switch_does_not_know_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(compiled.SWITCH, "fast")
    with pytest.raises(ImportError, match="it may be pure, compiled"):
        compiled.choose()


def test_every_file_that_compiled_code_knows_is_in_the_stamp() -> None:
    package = ROOT / "src" / "kasauti"
    files = [package / "errors.py", package / "ports.py"]
    for name in ("domain", "exchange", "risk", "simulator", "engine", "store", "desk", "web"):
        files += (package / name).rglob("*.py")
    assert compiled.sources().keys() == {str(path.relative_to(package)) for path in files}


def _listed() -> tuple[str, ...]:
    tree = ast.parse((ROOT / "scripts" / "compile.py").read_text(encoding="utf-8"))
    (listed,) = (
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "MODULES"
    )
    return tuple(listed)


def _classes(path: Path) -> dict[str, set[str]]:
    """Return the classes of a module with the names of what they inherit from."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    classes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    return {node.name: {_name(base) for base in node.bases} for node in classes}


def _name(base: ast.expr) -> str:
    """Return the name of a class that is inherited from, without its module and its parameters."""
    return ast.unparse(base).partition("[")[0].rpartition(".")[2]


def test_every_module_to_be_compiled_exists() -> None:
    listed = _listed()
    assert listed == tuple(sorted(set(listed)))
    missing = [n for n in listed if not (ROOT / "src" / "kasauti" / f"{n.replace('.', '/')}.py").exists()]
    assert missing == []


def test_what_inherits_from_a_compiled_class_is_compiled_too() -> None:
    package = ROOT / "src" / "kasauti"
    compiled_files = {package / f"{name.replace('.', '/')}.py" for name in _listed()}
    names = {name for path in compiled_files for name in _classes(path)}
    outside = {
        f"{path.relative_to(package)}: {name}"
        for path in set(package.rglob("*.py")) - compiled_files
        for name, bases in _classes(path).items()
        if bases & names
    }
    assert outside == set()


def test_what_a_compiled_class_inherits_from_is_compiled_too() -> None:
    package = ROOT / "src" / "kasauti"
    compiled_files = {package / f"{name.replace('.', '/')}.py" for name in _listed()}
    outside = {
        name: bases
        for path in set(package.rglob("*.py")) - compiled_files
        for name, bases in _classes(path).items()
        if not bases & {"Protocol", "Struct"}
    }
    inherits = {
        f"{path.relative_to(package)}: {name}"
        for path in compiled_files
        for name, bases in _classes(path).items()
        if bases & (outside.keys() - _classes(path).keys())
    }
    assert inherits == set()


def test_the_version_says_which_core_runs() -> None:
    command = [sys.executable, "-m", "kasauti", "--version"]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert told.endswith(f"({compiled.told()})\n")
