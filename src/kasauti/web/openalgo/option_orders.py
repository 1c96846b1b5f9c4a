"""Orders in options that are named by how far they are from the money."""

import msgspec
from starlette.responses import Response

from kasauti.domain.instrument import Instrument, Kind
from kasauti.domain.order import Side
from kasauti.web.dialect import Worded
from kasauti.web.endpoint import Call
from kasauti.web.openalgo.fields import shown
from kasauti.web.openalgo.many_orders import MOST_PARTS, all_of, in_parts
from kasauti.web.openalgo.option_finding import Chain, chain_of
from kasauti.web.openalgo.option_requests import Leg, OptionsOrder, OptionsOrders
from kasauti.web.openalgo.order_requests import Item
from kasauti.web.openalgo.placing import Placing, ask, command_of, market
from kasauti.web.openalgo.words import MODE, failure, reply


def _command(asked: OptionsOrder | Leg, option: Instrument, strategy: str) -> Placing:
    item = Item(
        exchange=str(option.exchange),
        symbol=option.tradingsymbol,
        action=asked.action,
        quantity=asked.quantity,
        pricetype=asked.pricetype,
        product=asked.product,
        price=asked.price,
        trigger_price=asked.trigger_price,
        disclosed_quantity=asked.disclosed_quantity,
    )
    return command_of(item, option.id, strategy)


async def one(call: Call) -> Response:
    """Place an order in one option, in parts if that is asked."""
    asked: OptionsOrder = call.body
    chain = chain_of(call, asked)
    kind = Kind(asked.option_type.upper())
    option = chain.option(asked.offset, kind)
    spelled = market(call).of(option.id)
    about: dict[str, object] = {
        "symbol": spelled.symbol,
        "exchange": spelled.exchange,
        "underlying": chain.name,
        "underlying_ltp": shown(chain.last),
        "offset": asked.offset.upper(),
        "option_type": str(kind),
    }
    command = _command(asked, option, asked.strategy)
    if not asked.splitsize:
        outcome = await ask(call, command)
        return outcome.as_answer(**about)
    if -(-asked.quantity // asked.splitsize) > MOST_PARTS:
        return failure(f"Total number of orders would exceed maximum limit of {MOST_PARTS}", 400, mode=MODE)
    parts = await in_parts(call, command, asked.quantity, asked.splitsize)
    return reply(
        {
            "status": "success",
            **about,
            "total_quantity": asked.quantity,
            "split_size": asked.splitsize,
            "results": parts,
            "mode": MODE,
        }
    )


async def many(call: Call) -> Response:
    """Place several: purchases first, for they protect what is sold; rows are in the order of the legs."""
    asked: OptionsOrders = call.body
    rows: dict[int, dict[str, object]] = {}
    chain: Chain | None = None
    turns = sorted(enumerate(asked.legs, 1), key=lambda leg: leg[1].action.upper() != Side.BUY)
    for number, leg in turns:
        kind = Kind(leg.option_type.upper())
        row: dict[str, object] = {
            "leg": number,
            "offset": leg.offset.upper(),
            "option_type": str(kind),
            "action": leg.action.upper(),
        }
        rows[number] = row
        try:
            chain = chain_of(call, asked, leg.expiry_date)
            option = chain.option(leg.offset, kind)
        except Worded as refused:
            row.update(status="error", message=_message(refused))
            continue
        spelled = market(call).of(option.id)
        row.update(symbol=spelled.symbol, exchange=spelled.exchange, product=leg.product)
        row.update(await _placed(call, leg, _command(leg, option, asked.strategy)), mode=MODE)
    return reply(
        {
            "status": "success",
            "underlying": asked.underlying.upper() if chain is None else chain.name,
            "underlying_ltp": 0 if chain is None else shown(chain.last),
            "results": [rows[number] for number in sorted(rows)],
            "mode": MODE,
        }
    )


async def _placed(call: Call, leg: Leg, command: Placing) -> dict[str, object]:
    if not leg.splitsize:
        (outcome,) = await all_of(call, [command])
        return outcome.as_part()
    if -(-leg.quantity // leg.splitsize) > MOST_PARTS:
        message = f"Total number of orders would exceed maximum limit of {MOST_PARTS}"
        return {"status": "error", "message": message}
    parts = await in_parts(call, command, leg.quantity, leg.splitsize)
    return {
        "status": "success",
        "total_quantity": leg.quantity,
        "split_size": leg.splitsize,
        "split_results": parts,
    }


def _message(refused: Worded) -> str:
    """Return the sentence of a refusal that was worded as an answer of its own."""
    told: dict[str, str] = msgspec.json.decode(refused.answer.body)
    return told["message"]
