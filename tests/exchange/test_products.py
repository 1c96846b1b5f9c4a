"""Which combinations are taken, and in whose words they are refused (market_rules.md 4.2, 4.3)."""

from datetime import date

import pytest

from kasauti.domain.instrument import Exchange, Instrument, Kind
from kasauti.domain.order import OrderType, Product, Validity
from kasauti.errors import RuleUnknown
from kasauti.exchange.products import ProductRules, Refusal

RULES = ProductRules()
TODAY = date(2026, 11, 20)
ORDER_TYPES = {order_type.value: order_type for order_type in OrderType}
SLM_BSE = "Stoploss Market (SL-M) orders are blocked on BSE."


def _use_sl(message: str) -> Refusal:
    advice = "Use SL with a limit price at or beyond its trigger."
    nearest: dict[str, int | str] = {"order_type": "SL"}
    return Refusal("order_type.not_allowed", message, "MARKET, LIMIT, SL", "SL-M", nearest, advice)


def refusal(
    exchange: str, kind: str, product: str, order_type: str = "LIMIT", validity: str = "DAY", on: date = TODAY
) -> Refusal | None:
    traded = Instrument(Exchange(exchange), "SYMBOL", Kind(kind), tick_size=500)
    return RULES.refusal(traded, Product(product), ORDER_TYPES[order_type], Validity(validity), on=on)


@pytest.mark.parametrize(
    ("exchange", "kind", "products", "order_types"),
    [
        ("NSE", "EQ", "CNC MIS MTF", "MARKET LIMIT SL SL-M"),
        ("BSE", "EQ", "CNC MIS MTF", "MARKET LIMIT SL"),
        ("NFO", "FUT", "NRML MIS", "MARKET LIMIT SL SL-M"),
        ("NFO", "CE", "NRML MIS", "MARKET LIMIT SL"),
        ("NFO", "PE", "NRML MIS", "MARKET LIMIT SL"),
        ("BFO", "FUT", "NRML MIS", "MARKET LIMIT SL"),
        ("BFO", "CE", "NRML MIS", "MARKET LIMIT SL"),
        ("CDS", "FUT", "NRML MIS", "MARKET LIMIT SL SL-M"),
        ("MCX", "FUT", "NRML MIS", "MARKET LIMIT SL SL-M"),
    ],
)
def test_the_matrix_of_what_is_taken(exchange: str, kind: str, products: str, order_types: str) -> None:
    taken = {
        (product, order_type)
        for product in Product
        for order_type in OrderType
        for validity in Validity
        if refusal(exchange, kind, product, order_type, validity) is None
    }

    assert taken == {(p, o) for p in products.split() for o in order_types.split()}


@pytest.mark.parametrize(
    ("exchange", "kind", "product", "order_type", "expected"),
    [
        (
            "NSE", "EQ", "NRML", "LIMIT",
            Refusal(
                "product.not_allowed",
                "RMS:Blocked for nse_cm CARRYFWD Remarks: NRML product not allowed in nse_cm block_type:ALL",
                "CNC, MIS, MTF", "NRML", {"product": "CNC"}, "Use product CNC.",
            ),
        ),
        (
            "NFO", "CE", "CNC", "LIMIT",
            Refusal(
                "product.not_allowed",
                "RMS:Blocked for nse_fo DELIVERY Remarks: CNC product not allowed in nse_fo block_type:ALL",
                "NRML, MIS", "CNC", {"product": "NRML"}, "Use product NRML.",
            ),
        ),
        ("BSE", "EQ", "CNC", "SL-M", _use_sl(SLM_BSE)),
        ("BFO", "PE", "NRML", "SL-M", _use_sl(SLM_BSE)),
        ("NFO", "CE", "NRML", "SL-M", _use_sl("16052 : Function not available")),
    ],
)  # fmt: skip
def test_a_refusal_speaks_the_brokers_words(
    exchange: str, kind: str, product: str, order_type: str, expected: Refusal
) -> None:
    assert refusal(exchange, kind, product, order_type) == expected


def test_an_index_is_not_for_trading() -> None:
    found = refusal("NSE", "INDEX", "MIS")

    assert found is not None
    assert found.rule == "product.index"
    assert found.message.startswith("SYMBOL is an index")


def test_sl_m_on_options_ended_on_2021_09_27() -> None:
    assert refusal("NFO", "CE", "NRML", "SL-M", on=date(2021, 9, 24)) is None
    assert refusal("NFO", "CE", "NRML", "SL-M", on=date(2021, 9, 27)) is not None
    assert refusal("NFO", "FUT", "NRML", "SL-M", on=date(2021, 9, 27)) is None


@pytest.mark.parametrize(
    ("exchange", "kind", "on"),
    [("NSE", "EQ", date(2020, 12, 31)), ("NSE", "EQ", date(2027, 1, 4)), ("NSE", "CE", TODAY)],
)
def test_what_is_not_known_is_refused_as_unknown(exchange: str, kind: str, on: date) -> None:
    with pytest.raises(RuleUnknown, match=f"What is accepted for {kind} on {exchange}"):
        refusal(exchange, kind, "MIS", on=on)
