from itertools import combinations

from kasauti.store.chain import genesis, link

#: Computed with sha256sum over the bytes written out by hand.
GENESIS = "9bdeec73f9a5c3ff959c3f6eeb15be90f26a116baac58b803d275d38c5ff7c0c"
FIRST = "cf18936b4dd4462e232cbd30a0793016fccd5859d9dec5cae03533886442054c"

AT = 1_768_276_507_250_000_000


def test_the_chain_is_what_its_description_says() -> None:
    assert genesis("main").hex() == GENESIS
    assert (
        link(genesis("main"), b"main", 1, AT, b"user", b"day.opened", 1, b'{"day":"2026-01-13"}').hex()
        == FIRST
    )


def test_records_that_differ_anywhere_have_different_hashes() -> None:
    """Also where the same bytes are cut into parts at another place."""
    before = genesis("main")
    records = [
        (before, b"main", 1, AT, b"user", b"day.opened", 1, b"{}"),
        (genesis("other"), b"main", 1, AT, b"user", b"day.opened", 1, b"{}"),
        (before, b"mainu", 1, AT, b"ser", b"day.opened", 1, b"{}"),
        (before, b"main", 2, AT, b"user", b"day.opened", 1, b"{}"),
        (before, b"main", 1, AT + 1, b"user", b"day.opened", 1, b"{}"),
        (before, b"main", 1, AT, b"use", b"rday.opened", 1, b"{}"),
        (before, b"main", 1, AT, b"userday", b".opened", 1, b"{}"),
        (before, b"main", 1, AT, b"user", b"day.opened", 2, b"{}"),
        (before, b"main", 1, AT, b"user", b"day.opened{", 1, b"}"),
        (before, b"main", 1, AT, b"user", b"day.opened", 1, b"{ }"),
    ]
    assert all(link(*one) != link(*other) for one, other in combinations(records, 2))
