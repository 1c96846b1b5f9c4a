"""
What a day in one share costs at Zerodha by what its trades were, worked by hand, and booked exactly once.

Zerodha's own words (support.zerodha.com, "Why was the brokerage charged on delivery trades?"): nothing for
delivery, 0.03 % or ₹20 an order for what is bought and sold on one day, "for both orders, regardless of the
quantity". Rates of January 2026 on NSE: exchange 0.00297 %, IPFT 0.0001 % (outside GST), SEBI 0.0001 %, GST
18 %; STT 0.1 % of delivery, 0.025 % of an intraday sale; stamp 0.015 % and 0.003 % of purchases. STT and
stamp duty go to the whole rupee.
"""

from typing import Any

import pytest
from tests.trading import SHARE, Session, buys, sells

from kasauti.analytics.day_note import day_note
from kasauti.domain import events as ev
from kasauti.domain.charges import Charges
from kasauti.domain.commands import ConvertPosition
from kasauti.domain.money import rupees
from kasauti.domain.order import Product, Side
from kasauti.exchange.charges import ChargeBook

MIS, CNC = Product.MIS, Product.CNC
QUIET = """
    time      of    last   bid     ask
    {}  ACME  100    99.95   100.05
"""
TO_CNC = ConvertPosition(SHARE.id, Side.BUY, 100, MIS, CNC)
TO_MIS = ConvertPosition(SHARE.id, Side.BUY, 100, CNC, MIS)

#: 100 bought at 100.05 and delivered: 10,005. Exchange 0.29715, IPFT and SEBI 0.0100, GST 18 % of 0.30715.
DELIVERED = {"stt": "10", "stamp": "2", "exchange": "0.30", "ipft": "0.01", "sebi": "0.01", "gst": "0.06"}
#: 100 bought at 100.05, 40 sold at 99.95 (3,998). Brokerage 3.00 + 1.20; STT 0.025 % of 3,998 and 0.1 % of
#: the 60 that stay (6,003): 7.0025; stamp 0.003 % of 4,002 and 0.015 % of 6,003: 1.02; exchange 0.4159, GST
#: 18 % of 4.20 + 0.4159 + 0.0140.
PARTLY = {
    "brokerage": "4.20", "stt": "7", "stamp": "1", "exchange": "0.42", "ipft": "0.01", "sebi": "0.01",
    "gst": "0.83",
}  # fmt: skip
#: All 100 sold at 99.95 (9,995). Brokerage 3.00 + 3.00; STT 2.49875; stamp 0.30; exchange of 20,000 0.594;
#: GST 18 % of 6 + 0.594 + 0.02.
INTRADAY = {
    "brokerage": "6", "stt": "2", "stamp": "0", "exchange": "0.59", "ipft": "0.02", "sebi": "0.02",
    "gst": "1.19",
}  # fmt: skip


@pytest.mark.parametrize(
    ("asks", "cost"),
    [
        ([buys(SHARE, 100, product=CNC)], DELIVERED),
        ([buys(SHARE, 100, product=MIS), TO_CNC], DELIVERED),
        ([buys(SHARE, 100, product=MIS), TO_CNC, TO_MIS, TO_CNC], DELIVERED),
        ([buys(SHARE, 100, product=CNC), sells(SHARE, 40, product=CNC)], PARTLY),
        ([buys(SHARE, 100, product=MIS), sells(SHARE, 40, product=MIS),
          ConvertPosition(SHARE.id, Side.BUY, 60, MIS, CNC)], PARTLY),
        ([buys(SHARE, 100, product=MIS), TO_CNC, sells(SHARE, 40, product=CNC)], PARTLY),
        ([buys(SHARE, 100, product=CNC), sells(SHARE, 100, product=CNC)], INTRADAY),
        ([buys(SHARE, 100, product=MIS), sells(SHARE, 100, product=MIS)], INTRADAY),
        ([buys(SHARE, 100, product=CNC), TO_MIS, sells(SHARE, 100, product=MIS)], INTRADAY),
    ],
)  # fmt: skip
def test_the_days_brokerage_goes_by_what_the_trades_were(asks: list[Any], cost: dict[str, str]) -> None:
    session = Session(stale_s=100_000).ticks(QUIET.format("09:15:01"))
    before = session.state.ledger.funds
    for second, command in enumerate(asks):
        session.ask(f"09:15:{second + 2:02}", command)
    session.ticks(QUIET.format("15:29:00")).until("20:00")

    expected = Charges(**{head: rupees(amount) for head, amount in cost.items()})
    assert session.state.ledger.by_head == expected
    assert len(session.events(ev.DayClosed)) == 1
    held = session.position(SHARE, CNC)
    result = rupees("-0.10") * (100 - held.quantity)
    assert before - session.state.ledger.funds == expected.total - result + held.cost, "it is paid once"
    assert session.proof().passed
    note = day_note(session.log, session.universe.find, ChargeBook)
    assert note.charges == expected
    assert note.remarks == [], "the note is made again to the paisa"
