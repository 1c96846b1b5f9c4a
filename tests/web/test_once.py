"""A name that is given twice is found, however the text is written; a plain text is not read twice for it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kasauti.errors import InvalidInput
from kasauti.web import once
from kasauti.web.once import check_names

_NAMES = st.sampled_from(["a", "b", "a:b", ":", '"', "a b"])
_FLAT = st.one_of(st.integers(), st.booleans(), st.none(), st.text(alphabet=':a"\\\\ {},', max_size=6))
_ANY = st.recursive(
    _FLAT, lambda each: st.lists(each, max_size=3) | st.dictionaries(_NAMES, each, max_size=3)
)
_SPACE = st.sampled_from(["", " ", "\n"])


@given(
    pairs=st.lists(st.tuples(_NAMES, _ANY), max_size=5),
    space=_SPACE,
    written=st.sampled_from(["a b", "a\\u0020b"]),
)
def test_exactly_what_gives_a_name_twice_is_refused(
    pairs: list[tuple[str, Any]], space: str, written: str
) -> None:
    text = ",".join(f"{json.dumps(name)}{space}:{space}{json.dumps(value)}" for name, value in pairs)
    text = f"{{{space}{text.replace('a b', written)}}}"
    is_twice = len({name for name, _ in pairs}) < len(pairs)
    for form in (text, text.encode()):
        if is_twice:
            with pytest.raises(InvalidInput, match="given twice"):
                check_names(form)
        else:
            check_names(form)


@pytest.mark.parametrize(
    "text",
    [
        b'{"a":1,"a":2}',
        b'{"a":1,"a":"x:y"}',
        b'{"a":":","a":1}',
        b'{"a":{"b":1},"a":1}',
        b'{"a" :1,"a":2,"b":"\\u003a"}',
        b'{"a":1,"\\u0061":2}',
        b'[{"a":1,"a":2}]',
        b'{"b":[{"a":1,"a":2}]}',
    ],
)
def test_a_name_that_hides_is_found(text: bytes) -> None:
    with pytest.raises(InvalidInput, match="'a' is given twice"):
        check_names(text)


def test_an_order_as_most_are_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(once, "_ONE_OF_EACH", None)
    check_names(b'{"instrument": "NSE:SBIN", "side":"BUY", "quantity" : 10, "price": "812.5", "tag": null}')
