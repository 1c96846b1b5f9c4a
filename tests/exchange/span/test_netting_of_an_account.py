"""What contracts require is the same whatever was asked before: nothing that is kept is out of date."""

from datetime import date

from hypothesis import example, given, settings
from hypothesis import strategies as st

from kasauti.domain.instrument import Exchange, Instrument, Kind
from kasauti.domain.ist import NS_PER_MINUTE, ist_ns
from kasauti.domain.money import RUPEE
from kasauti.domain.risk_mark import RiskMark
from kasauti.exchange.span.account import SpanNetting
from kasauti.exchange.span.parameters import SpanParameters

DAY, NEAR, FAR = date(2026, 6, 1), date(2026, 6, 9), date(2026, 6, 30)
SPOT = 24_000 * RUPEE
PARAMETERS = SpanParameters()
CONTRACTS = [
    Instrument(
        Exchange.NFO,
        f"NIFTY{expiry:%d%b}{strike}{kind}",
        kind,
        tick_size=500,
        name="NIFTY",
        expiry=expiry,
        strike=strike * RUPEE,
        on_index=True,
    )
    for expiry in (NEAR, FAR)
    for strike in (23_900, 24_000, 24_300)
    for kind in (Kind.CALL, Kind.PUT)
] + [Instrument(Exchange.NFO, "NIFTY26JUNFUT", Kind.FUTURE, 500, name="NIFTY", expiry=FAR, on_index=True)]

contracts = st.sampled_from(CONTRACTS)
units = st.sampled_from([-130, -65, 65, 195])
held = st.dictionaries(contracts.map(CONTRACTS.index), units, min_size=1, max_size=4)
asked = st.lists(st.tuples(held, st.permutations(range(4)), st.sampled_from([0, 40, 90])), max_size=6)


def fresh() -> SpanNetting:
    return SpanNetting(PARAMETERS, DAY, DAY)


def marks_of(number: int, spot: int) -> dict[str, RiskMark]:
    """Return what was marked when the underlying had moved by so many rupees."""
    at, price = ist_ns(DAY) + (600 + spot) * NS_PER_MINUTE, (150 + number) * RUPEE
    return {
        each.id: RiskMark(each.id, at, SPOT + (spot + place) * RUPEE, price)
        for place, each in enumerate(CONTRACTS)
    }


@settings(deadline=None, max_examples=200)
@given(questions=asked)
@example(questions=[({0: 195, 7: 65, 9: 195}, [0, 1, 2, 3], 0)]).via("two expiries, all of it bought")
def test_what_was_asked_before_changes_no_answer(
    questions: list[tuple[dict[int, int], list[int], int]],
) -> None:
    kept = fresh()
    for wanted, order, spot in questions:
        pairs = [(CONTRACTS[number], count) for number, count in wanted.items()]
        holdings = [pairs[place] for place in order if place < len(pairs)]
        marks = marks_of(len(pairs), spot)

        required, shares = kept.required(holdings, marks), kept.shares(holdings, marks)

        assert required == sum(shares) == fresh().required(holdings, marks)
        assert shares == fresh().shares(holdings, marks)


def test_nothing_requires_nothing() -> None:
    assert (fresh().required([], {}), fresh().shares([], {})) == (0, [])
