"""What is asked of the account beside orders: money, a halt, another product."""

from kasauti.domain import events as ev
from kasauti.domain.commands import ConvertPosition, HaltTrading, MoveMoney, ResumeTrading
from kasauti.engine.decide import Decider

AccountCommand = MoveMoney | HaltTrading | ResumeTrading | ConvertPosition


def account_change(command: AccountCommand, decider: Decider, at: int, strategy: str) -> ev.Event:
    """Return what a command becomes."""
    match command:
        case MoveMoney():
            return ev.MoneyMoved(command.amount, command.reason)
        case HaltTrading():
            return ev.TradingHalted(command.reason)
        case ResumeTrading():
            return ev.TradingResumed(command.reason)
        case ConvertPosition():
            return decider.product_change.decide(command, at, strategy)
