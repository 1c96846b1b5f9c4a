"""The prices that a contract's margin rests on until the clearing house reckons anew."""

import msgspec


class RiskMark(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """
    What was known of one contract when its risk was reckoned: its own price and its underlying's.

    `instrument` is its id, `at` the moment, prices are money units. `impossible` is whether no volatility
    gives an option that price: it is less than exercising it would bring, or more than it can be worth. The
    least volatility of the rules stands there.
    """

    instrument: str
    at: int
    spot: int
    price: int
    impossible: bool = False
