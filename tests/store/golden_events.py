"""What the golden files say, written a second time: as the events they must be read as."""

from tests.store.golden_orders import LATER_ORDERS
from tests.store.golden_strategies import STRATEGIES

from kasauti.domain import events as ev
from kasauti.domain import settlement_events as stl
from kasauti.domain import standing_events as sev
from kasauti.domain.charges import Charges
from kasauti.domain.commands import GttLeg, PlaceBracket, PlaceGtt, PlaceOrder
from kasauti.domain.evidence import Evidence, Rule, Source
from kasauti.domain.order import OrderType, Product, Side, Validity
from kasauti.domain.standing import StandingStatus

CALL = "NFO:NIFTY2611326000CE"
GTT = "PAPER_GTT_7"
RULES = (
    '{"packaged":"5f0c1d2e3a4b5c6d","overlay":{"where":"mine","files":[["hours.json",'
    '"{\\"hours\\": []}"]]},"fingerprint":"0011223344556677"}'
)
ORDER = "PAPER_20260113091507_NIFTY2611326000CE_00001"

#: By tag and version, the name of the file without its ending.
GOLDEN: dict[str, ev.Event] = {
    **LATER_ORDERS,
    **STRATEGIES,
    "account.opened.1": ev.AccountOpened(
        account="main",
        mode="paper",
        order_prefix="PAPER_",
        capital=1_000_000_000,
        plan="zerodha",
        currency="USD",
        config='{"account":{"capital_rupees":100000}}',
    ),
    "account.opened.2": ev.AccountOpened(
        account="main",
        mode="paper",
        order_prefix="PAPER_",
        capital=1_000_000_000,
        plan="zerodha",
        currency="USD",
        config='{"account":{"capital_rupees":100000}}',
        rules=RULES,
    ),
    "money.moved.1": ev.MoneyMoved(amount=-250_000_000, reason="taken out for rent - किराया"),
    "session.started.1": ev.SessionStarted(
        version="0.1.0",
        feed="builtin:41:2026-01-13",
        policy="resume",
        after_crash=True,
        last_at=1_768_276_507_250_000_000,
        downtime_s=42.125,
        config='{"feed":{"seed":41}}',
    ),
    "session.started.2": ev.SessionStarted(
        version="0.1.0",
        feed="builtin:41:2026-01-13",
        policy="resume",
        after_crash=True,
        last_at=1_768_276_507_250_000_000,
        downtime_s=42.125,
        config='{"feed":{"seed":41}}',
        rules=RULES,
    ),
    "session.stopped.1": ev.SessionStopped(reason="stopped by the user"),
    "day.opened.1": ev.DayOpened(day="2026-01-13"),
    "day.closed.1": ev.DayClosed(
        day="2026-01-13",
        marks={"NFO:NIFTY2612026000CE": 1_523_500, "NSE:SBIN": 9_871_500},
        rounding=Charges(stt=-2_800, exchange=100, stamp=4_200, gst=-100),
    ),
    "day.closed.2": ev.DayClosed(
        day="2026-01-13",
        marks={"NFO:NIFTY2612026000CE": 1_523_500, "NSE:SBIN": 9_871_500},
        rounding=Charges(stt=-2_800, exchange=100, stamp=4_200, gst=-100, services=130_000),
    ),
    "timer.fired.1": ev.TimerFired(name="square_off:derivatives", due=1_768_298_100_000_000_000),
    "order.placed.1": ev.OrderPlaced(
        order_id=ORDER,
        instrument=CALL,
        side=Side.BUY,
        product=Product.MIS,
        order_type=OrderType.SL,
        quantity=65,
        blocked=80_275_000,
        validity=Validity.IOC,
        price=1_235_000,
        trigger_price=1_230_000,
        command_id="click-17",
        strategy="intraday_momentum_oi",
        tag="entry",
        paid_up=True,
        reference=1_228_500,
    ),
    "order.denied.1": ev.OrderDenied(
        order_id="PAPER_20260113091508_NIFTY2611326000CE_00002",
        instrument=CALL,
        side=Side.SELL,
        quantity=70,
        rule="instrument.lot_size",
        message="70 is not a multiple of the lot of 65; ask for 65 or 130.",
        limit="65",
        actual="70",
        product="NRML",
        order_type="SL-M",
        price=1_235_000,
        trigger_price=1_230_000,
        command_id="click-18",
        strategy="intraday_momentum_oi",
        tag="exit",
    ),
    "order.opened.1": ev.OrderOpened(order_id=ORDER, trigger_pending=True, queue_ahead=4_225),
    "order.triggered.1": ev.OrderTriggered(order_id=ORDER, price=1_230_500),
    "order.modify_requested.1": ev.ModifyRequested(
        order_id=ORDER, quantity=130, price=1_236_000, trigger_price=1_231_000, blocked=160_680_000
    ),
    "order.modify_denied.1": ev.ModifyDenied(
        order_id=ORDER,
        rule="instrument.tick_size",
        message="₹123.03 is not a multiple of the tick of ₹0.05; ask for ₹123.00 or ₹123.05.",
    ),
    "order.modified.1": ev.OrderModified(
        order_id=ORDER,
        quantity=130,
        price=1_236_000,
        trigger_price=1_231_000,
        kept_priority=False,
        queue_ahead=1_950,
        blocked=160_680_000,
    ),
    "order.modify_rejected.1": ev.ModifyRejected(
        order_id=ORDER, message="the order is being traded", blocked=80_275_000
    ),
    "order.cancel_requested.1": ev.CancelRequested(order_id=ORDER, reason="asked by the user"),
    "order.cancelled.1": ev.OrderCancelled(order_id=ORDER, reason="asked by the user"),
    "order.rejected.1": ev.OrderRejected(
        order_id=ORDER, message="the trigger price is beyond the price band"
    ),
    "order.expired.1": ev.OrderExpired(order_id=ORDER, reason="a DAY order lapses at the close"),
    "order.filled.1": ev.OrderFilled(
        order_id=ORDER,
        trade_id="P0000007",
        quantity=65,
        price=1_231_500,
        charges=Charges(200_000, 80_000, 28_100, 400, 100, 2_400, 41_100),
        position_margin=5_000,
        evidence=Evidence(
            source=Source.DEPTH,
            rule=Rule.TAKE,
            at=1_768_276_507_250_000_000,
            price=1_231_000,
            profile="depth/1",
            shown=325,
            taken=130,
            level=2,
            queue=65,
            slip=500,
            order_price=1_235_000,
            tick=918,
        ),
    ),
    "order.filled.2": ev.OrderFilled(
        order_id=ORDER,
        trade_id="P0000007",
        quantity=65,
        price=1_231_500,
        charges=Charges(200_000, 80_000, 28_100, 400, 100, 2_400, 41_100, 0),
        position_margin=5_000,
        evidence=Evidence(
            source=Source.DEPTH,
            rule=Rule.TAKE,
            at=1_768_276_507_250_000_000,
            price=1_231_000,
            profile="depth/1",
            shown=325,
            taken=130,
            level=2,
            queue=65,
            slip=500,
            order_price=1_235_000,
            tick=918,
        ),
    ),
    "position.settled.1": ev.PositionSettled(
        instrument=CALL,
        product=Product.NRML,
        quantity=65,
        price=452_500,
        charges=Charges(stt=36_800),
        evidence=Evidence(
            Source.SETTLEMENT,
            Rule.SETTLED,
            1_768_298_400_000_000_000,
            452_500,
            "settlement/1",
            order_price=260_452_500,
        ),
    ),
    "position.adjusted.1": ev.PositionAdjusted(
        action="bonus of 1 for 2",
        instrument="NFO:TRENT26JUNFUT",
        product=Product.NRML,
        quantity=-300,
        into="NFO:TRENT26JUNFUT",
        into_quantity=-450,
        numerator=3,
        denominator=2,
        off=80_000,
        cash=-24_000_000,
        due=1_780_199_100_000_000_000,
        isin="INE849A01020",
    ),
    "futures.marked.1": stl.FuturesMarked(
        instrument="NFO:NIFTY26JANFUT",
        product=Product.NRML,
        quantity=-65,
        price=260_100_000,
        amount=-26_000_000,
        basis="last price",
    ),
    "delivery.due.1": stl.DeliveryDue(
        instrument="NSE:SBIN", quantity=-40, day="2026-02-18", settles="2026-02-20", isin="INE062A01020"
    ),
    "delivery.settled.1": stl.DeliverySettled(
        instrument="NSE:SBIN", quantity=-40, day="2026-02-18", due=1_771_581_600_000_000_000
    ),
    "proceeds.held.1": stl.ProceedsHeld(
        trade_id="PT7", amount=39_486_000, until="2026-02-19", why="shares sold before they settled"
    ),
    "position.settled.2": ev.PositionSettled(
        instrument=CALL,
        product=Product.NRML,
        quantity=65,
        price=452_500,
        charges=Charges(stt=36_800),
        evidence=Evidence(
            Source.SETTLEMENT,
            Rule.SETTLED,
            1_768_298_400_000_000_000,
            452_500,
            "settlement/1",
            order_price=260_452_500,
        ),
        delivers=True,
    ),
    "shares.assigned.1": stl.SharesAssigned(
        instrument="NSE:SBIN",
        quantity=-750,
        price=9_871_500,
        charges=Charges(brokerage=18_509_100, stt=7_403_600, gst=3_331_600),
        contracts=("NFO:SBIN26JAN1000PE",),
        evidence=Evidence(
            Source.SETTLEMENT,
            Rule.SETTLED,
            1_768_298_400_000_000_000,
            9_871_500,
            "settlement/closing-window",
        ),
        parts={"wheel": -750},
    ),
    "settlement.missing.1": stl.SettlementMissing(
        instrument=CALL,
        expiry="2026-01-13",
        message=f"{CALL} expired on 2026-01-13 and cannot be settled: nobody was here",
    ),
    "position.converted.1": stl.PositionConverted(
        instrument="NSE:SBIN",
        product=Product.MIS,
        to=Product.CNC,
        quantity=-40,
        why="a sale that nobody would buy back has to be delivered",
    ),
    "shares.auctioned.1": stl.SharesAuctioned(
        instrument="NSE:SBIN",
        quantity=40,
        price=11_845_800,
        day="2026-01-13",
        penalty=236_900,
        charges=Charges(gst=42_600),
        basis="close-out",
        evidence=Evidence(
            Source.SETTLEMENT,
            Rule.BOUGHT_IN,
            1_768_384_800_000_000_000,
            11_845_800,
            "settlement/close-out",
        ),
        due=1_768_384_800_000_000_000,
    ),
    "interest.charged.1": stl.InterestCharged(
        day="2026-01-13",
        reason="debit balance",
        principal=10_000_000_000,
        amount=5_000_000,
        due=1_768_298_400_000_000_000,
    ),
    "trading.halted.1": ev.TradingHalted(reason="held after a crash; resume when ready"),
    "trading.resumed.1": ev.TradingResumed(reason="looked at, all is well"),
    "band.filled.1": ev.BandFilled(
        profile="pessimistic/1",
        instrument=CALL,
        product=Product.MIS,
        side=Side.SELL,
        quantity=65,
        price=1_231_500,
        charges=2_534_00,
        order_id=ORDER,
    ),
    "venue.anomaly.1": ev.VenueAnomaly(
        order_id=ORDER,
        report="Filled(quantity=65, price=1231500)",
        message="the order is complete; a fill of 65 more cannot be",
    ),
    "standing.placed.1": sev.StandingPlaced(
        standing_id=GTT,
        plan=PlaceBracket(
            order=PlaceOrder(
                instrument=CALL,
                side=Side.BUY,
                quantity=65,
                order_type=OrderType.LIMIT,
                product=Product.MIS,
                price=1_235_000,
                tag="entry",
                command_id="click-18",
            ),
            stoploss=1_100_000,
            target=1_400_000,
            trailing=100_000,
            trail_step=10_000,
        ),
        strategy="opening_range",
        reference=1_234_500,
        expires_at=1_799_811_903_000_000_000,
        blocked=80_275_000,
    ),
    "standing.denied.1": sev.StandingDenied(
        standing_id=GTT,
        asked="gtt",
        instrument="NSE:SBIN",
        rule="gtt.distance",
        message="Trigger price should differ from the last traded price (987.15) by at least 0.25 %.",
        limit="0.25 %",
        actual="987.00",
        nearest="984.65",
        command_id="click-19",
        strategy="ema_rsi",
    ),
    "standing.changed.1": sev.StandingChanged(
        standing_id=GTT,
        plan=PlaceGtt(
            instrument="NSE:SBIN",
            legs=(
                GttLeg(side=Side.SELL, quantity=10, price=9_000_000, trigger_price=9_010_000),
                GttLeg(side=Side.SELL, quantity=10, price=9_990_000, trigger_price=9_980_000),
            ),
            product=Product.CNC,
            tag="guard",
            command_id="click-20",
            last_price=9_871_500,
        ),
        reference=9_871_500,
        blocked=100,
    ),
    "standing.triggered.1": sev.StandingTriggered(
        standing_id=GTT, leg="1", price=9_009_500, late="nobody was here from 09:15 to 09:40"
    ),
    "standing.sent.1": sev.StandingSent(
        standing_id=GTT, leg="1", order_id=ORDER, quantity=10, refused="the order was denied"
    ),
    "standing.armed.1": sev.StandingArmed(
        standing_id=GTT,
        quantity=65,
        stop=1_100_000,
        target=1_400_000,
        anchor=1_235_000,
        why="the entry traded",
    ),
    "standing.trailed.1": sev.StandingTrailed(standing_id=GTT, stop=1_145_000, price=1_245_000),
    "standing.ended.1": sev.StandingEnded(
        standing_id=GTT, status=StandingStatus.TRIGGERED, reason="its order was sent"
    ),
}
