"""The day's contract note against the totals of the fact sheet (market_rules.md 1.8), and its rounding."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from kasauti.domain.charges import Charges, Service, ServiceKind
from kasauti.domain.instrument import Exchange, Fund, Instrument, Kind
from kasauti.domain.money import PAISA, RUPEE, rupees
from kasauti.domain.order import Product, Side
from kasauti.errors import RuleUnknown
from kasauti.exchange.brokerage import plan_named
from kasauti.exchange.charge_class import ChargeClass
from kasauti.exchange.charges import ChargeBook
from kasauti.exchange.contract_note import contract_note, notes_by_segment
from kasauti.exchange.day_services import day_services
from kasauti.exchange.note_line import NoteLine, Sums

TODAY = date(2026, 11, 20)
BOOK = ChargeBook()

DERIVATIVES = (ChargeClass.FUTURE, ChargeClass.OPTION)
EXCHANGES = {"CRUDEOIL": Exchange.MCX, "USDINR": Exchange.CDS, "SENSEX": Exchange.BFO}


def line(of: ChargeClass, buy: str, sell: str, brokerage: str, name: str = "") -> NoteLine:
    return NoteLine(
        exchange=EXCHANGES.get(name, Exchange.NFO if of in DERIVATIVES else Exchange.NSE),
        charge_class=of,
        buy_turnover=rupees(buy),
        sell_turnover=rupees(sell),
        brokerage=rupees(brokerage),
        name=name,
    )


NOTES = {
    "V1, the day of the buy": (line(ChargeClass.EQUITY_DELIVERY, "150000", "0", "0"), "178.62"),
    "V1, the day of the sale": (line(ChargeClass.EQUITY_DELIVERY, "0", "151000", "0"), "156.65"),
    "V1 as one note": (line(ChargeClass.EQUITY_DELIVERY, "150000", "151000", "0"), "335.26"),
    "V2": (line(ChargeClass.EQUITY_INTRADAY, "150000", "151000", "40"), "101.46"),
    "V3": (line(ChargeClass.FUTURE, "1560000", "1566500", "40"), "932.40"),
    "V4": (line(ChargeClass.OPTION, "7800", "7865", "40"), "65.79"),
    "V5": (line(ChargeClass.OPTION, "12382.50", "23465", "40"), "97.28"),
    "V7": (line(ChargeClass.COMMODITY_FUTURE, "580000", "585000", "40", "CRUDEOIL"), "148.45"),
    "V8": (line(ChargeClass.CURRENCY_FUTURE, "88500", "88600", "40", "USDINR"), "48.14"),
}


@pytest.mark.parametrize(("traded", "total"), NOTES.values(), ids=NOTES.keys())
def test_the_note_is_that_of_the_fact_sheet(traded: NoteLine, total: str) -> None:
    assert contract_note([traded], TODAY, BOOK).total == rupees(total)


@pytest.mark.parametrize(("bse_ipf", "total"), [(False, "63.20"), (True, "63.27")])
def test_the_sensex_note(bse_ipf: bool, total: str) -> None:  # noqa: FBT001
    """V6: STT 10.50 becomes 11. The levy adds 0.065, so 7 paise, outside the GST base."""
    sensex = line(ChargeClass.OPTION, "6000", "7000", "40", "SENSEX")

    note = contract_note([sensex], TODAY, ChargeBook(bse_ipf=bse_ipf))

    assert note.stt == rupees(11)
    assert note.total == rupees(total)


def test_the_parts_of_the_delivery_note() -> None:
    """The buy day of V1: 150 + 4.61 + 0.15 + 23 + 0.86."""
    note = contract_note([NOTES["V1, the day of the buy"][0]], TODAY, BOOK)

    assert note == Charges(
        stt=rupees(150), exchange=rupees("4.61"), sebi=rupees("0.15"), stamp=rupees(23), gst=rupees("0.86")
    )


def test_an_exercised_option_is_taxed_in_whole_rupees() -> None:
    """V9: 17.603625 becomes 18, before April 2026 14.6696875 becomes 15."""
    exercised = NoteLine(
        exchange=Exchange.NFO, charge_class=ChargeClass.OPTION, exercised=rupees("180.55") * 65
    )

    assert contract_note([exercised], TODAY, BOOK) == Charges(stt=rupees(18))
    assert contract_note([exercised], date(2026, 3, 31), BOOK) == Charges(stt=rupees(15))


def test_half_a_rupee_of_tax_goes_up_and_less_goes_down() -> None:
    """0.15 % of 333.33 is just under 50 paise, of 333.3334 just over."""
    below = line(ChargeClass.OPTION, "0", "333.3333", "0")
    above = line(ChargeClass.OPTION, "0", "333.3334", "0")

    assert contract_note([below], TODAY, BOOK).stt == 0
    assert contract_note([above], TODAY, BOOK).stt == rupees(1)


def test_a_day_without_trades_has_an_empty_note() -> None:
    assert contract_note([], TODAY, BOOK) == Charges()


def test_a_note_of_an_unknown_day_is_refused() -> None:
    with pytest.raises(RuleUnknown, match="2022-11-20"):
        contract_note([NOTES["V4"][0]], date(2022, 11, 20), BOOK)


lines = st.builds(
    NoteLine,
    exchange=st.just(Exchange.NFO),
    charge_class=st.sampled_from([ChargeClass.FUTURE, ChargeClass.OPTION]),
    buy_turnover=st.integers(0, rupees(10**7)),
    sell_turnover=st.integers(0, rupees(10**7)),
    brokerage=st.integers(0, 100).map(lambda n: rupees(20) * n),
    name=st.just("NIFTY"),
)


@given(st.lists(lines, max_size=6))
def test_the_day_is_rounded_once(day: list[NoteLine]) -> None:
    """However the day is cut into lines, tax and duty are whole rupees, at most half a rupee off."""
    note = contract_note(day, TODAY, BOOK)
    exact_stt = exact_stamp = Fraction(0)
    for each in day:
        schedule = BOOK.schedule_of(each.exchange, each.charge_class, each.name, TODAY)
        exact_stt += schedule.exact(Side.SELL, each.sell_turnover)["stt"] * RUPEE
        exact_stamp += schedule.exact(Side.BUY, each.buy_turnover)["stamp"] * RUPEE

    assert note.stt % RUPEE == note.stamp % RUPEE == 0
    assert abs(note.stt - exact_stt) <= RUPEE // 2
    assert abs(note.stamp - exact_stamp) <= RUPEE // 2
    assert note.total % PAISA == 0
    assert note.brokerage == sum(each.brokerage for each in day)


@given(lines, lines)
def test_the_order_of_the_lines_does_not_matter(one: NoteLine, other: NoteLine) -> None:
    assert contract_note([one, other], TODAY, BOOK) == contract_note([other, one], TODAY, BOOK)


# Shares: the exchange's own split of a day (1.1), whatever the products

SHARE = Instrument(Exchange.NSE, "RELIANCE", Kind.EQUITY, 1000, name="RELIANCE", isin="INE002A01018")
DAY_SUMS = {
    # product: units bought at, units sold at; then whole rupees of tax and of duty
    "CNC bought and sold on one day": ({"CNC": (100, "1500", 100, "1510")}, 38, 5),
    "MIS carried out": ({"MIS": (100, "1500", 100, "1510")}, 38, 5),
    "bought under CNC, sold under MIS": ({"CNC": (100, "1500", 0, "0"), "MIS": (0, "0", 100, "1510")}, 38, 5),
    "MIS left open is delivered": ({"MIS": (100, "1500", 0, "0")}, 150, 23),
    "40 of 100 sold": ({"CNC": (100, "1500", 40, "1510")}, 105, 15),
    "40 bought, 100 sold": ({"CNC": (40, "1500", 100, "1510")}, 106, 2),
    "sold from holdings": ({"CNC": (0, "0", 100, "1510")}, 151, 0),
}


def day_lines(sums: dict[str, tuple[int, str, int, str]], share: Instrument = SHARE) -> list[NoteLine]:
    return [
        NoteLine.of(
            share,
            Product(product),
            Sums(bought, rupees(paid) * bought, sold, rupees(received) * sold),
        )
        for product, (bought, paid, sold, received) in sums.items()
    ]


@pytest.mark.parametrize(("sums", "tax", "duty"), DAY_SUMS.values(), ids=DAY_SUMS)
def test_a_share_is_taxed_by_its_day(sums: dict[str, tuple[int, str, int, str]], tax: int, duty: int) -> None:
    """
    Worked by hand: 0.025 % of what was matched, at the sales' average; 0.1 % of the rest, at its side's.

    40 of 100 sold: 60,400 x 0.025 % + 60 x 1500 x 0.1 % = 15.10 + 90 = 105.10; duty 1.80 + 13.50 = 15.30.
    40 bought, 100 sold: 60,400 x 0.025 % + 60 x 1510 x 0.1 % = 15.10 + 90.60 = 105.70; duty 1.80.
    """
    note = contract_note(day_lines(sums), TODAY, BOOK)

    assert (note.stt, note.stamp) == (rupees(tax), rupees(duty))


def test_the_average_is_that_of_all_trades_of_a_side() -> None:
    """Bought 50 at 100 and 50 at 200, sold 30 at 300: 9000 intraday, 70 x 150 delivered: 2.25 + 10.50."""
    lines = [
        *day_lines({"CNC": (50, "100", 30, "300")}),
        *day_lines({"CNC": (50, "200", 0, "0")}),
    ]

    assert contract_note(lines, TODAY, BOOK).stt == rupees(13)


def test_two_exchanges_are_not_netted() -> None:
    """Bought on NSE and sold on BSE: both are deliveries, 150 and 151."""
    on_bse = structs.replace(SHARE, exchange=Exchange.BSE)
    lines = [
        *day_lines({"CNC": (100, "1500", 0, "0")}),
        *day_lines({"CNC": (0, "0", 100, "1510")}, on_bse),
    ]

    assert contract_note(lines, TODAY, BOOK).stt == rupees(301)


def test_where_every_trade_is_delivered_nothing_is_matched() -> None:
    lines = day_lines({"CNC": (100, "1500", 100, "1510")}, structs.replace(SHARE, series="BE"))

    assert contract_note(lines, TODAY, BOOK).stt == rupees(301)


def test_a_fund_of_shares_is_split_at_its_own_rates() -> None:
    """0.025 % of 60,400 and nothing on the units kept; sold from holdings 0.001 % of 151,000."""
    fund = structs.replace(SHARE, fund=Fund.EQUITY)

    assert contract_note(day_lines({"CNC": (100, "1500", 40, "1510")}, fund), TODAY, BOOK).stt == rupees(15)
    assert contract_note(day_lines({"CNC": (0, "0", 100, "1510")}, fund), TODAY, BOOK).stt == rupees(2)


def test_each_exchange_segment_is_rounded_by_itself() -> None:
    """0.45 of tax on NFO and 0.45 on BFO are nothing each; in one segment they were one rupee."""
    nfo, bfo = (
        line(ChargeClass.OPTION, "0", "300", "0", "NIFTY"),
        line(ChargeClass.OPTION, "0", "300", "0", "SENSEX"),
    )

    assert contract_note([nfo, bfo], TODAY, BOOK).stt == 0
    assert contract_note([nfo, nfo], TODAY, BOOK).stt == rupees(1)
    assert list(notes_by_segment([nfo, bfo], TODAY, BOOK)) == [Exchange.NFO, Exchange.BFO]


def test_a_plan_may_round_each_security_by_itself() -> None:
    calls = [
        NoteLine.of(Instrument(Exchange.NFO, symbol, Kind.CALL, 500, name="NIFTY"), Product.NRML, sold)
        for symbol, sold in [("NIFTYA", Sums(0, 0, 1, rupees(300))), ("NIFTYB", Sums(0, 0, 1, rupees(300)))]
    ]
    by_security = ChargeBook(structs.replace(plan_named("zerodha"), note_rounds="security"))

    assert contract_note(calls, TODAY, BOOK).stt == rupees(1)
    assert contract_note(calls, TODAY, by_security).stt == 0


# Services of a day (1.6)


@pytest.mark.parametrize(
    ("sums", "debits"),
    [
        ({"CNC": (0, "0", 100, "1510")}, 1),
        ({"CNC": (100, "1500", 100, "1510")}, 0),
        ({"CNC": (40, "1500", 100, "1510")}, 1),
        ({"CNC": (100, "1500", 40, "1510")}, 0),
        ({"CNC": (100, "1500", 0, "0"), "MIS": (0, "0", 40, "1510")}, 0),
        ({"MIS": (0, "0", 40, "1510")}, 0),
    ],
)
def test_the_depository_charges_each_security_that_leaves_once(
    sums: dict[str, tuple[int, str, int, str]], debits: int
) -> None:
    services = day_services(day_lines(sums), {}, TODAY, BOOK)

    assert [(each.kind, each.about, each.total) for each in services] == [
        (ServiceKind.DP, "INE002A01018", rupees("15.34"))
    ] * debits


def test_one_security_sold_on_two_exchanges_is_one_debit() -> None:
    both = [
        *day_lines({"CNC": (0, "0", 60, "1510")}),
        *day_lines({"CNC": (0, "0", 40, "1511")}, structs.replace(SHARE, exchange=Exchange.BSE)),
    ]

    assert len(day_services(both, {}, TODAY, BOOK)) == 1


def test_a_debit_may_cost_a_part_of_its_value() -> None:
    """Kotak takes 0.04 % of what leaves: 60 of 100 at 1510 are 90,600, so 36.24."""
    services = day_services(day_lines({"CNC": (40, "1500", 100, "1510")}), {}, TODAY, ChargeBook("kotakneo"))

    assert [each.amount for each in services] == [rupees("36.24")]


def test_squaring_off_costs_for_each_order_that_traded() -> None:
    services = day_services([], {"NSE:RELIANCE": 2, "NSE:SBIN": 0}, TODAY, BOOK)

    assert services == (Service(ServiceKind.SQUARE_OFF, "NSE:RELIANCE", rupees(100), rupees(18), 2),)


trades = st.lists(
    st.tuples(
        st.sampled_from(["CNC", "MIS"]), st.sampled_from(Side), st.integers(1, 500), st.integers(1, 10**8)
    ),
    min_size=1,
    max_size=8,
)
DayTrades = list[tuple[str, Side, int, int]]


def lines_of(day: DayTrades, product: str = "") -> list[NoteLine]:
    return [
        NoteLine.of(
            SHARE,
            Product(product or of),
            Sums(units, units * price) if side is Side.BUY else Sums(0, 0, units, units * price),
        )
        for of, side, units, price in day
    ]


def halves_up(rupees_exact: Fraction) -> int:
    return int(rupees_exact + Fraction(1, 2)) * RUPEE


@given(trades)
def test_the_tax_on_a_shares_day_is_that_of_the_circular(day: DayTrades) -> None:
    """NSE/CMTR/5588, step by step in exact fractions of rupees."""
    bought, paid, sold, received = 0, Fraction(0), 0, Fraction(0)
    for _, side, units, price in day:
        if side is Side.BUY:
            bought, paid = bought + units, paid + Fraction(units * price, RUPEE)
        else:
            sold, received = sold + units, received + Fraction(units * price, RUPEE)
    average_paid = paid / bought if bought else Fraction(0)
    average_received = received / sold if sold else Fraction(0)
    matched = min(bought, sold)
    tax = matched * average_received * Fraction("0.00025")
    tax += (bought - matched) * average_paid * Fraction("0.001")
    tax += (sold - matched) * average_received * Fraction("0.001")
    duty = matched * average_paid * Fraction("0.00003") + (bought - matched) * average_paid * Fraction(
        "0.00015"
    )

    note = contract_note(lines_of(day), TODAY, BOOK)

    assert (note.stt, note.stamp) == (halves_up(tax), halves_up(duty))


@given(trades, st.sampled_from(["CNC", "MIS"]), st.permutations(range(8)))
def test_neither_product_nor_order_of_a_shares_trades_changes_its_tax(
    day: DayTrades, product: str, order: list[int]
) -> None:
    shuffled = [day[place] for place in order if place < len(day)]
    note = contract_note(lines_of(day), TODAY, BOOK)
    other = contract_note(lines_of(shuffled, product), TODAY, BOOK)

    assert (note.stt, note.stamp, note.exchange) == (other.stt, other.stamp, other.exchange)


@given(trades, st.integers(1, 500))
def test_selling_more_never_lowers_what_is_paid_for_the_exchange(day: DayTrades, more: int) -> None:
    before = contract_note(lines_of(day), TODAY, BOOK)
    after = contract_note(lines_of([*day, ("CNC", Side.SELL, more, 10**6)]), TODAY, BOOK)

    assert after.exchange >= before.exchange
    assert after.sebi >= before.sebi


@given(st.lists(st.integers(1, rupees(10**6)), min_size=1, max_size=12))
def test_a_note_is_the_sum_of_its_orders_within_their_rounding(values: list[int]) -> None:
    """Each order is off by half a paisa a part at most, the note by half a rupee of tax and of duty."""
    schedule = BOOK.schedule_of(Exchange.NFO, ChargeClass.OPTION, "NIFTY", TODAY)
    orders = [schedule.order_charges(Side.SELL, value) for value in values]
    sold = NoteLine(
        exchange=Exchange.NFO,
        charge_class=ChargeClass.OPTION,
        name="NIFTY",
        sell_turnover=sum(values),
        brokerage=sum(each.brokerage for each in orders),
    )

    note = contract_note([sold], TODAY, BOOK)
    booked = sum(each.total for each in orders)

    assert abs(note.total - booked) <= RUPEE // 2 + len(values) * 5 * PAISA
    assert note.brokerage == sum(each.brokerage for each in orders)
