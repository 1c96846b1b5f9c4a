"""
The day's contract note: what the ledger is settled to at the end of the day.

An order's charges are rounded order by order while the day runs, each by its product. The note is made once,
of the day's sums. It differs in three ways:

- It is rounded once for each exchange segment, or for each security where the plan says so: securities (or
  commodities) transaction tax and stamp duty to the whole rupee, halves up, everything else to the paisa, and
  GST on the unrounded base.
- The tax on shares is the exchange's own. It adds up what one client bought and sold of one security on one
  exchange and day, whatever the products: what was both bought and sold is intraday at the average price of
  the sales (of the purchases, for the buyer's stamp duty), the rest is delivery at the average price of its
  side. Nothing is matched in series where every trade is delivered.
- Brokerage on shares goes by what the trades were, where the broker's plan says so: `share_brokerage`.

Sources: STT Rules 2004 (whole rupee); NSE/CMTR/5588 (2004-11-10) for the split; broker tariff pages for stamp
duty; market_rules.md 1.1 and 1.5. Brokers differ in what one note rounds at once.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction

from kasauti.domain.charges import Charges
from kasauti.domain.instrument import Exchange
from kasauti.domain.money import to_paise_half_up, to_rupee_half_up
from kasauti.exchange.charges import ChargeBook
from kasauti.exchange.note_line import NoteLine, Sums
from kasauti.exchange.rules import ONE
from kasauti.exchange.share_brokerage import billed_by_nature

_NOTHING = Charges()


def contract_note(lines: Iterable[NoteLine], on: date, book: ChargeBook) -> Charges:
    """Return the charges of a day's note; `RuleUnknown` outside the dates that are known."""
    total = _NOTHING
    for charges in notes_by_segment(lines, on, book).values():
        total = total.plus(charges)
    return total


def notes_by_segment(lines: Iterable[NoteLine], on: date, book: ChargeBook) -> dict[Exchange, Charges]:
    """Return the charges of a day's note by exchange segment, in the order of the lines."""
    by_security = book.plan.note_rounds == "security"
    parts: dict[tuple[Exchange, str], list[NoteLine]] = defaultdict(list)
    for line in billed_by_nature(lines, on, book):
        parts[line.exchange, line.security if by_security else ""].append(line)
    notes: dict[Exchange, Charges] = {}
    for (exchange, _), own in parts.items():
        note = _rounded(own, on, book)
        notes[exchange] = notes[exchange].plus(note) if exchange in notes else note
    return notes


def _rounded(lines: Sequence[NoteLine], on: date, book: ChargeBook) -> Charges:
    brokerage = exchange = ipft = sebi = gst = 0
    # Whole for all but shares: sums of fractions would take longer than the rest of a note.
    stt: int | Fraction = 0
    stamp: int | Fraction = 0
    matched: dict[str, list[NoteLine]] = defaultdict(list)
    for line in lines:
        schedule = book.schedule_of(
            line.exchange, line.charge_class, line.name, on, series=line.series, product=line.product
        )
        bought, sold = line.buy_turnover, line.sell_turnover
        tax, fees, levy, sebi_fees, duty = schedule.taxes_and_fees(bought, sold)
        brokerage += line.brokerage
        if line.charge_class.is_share and line.security:
            matched[line.security].append(line)
        else:
            stt, stamp = stt + tax, stamp + duty
        if line.exercised:
            stt += line.exercised * book.exercise_rate(on)
        exchange, ipft, sebi = exchange + fees, ipft + levy, sebi + sebi_fees
        gst += schedule.gst(line.brokerage * ONE, bought + sold)
    for security in matched.values():
        share_tax, share_duty = _share_taxes(security, on, book)
        stt, stamp = stt + share_tax, stamp + share_duty
    return Charges(
        brokerage=to_paise_half_up(brokerage),
        stt=to_rupee_half_up(stt.numerator, stt.denominator * ONE),
        exchange=to_paise_half_up(exchange, ONE),
        ipft=to_paise_half_up(ipft, ONE),
        sebi=to_paise_half_up(sebi, ONE),
        stamp=to_rupee_half_up(stamp.numerator, stamp.denominator * ONE),
        gst=to_paise_half_up(gst, ONE * ONE),
    )


def sums_of(lines: Iterable[NoteLine]) -> Sums:
    """Return what the lines of one security come to."""
    bought = paid = sold = received = 0
    for line in lines:
        bought, paid = bought + line.buy_quantity, paid + line.buy_turnover
        sold, received = sold + line.sell_quantity, received + line.sell_turnover
    return Sums(bought, paid, sold, received)


def _share_taxes(lines: Sequence[NoteLine], on: date, book: ChargeBook) -> tuple[Fraction, Fraction]:
    """Return the tax on one security and the stamp duty, unrounded, in billionths of a money unit."""
    sums, first = sums_of(lines), lines[0]
    matched = 0 if book.is_trade_to_trade(first.exchange, first.series, on) else sums.matched
    of = first.charge_class
    intraday = book.taxes(first.exchange, of.intraday, first.name, first.series, on)
    delivered = book.taxes(first.exchange, of.delivered, first.name, first.series, on)
    intraday_paid, intraday_received = (
        _part(sums.paid, matched, sums.bought),
        _part(sums.received, matched, sums.sold),
    )
    paid, received = sums.paid - intraday_paid, sums.received - intraday_received
    stt = intraday_paid * intraday.stt_buy + intraday_received * intraday.stt_sell
    stt += paid * delivered.stt_buy + received * delivered.stt_sell
    return stt, intraday_paid * intraday.stamp_buy + paid * delivered.stamp_buy


def _part(value: int, units: int, of_units: int) -> Fraction:
    return Fraction(value * units, of_units) if of_units else Fraction(0)
