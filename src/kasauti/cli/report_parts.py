"""The rows of a day report: what it rests on, results, charges, trips. `report_view` puts them on a page."""

from collections.abc import Sequence
from datetime import date

from rich.text import Text

from kasauti.analytics.day_report import Basis, DayReport, Drawdown, OrderCounts
from kasauti.analytics.explain import CHARGE_HEADS
from kasauti.analytics.round_trips import RoundTrip
from kasauti.cli.sheet import Cell, Column, Sheet
from kasauti.cli.typography import (
    DASH,
    SOFT,
    STRONG,
    WARN,
    amount,
    calendar_day,
    clock,
    day_month,
    duration,
    mean_price,
    percent,
    price,
    quantity,
    result,
    side,
    symbol,
)
from kasauti.domain.ist import ist_date
from kasauti.domain.money import format_rupees

_NS_PER_MS = 1_000_000

#: What each fill model does, in a line; the conditions stand in `simulator.fills`.
_PROFILES = {
    "depth": "walks the book level by level, rests behind the queue that was displayed",
    "touch": "trades at the best bid and ask, without a queue",
    "ltp": "trades at the last price: no spread, size or queue",
    "pessimistic": "takes as depth does, rests until a trade goes through the limit",
}

Row = tuple[Cell, Cell]


#: What each regime of an account means.
_REGIMES = {
    "live": "live: what the broker or the exchange refuses on a date was refused",
    "permissive": "permissive: any order that makes sense was taken, also where the broker refuses it",
}


def basis_rows(basis: Basis, days: Sequence[str]) -> list[Row]:
    """Return what a report rests on."""
    rows: list[Row] = [("prices", ", ".join(basis.prices) or "not recorded")]
    rows += [("fills", _profile(profile, fills)) for profile, fills in basis.profiles.items()]
    if basis.sources:
        kinds = ", ".join(f"{fills} by {source}" for source, fills in basis.sources.items())
        rows.append(("evidence", kinds))
    rows.append(("latency", _latency(basis)))
    fills = sum(basis.profiles.values())
    if basis.slipped:
        slipped = f"{format_rupees(basis.slippage)} in all, added to {basis.slipped} of {fills} fills"
        rows.append(("slippage", slipped))
    elif fills:
        rows.append(("slippage", "none was added"))
    rows.append(("charges", f"{basis.plan}'s price list, at the rates in force on {_span(days)}"))
    rows += [("regime", _REGIMES.get(regime, regime)) for regime in basis.regimes]
    if basis.simulator:
        settings = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in basis.simulator.items())
        rows.append(("simulator", settings))
    if basis.versions:
        rows.append(("version", f"Kasauti {', '.join(basis.versions)}"))
    return rows


def _profile(profile: str, fills: int) -> str:
    what = _PROFILES.get(profile.partition("/")[0], "")
    return f"{fills} by {profile}{f': {what}' if what else ''}"


def _latency(basis: Basis) -> str:
    shortest, longest = basis.shortest_latency_ns, basis.longest_latency_ns
    if shortest is None or longest is None:
        return "no order was sent"
    low, high = round(shortest / _NS_PER_MS), round(longest / _NS_PER_MS)
    span = f"{low:,} ms" if low == high else f"{low:,} to {high:,} ms"
    return f"{span} from our record of an order to the venue's first answer"


def _span(days: Sequence[str]) -> str:
    first, last = day_of(days[0]), day_of(days[-1])
    return first if first == last else f"each day from {first} to {last}"


def day_of(iso: str) -> str:
    """Return an ISO date with its weekday."""
    return calendar_day(date.fromisoformat(iso))


def money_rows(report: DayReport) -> list[Row]:
    """Return where the money went."""
    rows: list[Row] = [
        ("Gross", result(report.gross, sign="₹")),
        ("Charges", format_rupees(-report.charges.total)),
        (Text("Net", STRONG), Text.assemble(result(report.net, sign="₹"), style=STRONG)),
        ("Return on equity", percent(report.roi, signed=True)),
        ("Funds at the start", format_rupees(report.funds_start)),
        ("Funds at the end", format_rupees(report.funds_end)),
    ]
    if report.money_moved:
        rows.append(("Money moved in or out", result(report.money_moved, sign="₹")))
    margin = report.margin
    if margin.labels:
        rows.append(("Peak margin", format_rupees(margin.peak)))
        rows += [("  margins", label) for label in margin.labels]
    if margin.shortfalls:
        lacked = f"{margin.shortfalls} times, at most {format_rupees(margin.largest_shortfall)}"
        rows.append(("  money lacked", Text(lacked, WARN)))
    if report.left_open:
        known = all(held.mark for held in report.left_open)
        unrealised = result(report.unrealised, sign="₹") if known else DASH
        rows.append(("Unrealised, not in the net", unrealised))
    return rows


def quality_rows(report: DayReport) -> list[Row]:
    """Return how the round trips went."""
    results = report.results
    return [
        ("Round trips", f"{results.trips}"),
        ("Won and lost", f"{results.wins} / {results.losses}"),
        ("Win rate", percent(results.win_rate)),
        ("Profit factor", DASH if results.profit_factor is None else f"{results.profit_factor:.2f}"),
        ("Best and worst", Text.assemble(result(results.best), " / ", result(results.worst))),
        *_fall_rows(report.drawdown, several_days=len(report.days) > 1),
    ]


