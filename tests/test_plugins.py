"""From a name to a class: entry points, local files, and what is said when either does not work."""

import sys
import tomllib
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from typing import Annotated, Literal, Protocol

import msgspec
import pytest

from kasauti import plugins
from kasauti.brokers.base import BrokerInterface
from kasauti.errors import ConfigError, PluginError
from kasauti.ports import RiskRule, Strategy

ROOT = Path(__file__).parents[1]
PORTS = {"kasauti.brokers": BrokerInterface, "kasauti.risk_rules": RiskRule, "kasauti.strategies": Strategy}

GOOD = """
from dataclasses import dataclass


@dataclass
class Fridays:
    name: str = "fridays"

    def refuses(self, order, state):
        return None


NOT_A_CLASS = 5
"""


class Rule(Protocol):
    name: str

    def refuses(self, order: object, state: object) -> object: ...


def write(folder: Path, text: str, name: str = "mine.py") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def refusal(name: str, port: type | None = None, beside: Path | None = None) -> str:
    with pytest.raises(PluginError) as refused:
        plugins.find("kasauti.risk_rules", name, port=port, beside=beside)
    return str(refused.value)


# Names


def test_what_ships_with_kasauti_comes_in_by_the_same_door() -> None:
    """Each entry point of pyproject.toml that is installed loads."""
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = pyproject["project"]["entry-points"]

    assert PORTS.keys() == groups.keys()
    for group, entries in groups.items():
        assert set(entries) <= set(plugins.names(group)), "install again: pyproject.toml has new entry points"
        for name in entries:
            assert isinstance(plugins.find(group, name, port=PORTS[group]), type)


def test_an_unknown_name_gets_a_suggestion_and_the_list() -> None:
    message = refusal("max_order_valu")

    assert "Did you mean max_order_value?" in message
    assert "Known: max_daily_loss, max_open_orders" in message


def test_an_unknown_group_has_no_names() -> None:
    with pytest.raises(PluginError, match="Known: none"):
        plugins.find("kasauti.no_such_group", "anything")


def install(folder: Path, package: str, entry: str) -> None:
    """Make `folder` look like a place where a package with one entry point is installed."""
    info = folder / f"{package}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n", encoding="utf-8"
    )
    (info / "entry_points.txt").write_text(f"[kasauti.risk_rules]\n{entry}\n", encoding="utf-8")


def test_a_package_of_others_adds_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, "weekdays", "fridays = weekday_rules:Fridays")
    write(tmp_path, GOOD, "weekday_rules.py")
    monkeypatch.syspath_prepend(tmp_path)

    assert "fridays" in plugins.names("kasauti.risk_rules")
    assert plugins.find("kasauti.risk_rules", "fridays", port=Rule).__name__ == "Fridays"


def test_a_name_that_two_packages_offer_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for package in ("one", "two"):
        install(tmp_path, package, f"twice = {package}_rules:Rule")
    monkeypatch.syspath_prepend(tmp_path)

    assert refusal("twice") == (
        "'twice' in kasauti.risk_rules is offered more than once: one_rules:Rule (one), two_rules:Rule (two)."
        " Uninstall all but one."
    )


def test_a_package_that_cannot_be_imported_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, "broken", "broken = broken_rules:Rule")
    path = write(tmp_path, "import nowhere_at_all\n", "broken_rules.py")
    monkeypatch.syspath_prepend(tmp_path)

    message = refusal("broken")

    assert f"{path} line 1 raised ModuleNotFoundError: No module named 'nowhere_at_all'" in message
    assert refusal("broken") == message


# Files


def test_a_class_in_a_local_file_is_found(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)

    by_path = plugins.find("kasauti.risk_rules", f"{path}:Fridays", port=Rule)
    by_folder = plugins.find("kasauti.risk_rules", "mine.py:Fridays", port=Rule, beside=tmp_path)

    assert by_path.__name__ == "Fridays"
    assert by_path is by_folder, "a file is run once"


def test_two_files_of_one_name_are_two_modules(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    write(tmp_path, GOOD)
    write(tmp_path / "other", GOOD.replace("fridays", "mondays"))

    first = plugins.find("x", "mine.py:Fridays", beside=tmp_path)
    second = plugins.find("x", "other/mine.py:Fridays", beside=tmp_path)

    assert (first().name, second().name) == ("fridays", "mondays")


def test_a_file_runs_only_when_it_is_named(tmp_path: Path) -> None:
    write(tmp_path, f"open({str(tmp_path / 'ran')!r}, 'w').close()\n" + GOOD, "trap.py")
    write(tmp_path, GOOD)

    plugins.find("x", "mine.py:Fridays", beside=tmp_path)
    assert not (tmp_path / "ran").exists()

    plugins.find("x", "trap.py:Fridays", beside=tmp_path)
    assert (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("nowhere.py:Fridays", "There is no file"),
        ("mine.py:Friday", "has no Friday. Did you mean Fridays? Classes in it: Fridays."),
        ("mine.py:", "does not name a class in the file; write it like mine.py:MyClass"),
        ("mine.py:a.b", "does not name a class"),
        ("mine.py:NOT_A_CLASS", "is an int, not a class"),
        ("mine.py", "There is no 'mine.py'"),
    ],
)
def test_a_file_or_class_that_is_not_there_is_said(tmp_path: Path, name: str, says: str) -> None:
    write(tmp_path, GOOD)

    assert says in refusal(name, beside=tmp_path)


