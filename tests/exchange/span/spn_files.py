"""Small SPAN files of our own making, in the clearing house's format."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from random import Random


@dataclass
class Contract:
    """`kind` is FUT, C or P; `losses` are the sixteen of a risk array, in rupees for one unit."""

    expiry: date
    kind: str
    price: str
    losses: Sequence[str]
    delta: str = "1.0"
    strike: str = "0"


@dataclass
class Commodity:
    name: str
    spot: str
    contracts: list[Contract] = field(default_factory=list)
    #: (near, far, rate, ratio of the near leg, ratio of the far leg)
    spreads: list[tuple[date, date, str, str, str]] = field(default_factory=list)
    minimum: str = "0"
    factor: str = "1.00"


def spn(
    day: date,
    commodities: Iterable[Commodity],
    inter: Sequence[tuple[Sequence[tuple[str, str, str]], str]] = (),
) -> str:
    """Return the file; `inter` are inter-commodity spreads: ((name, ratio, side), ...) and the credit."""
    listed = list(commodities)
    return (
        '<?xml version="1.0" encoding="ISO-8859-1"?><spanFile><fileFormat>4.00</fileFormat>'
        f"<created>{day:%Y%m%d}1530</created><definitions/><pointInTime><date>{day:%Y%m%d}</date>"
        "<isSetl>1</isSetl><clearingOrg><ec>TEST</ec>"
        + "".join(_definition(each) for each in listed)
        + "<interSpreads>"
        + "".join(_inter(place, legs, credit) for place, (legs, credit) in enumerate(inter, 1))
        + "</interSpreads><exchange><exch>NSE</exch>"
        + "".join(_portfolios(each) for each in listed)
        + "</exchange></clearingOrg></pointInTime></spanFile>"
    )


def _definition(one: Commodity) -> str:
    spreads = "".join(
        f"<dSpread><spread>{place}</spread><chargeMeth>F</chargeMeth><rate><r>1</r><val>{rate}</val></rate>"
        f"<pLeg><cc>{one.name}</cc><pe>{near:%Y%m%d}</pe><rs>A</rs><i>{near_ratio}</i></pLeg>"
        f"<pLeg><cc>{one.name}</cc><pe>{far:%Y%m%d}</pe><rs>B</rs><i>{far_ratio}</i></pLeg></dSpread>"
        for place, (near, far, rate, near_ratio, far_ratio) in enumerate(one.spreads, 1)
    )
    tiers = f"<somTiers><tier><tn>0</tn><rate><r>1</r><val>{one.minimum}</val></rate></tier></somTiers>"
    return (
        f"<ccDef><cc>{one.name}</cc><name>{one.name}</name><currency>INR</currency>{spreads}{tiers}</ccDef>"
    )


def _inter(place: int, legs: Sequence[tuple[str, str, str]], credit: str) -> str:
    inside = "".join(
        f"<tLeg><cc>{name}</cc><tn>0</tn><rs>{side}</rs><i>{ratio}</i></tLeg>" for name, ratio, side in legs
    )
    rate = f"<chargeMeth>P</chargeMeth><rate><val>{credit}</val></rate>"
    return f"<dSpread><spread>{place}</spread>{rate}{inside}</dSpread>"


def _portfolios(one: Commodity) -> str:
    head = f"<pfCode>{one.name}</pfCode><name>{one.name}</name><cvf>{one.factor}</cvf>"
    futures = "".join(
        f"<fut><cId>{place}</cId><pe>{each.expiry:%Y%m%d}</pe><p>{each.price}</p><d>1.0</d>{_array(each)}</fut>"
        for place, each in enumerate(one.contracts)
        if each.kind == "FUT"
    )
    series = ""
    for expiry in sorted({each.expiry for each in one.contracts if each.kind != "FUT"}):
        options = "".join(
            f"<opt><cId>{place}</cId><o>{each.kind}</o><k>{each.strike}</k><p>{each.price}</p>"
            f"<d>{each.delta}</d>{_array(each)}</opt>"
            for place, each in enumerate(one.contracts)
            if each.kind != "FUT" and each.expiry == expiry
        )
        series += f"<series><pe>{expiry:%Y%m%d}</pe><cvf>{one.factor}</cvf>{options}</series>"
    array = _array(Contract(date(2000, 1, 1), "PHY", one.spot, ["0.00"] * 16))
    return (
        f"<phyPf><pfId>1</pfId>{head}<phy><cId>1</cId><pe>00000000</pe><p>{one.spot}</p>{array}</phy></phyPf>"
        f"<futPf><pfId>2</pfId>{head}{futures}</futPf><oopPf><pfId>3</pfId>{head}{series}</oopPf>"
    )


def _array(one: Contract) -> str:
    return f"<ra><r>1</r>{''.join(f'<a>{loss}</a>' for loss in one.losses)}<d>{one.delta}</d></ra>"


def drawn(random: Random, name: str, spot: float, expiries: Sequence[date], strikes: int = 5) -> Commodity:
    """Return an underlying with contracts whose figures are drawn: plausible in size, of no market."""
    made = Commodity(name, f"{spot:.2f}", minimum=random.choice(["0", "0", "12.50"]))
    for expiry in expiries:
        made.contracts.append(
            Contract(expiry, "FUT", f"{spot * random.uniform(0.99, 1.02):.2f}", _losses(random, spot * 0.1))
        )
        for step in range(strikes):
            strike = round(spot * (0.9 + 0.05 * step))
            for kind in "CP":
                delta = random.uniform(0.02, 0.98) * (1 if kind == "C" else -1)
                made.contracts.append(
                    Contract(
                        expiry,
                        kind,
                        f"{random.uniform(0.05, spot * 0.05):.2f}",
                        _losses(random, spot * 0.08),
                        f"{delta:.4f}",
                        f"{strike}.00",
                    )
                )
    for place, near in enumerate(expiries):
        for far in expiries[place + 1 :]:
            ratio = random.choice(["1.000000", "1.000000", "2.000000"])
            made.spreads.append((near, far, f"{random.uniform(0.005, 0.02) * spot:.6f}", "1.000000", ratio))
    return made


def _losses(random: Random, size: float) -> list[str]:
    return [f"{random.uniform(-size, size):.2f}" for _ in range(16)]