def _fall_rows(fall: Drawdown, *, several_days: bool) -> list[Row]:
    if not fall.amount:
        return [("Deepest fall", "none")]
    return [
        ("Deepest fall", f"{format_rupees(-fall.amount)} ({percent(fall.part)})"),
        ("  from", _when(fall.peak_at, with_day=several_days) if fall.peak_at else "the start"),
        ("  to", _when(fall.trough_at, with_day=several_days)),
    ]


def charge_rows(report: DayReport) -> list[Row]:
    """Return the charges by head, with their sum and what the contract notes rounded."""
    charges = report.charges
    rows: list[Row] = [
        (name, format_rupees(getattr(charges, head))) for head, name in CHARGE_HEADS if getattr(charges, head)
    ]
    if rows:
        rows.append((Text("all", STRONG), Text(format_rupees(charges.total), STRONG)))
    if report.rounding.total:
        rows.append((Text("contract notes in it", SOFT), format_rupees(report.rounding.total, signed=True)))
    return rows


def order_words(counts: OrderCounts) -> list[str]:
    """Return what became of the orders, one phrase each."""
    words = [
        (counts.placed, "placed"),
        (counts.complete, "filled"),
        (counts.part_filled, "filled in part"),
        (counts.cancelled, "cancelled"),
        (counts.expired, "lapsed"),
        (counts.rejected, "rejected by the venue"),
        (counts.working, "still open"),
        (counts.denied, "denied here"),
        (counts.changes_denied, "changes denied"),
    ]
    return [f"{number:,} {word}" for number, word in words if number] or ["none"]


def trips_sheet(report: DayReport, most: int) -> Sheet:
    """Return the last `most` round trips."""
    trips = report.round_trips[-most:]
    several_days = len(report.days) > 1
    left_out = len(report.round_trips) - len(trips)
    return Sheet(
        [
            Column("In"),
            Column("Out", drop=1),
            Column("Side"),
            Column("Instrument"),
            Column("Qty", right=True, drop=3),
            Column("In at", right=True, drop=5),
            Column("Out at", right=True, drop=4),
            Column("Held", right=True, drop=7),
            Column("Gross ₹", right=True, drop=6),
            Column("Charges ₹", right=True, drop=2),
            Column("Net ₹", right=True),
            Column("Exit", drop=8, least=10),
            Column("Strategy", drop=9, least=10),
        ],
        [_trip_row(trip, several_days=several_days) for trip in trips],
        empty="No position was opened and closed.",
        title=f"The last {len(trips)}; {left_out} earlier ones are not listed." if left_out else "",
    )


def _trip_row(trip: RoundTrip, *, several_days: bool) -> list[Cell]:
    same_day = ist_date(trip.entry_at) == ist_date(trip.exit_at)
    return [
        _when(trip.entry_at, with_day=several_days),
        _when(trip.exit_at, with_day=several_days and not same_day),
        side(trip.side),
        symbol(trip.instrument),
        quantity(trip.quantity),
        mean_price(trip.entry_price),
        mean_price(trip.exit_price),
        duration(trip.holding_ns),
        result(trip.gross),
        amount(trip.charges.total),
        result(trip.net),
        trip.exit_reason.rpartition(":")[2].replace("_", " "),
        trip.strategy,
    ]


def _when(at: int, *, with_day: bool) -> str:
    return f"{day_month(ist_date(at))} {clock(at)}" if with_day else clock(at)


def refusal_rows(report: DayReport) -> list[Row]:
    """Return the rules that refused orders, how many, and the first one's message."""
    return [(f"{each.orders} by {each.rule}", each.message) for each in report.refused]


def days_sheet(report: DayReport) -> Sheet:
    """Return the result of each day, with their sum."""
    rows: list[list[Cell]] = [
        [
            day_of(day.day),
            str(day.trips),
            str(day.fills),
            result(day.gross),
            amount(day.charges),
            result(day.net),
        ]
        for day in report.by_day
    ]
    return Sheet(
        [
            Column("Day"),
            Column("Trips", right=True),
            Column("Fills", right=True, drop=1),
            Column("Gross ₹", right=True),
            Column("Charges ₹", right=True),
            Column("Net ₹", right=True),
        ],
        rows,
        footer=[
            "All",
            str(report.results.trips),
            str(report.fills),
            result(report.gross),
            amount(report.charges.total),
            result(report.net),
        ],
    )


def open_sheet(report: DayReport) -> Sheet:
    """Return the positions left open, at their closing prices."""
    return Sheet(
        [
            Column("Instrument"),
            Column("Product", drop=1),
            Column("Qty", right=True),
            Column("Average", right=True),
            Column("Close", right=True),
            Column("Unrealised ₹", right=True),
            Column("Strategy", drop=2, least=10),
        ],
        [
            [
                symbol(held.instrument),
                held.product,
                quantity(held.quantity),
                mean_price(held.average_price),
                price(held.mark),
                result(held.unrealised) if held.mark else DASH,
                held.strategy,
            ]
            for held in report.left_open
        ],
    )
