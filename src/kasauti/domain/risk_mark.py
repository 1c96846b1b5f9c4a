"""The prices that a contract's margin rests on until the clearing house reckons anew."""

import msgspec


class RiskMark(msgspec.Struct, frozen=True, gc=False):
    """
    What was known of one contract when its risk was reckoned: its own price and its underlying's.

    `instrument` is its id, `at` the moment, prices are money units.
    """

    instrument: str
    at: int
    spot: int
    price: int
