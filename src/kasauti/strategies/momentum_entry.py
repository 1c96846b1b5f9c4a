"""
When the open-interest momentum strategy enters, and why it did not.

Conditions, all of them at the close of a candle of the underlying, in this order:

- chain: every listed option among the strikes near spot has a price and open interest;
- direction: spot has less way to go up to the strike with most open calls (then a call is bought) than down
  to the one with most open puts, or the other way round (then a put is). The way is negative where spot is
  beyond the strike already: it is breaking out. As far to both is no direction;
- option: the option of that kind is listed at that strike;
- unwinding: its open interest fell since the reading at the candle before;
- vwap: its last price is above its session VWAP.
"""

from collections.abc import Mapping

import msgspec

from kasauti.domain.instrument import Kind
from kasauti.domain.money import PAISA, format_price, group_indian
from kasauti.domain.view import Chain
from kasauti.strategies.open_interest import OIAnalyzer, OIReading, has_unwound
from kasauti.strategies.session_vwap import SessionVwap


class Verdict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One condition, whether it held, and the numbers."""

    condition: str
    holds: bool
    because: str


class EntryRules(msgspec.Struct, frozen=True):
    """Strikes looked at on each side of spot, and the least fall, in hundredths of a per cent."""

    strikes_above: int
    strikes_below: int
    least_unwinding: int


class Candidate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The option that fits, its strike and price in money units, and its open interest in units."""

    instrument: str
    kind: Kind
    strike: int
    last: int
    open_interest: int


class Assessment(msgspec.Struct):
    """What was found: the verdicts in order, and the option that was looked at, if it came to one."""

    verdicts: list[Verdict] = []
    candidate: Candidate | None = None

    def say(self, condition: str, because: str, *, holds: bool) -> bool:
        """Keep a verdict; return whether it holds."""
        self.verdicts.append(Verdict(condition, holds, because))
        return holds


def assess(
    rules: EntryRules, chain: Chain, spot: int, before: OIReading | None, vwaps: Mapping[str, SessionVwap]
) -> Assessment:
    """
    Return what the conditions say of `chain` with the underlying at `spot`.

    `before` is the reading at the candle before, None if there is none that is recent. Once a condition
    leaves the next without a subject, those are not looked at.
    """
    found = Assessment()
    near = OIAnalyzer(chain, spot).near(rules.strikes_above, rules.strikes_below)
    if not _is_complete(found, near):
        return found
    direction = _direction(found, near)
    if direction is None:
        return found
    kind, strike = direction
    option = near.option(strike, kind)
    named = option or "not listed"
    if not found.say("option", f"{kind} {format_price(strike)} is {named}", holds=option is not None):
        return found
    assert option is not None
    found.candidate = Candidate(option, kind, strike, near.price(strike, kind), near.of_strike(strike, kind))
    _unwinding(found, found.candidate, before, rules.least_unwinding)
    _above_vwap(found, found.candidate, vwaps.get(option))
    return found


def _is_complete(found: Assessment, near: OIAnalyzer) -> bool:
    strikes = near.chain.strikes
    if not len(strikes):
        return found.say("chain", f"no strikes near {format_price(near.spot)}", holds=False)
    lacking = near.missing()
    span = f"{format_price(int(strikes[0]))} to {format_price(int(strikes[-1]))}"
    if lacking:
        return found.say("chain", f"{lacking} options from {span} lack price or open interest", holds=False)
    return found.say("chain", f"every option from {span} has price and open interest", holds=True)


def _direction(found: Assessment, near: OIAnalyzer) -> tuple[Kind, int] | None:
    """Return whether a call or a put is to be bought, and at which strike."""
    call, put = near.max_call_strike(), near.max_put_strike()
    if call is None or put is None:
        found.say("direction", "no calls or no puts are open near spot", holds=False)
        return None
    up, down = call - near.spot, near.spot - put
    walls = (
        f"spot {format_price(near.spot)}: most calls at {format_price(call)}, {format_price(up)} above;"
        f" most puts at {format_price(put)}, {format_price(down)} below"
    )
    if not found.say("direction", walls, holds=up != down):
        return None
    return (Kind.CALL, call) if up < down else (Kind.PUT, put)


def _unwinding(found: Assessment, option: Candidate, before: OIReading | None, least: int) -> None:
    then = 0 if before is None else before.of_strike(option.strike, option.kind)
    if not then:
        found.say("unwinding", "its open interest at the candle before is not known", holds=False)
        return
    now = option.open_interest
    change = (now - then) * 10_000 // then
    because = f"open interest {group_indian(then)} to {group_indian(now)}, {change / 100:+.2f} %"
    found.say("unwinding", because, holds=has_unwound(then, now, least))


def _above_vwap(found: Assessment, option: Candidate, vwap: SessionVwap | None) -> None:
    if vwap is None or not vwap.volume:
        found.say("vwap", "nothing has traded since the first snapshot, so it has no VWAP", holds=False)
        return
    average = vwap.share(1, PAISA) * PAISA
    because = f"last {format_price(option.last)}, VWAP {format_price(average)}"
    found.say("vwap", because, holds=vwap.is_below(option.last))
