"""What the golden files of orders say, of the versions after the first; see `golden_events`."""

from kasauti.domain import events as ev
from kasauti.domain.order import OrderType, Product, Side, Validity

CALL = "NFO:NIFTY2611326000CE"
ORDER = "PAPER_20260113091507_NIFTY2611326000CE_00001"

LATER_ORDERS: dict[str, ev.Event] = {
    "order.placed.2": ev.OrderPlaced(
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
        band=1_250_000,
        parent="PAPER_20260113091507_NIFTY2611326000CE_00000",
        listing="XT:equity",
    ),
    "order.denied.2": ev.OrderDenied(
        order_id="PAPER_20260113091508_NIFTY2611326000CE_00002",
        instrument=CALL,
        side=Side.SELL,
        quantity=70,
        rule="quantity.lot",
        message="Quantity should be a multiple of lot size 65.",
        limit="65",
        actual="70",
        product="NRML",
        order_type="SL-M",
        price=1_235_000,
        trigger_price=1_230_000,
        command_id="click-18",
        strategy="intraday_momentum_oi",
        tag="exit",
        nearest={"quantity": 65},
        advice="65 or 130 would be.",
    ),
    "order.modify_requested.2": ev.ModifyRequested(
        order_id=ORDER,
        quantity=130,
        price=1_236_000,
        trigger_price=1_231_000,
        blocked=160_680_000,
        band=1_246_000,
    ),
    "order.modified.2": ev.OrderModified(
        order_id=ORDER,
        quantity=130,
        price=1_236_000,
        trigger_price=1_231_000,
        kept_priority=False,
        queue_ahead=1_950,
        blocked=160_680_000,
        band=1_246_000,
    ),
}
