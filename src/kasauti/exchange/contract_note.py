"""
The day's contract note: what the ledger is settled to at the end of the day.

An order's charges are rounded order by order while the day runs. The note is rounded once, on the day's
sums: securities (or commodities) transaction tax and stamp duty to the whole rupee, halves up, everything
else to the paisa, and GST on the unrounded base. Sources: STT Rules 2004 (whole rupee), broker tariff
pages for stamp duty; market_rules.md 1.5. Brokers differ in what one note covers: pass the lines of one
client, day and segment.
"""

from collections.abc import Iterable
from datetime import date

import msgspec

from kasauti.domain.charges import Charges
from kasauti.domain.instrument import Exchange
from kasauti.domain.money import to_paise_half_up, to_rupee_half_up
from kasauti.domain.order import Side
from kasauti.exchange.charge_class import ChargeClass
from kasauti.exchange.charges import ChargeBook
from kasauti.exchange.rules import ONE


class NoteLine(msgspec.Struct, frozen=True, kw_only=True):
    """
    The day's trades of one class on one exchange, summed.

    Amounts are money units. `brokerage` is the sum of what the orders were billed. `name` is the
    underlying where rates depend on it (BSE index options, commodities). `exercised` is the intrinsic
    value of the long options that were exercised.
    """

    exchange: Exchange
    charge_class: ChargeClass
    buy_turnover: int = 0
    sell_turnover: int = 0
    brokerage: int = 0
    name: str = ""
    exercised: int = 0


def contract_note(lines: Iterable[NoteLine], on: date, book: ChargeBook) -> Charges:
    """Return the charges of a day's note; `RuleUnknown` outside the dates that are known."""
    brokerage = stt = exchange = ipft = sebi = stamp = gst = 0
    for line in lines:
        schedule = book.schedule_of(line.exchange, line.charge_class, line.name, on)
        buy = schedule.unrounded(Side.BUY, line.buy_turnover)
        sell = schedule.unrounded(Side.SELL, line.sell_turnover)
        brokerage += line.brokerage
        stt += buy.stt + sell.stt
        if line.exercised:
            stt += line.exercised * book.exercise_rate(on)
        exchange += buy.exchange + sell.exchange
        ipft += buy.ipft + sell.ipft
        sebi += buy.sebi + sell.sebi
        stamp += buy.stamp + sell.stamp
        gst += schedule.gst(line.brokerage * ONE, line.buy_turnover + line.sell_turnover)
    return Charges(
        brokerage=to_paise_half_up(brokerage),
        stt=to_rupee_half_up(stt, ONE),
        exchange=to_paise_half_up(exchange, ONE),
        ipft=to_paise_half_up(ipft, ONE),
        sebi=to_paise_half_up(sebi, ONE),
        stamp=to_rupee_half_up(stamp, ONE),
        gst=to_paise_half_up(gst, ONE * ONE),
    )
