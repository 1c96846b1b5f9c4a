"""Good-till-triggered orders: placed, changed, cancelled, listed."""

from typing import Annotated, ClassVar

from starlette.responses import Response

from kasauti.domain.commands import CancelStanding, GttLeg, ModifyGtt, PlaceGtt
from kasauti.domain.instrument import Instrument
from kasauti.domain.ist import ist_date
from kasauti.domain.order import OrderType, Product, Side
from kasauti.domain.standing import Instruction, StandingStatus
from kasauti.exchange.market_protection import MarketProtection
from kasauti.web.dialect import Worded
from kasauti.web.endpoint import Call
from kasauti.web.openalgo.fields import Rupees, Text, Wrong, shown
from kasauti.web.openalgo.order_requests import (
    ActionWord,
    ExchangeWord,
    ForStrategy,
    LimitPrice,
    Quantity,
    Words,
)
from kasauti.web.openalgo.placing import Outcome, ask, market
from kasauti.web.openalgo.words import MODE, failure, reply, stamp

_NO_MIS = "GTT supports only CNC (delivery) or NRML (overnight F&O); MIS is intraday-only."


class _Product(Text, frozen=True):
    def read(self, value: object) -> str:
        """Return the product."""
        word = super().read(value)
        if word not in {"NRML", "CNC"}:
            raise Wrong([_NO_MIS])
        return word


class _Leg(Rupees, frozen=True):
    """A price that may be empty, which is as good as left out."""

    def read(self, value: object) -> int:
        """Return money units."""
        return 0 if value == "" else super().read(value)


_Optional = Annotated[int, _Leg(nullable=True)]


class NewGtt(ForStrategy, kw_only=True, frozen=True):
    """A GTT to place: SINGLE with one trigger, OCO with two; fields that it has not are passed over."""

    OPEN: ClassVar[bool] = True
    trigger_type: Words
    exchange: ExchangeWord
    symbol: Words
    action: ActionWord
    product: Annotated[str, _Product()]
    quantity: Quantity
    price: LimitPrice
    pricetype: Annotated[str, Text(one_of=("LIMIT", "MARKET"))] = "LIMIT"
    triggerprice_sl: Annotated[int, _Leg(nullable=True, error="triggerprice_sl must be non-negative.")] = 0
    triggerprice_tg: Annotated[int, _Leg(nullable=True, error="triggerprice_tg must be non-negative.")] = 0
    stoploss: _Optional = 0
    target: _Optional = 0
    expires_at: Annotated[str, Text(nullable=True)] = ""

    def faults(self) -> dict[str, list[str]]:
        """Return what does not fit together."""
        word = self.trigger_type.upper()
        if word == "SINGLE":
            if not self.triggerprice_sl and not self.triggerprice_tg:
                message = "SINGLE GTT requires a positive triggerprice_sl or triggerprice_tg."
                return {"triggerprice_sl": [message]}
            if self.triggerprice_sl and self.triggerprice_tg:
                message = "SINGLE GTT takes exactly one of triggerprice_sl or triggerprice_tg."
                return {"triggerprice_tg": [message]}
            return {}
        if word != "OCO":
            return {"trigger_type": ["Must be 'SINGLE' or 'OCO'."]}
        for name, what in _OCO.items():
            if not getattr(self, name):
                return {name: [f"Required for OCO ({what})."]}
        if self.triggerprice_sl >= self.triggerprice_tg:
            message = "Stoploss trigger must be less than target trigger (triggerprice_tg)."
            return {"triggerprice_sl": [message]}
        return {}


_OCO = {
    "triggerprice_sl": "stoploss trigger",
    "stoploss": "stoploss leg limit",
    "triggerprice_tg": "target trigger",
    "target": "target leg limit",
}


class ChangeGtt(NewGtt, kw_only=True, frozen=True):
    """Everything of a GTT anew."""

    trigger_id: Annotated[str, Text(least=1, most=256)]


class OneGtt(ForStrategy, kw_only=True, frozen=True):
    """A GTT by its id."""

    trigger_id: Annotated[str, Text(least=1, most=256)]


