"""
Whenever the process ends, and however long nobody is here: each job is done once, and says how late.

A moment is recorded whole or not at all, so the process is ended after every moment of some days on which
all jobs have something to do, and comes back minutes or days later.
"""

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, Phase, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tests.tables import ticks_of
from tests.trading import CALENDAR, DAY, FUTURE, INDEX, NEXT_DAY, OTHER, SHARE, Session, buys, moment, sells

from kasauti.analytics.lateness import late_by
from kasauti.domain import events as ev
from kasauti.domain import settlement_events as stl
from kasauti.domain.commands import MoveMoney, PlaceOrder
from kasauti.domain.holding import carried
from kasauti.domain.instrument import Exchange, Instrument, Kind, Universe
from kasauti.domain.ist import NS_PER_MINUTE, ist_clock, ist_date
from kasauti.domain.market import TickBatch
from kasauti.domain.money import rupees
from kasauti.domain.order import Product
from kasauti.domain.state import State

CNC, MIS = Product.CNC, Product.MIS
SETTLED: tuple[type[ev.Event], ...] = (*stl.SETTLEMENT_EVENTS, ev.PositionSettled)
THIRD_DAY, LATER = date(2026, 1, 16), date(2026, 1, 21)


def _contract(name: str, kind: Kind, expiry: date, strike: int = 0) -> Instrument:
    return Instrument(Exchange.NFO, name, kind, 500, 100, 0, "ACME", expiry, rupees(strike), SHARE.id)


STOCK_FUTURE = _contract("ACME26JANFUT", Kind.FUTURE, NEXT_DAY)
STOCK_CALL = _contract("ACME26JAN95CE", Kind.CALL, NEXT_DAY, 95)
UNIVERSE = Universe([INDEX, SHARE, OTHER, FUTURE, STOCK_FUTURE, STOCK_CALL])
SYMBOLS = ("ACME", "BETA", "FUT", STOCK_FUTURE.id, STOCK_CALL.id)


def prices(day: date, clock: str, share: int, session: Session, *, sellers: bool = True) -> TickBatch:
    """Return what everything trades at; without `sellers` nobody sells BETA."""
    values = dict(zip(SYMBOLS, (share, share, 26_000 + share, share, max(1, share - 95)), strict=True))
    rows = [f"{clock} NIFTY {26_000 + share} - - - -"]
    for name, value in values.items():
        ask = f"{value} 50000" if sellers or name != "BETA" else "- -"
        rows.append(f"{clock} {name} {value} {value} 50000 {ask}")
    table = "time of last bid bid_quantity ask ask_quantity\n" + "\n".join(rows)
    return ticks_of(table, session._slot, day)


def once(session: Session) -> None:
    """Everything that is done once was done once, and the books hold."""
    seen: Counter[tuple[str, ...]] = Counter()
    day = ""
    for each in session.log:
        match each.event:
            case ev.DayOpened() as opened:
                day = opened.day
                seen["opened", day] += 1
            case ev.DayClosed() as closed:
                seen["closed", closed.day] += 1
            case ev.TimerFired() as fired:
                seen["fired", day, fired.name] += 1
            case ev.PositionSettled() as settled:
                seen["settled", settled.instrument, settled.product, day] += 1
            case stl.DeliverySettled() as delivered:
                seen["delivered", delivered.instrument, delivered.day] += 1
            case stl.SharesAuctioned() as auctioned:
                seen["auctioned", auctioned.instrument, auctioned.day] += 1
            case stl.InterestCharged() as interest:
                seen["interest", interest.day, interest.reason] += 1
            case stl.SharesAssigned() as assigned:
                seen["assigned", *assigned.contracts] += 1
            case _:
                pass
    assert set(seen.values()) <= {1}, seen.most_common(3)
    balanced(session)
    proof = session.proof()
    assert proof.passed, f"{proof.failed}: {proof.problem}"


def balanced(session: Session) -> None:
    """Debits are credits; what the depository has, and what is on its way, is what trades came to."""
    state = session.state
    ledger = state.ledger
    assert ledger.trial_balance == 0
    assert ledger.variation == -sum(each.marked for each in state.positions.values())
    assert ledger.unsettled == sum(state.held_back.values())
    for share in (SHARE, OTHER):
        position = state.position(share.id, CNC)
        held = 0 if position is None else position.quantity
        today = 0
        if position is not None and state.day_open:
            today = position.day_buy_quantity - position.day_sell_quantity
        lies = state.holdings.get(share.id)
        due = sum(each.quantity for each in state.deliveries.values() if each.instrument == share.id)
        assert held == (0 if lies is None else lies.quantity) + due + today
        assert sum(carried(state, share.id)) == max(0, held - today)


