"""Every event has its sentence."""

import msgspec
import pytest
from tests.analytics.logs import CALL, Logbook, evidence
from tests.cli.screens.standing_lines import STANDING_SAID

from kasauti.cli.event_lines import TONES, Tone, event_line, event_lines
from kasauti.domain import events as ev
from kasauti.domain import product_events as prod
from kasauti.domain import settlement_events as stl
from kasauti.domain.charges import Charges
from kasauti.domain.evidence import Evidence, Rule, Source
from kasauti.domain.money import rupees
from kasauti.domain.order import OrderType, Product, Side, Validity

BUY = Side.BUY
ID = "PAPER_20261123091500_NIFTY26NOV26000CE_1A"
WHY = Evidence(Source.QUOTE, Rule.TAKE, 0, rupees("152.30"), "depth/1", 75)

#: One of each event, and what its sentence has to say without knowing the order.
SAID: list[tuple[ev.Event, str]] = [
    (
        ev.AccountOpened("demo", "paper", "PAPER", rupees(100_000), "zerodha"),
        "demo opened, paper, with ₹1,00,000.00",
    ),
    (ev.MoneyMoved(rupees(-500), "fees"), "₹500.00 went out: fees"),
    (ev.SessionStarted("0.1", "builtin:7", "start"), "prices from builtin:7"),
    (ev.SessionStopped("the day is over"), "stopped: the day is over"),
    (ev.RiskFileUsed("nsccl.20261123.i1.spn, made for 2026-11-23"), "exact: risk arrays of nsccl.20261123"),
    (ev.DayOpened("2026-11-23"), "Trading day Mon 23 Nov 2026 opened"),
    (
        ev.DayClosed("2026-11-23", {}, Charges(stt=rupees("0.40"))),
        "closed; the contract note adds +₹0.40",
    ),
    (ev.TimerFired("square_off:derivatives", 0), "Square off of derivatives, due 05:30:00"),
    (
        ev.OrderPlaced(
            ID, CALL, BUY, Product.NRML, OrderType.LIMIT, 75, rupees(7500), price=rupees(100), tag="entry"
        ),
        "BUY 75 NIFTY26NOV26000CE at 100.00 or better placed as entry #1A, ₹7,500.00 blocked",
    ),
    (
        ev.OrderDenied(ID, CALL, BUY, 10, "quantity.lot", "10 is no lot"),
        "BUY 10 NIFTY26NOV26000CE denied (quantity.lot): 10 is no lot",
    ),
    (ev.OrderOpened(ID, queue_ahead=120_000), "#1A is open, 1,20,000 units ahead of it"),
    (ev.OrderTriggered(ID, rupees(98)), "#1A woke: 98.00 traded"),
    (
        ev.ModifyRequested(ID, 75, rupees(101), rupees(100), 0),
        "change to 75 at 101.00, trigger 100.00 asked for",
    ),
    (ev.ModifyDenied(ID, "order.pending", "wait"), "request denied (order.pending): wait"),
    (
        ev.OrderModified(ID, 150, rupees(101), 0, kept_priority=False),
        "changed to 150 at 101.00; it goes to the end of the queue",
    ),
    (ev.ModifyRejected(ID, "too late", 0), "the venue refused the change: too late"),
    (ev.CancelRequested(ID, "asked"), "cancellation asked for: asked"),
    (ev.OrderCancelled(ID, "asked"), "#1A cancelled: asked"),
    (ev.OrderRejected(ID, "no"), "rejected by the venue: no"),
    (ev.OrderExpired(ID, "the close"), "lapsed: the close"),
    (
        ev.OrderFilled(ID, "PT1", 75, rupees("152.30"), Charges(brokerage=rupees(20)), 0, WHY),
        "#1A: 75 traded at 152.30, charges ₹20.00 (took the ask) PT1",
    ),
    (
        ev.PositionSettled(CALL, Product.NRML, -75, rupees(12), Charges(), WHY),
        "-75 NIFTY26NOV26000CE settled at 12.00",
    ),
    (
        ev.PositionAdjusted(
            "bonus of 1 for 2", "NSE:TRENT", Product.CNC, 100, "NSE:TRENT", 150, numerator=3, denominator=2
        ),
        "100 TRENT: bonus of 1 for 2, now 150 TRENT",
    ),
    (
        stl.FuturesMarked("NFO:NIFTY26NOVFUT", Product.NRML, 75, rupees(26_010), -rupees(750), "last price"),
        "75 NIFTY26NOVFUT marked at 26,010.00 (last price): -₹750.00",
    ),
    (
        stl.DeliveryDue("NSE:SBIN", -40, "2026-02-18", "2026-02-20"),
        "40 SBIN leave on Fri 20 Feb 2026",
    ),
    (stl.DeliverySettled("NSE:SBIN", 40, "2026-02-18", 0), "40 SBIN came in, traded on Wed 18 Feb 2026"),
    (
        stl.ProceedsHeld("PT7", rupees(900), "2026-02-19", "sold before they settled"),
        "₹900.00 of PT7 can be used from Thu 19 Feb 2026: sold before they settled",
    ),
    (
        stl.SharesAssigned(
            "NSE:SBIN", -750, rupees(987), Charges(stt=rupees(740)), ("NFO:SBIN26JANFUT",), WHY
        ),
        "750 SBIN to be delivered by it at 987.00 for SBIN26JANFUT, charges ₹740.00",
    ),
    (stl.SettlementMissing(CALL, "2026-01-13", "it cannot be settled"), "it cannot be settled"),
    (
        prod.ProductChanged(
            "NSE:SBIN", Product.MIS, Product.CNC, 40, today=True, paid_up=True, margin=0, to_margin=0
        ),
        "40 SBIN converted from MIS to CNC",
    ),
    (
        prod.ProductChangeDenied(
            "NSE:SBIN", Product.MIS, Product.CNC, Side.BUY, 40, "convert.pending", "Orders come first."
        ),
        "not converted: 40 SBIN from MIS to CNC: Orders come first.",
    ),
    (
        stl.PositionConverted("NSE:SBIN", Product.MIS, Product.CNC, -40, "nobody would sell"),
        "-40 SBIN (MIS) is CNC from now on: nobody would sell",
    ),
    (
        stl.SharesAuctioned(
            "NSE:SBIN",
            40,
            rupees(120),
            "2026-01-13",
            rupees(2),
            Charges(gst=3600),
            "close-out",
            WHY,
            0,
        ),
        "40 SBIN bought in at 120.00 (close-out), penalty ₹2.36",
    ),
    (
        stl.InterestCharged("2026-01-13", "debit balance", rupees(1000), rupees("0.50"), 0),
        "₹0.50 interest for 2026-01-13: debit balance of ₹1,000.00",
    ),
    (ev.StrategyNoted("oi", msgspec.Raw(b'{"peak":7}')), 'oi notes {"peak":7}'),
    (
        ev.IndicatorsNoted("oi", msgspec.Raw(b'{"NSE:INFY 60":{}}')),
        'oi\'s indicators stand at {"NSE:INFY 60":{}}',
    ),
    (
        ev.StrategyFailed("oi", "on_tick", "ValueError: 7", "entries"),
        "oi failed in on_tick: ValueError: 7; stopped: entries",
    ),
    (ev.TradingHalted("kill switch"), "halted: kill switch. Exits go on"),
    (ev.TradingResumed("all clear"), "resumed: all clear"),
    (
        ev.BandFilled("ltp/1", CALL, Product.NRML, Side.BUY, 75, rupees(12), 0, ID),
        "By ltp/1: bought 75 NIFTY26NOV26000CE at 12.00",
    ),
    (
        ev.MarginReckoned(0, rupees(90_000), {}, shortfall=rupees(1_000)),
        "Margin reckoned anew: ₹90,000.00 for what is held; ₹1,000.00 are missing",
    ),
    (ev.VenueAnomaly(ID, "Filled()", "no such order"), "reported what cannot be: no such order"),
    *STANDING_SAID,
]


