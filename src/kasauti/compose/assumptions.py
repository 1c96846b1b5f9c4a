"""What the result of a run rests on, in sentences, from its settings and its market."""

from datetime import timedelta
from pathlib import Path

from kasauti.analytics.margin_words import APPROXIMATE
from kasauti.analytics.run import Assumptions
from kasauti.compose.markets import Market
from kasauti.compose.span_margins import SpanFiles
from kasauti.config.sections import Config
from kasauti.domain.instrument import Kind
from kasauti.exchange.calendar import Calendar
from kasauti.exchange.overlay import overlay_in_use
from kasauti.exchange.rules import rules_in_force
from kasauti.exchange.span.parameters import Subject, subject_of

#: How long before the expiry of a contract on a share brokers begin to ask for more, weekends included.
_DELIVERY_NEAR = timedelta(days=6)
#: Who computed a run, as `Assumptions.engine` says it.
EVENT_ENGINE = "the event engine: every order went through the checks, the simulated exchange and the log"

_PROFILES = {
    "depth": "takers walk the book, resting orders wait behind the queue; without a book they need a trade"
    " through their limit",
    "touch": "at the best bid and ask, for what they show; no queue",
    "pessimistic": "takers as depth does, resting orders only when a trade goes through their limit",
    "ltp": "at the last price, limits when it touches them: flattering, for comparison only",
}


#: What each regime of an account means for a result.
_REGIMES = {
    "live": "regime live: what the broker or the exchange refuses on a date was refused",
    "permissive": "regime permissive: any order that makes sense was taken",
}
_PERMISSIVE = (
    "The account's regime is permissive: any order that makes sense was taken, also where the broker or"
    " the exchange refuses it on that date."
)


def assumptions_of(
    config: Config, market: Market, engine: str = EVENT_ENGINE, benchmark: str = ""
) -> Assumptions:
    """
    Return the assumptions of a run of `market` with the settings `config`.

    `benchmark` is the id of the instrument that it is compared with.
    """
    permissive = config.account.regime == "permissive"
    return Assumptions(
        data=f"{market.label}, {_span(market)}",
        bars="bars of one length: what happened inside a bar, and in which order, is not known"
        if market.is_bars
        else "ticks or snapshots",
        profile=f"{config.simulator.fill_profile}: {_PROFILES[config.simulator.fill_profile]}",
        latency=_latency(config, market),
        slippage=_slippage(config),
        plan=config.account.plan,
        engine=engine,
        rates=(f"{config.account.plan}'s price list, at the rates in force on each day",),
        gaps=market.gaps,
        remarks=(
            *market.remarks,
            *_assumed(config, market),
            *([_PERMISSIVE] if permissive else []),
            *_own_rules(),
            *_daily_lists(config, market),
            *_risk_files(config, market),
            *_deliveries(market),
        ),
        rules=rules_in_force(),
        refused=_REGIMES[config.account.regime],
        benchmark=market.universe[market.universe.slot(benchmark)].tradingsymbol if benchmark else "",
    )


def _assumed(config: Config, market: Market) -> list[str]:
    day = config.simulator.assume_rules_of
    if day is None or market.days[0] >= day:
        return []
    known = Calendar().known[0]
    lacking = f"No rules are known for days before {known}; those" if day <= known else "The rules"
    told = f"{lacking} of {day} were assumed for all earlier days"
    return [f"{told}: hours, charges, margins and what is accepted were different then."]


def _own_rules() -> list[str]:
    overlay = overlay_in_use()
    passed_over = "Rules that are announced but known from a single source are passed over."
    remarks = [] if overlay.provisional else [passed_over]
    if not overlay.files:
        return remarks
    names = ", ".join(name for name, _ in overlay.files)
    return [
        *remarks,
        f"Rules of the user's own from {overlay.where} lie over Kasauti's ({names}; {overlay.fingerprint}).",
    ]


def _daily_lists(config: Config, market: Market) -> list[str]:
    """Say what nobody checks where the exchange's daily lists are not given."""
    if config.rules.daily_lists is not None or not any(i.kind is Kind.EQUITY for i in market.universe):
        return []
    told = (
        "No daily lists are given (rules.daily_lists): price bands of single shares, bans and suspensions"
        " were not checked: the exchange may refuse orders that were taken here."
    )
    return [told]


def _risk_files(config: Config, market: Market) -> list[str]:
    """Say what margins of futures and options rest on, where anybody may hold some."""
    if not any(each.is_derivative for each in market.universe):
        return []
    where = config.rules.span_files
    if where is None:
        return [f"Margins of futures and options are {APPROXIMATE}."]
    first = SpanFiles(Path(where), ()).first
    told = "Margins of futures and options are exact, by the risk files of rules.span_files"
    if first > market.days[0]:
        told += f" from {first} on; on days before they are {APPROXIMATE}"
    return [f"{told}."]


def _deliveries(market: Market) -> list[str]:
    """Say what an account does not block where contracts on shares come to their last days."""
    until = market.days[-1] + _DELIVERY_NEAR
    shares = (each for each in market.universe if each.is_derivative and subject_of(each) is Subject.SHARE)
    if not any(each.expiry and market.days[0] <= each.expiry <= until for each in shares):
        return []
    told = (
        "Contracts on shares end in a delivery, for which brokers ask for more on the last days: that was not"
        " blocked. `kasauti margin` says how much it is."
    )
    return [told]


def _span(market: Market) -> str:
    first, last = market.days[0], market.days[-1]
    days = f"{len(market.days)} trading day{'s' if len(market.days) > 1 else ''}"
    return f"{days}, {first}" if first == last else f"{days}, {first} to {last}"


def _latency(config: Config, market: Market) -> str:
    simulator = config.simulator
    if market.is_bars:
        return "none: on bars an order arrives at once, and takes part from the open of the next bar on"
    low, high = simulator.latency_low_ms, simulator.latency_high_ms
    if simulator.latency_steps:
        low, high = simulator.latency_steps[0][1], simulator.latency_steps[-1][1]
    span = f"{low} ms" if low == high else f"{low} to {high} ms, drawn for each order"
    return f"{span} from our record of an order to the exchange"


def _slippage(config: Config) -> str:
    ticks, points = config.simulator.slippage_ticks, config.simulator.slippage_basis_points
    if not ticks and not points:
        return "none added"
    worse = [f"{ticks} tick{'s' if ticks > 1 else ''}"] if ticks else []
    worse += [f"{points / 100:g} %"] if points else []
    which = ", whichever is more," if len(worse) > 1 else ""
    return f"takers trade {' or '.join(worse)} worse{which} where the data shows no book"