def script() -> tuple[Session, list[TickBatch]]:
    """Live through two days on which every job has something to do."""
    session = Session(universe=UNIVERSE, stale_s=1_000_000, capital=500_000)
    batches = [prices(DAY, "09:15:00", 100, session)]
    session.feed(batches[0])
    orders: list[PlaceOrder] = [
        buys(SHARE, 50, product=CNC),
        buys(FUTURE, 65),
        sells(STOCK_FUTURE, 100),
        buys(STOCK_CALL, 200),
        sells(OTHER, 7),
    ]
    for second, command in enumerate(orders, 1):
        session.ask(f"09:16:{second:02d}", command)
    for clock, share, sellers in (("15:10:00", 103, False), ("15:29:30", 104, False)):
        batches.append(prices(DAY, clock, share, session, sellers=sellers))
        session.feed(batches[-1])
    session.until("15:31")
    owed = session.state.ledger.funds + rupees(1_000)
    session.ask("15:32", MoveMoney(-owed, "taken out for a night"))
    for clock, share in (("09:15:00", 105), ("15:20:00", 106)):
        batches.append(prices(NEXT_DAY, clock, share, session))
        session.feed(batches[-1])
        if clock == "09:15:00":
            session.ask("09:15:01", MoveMoney(owed, "brought back"), NEXT_DAY)
    session.until("15:31", NEXT_DAY)
    return session, batches


WHOLE, BATCHES = script()
LAST_ASKED = max(each.at for each in WHOLE.log if isinstance(each.event, ev.MoneyMoved))
CUTS = [
    number
    for number, (one, other) in enumerate(zip(WHOLE.log, [*WHOLE.log[1:], None], strict=True), 1)
    if one.at and (other is None or other.at != one.at)
]


def test_the_script_has_every_job() -> None:
    tags = {each.event.TAG for each in WHOLE.log}
    names = {event.name for event in WHOLE.events(ev.TimerFired)}

    assert tags >= {
        "futures.marked", "delivery.due", "delivery.settled", "position.settled", "shares.assigned",
        "position.converted", "shares.auctioned", "interest.charged", "proceeds.held", "day.closed",
    }  # fmt: skip
    assert names >= {"square_off:equity", "square_off:derivatives", "close:equity", "day_close"}
    once(WHOLE)
    assert [each for each in WHOLE.log if late_by(each.event, each.at)] == [], "nothing was late"


@pytest.mark.parametrize("away", [0, 7])
@pytest.mark.parametrize("cut", CUTS)
def test_who_comes_back_the_same_day_finishes_it(cut: int, away: int) -> None:
    log = WHOLE.log[:cut]
    at = log[-1].at + away * NS_PER_MINUTE
    day = ist_date(log[-1].at)
    history = [
        each for each in BATCHES if ist_date(int(each.at[0])) == day and int(each.at[-1]) <= log[-1].at
    ]
    session = Session(universe=UNIVERSE, log=log, stale_s=1_000_000)
    session.engine.resume(history, at if away else 0)
    session.engine.commit()
    for batch in BATCHES:
        if int(batch.at[0]) > at:
            session.feed(batch)
    session.until("15:31", NEXT_DAY)

    once(session)
    if not away and log[-1].at >= LAST_ASKED:
        assert session.state == WHOLE.state, "nothing is lost and nothing is done twice"
    for each in session.log[cut:]:
        if isinstance(each.event, ev.TimerFired) and each.at - each.event.due > NS_PER_MINUTE:
            assert late_by(each.event, each.at), f"{each.event.name} at {ist_clock(each.at)} says so"


@pytest.mark.parametrize("cut", CUTS)
def test_who_comes_back_days_later_makes_up_for_them(cut: int) -> None:
    published = {(SHARE.id, NEXT_DAY): rupees(106), (STOCK_FUTURE.id, NEXT_DAY): rupees(106)}
    session = Session(universe=UNIVERSE, log=WHOLE.log[:cut], stale_s=1_000_000, official=published)
    session.feed(prices(LATER, "09:15:00", 107, session)).until("15:31", LATER)
    session.feed(prices(date(2026, 1, 22), "09:15:00", 107, session)).until("15:31", date(2026, 1, 22))

    once(session)
    assert session.state.unsettled == {}, "the exchange's price was known"
    assert session.held(STOCK_FUTURE) == session.held(STOCK_CALL) == 0
    pending = [due for due in session.state.deliveries.values() if due.settles <= "2026-01-22"]
    assert pending == []
    late = [each for each in session.log[cut:] if late_by(each.event, each.at)]
    missed = WHOLE.log[:cut][-1].at < WHOLE.log[-1].at
    assert bool(late) or not missed, "what was made up for says that it is late"


