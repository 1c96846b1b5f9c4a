"""What sold options lose at worst is what all sixteen scenarios say, wherever their ends say it alone."""

from datetime import date

from hypothesis import example, given, settings
from hypothesis import strategies as st

from kasauti.domain.instrument import Exchange, Instrument, Kind
from kasauti.domain.ist import NS_PER_SECOND, ist_ns
from kasauti.domain.money import PAISA, RUPEE
from kasauti.domain.risk_mark import RiskMark
from kasauti.exchange.span.account import SpanNetting
from kasauti.exchange.span.approximation import Market, option_risk, sold_ends
from kasauti.exchange.span.parameters import SpanParameters, Subject
from kasauti.exchange.span.risk import Holding
from kasauti.exchange.span.sold import Sold, SoldEnds
from kasauti.exchange.span.sources import Approximation, Leg, required

DAY, EXPIRY = date(2026, 6, 1), date(2026, 6, 9)
SPOT = 24_000 * RUPEE
PARAMETERS = SpanParameters()
RANGES = PARAMETERS.ranges(Subject.INDEX, "NIFTY", DAY)

kinds = st.sampled_from([Kind.CALL, Kind.PUT])
strikes = st.integers(300, 700).map(lambda fifties: fifties * 50)
prices = st.one_of(st.integers(1, 200), st.integers(1, 120_000)).map(lambda ticks: ticks * 500)
volatilities = st.sampled_from([0.0, 0.05, 0.14, 0.8, 4.0])
options = st.tuples(kinds, strikes, prices, st.sampled_from([1, 65, 130, 1_950]))
#: A call and a put so far in the money that what one loses the other gains: only rounding makes a scenario
#: worse.
FLAT = [(Kind.CALL, 15_000, 9_000 * RUPEE, 65), (Kind.PUT, 33_000, 9_000 * RUPEE, 65)]


def contract(kind: Kind, strike: int, expiry: date = EXPIRY) -> Instrument:
    symbol = f"NIFTY{expiry:%d%b}{strike}{kind}".upper()
    return Instrument(
        Exchange.NFO, symbol, kind, 500, name="NIFTY", expiry=expiry, strike=strike * RUPEE, on_index=True
    )


@settings(deadline=None, max_examples=300)
@given(
    legs=st.lists(options, min_size=1, max_size=4),
    volatility=volatilities,
    seconds=st.sampled_from([60, 20_000, 86_400, 2_600_000]),
)
@example(legs=FLAT, volatility=0.05, seconds=60).via("nothing is worse than anything else")
def test_the_ends_have_the_worst_scenario_or_do_not_tell(
    legs: list[tuple[Kind, int, int, int]], volatility: float, seconds: int
) -> None:
    sold, market, together = Sold(), Market(SPOT, DAY), [0] * 16
    for kind, strike, price, units in legs:
        option = contract(kind, strike)
        sold.add(sold_ends(option, price, market, RANGES, seconds, volatility), units)
        risk = option_risk(option, price, market, RANGES, seconds, volatility)
        losses = Holding(risk, -units).losses
        together = [so_far + loss for so_far, loss in zip(together, losses, strict=True)]

    assert sold.worst() in {-1, max(0, *together)}


def test_ends_that_rounding_could_reach_do_not_tell() -> None:
    """Scenarios in between are rounded too: three money units a unit are not enough to be sure of an end."""
    near, far = Sold(), Sold()
    near.add(SoldEnds(500, SPOT, still=0, up=3, down=-3, far_up=9, far_down=-9), 65)
    far.add(SoldEnds(500, SPOT, still=0, up=4, down=-4, far_up=9, far_down=-9), 65)

    assert (near.worst(), far.worst()) == (-1, 9 * 65)


@settings(deadline=None, max_examples=200)
@given(legs=st.lists(options, min_size=1, max_size=4, unique_by=lambda leg: leg[:2]), last_day=st.booleans())
@example(legs=FLAT, last_day=False).via("the ends do not tell")
def test_an_account_blocks_for_what_it_sold_what_the_margin_of_its_legs_is(
    *, legs: list[tuple[Kind, int, int, int]], last_day: bool
) -> None:
    """The same legs as `kasauti.margin` reckons them, by every scenario, with the account's buffer."""
    ends = DAY if last_day else EXPIRY
    at, rules = ist_ns(DAY) + 36_000 * NS_PER_SECOND, PARAMETERS.account(DAY)
    seconds = (ist_ns(ends) + rules.ends_after - at) // NS_PER_SECOND
    sold = [(contract(kind, strike, ends), price, -units) for kind, strike, price, units in legs]
    marks = {option.id: RiskMark(option.id, at, SPOT, price) for option, price, _ in sold}
    source = Approximation({"NIFTY": Market(SPOT, DAY)}, lambda _: seconds, PARAMETERS, DAY)

    blocked = SpanNetting(PARAMETERS, DAY, DAY).required(
        [(option, units) for option, _, units in sold], marks
    )

    whole = required([Leg(option, units, price) for option, price, units in sold], source, DAY).total
    assert blocked == -(-whole * rules.buffer // PAISA) * PAISA
