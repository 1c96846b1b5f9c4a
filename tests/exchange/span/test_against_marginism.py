"""On files and portfolios that are drawn, every margin is what `marginism`, an independent work, comes to."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from random import Random

import pytest
from tests.exchange.span.spn_files import Commodity, drawn, spn

from kasauti.domain.instrument import Exchange, Instrument, Kind
from kasauti.domain.money import RUPEE, rupees
from kasauti.exchange.span.parameters import SpanParameters
from kasauti.exchange.span.parsing import RiskFile, parse_span
from kasauti.exchange.span.portfolio import Part
from kasauti.exchange.span.sources import FileSource, Leg, required

marginism = pytest.importorskip(
    "marginism", reason="marginism, which margins are compared with, comes with `make dev`"
)

DAY = date(2026, 6, 25)
EXPIRIES = [date(2026, 6, 30), date(2026, 7, 28), date(2026, 8, 25)]
PARAMETERS = SpanParameters()
KINDS = {"FUT": Kind.FUTURE, "C": Kind.CALL, "P": Kind.PUT}


def instrument_of(commodity: Commodity, place: int) -> Instrument:
    contract = commodity.contracts[place]
    return Instrument(
        Exchange.NFO,
        f"{commodity.name}{place}",
        KINDS[contract.kind],
        500,
        name=commodity.name,
        expiry=contract.expiry,
        strike=rupees(contract.strike),
        on_index=commodity.name == "NIFTY",
    )


def portfolio(random: Random, commodities: Sequence[Commodity]) -> list[tuple[Commodity, int, int]]:
    """Some contracts, each once, with signed units."""
    every = [(each, place) for each in commodities for place in range(len(each.contracts))]
    return [
        (commodity, place, random.choice([-1, 1]) * random.randint(1, 40) * 25)
        for commodity, place in random.sample(every, random.randint(1, 8))
    ]


def ours(held: list[tuple[Commodity, int, int]], file: RiskFile) -> dict[str, Part]:
    legs = [Leg(instrument_of(commodity, place), quantity) for commodity, place, quantity in held]
    parts = required(legs, FileSource(file, "drawn.spn", PARAMETERS, DAY), DAY).parts
    return {part.netted.name: part for part in parts}


@pytest.mark.parametrize("seed", range(12))
def test_margins_from_a_file_equal_those_of_an_independent_work_to_the_rupee(
    seed: int, tmp_path: Path
) -> None:
    random = Random(seed)
    commodities = [drawn(random, "NIFTY", 24_050.35, EXPIRIES), drawn(random, "RELIANCE", 1_480.0, EXPIRIES)]
    text = spn(DAY, commodities)
    path = tmp_path / "drawn.spn"
    path.write_text(text)
    file = parse_span([text.encode()], path.name)
    calculator = marginism.SpanCalculator.from_file(str(path))

    for _ in range(50):
        held = portfolio(random, commodities)
        theirs = calculator.calculate([_position(*each) for each in held])
        found = ours(held, file)

        assert not theirs.unmatched
        for name, part in found.items():
            other = theirs.by_commodity[name]
            assert abs(part.netted.scan_risk - other.scan_risk * RUPEE) < RUPEE, name
            assert abs(part.netted.calendar - other.calendar_spread_charge * RUPEE) < RUPEE, name
            assert abs(part.netted.option_value - other.net_option_value * RUPEE) < RUPEE, name
            assert abs(part.span - other.span_risk * RUPEE) < RUPEE, name
        if not _has_calendar_futures(held):
            # marginism exposes every future in full; a calendar spread by a third of its far month is ours.
            exposure = sum(part.exposure for part in found.values())
            assert abs(exposure - theirs.exposure_margin * RUPEE) < RUPEE
            total = sum(part.total for part in found.values())
            assert abs(total - theirs.total_margin * RUPEE) < 2 * RUPEE


def _position(commodity: Commodity, place: int, quantity: int) -> object:
    contract = commodity.contracts[place]
    kind = {"FUT": "FUT", "C": "CE", "P": "PE"}[contract.kind]
    return marginism.Position(
        commodity.name, kind, quantity, f"{contract.expiry:%Y%m%d}", float(contract.strike)
    )


def _has_calendar_futures(held: list[tuple[Commodity, int, int]]) -> bool:
    ways = {
        (commodity.name, quantity > 0)
        for commodity, place, quantity in held
        if commodity.contracts[place].kind == "FUT"
    }
    return any((name, not up) in ways for name, up in ways)