class Days(RuleBasedStateMachine):
    """Trades, days, holidays, restarts and absences in any order."""

    @initialize(capital=st.sampled_from([20_000, 10_000_000]))
    def begin(self, capital: int) -> None:
        self.session = Session(universe=UNIVERSE, stale_s=1_000_000, capital=capital, official=PUBLISHED)
        self.day, self.minute, self.share = DAY, 9 * 60 + 15, 100
        self.history: list[TickBatch] = []
        self.show(sellers=True)

    @property
    def clock(self) -> str:
        return f"{self.minute // 60:02d}:{self.minute % 60:02d}"

    def show(self, *, sellers: bool) -> None:
        batch = prices(self.day, f"{self.clock}:00", self.share, self.session, sellers=sellers)
        self.history.append(batch)
        self.session.feed(batch)

    @rule(
        what=st.sampled_from([SHARE, SHARE, OTHER, OTHER, FUTURE, STOCK_FUTURE, STOCK_CALL]),
        lots=st.sampled_from([-3, -2, -1, 1, 2, 3]),
        intraday=st.booleans(),
    )
    def trade(self, what: Instrument, lots: int, intraday: bool) -> None:  # noqa: FBT001
        size = abs(lots) * what.lot_size
        product = MIS if intraday else Product.NRML if what.is_derivative else CNC
        order = buys(what, size, product=product) if lots > 0 else sells(what, size, product=product)
        if self.minute < 15 * 60 + 30:
            self.session.ask(f"{self.clock}:30", order, self.day)

    @rule(
        minutes=st.sampled_from([1, 5, 60, 300]),
        move=st.integers(-4, 4),
        sellers=st.sampled_from([True] * 3 + [False]),
    )
    def later(self, minutes: int, move: int, sellers: bool) -> None:  # noqa: FBT001
        self.minute = max(self.minute, min(15 * 60 + 28, self.minute + minutes))
        self.share = max(60, self.share + move)
        self.minute += 1
        if self.session.engine.now < moment(self.clock, self.day):
            self.show(sellers=sellers)

    @rule(days=st.sampled_from([1, 1, 1, 3, 6]), closes=st.sampled_from([True, True, False]))
    def another_day(self, days: int, closes: bool) -> None:  # noqa: FBT001
        """The day ends, with somebody here or not, and another one begins."""
        if closes:
            self.session.until("15:31", self.day)
        else:
            self.back(self.session.state)
        day = self.day + timedelta(days=days)
        while not CALENDAR.is_trading_day(day):
            day += timedelta(days=1)
        self.day, self.minute, self.history = day, 9 * 60 + 15, []
        self.show(sellers=True)

    @rule(away=st.sampled_from([0, 0, 3, 90]))
    def restart(self, away: int) -> None:
        at = self.session.state.at + away * NS_PER_MINUTE
        self.back(self.session.state)
        if ist_date(at) == self.day:
            self.session.engine.resume(self.history, at if away else 0)
            self.session.engine.commit()
            now = ist_clock(max(at, self.session.engine.now))
            hours, minutes = (int(part) for part in now[:5].split(":"))
            self.minute = max(self.minute, hours * 60 + minutes + 1)

    def back(self, state: State) -> None:
        log = list(self.session.log)
        self.session = Session(universe=UNIVERSE, log=log, stale_s=1_000_000, official=PUBLISHED)
        assert self.session.state == state, "the log folds to what it was"

    @invariant()
    def the_books_hold(self) -> None:
        if hasattr(self, "session"):
            balanced(self.session)

    def teardown(self) -> None:
        if hasattr(self, "session"):
            for tag in {each.event.TAG for each in self.session.log if isinstance(each.event, SETTLED)}:
                event(tag)
            once(self.session)


PUBLISHED = {(SHARE.id, NEXT_DAY): rupees(101)}
TestDays = Days.TestCase
TestDays.settings = settings(
    max_examples=25,
    stateful_step_count=20,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
