"""What a portfolio requires: its underlyings netted, exposure and the last day added."""

from collections.abc import Mapping, Sequence
from datetime import date

import msgspec

from kasauti.domain.money import PAISA
from kasauti.exchange.span.exposure import exposure, last_day, ratio_of
from kasauti.exchange.span.netting import Netted, net, with_credits
from kasauti.exchange.span.parameters import Charges
from kasauti.exchange.span.risk import Holding, InterSpread, Underlying


class Part(msgspec.Struct, frozen=True):
    """
    What the holdings on one underlying require, in money units; `last_day` is what expiry adds.

    `exposure` and `last_day` are whole paise, as is `span`; each is rounded up.
    """

    netted: Netted
    exposure: int
    last_day: int

    @property
    def span(self) -> int:
        """The margin without exposure."""
        return -(-self.netted.span // PAISA) * PAISA

    @property
    def total(self) -> int:
        """All of it."""
        return self.span + self.exposure + self.last_day


class Requirement(msgspec.Struct, frozen=True):
    """What a portfolio requires, by underlying."""

    parts: tuple[Part, ...]

    @property
    def span(self) -> int:
        """Scan risk, calendar charges and minimum, less what options are worth."""
        return sum(part.span for part in self.parts)

    @property
    def exposure(self) -> int:
        """The exposure margin (ELM)."""
        return sum(part.exposure for part in self.parts)

    @property
    def last_day(self) -> int:
        """What options sold that expire today add."""
        return sum(part.last_day for part in self.parts)

    @property
    def option_value(self) -> int:
        """What all options are worth; negative where more was sold."""
        return sum(part.netted.option_value for part in self.parts)

    @property
    def total(self) -> int:
        """All of it."""
        return sum(part.total for part in self.parts)


# Not a msgspec.Struct: compiled to C, the fields of a class are read without a look-up.
class Group:
    """
    How holdings on one underlying are netted today, and what is charged beside.

    `exposure` and `last_day` are the parts for options that were sold, as two whole numbers each: taking a
    fraction apart costs an order more than multiplying by it. `scans_only` is whether neither a spread nor a
    minimum stands beside the scan.
    """

    __slots__ = ("charges", "exposure", "last_day", "scans_only", "underlying")

    def __init__(self, underlying: Underlying, charges: Charges) -> None:
        self.underlying = underlying
        self.charges = charges
        self.exposure = charges.option_exposure.as_integer_ratio()
        self.last_day = charges.last_day.as_integer_ratio()
        self.scans_only = not (underlying.spreads or underlying.minimum)


def part(group: Group, holdings: Sequence[Holding], on: date) -> Part:
    """Return what `holdings` on one underlying require on `on`."""
    charges = group.charges
    apart = on if charges.benefit_ends else None
    return Part(
        net(group.underlying, holdings, apart),
        exposure(holdings, charges, on),
        last_day(holdings, charges, on),
    )


def total(group: Group, holdings: list[Holding], on: date) -> int:
    """
    Return the total of `part`, without its parts.

    An account asks for it at every order, and mostly holds options of one expiry: there is no calendar charge
    then, what ends today has nothing beside it, and no future is exposed.
    """
    first = holdings[0]
    expiry = first.risk.expiry
    if not group.scans_only:
        return part(group, holdings, on).total
    value = exposed = 0
    for each in holdings:
        risk, units = each.risk, each.quantity
        if not risk.is_option or risk.expiry != expiry:
            return part(group, holdings, on).total
        # Compiled code multiplies what is not negative many times as fast as anything else.
        if units < 0:
            value -= -units * risk.price
            exposed += -units * risk.exposed
        else:
            value += units * risk.price
    return required_of(group, _worst(holdings), value, exposed, ends_today=expiry == on)


def required_of(group: Group, risk: int, value: int, exposed: int, *, ends_today: bool) -> int:
    """
    Return what options of one expiry require whose scan risk, value and exposure of sold ones are known.

    `value` is negative where more was sold. There is nothing else where a group `scans_only`.
    """
    span = risk - value
    found = -(-span // PAISA) * PAISA if span > 0 else 0
    if exposed:
        above, below = group.exposure
        found += ratio_of(exposed, above, below)
        above, below = group.last_day
        if above and ends_today:
            found += ratio_of(exposed, above, below)
    return found


def _worst(holdings: list[Holding]) -> int:
    """Return the largest loss of all that is held together, at least zero."""
    worst, one = 0, holdings[0].losses
    if len(holdings) == 1:
        for loss in one:
            if loss > worst:  # noqa: PLR1730  a call would cost every scenario time
                worst = loss
        return worst
    others = holdings[1:]
    for place, loss in enumerate(one):
        together = loss
        for each in others:
            together += each.losses[place]
        if together > worst:  # noqa: PLR1730  as above
            worst = together
    return worst


def requirement(
    groups: Mapping[str, Group],
    holdings: Mapping[str, Sequence[Holding]],
    on: date,
    inter: Sequence[InterSpread] = (),
) -> Requirement:
    """Return what `holdings`, by the name of the underlying, require together on `on`."""
    parts = {name: part(groups[name], held, on) for name, held in holdings.items() if held}
    if inter:
        netted = with_credits({name: each.netted for name, each in parts.items()}, holdings, inter)
        parts = {name: msgspec.structs.replace(each, netted=netted[name]) for name, each in parts.items()}
    return Requirement(tuple(parts.values()))
