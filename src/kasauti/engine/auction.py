"""Offers in the exchange's auction of shares that others failed to deliver."""

from kasauti.domain.commands import PlaceAuction
from kasauti.domain.ist import ist_clock, ist_ns
from kasauti.domain.money import format_price
from kasauti.domain.order import OrderType, Product, Side
from kasauti.domain.standing import Instruction, StandingStatus
from kasauti.engine.refusals import price_refusal, quantity_refusal
from kasauti.engine.standing_checks import Asked, No, unknown
from kasauti.engine.standing_clerk import Handler
from kasauti.exchange.clock import clock_time
from kasauti.exchange.standing_rules import too_far


class Auctions(Handler):
    """
    The seller's side of an auction: an offer of what is held, in its window and within its band.

    An offer is made into one auction, by its number, and the exchange refuses a number that it does not have.
    Which shares others failed to deliver, and what they were bought in at, is in no market data: no auction
    is known here, so an offer that is otherwise right is refused for that.
    """

    def place(self, plan: PlaceAuction, at: int, cause: str, strategy: str) -> str:
        """Refuse an offer; return its id."""
        keeper = self.keeper
        no = self._refusal(plan, keeper.asked(plan.order.instrument, at)) or _unknown_auction(plan)
        return keeper.deny(plan, no, at, cause, strategy)

    def day_begins(self, one: Instruction, at: int) -> None:
        """Have an offer that a log holds end with its window."""

        def lapse(moment: int) -> None:
            if not one.is_over:
                why = "the auction is over; nobody's shortage is known here"
                self.keeper.end(one, StandingStatus.EXPIRED, why, "timer:standing", moment)

        self.keeper.at(one.expires_at, lapse)

    def _refusal(self, plan: PlaceAuction, asked: Asked) -> No | None:
        order, rule = plan.order, asked.rules.auction(asked.day)
        terms = asked.terms(order.instrument, order.product)
        if terms is None:
            return unknown(order.instrument)
        fits = (
            order.side is Side.SELL and order.product is Product.CNC and order.order_type is OrderType.LIMIT
        )
        if not fits or terms.instrument.exchange is not rule.exchange or not plan.auction_number:
            message = "An auction takes LIMIT sales for delivery (CNC) of shares, with the auction's number."
            return No(
                "auction.not_allowed", message, f"{rule.exchange}, SELL, CNC, LIMIT", str(order.order_type)
            )
        opens, closes = (ist_ns(asked.day, clock_time(each)) for each in (rule.opens, rule.closes))
        if not terms.parts or not opens <= asked.at < closes:
            message = (
                f"The auction is held from {rule.opens} to {rule.closes}. It is {ist_clock(asked.at)} IST."
            )
            return No("auction.window", message, f"{rule.opens} to {rule.closes}", ist_clock(asked.at))
        wrong = quantity_refusal(order.quantity, terms) or price_refusal(
            OrderType.LIMIT, order.side, order.price, 0, terms
        )
        if wrong is not None:
            return No.of(wrong)
        close = self.keeper.account.state.marks.get(order.instrument, 0) or asked.last
        if close and too_far(order.price, close, rule.band_percent):
            message = (
                f"An auction's price is within {rule.band_percent} % of the last close"
                f" ({format_price(close)}). Here it is {format_price(order.price)}."
            )
            return No("auction.band", message, f"{rule.band_percent} %", format_price(order.price))
        position = self.keeper.account.state.position(order.instrument, order.product)
        have = 0 if position is None else max(0, position.quantity - position.pending_sell)
        if order.quantity > have:
            message = (
                f"You don't have sufficient holdings: {have} can be sold, {order.quantity} are asked for."
            )
            return No("holdings.short", message, str(have), str(order.quantity), f"{have} units")
        return None


def _unknown_auction(plan: PlaceAuction) -> No:
    symbol = plan.order.instrument
    message = (
        f"There is no auction {plan.auction_number} of {symbol}: which shares others failed to deliver today"
        " is in no market data, so none is held here."
    )
    return No("auction.unknown", message, "", plan.auction_number, "a regular sale")
