"""What a trade costs beyond its price, itemised as on an Indian contract note."""

from enum import StrEnum

import msgspec


class Charges(msgspec.Struct, frozen=True, gc=False):
    """
    The parts of a cost, in money units.

    `stt` is the securities or commodities transaction tax, `exchange` the exchange's transaction charge,
    `ipft` the investor-protection levy where it is billed apart, `sebi` the regulator's turnover fee,
    `services` what a day costs besides trades: the depository's charge, the broker's for squaring off.
    """

    brokerage: int = 0
    stt: int = 0
    exchange: int = 0
    ipft: int = 0
    sebi: int = 0
    stamp: int = 0
    gst: int = 0
    services: int = 0

    @property
    def total(self) -> int:
        """The sum of all parts."""
        rates = self.stt + self.exchange + self.ipft + self.sebi + self.stamp
        return self.brokerage + rates + self.gst + self.services

    def plus(self, other: "Charges") -> "Charges":
        """Return both costs together, part by part."""
        return Charges(
            self.brokerage + other.brokerage,
            self.stt + other.stt,
            self.exchange + other.exchange,
            self.ipft + other.ipft,
            self.sebi + other.sebi,
            self.stamp + other.stamp,
            self.gst + other.gst,
            self.services + other.services,
        )

    def minus(self, other: "Charges") -> "Charges":
        """Return what this costs more than `other`, part by part."""
        return Charges(
            self.brokerage - other.brokerage,
            self.stt - other.stt,
            self.exchange - other.exchange,
            self.ipft - other.ipft,
            self.sebi - other.sebi,
            self.stamp - other.stamp,
            self.gst - other.gst,
            self.services - other.services,
        )


class ServiceKind(StrEnum):
    """What a broker takes money for besides orders."""

    DP = "dp"
    SQUARE_OFF = "auto_square_off"
    CALL_AND_TRADE = "call_and_trade"


class Service(msgspec.Struct, frozen=True, gc=False):
    """
    A broker's charge for a service, rendered `count` times: `amount` and the tax on it, money units in all.

    `about` is the security that left the demat account, or the instrument whose orders were squared off.
    """

    kind: ServiceKind
    about: str
    amount: int
    gst: int
    count: int = 1

    @property
    def total(self) -> int:
        """Amount and tax."""
        return self.amount + self.gst