async def place(call: Call) -> Response:
    """Place a GTT."""
    asked: NewGtt = call.body
    instrument = market(call).find(asked.exchange, asked.symbol)
    if instrument is None:
        message = f"Symbol {asked.symbol} not found on exchange {asked.exchange}"
        return failure(message, 404, mode=MODE)
    legs = _legs(call, asked, instrument)
    plan = PlaceGtt(instrument.id, legs, Product(asked.product), tag=asked.strategy)
    return _answer(await ask(call, plan))


async def modify(call: Call) -> Response:
    """Give a GTT other legs; its instrument and product stay."""
    asked: ChangeGtt = call.body
    one = _found(call, asked.trigger_id)
    plan = one.plan
    assert isinstance(plan, PlaceGtt), "only GTTs are found"
    instrument = market(call).find(asked.exchange, asked.symbol)
    if instrument is None or instrument.id != plan.instrument or asked.product != plan.product:
        message = (
            f"GTT {asked.trigger_id} stays in its instrument and product; cancel it and place another one."
        )
        return failure(message, 400, mode=MODE)
    outcome = await ask(call, ModifyGtt(one.standing_id, _legs(call, asked, instrument)))
    return _answer(Outcome(one.standing_id, outcome.refused, outcome.status))


async def cancel(call: Call) -> Response:
    """Cancel a GTT."""
    asked: OneGtt = call.body
    one = _found(call, asked.trigger_id)
    outcome = await ask(call, CancelStanding(one.standing_id))
    return _answer(Outcome(one.standing_id, outcome.refused, outcome.status))


def _answer(outcome: Outcome) -> Response:
    if outcome.refused:
        return outcome.as_answer()
    return reply({"status": "success", "trigger_id": outcome.order_id, "mode": MODE})


def _legs(call: Call, asked: NewGtt, instrument: Instrument) -> tuple[GttLeg, ...]:
    side, quantity = Side.BUY if asked.action.upper() == "BUY" else Side.SELL, asked.quantity
    if asked.trigger_type.upper() == "OCO":
        pairs = [(asked.stoploss, asked.triggerprice_sl), (asked.target, asked.triggerprice_tg)]
    else:
        pairs = [(asked.price, asked.triggerprice_sl or asked.triggerprice_tg)]
    if asked.pricetype == OrderType.MARKET:
        # What fires is a limit order here as at every broker: at the worst price a market order would take.
        opened = call.account().state.account
        assert opened is not None, "an account is opened before it trades"
        protection = MarketProtection(opened.plan).of(instrument, ist_date(call.desk.now))
        pairs = [(protection.band(at, -1, buys=side is Side.BUY) or at, at) for _, at in pairs]
    return tuple(GttLeg(side, quantity, price, trigger) for price, trigger in pairs)


def _found(call: Call, trigger_id: str) -> Instruction:
    one = call.account().state.standing.get(trigger_id)
    if one is None or not isinstance(one.plan, PlaceGtt):
        raise Worded(failure(f"GTT {trigger_id} not found", 404, mode=MODE))
    return one


async def book(call: Call) -> Response:
    """Return the GTTs of the account, those that are over included."""
    symbols, rows = market(call), []
    for one in call.account().state.standing.values():
        if not isinstance(one.plan, PlaceGtt):
            continue
        spelled = symbols.of(one.plan.instrument)
        rows.append(
            {
                "trigger_id": one.standing_id,
                "trigger_type": "single" if len(one.plan.legs) == 1 else "two-leg",
                "status": _status(one),
                "symbol": spelled.symbol,
                "exchange": spelled.exchange,
                "trigger_prices": [shown(leg.trigger_price) for leg in one.plan.legs],
                "last_price": shown(one.reference),
                "legs": [_leg_row(leg, one.plan.product) for leg in one.plan.legs],
                "created_at": stamp(one.placed_at),
                "updated_at": stamp(one.updated_at),
                "expires_at": stamp(one.expires_at),
                "strategy": one.plan.tag,
                "reason": one.reason,
            }
        )
    return reply({"status": "success", "data": rows, "mode": MODE})


def _status(one: Instruction) -> str:
    """Return the status; one that its owner deleted is cancelled in this API."""
    deleted = one.status is StandingStatus.DELETED
    return str(StandingStatus.CANCELLED if deleted else one.status)


def _leg_row(leg: GttLeg, product: Product) -> dict[str, object]:
    return {
        "action": str(leg.side),
        "quantity": leg.quantity,
        "price": shown(leg.price),
        "pricetype": "LIMIT",
        "product": str(product),
    }
