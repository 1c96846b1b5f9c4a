"""A person's own fills against the simulated exchange: what was simulated is found again."""

from pathlib import Path

import msgspec
import pytest
from tests.compose.worlds import settings
from tests.tables import ticks_of
from tests.trading import DAY, INDEX, SHARE, UNIVERSE

from kasauti.compose.calibration import Calibration, calibrate
from kasauti.compose.live_fills import live_orders
from kasauti.compose.markets import Market
from kasauti.errors import InvalidInput

HEAD = "placed_at,filled_at,instrument,side,order_type,price,trigger_price,quantity,fill_price\n"

#: Bid and ask move each minute; the last price lies between them.
TICKS = """
    time      of    last    bids        asks        volume
    09:15:00  ACME  100     99.95x500   100.05x500  1000
    09:16:00  ACME  100.40  100.35x500  100.45x500  1200
    09:17:00  ACME  100.80  100.75x500  100.85x500  1400
    09:18:00  ACME  100.20  100.15x500  100.25x500  1600
    09:19:00  ACME  100.00  99.95x500   100.05x500  1800
"""


def write(tmp_path: Path, *rows: str) -> Path:
    path = tmp_path / "fills.csv"
    path.write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def row(placed: str, filled: str, side: str, price: str, *, kind: str = "MARKET", limit: str = "") -> str:
    at, done = f"2026-01-13T09:{placed}", f"2026-01-13T09:{filled}" if filled else ""
    return f"{at},{done},{SHARE.id},{side},{kind},{limit},,10,{price}"


@pytest.fixture
def market() -> Market:
    batch = ticks_of(TICKS, lambda _: UNIVERSE.slot(SHARE.id), DAY)
    return Market(
        label="a table",
        source="a table",
        universe=UNIVERSE,
        days=(DAY,),
        is_bars=False,
        is_dense=False,
        underlying=INDEX.id,
        play=lambda _: iter([batch]),
    )


def found(tmp_path: Path, market: Market, *rows: str) -> Calibration:
    return calibrate(
        settings(simulator__stale_after_s=120), market, live_orders(write(tmp_path, *rows), market.universe)
    )


def test_fills_at_the_touch_are_those_of_the_book(tmp_path: Path, market: Market) -> None:
    told = found(
        tmp_path,
        market,
        row("15:30.000", "15:30.080", "BUY", "100.05"),
        row("16:30.000", "16:30.120", "SELL", "100.35"),
        row("17:30.000", "17:30.100", "BUY", "100.85"),
    )
    by = {fit.profile: fit for fit in told.fits}

    assert (by["depth"].both, by["depth"].bias_ticks, by["depth"].error_ticks) == (3, 0.0, 0.0)
    assert by["ltp"].error_ticks != 0.0
    assert told.fits[0].profile in {"depth", "touch", "pessimistic"}
    assert dict(told.latency_ms)[50] == 100
    assert str(told.settings["simulator.latency_profile"]).startswith("0:80,50:100")


def test_fills_worse_than_the_book_ask_for_slippage(tmp_path: Path, market: Market) -> None:
    told = found(
        tmp_path,
        market,
        row("15:30.000", "15:30.100", "BUY", "100.15"),
        row("16:30.000", "16:30.100", "SELL", "100.25"),
    )
    depth = next(fit for fit in told.fits if fit.profile == "depth")

    assert depth.bias_ticks == pytest.approx(2.0)


def test_a_limit_that_never_traded_is_counted_where_the_simulation_trades_it(
    tmp_path: Path, market: Market
) -> None:
    told = found(tmp_path, market, row("15:30.000", "", "SELL", "", kind="LIMIT", limit="100.80"))
    by = {fit.profile: (fit.only_simulated, fit.both) for fit in told.fits}

    assert by["ltp"] == (1, 0)
    assert by["pessimistic"] == (0, 0)
    assert told.latency_ms == []


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["2026-01-13T09:15:00,,NSE:NOWHERE,BUY,MARKET,,,10,"], "line 2: 'NSE:NOWHERE' is not in the data"),
        ([f"yesterday,,{SHARE.id},BUY,MARKET,,,10,"], "line 2: 'yesterday' is not a date and time"),
        ([f"2026-01-13T09:15:00,,{SHARE.id},HOLD,MARKET,,,10,"], "'HOLD' is none of BUY, SELL"),
        ([f"2026-01-13T09:15:00,,{SHARE.id},BUY,MARKET,,,ten,"], "'ten' is not a quantity"),
        ([f"2026-01-13T09:15:00,,{SHARE.id},BUY,LIMIT,,,10,"], "where its type says so"),
        ([f"2026-01-13T09:15:00,,{SHARE.id},BUY,MARKET,,,10,100"], "belong together"),
        ([f"2026-01-13T09:15:00,2026-01-13T09:14:00,{SHARE.id},BUY,MARKET,,,10,100"], "before it was placed"),
        ([f"2026-01-13T09:15:00,,{SHARE.id},BUY,MARKET,,,10,,,,more"], "more cells"),
        ([], "holds no orders"),
    ],
)
def test_what_cannot_be_an_order_is_named_with_its_line(
    tmp_path: Path, market: Market, rows: list[str], said: str
) -> None:
    with pytest.raises(InvalidInput, match=said.replace("(", r"\(")):
        live_orders(write(tmp_path, *rows), market.universe)


def test_columns_are_named_if_they_are_missing_or_strange(tmp_path: Path, market: Market) -> None:
    path = tmp_path / "a.csv"
    path.write_text("placed_at,side\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match="has no column filled_at"):
        live_orders(path, market.universe)
    path.write_text(HEAD.strip() + ",colour\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match="colour"):
        live_orders(path, market.universe)


def test_bars_cannot_calibrate(tmp_path: Path, market: Market) -> None:
    bars = msgspec.structs.replace(market, is_bars=True)
    orders = live_orders(write(tmp_path, row("15:30", "", "BUY", "")), market.universe)
    with pytest.raises(InvalidInput, match="ticks or depth"):
        calibrate(settings(), bars, orders)