#: Changes to another kind of order, and what a denied one is told.
CHANGES = [
    (
        ev.ModifyRequested(ID, 75, 0, 0, 0, rupees(101), OrderType.MARKET, Validity.IOC),
        "change to MARKET IOC 75 asked for",
    ),
    (
        ev.OrderModified(
            ID, 150, rupees(101), 0, kept_priority=False, order_type=OrderType.LIMIT, disclosed=50
        ),
        "changed to LIMIT 150 at 101.00, 50 of it on show; it goes to the end of the queue",
    ),
    (
        ev.ModifyDenied(ID, "quantity.lot", "no lot", advice="65 would be."),
        "request denied (quantity.lot): no lot 65 would be.",
    ),
]


def test_every_event_has_a_case_here() -> None:
    assert sorted(event.TAG for event, _ in SAID) == sorted(kind.TAG for kind in ev.EVENTS)


@pytest.mark.parametrize(
    ("event", "said"), [*SAID, *CHANGES], ids=[event.TAG for event, _ in [*SAID, *CHANGES]]
)
def test_every_event_is_one_readable_line(event: ev.Event, said: str) -> None:
    line = event_line(event)

    assert said in line.text
    assert "\n" not in line.text
    assert line.tone in TONES


def test_every_tone_has_a_look() -> None:
    assert set(TONES) == set(Tone)


def test_a_crash_says_how_long_nobody_was_there() -> None:
    started = ev.SessionStarted("0.1", "builtin:7", "resume", after_crash=True, last_at=0, downtime_s=73.4)

    assert "73 s after the last event of 05:30:00: resume" in event_line(started).text


def test_money_that_comes_in() -> None:
    assert event_line(ev.MoneyMoved(rupees(500), "more")).text == "₹500.00 came in: more"


def test_an_order_whose_trigger_has_not_traded_sleeps() -> None:
    assert "sleeps until its trigger" in event_line(ev.OrderOpened(ID, trigger_pending=True)).text


def test_in_a_log_orders_are_named_by_what_they_are() -> None:
    book = Logbook()
    book.open_day()
    order_id = book.place(BUY, 150)
    book.fill(order_id, "100", 75)
    book.fill(order_id, "101", 75, why=evidence(book.at, rupees(101)))

    told = [line.text for recorded, line in event_lines(book) if isinstance(recorded.event, ev.OrderFilled)]

    assert told[0].startswith("Bought 75 of 150 NIFTY26NOV26000CE at 100.00")
    assert "(the next trade was at 101.00)" in told[1]


def test_a_screen_may_name_instruments_its_own_way() -> None:
    book = Logbook()
    book.open_day()
    order_id = book.place(Side.SELL, 75)

    line = event_line(ev.OrderOpened(order_id), book.state.orders[order_id], lambda _: "NIFTY 26000 CE")

    assert line.text == "SELL 75 NIFTY 26000 CE #1 is open"


def test_a_dividend_says_what_was_paid() -> None:
    paid = ev.PositionAdjusted(
        "dividend of ₹8.00", "NSE:ITC", Product.CNC, 100, "NSE:ITC", 100, cash=rupees(800)
    )

    assert event_line(paid).text == "100 ITC: dividend of ₹8.00, ₹800.00 paid"