def test_a_class_without_the_methods_of_its_port_is_refused_by_their_names(tmp_path: Path) -> None:
    write(tmp_path, "class Half:\n    name = 'half'\n")

    message = refusal("mine.py:Half", port=Rule, beside=tmp_path)

    assert "it lacks refuses" in message
    assert "Rule" in message


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "x = 1\nimport no_such_module\n",
            "line 2 raised ModuleNotFoundError: No module named 'no_such_module'",
        ),
        ("x = 1\n\nprint(y)\n", "line 3 raised NameError: name 'y' is not defined"),
        ("def broken(:\n", "line 1 raised SyntaxError"),
        ("def f():\n    return 1 / 0\nf()\n", "line 2 raised ZeroDivisionError"),
        ("import sys\nsys.exit(0)\n", "line 2 raised SystemExit: 0"),
        ("import json\njson.loads('{')\n", "raised JSONDecodeError"),
    ],
)
def test_a_file_that_raises_is_not_hidden_behind_not_found(tmp_path: Path, text: str, says: str) -> None:
    path = write(tmp_path, text + GOOD)

    message = refusal("mine.py:Fridays", beside=tmp_path)

    assert says in message
    assert str(path) in message
    assert not [name for name in sys.modules if name.startswith("kasauti_local_mine") and name in message]


def test_the_error_behind_a_broken_plugin_is_kept(tmp_path: Path) -> None:
    write(tmp_path, "raise KeyError('own')\n")

    with pytest.raises(PluginError) as refused:
        plugins.find("x", "mine.py:Fridays", beside=tmp_path)

    assert isinstance(refused.value.__cause__, KeyError)


def test_a_file_can_be_corrected_and_tried_again(tmp_path: Path) -> None:
    write(tmp_path, "broken(\n")
    refusal("mine.py:Fridays", beside=tmp_path)

    write(tmp_path, GOOD)

    assert plugins.find("x", "mine.py:Fridays", beside=tmp_path).__name__ == "Fridays"


# Parameters


class Plain:
    def __init__(
        self,
        instrument: str,
        *,
        fast: Annotated[int, msgspec.Meta(ge=1)] = 9,
        side: Literal["long", "short"] = "long",
        until: time = time(15, 0),
        ratio: float = 1.0,
    ) -> None:
        if fast == 13:
            raise ValueError("fast cannot be 13")
        self.given = (instrument, fast, side, until, ratio)


class Typed(msgspec.Struct, frozen=True):
    limit: int
    hard: bool = False


@dataclass
class Data:
    limit: int = 3


class Self:
    def __init__(self, values: dict[str, object]) -> None:
        self.values = values

    @classmethod
    def from_parameters(cls, values: dict[str, object]) -> "Self":
        if "limit" in values:
            raise ConfigError("limit is not for you")
        return cls(values)


class Nothing:
    pass


def place(name: str) -> str:
    return f"my.yaml line {1 + len(name)}"


def test_parameters_become_the_types_of_the_constructor() -> None:
    made = plugins.make(Plain, {"instrument": "NSE:SBIN", "until": "14:50", "ratio": 2, "fast": 5}, place)

    assert made.given == ("NSE:SBIN", 5, "long", time(14, 50), 2.0)


def test_structs_dataclasses_and_classes_of_their_own_mind_are_made_too() -> None:
    assert plugins.make(Typed, {"limit": 5}, place) == Typed(5)
    assert plugins.make(Data, {}, place) == Data(3)
    assert plugins.make(Self, {"a": 1}, place).values == {"a": 1}
    assert isinstance(plugins.make(Nothing, {}, place), Nothing)


@pytest.mark.parametrize(
    ("kind", "parameters", "says"),
    [
        (
            Plain,
            {"instrument": "x", "fsat": 5},
            "my.yaml line 5: Plain has no parameter fsat. Did you mean fast?",
        ),
        (Plain, {"instrument": "x", "zzz": 5}, "Parameters: instrument, fast, side, until, ratio."),
        (Plain, {}, "my.yaml line 1: Plain needs the parameter instrument: a text."),
        (
            Plain,
            {"instrument": "x", "fast": 0},
            "fast is 0, which cannot be used. Allowed: a whole number of at least 1.",
        ),
        (Plain, {"instrument": "x", "fast": "many"}, "my.yaml line 5: fast is many"),
        (Plain, {"instrument": "x", "side": "both"}, "one of long, short"),
        (Plain, {"instrument": "x", "until": "25:00"}, "an IST time like 14:50"),
        (
            Plain,
            {"instrument": "x", "fast": 13},
            "my.yaml line 5: Plain refuses its parameters: fast cannot be 13",
        ),
        (Plain, {"instrument": None}, "instrument is null"),
        (Typed, {"limit": 5, "hrad": True}, "Did you mean hard?"),
        (Typed, {"limit": True}, "limit is True"),
        (Data, {"limit": "x"}, "limit is x"),
        (Self, {"limit": 1}, "my.yaml line 6: Self refuses its parameters: limit is not for you"),
        (Nothing, {"a": 1}, "Nothing has no parameter a. Parameters: none."),
    ],
)
def test_a_parameter_that_is_unknown_missing_or_wrong_is_named_with_its_place(
    kind: type, parameters: dict[str, object], says: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        plugins.make(kind, parameters, place)

    assert says in str(refused.value)


def test_a_parameter_named_like_a_secret_is_not_shown() -> None:
    class Door:
        def __init__(self, api_token: int) -> None:
            pass

    with pytest.raises(ConfigError) as refused:
        plugins.make(Door, {"api_token": "canary"}, place)

    assert "canary" not in str(refused.value)
