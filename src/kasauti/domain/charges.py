"""What a trade costs beyond its price, itemised as on an Indian contract note."""

import msgspec


class Charges(msgspec.Struct, frozen=True, gc=False):
    """
    The parts of a cost, in money units.

    `stt` is the securities or commodities transaction tax, `exchange` the exchange's transaction charge,
    `ipft` the investor-protection levy where it is billed apart, `sebi` the regulator's turnover fee.
    """

    brokerage: int = 0
    stt: int = 0
    exchange: int = 0
    ipft: int = 0
    sebi: int = 0
    stamp: int = 0
    gst: int = 0

    @property
    def total(self) -> int:
        """The sum of all parts."""
        return self.brokerage + self.stt + self.exchange + self.ipft + self.sebi + self.stamp + self.gst

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
        )
