"""What is read from YAML, and that whatever else a file holds ends in one sentence with a line."""

from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.config.files import write

from kasauti.config.document import read_document
from kasauti.errors import ConfigError


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("14:50", "14:50"),  # YAML 1.1 makes 890 of this
        ("yes", "yes"),  # and true of this
        ("on", "on"),
        ("010", "010"),  # and 8 of this
        ("2026-11-23", "2026-11-23"),
        ("100000", 100_000),
        ("1_00_000", 100_000),
        ("-5", -5),
        ("2.50", Decimal("2.50")),
        ("1e3", Decimal(1000)),
        (".5", ".5"),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("true", True),
        ("null", None),
        ("", None),
        ("'5'", "5"),
        ("[1, two]", [1, "two"]),
    ],
)
def test_a_word_means_what_it_looks_like(tmp_path: Path, written: str, value: object) -> None:
    document = read_document(write(tmp_path, f"key: {written}\n"))

    assert document.values == {"key": value}
    assert type(document.values["key"]) is type(value)


def test_every_key_knows_its_line(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "# a comment\nrisk:\n\n  max_positions: 3\nstrategies:\n  - use: a\n    parameters: {x: 1}\n",
    )

    document = read_document(path)

    assert document.lines == {
        "risk": 2,
        "risk.max_positions": 4,
        "strategies": 5,
        "strategies[0]": 6,
        "strategies[0].use": 6,
        "strategies[0].parameters": 7,
        "strategies[0].parameters.x": 7,
    }
    assert document.place("risk.max_positions") == f"{path} line 4"
    assert document.place("strategies[0].parameters.unheard_of") == f"{path} line 7"
    assert document.place("display.last_events") == str(path)


@pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n", "null\n"])
def test_a_file_without_settings_sets_nothing(tmp_path: Path, text: str) -> None:
    assert read_document(write(tmp_path, text)).values == {}


def test_a_file_from_another_system_reads_the_same(tmp_path: Path) -> None:
    path = write(tmp_path, b"\xef\xbb\xbfrisk:\r\n  max_positions: 3\r\n")

    assert read_document(path).values == {"risk": {"max_positions": 3}}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("- a\n- b\n", "a list, not sections"),
        ("hello\n", "a single value, not sections"),
        ("a: 1\nb: 2\na: 3\n", "line 3 sets a a second time, after line 1"),
        ("a:\n  b: 1\n  b: 1\n", "line 3 sets a.b a second time, after line 2"),
        ("a:\n  b: {c: 1, c: 2}\n", "line 2 sets a.b.c a second time"),
        ("a: 1\n b: 2\n", "line 2 is not YAML"),
        ("a:\n\tb: 1\n", "line 2 is not YAML"),
        ("a: 'open\n", "is not YAML"),
        ("a: &x 1\n", "line 1 is not YAML: anchors and aliases"),
        ("a: 1\nb: *x\n", "line 2 is not YAML: anchors and aliases"),
        ("a: !!python/object/apply:os.system [echo]\n", "line 1 is not YAML: the tag"),
        ("a: !!int 5\n", "line 1 is not YAML: the tag"),
        ("---\na: 1\n---\na: 2\n", "is not YAML"),
        ("? [1]\n: 2\n", "line 1 has a key that is not a word"),
        ("'': 2\n", "line 1 has a key that is not a word"),
        ("a: " + "[" * 3000, "nested too deeply"),
        (b"a: \xff\n", "is not YAML text in UTF-8"),
        (b"a: \x00\n", "is not YAML text in UTF-8"),
        (b"a" * 1_000_001, "larger than"),
    ],
)
def test_what_is_not_plain_yaml_is_refused_with_its_line(
    tmp_path: Path, text: str | bytes, says: str
) -> None:
    path = write(tmp_path, text)

    with pytest.raises(ConfigError) as refused:
        read_document(path)

    assert says in str(refused.value)
    assert str(path) in str(refused.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"There is no file .*nowhere\.yaml"):
        read_document(tmp_path / "nowhere.yaml")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read_document(tmp_path)


@settings(deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
@example(b"1" * 6000)
@example(b"a: 9999999999999999999999999999999999999999999999999e99")
def test_whatever_a_file_holds_it_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = write(tmp_path_factory.getbasetemp(), content)

    with suppress(ConfigError):
        document = read_document(path)
        assert set(document.values) <= set(document.lines)
