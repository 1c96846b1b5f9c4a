"""A SPAN file comes in by pieces, whole or not at all."""

from datetime import date

import pytest
from tests.exchange.span.spn_files import Commodity, Contract, spn

from kasauti.domain.instrument import Kind
from kasauti.domain.money import rupees
from kasauti.errors import MarketDataError
from kasauti.exchange.span.parsing import parse_span
from kasauti.exchange.span.risk import ONE_DELTA, CalendarSpread, InterSpread

DAY, NEAR, FAR = date(2026, 6, 25), date(2026, 6, 30), date(2026, 7, 28)
LOSSES = [f"{loss}.25" for loss in range(16)]


def crude() -> Commodity:
    return Commodity(
        "CRUDEOIL",
        "5000.00",
        [
            Contract(NEAR, "FUT", "5010.50", LOSSES),
            Contract(NEAR, "P", "120.05", LOSSES, "-0.4321", "4900.00"),
        ],
        [(NEAR, FAR, "42.500000", "1.000000", "2.000000")],
        "3.5",
        "10.00",
    )


def test_what_a_file_says() -> None:
    text = spn(DAY, [crude()], [((("CRUDEOIL", "1.0", "A"), ("GOLD", "0.5", "B")), "0.4")]).encode()

    file = parse_span((text[at : at + 7] for at in range(0, len(text), 7)), "crude.spn")

    assert (file.day, file.spots) == (DAY, {"CRUDEOIL": rupees(5000)})
    underlying = file.underlyings["CRUDEOIL"]
    assert underlying.minimum == rupees("3.5")
    assert underlying.spreads == (CalendarSpread(NEAR, FAR, rupees("42.5"), ONE_DELTA, 2 * ONE_DELTA),)
    assert file.inter == (
        InterSpread((("CRUDEOIL", ONE_DELTA, "A"), ("GOLD", ONE_DELTA // 2, "B")), 400_000),
    )
    put = file.contracts["CRUDEOIL", NEAR, Kind.PUT, rupees(4900)]
    assert (put.price, put.exposed, put.delta) == (rupees("1200.50"), rupees(50_000), -432_100)
    assert put.losses == tuple(rupees(loss) for loss in LOSSES)
    future = file.contracts["CRUDEOIL", NEAR, Kind.FUTURE, 0]
    assert (future.price, future.exposed, future.delta) == (rupees(50_105), rupees(50_105), ONE_DELTA)


def test_only_what_was_asked_for_is_kept() -> None:
    text = spn(DAY, [crude(), Commodity("GOLD", "70000.00")]).encode()

    file = parse_span([text], "both.spn", {"GOLD"})

    assert (set(file.underlyings), file.contracts) == ({"GOLD"}, {})


WHOLE = spn(DAY, [crude()])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "not a whole SPAN file"),
        ("no xml at all", "not a whole SPAN file"),
        (WHOLE[: len(WHOLE) // 2], "not a whole SPAN file.*Fetch it again"),
        ("<html><body>Not found</body></html>", "has no day: it is no SPAN file"),
        (WHOLE.replace("<a>3.25</a>", ""), "CRUDEOIL 2026-06-30 FUT has 15 losses, a risk array has 16"),
        (WHOLE.replace("<a>3.25</a>", "<a>n/a</a>"), "has 'n/a' where a number belongs"),
        (WHOLE.replace("<a>3.25</a>", "<a>inf</a>"), "has 'inf' where a number belongs"),
        (WHOLE.replace("<d>-0.4321</d></ra>", "</ra>"), "2026-06-30 PE 4900 has None where a number"),
        (WHOLE.replace("<cvf>10.00</cvf>", ""), "has no contract value factor"),
        (WHOLE.replace("<o>P</o>", "<o>X</o>"), "an option of CRUDEOIL is 'X'; it can be C or P"),
        (WHOLE.replace("<pe>20260630</pe>", "<pe>2026</pe>"), "the date '2026'; it is written like 20261124"),
        (WHOLE.replace("<chargeMeth>F<", "<chargeMeth>W<"), "not charged by a flat amount"),
        (WHOLE.replace("<i>2.000000</i>", "<i>0</i>"), "a leg of ratio 0; it is above 0"),
        (WHOLE.replace("<pe>00000000</pe><p>5000.00</p>", ""), "has None where a number belongs"),
        (WHOLE.replace("phyPf", "oddPf"), "has no price of CRUDEOIL itself"),
    ],
)
def test_what_is_no_whole_span_file_is_refused_with_its_place(text: str, says: str) -> None:
    with pytest.raises(MarketDataError, match=f"bad.spn.*{says}"):
        parse_span([text.encode()], "bad.spn")
