"""What a report says, as one value: the HTML page, `--json` and a terminal show the same."""

import msgspec

from kasauti.analytics.amounts import Moment, Money
from kasauti.analytics.band import Edge
from kasauti.analytics.breakdowns import (
    Cost,
    Day,
    Group,
    Month,
    by_hour,
    by_reason,
    by_side,
    by_strategy,
    by_symbol,
    by_weekday,
    costs,
    daily,
    monthly,
)
from kasauti.analytics.doubts import benchmark_words, doubts_about
from kasauti.analytics.metrics import Metrics, metrics_of
from kasauti.analytics.rates_in_force import rates_in_force
from kasauti.analytics.run import Run
from kasauti.analytics.stops import risk_of_trips


class Rests(msgspec.Struct, frozen=True):
    """What the result rests on: `Assumptions` as the report shows them, on top."""

    data: str
    bars: str
    profile: str
    latency: str
    slippage: str
    plan: str
    engine: str
    version: str
    refused: str
    benchmark: str
    rates: list[str]
    gaps: list[str]
    remarks: list[str]


class Trip(msgspec.Struct, frozen=True):
    """
    One round trip. `side` is LONG or SHORT; `worst` and `best` are its lowest and highest profit on the way.

    `r` is net by what its stop put at risk, None where no stop order said so.
    """

    number: int
    symbol: str
    side: str
    strategy: str
    quantity: int
    entry_at: Moment
    entry_price: Money
    exit_at: Moment
    exit_price: Money
    reason: str
    gross: Money
    charges: Money
    net: Money
    worst: Money
    best: Money
    r: float | None


class Held(msgspec.Struct, frozen=True):
    """A position that was still open at the end; `quantity` is signed."""

    symbol: str
    quantity: int


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """
    The report of one run.

    `doubts` are reasons to trust it less, the weightiest first. `ending` is complete, interrupted or failed.
    """

    label: str
    strategies: list[str]
    parameters: dict[str, str]
    instruments: list[str]
    ending: str
    failure: str
    rests_on: Rests
    doubts: list[str]
    metrics: Metrics
    months: list[Month]
    days: list[Day]
    by_weekday: list[Group]
    by_hour: list[Group]
    by_symbol: list[Group]
    by_reason: list[Group]
    by_side: list[Group]
    by_strategy: list[Group]
    costs: list[Cost]
    open_at_end: list[Held]
    band: list[Edge]
    trips: list[Trip]


def report_of(run: Run, *, risk_free: float = 0.0, trial_sharpes: tuple[float, ...] = ()) -> Report:
    """Return the report of `run`; the arguments are those of `metrics_of`."""
    metrics = metrics_of(run, risk_free=risk_free, trial_sharpes=trial_sharpes)
    said, names = run.assumptions, [each.tradingsymbol for each in run.instruments]
    return Report(
        label=run.label,
        strategies=[each or "by hand" for each in run.strategies],
        parameters=run.parameters,
        instruments=names,
        ending=run.ending.value,
        failure=run.failure,
        rests_on=Rests(
            data=said.data,
            bars=said.bars,
            profile=said.profile,
            latency=said.latency,
            slippage=said.slippage,
            plan=said.plan,
            engine=said.engine,
            version=run.version,
            refused=said.refused,
            benchmark=benchmark_words(run),
            rates=[*said.rates, *rates_in_force(run)],
            gaps=list(said.gaps),
            remarks=list(said.remarks),
        ),
        doubts=doubts_about(run, metrics),
        metrics=metrics,
        months=monthly(run),
        days=daily(run),
        by_weekday=by_weekday(run),
        by_hour=by_hour(run),
        by_symbol=by_symbol(run),
        by_reason=by_reason(run),
        by_side=by_side(run),
        by_strategy=by_strategy(run),
        costs=costs(run),
        open_at_end=[Held(names[place], units) for place, units in run.open_at_end.items()],
        band=list(run.band),
        trips=_trips(run, names),
    )


def _trips(run: Run, names: list[str]) -> list[Trip]:
    rows = run.trips
    net, risk = rows.net.tolist(), risk_of_trips(run).tolist()
    columns = (
        [names[place] for place in rows.instrument.tolist()],
        ["LONG" if side > 0 else "SHORT" for side in rows.side.tolist()],
        [run.strategies[place] or "by hand" for place in rows.strategy.tolist()],
        rows.quantity.tolist(),
        rows.entry_at.tolist(),
        rows.entry_price.tolist(),
        rows.exit_at.tolist(),
        rows.exit_price.tolist(),
        [run.reasons[place] for place in rows.reason.tolist()],
        rows.gross.tolist(),
        rows.charges.sum(axis=1).tolist(),
        net,
        rows.worst.tolist(),
        rows.best.tolist(),
        [result / risked if risked else None for result, risked in zip(net, risk, strict=True)],
    )
    return [Trip(number, *values) for number, values in enumerate(zip(*columns, strict=True), 1)]
