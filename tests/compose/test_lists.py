"""A session asks the day's instrument list in its data folder; a backtest does not."""

from pathlib import Path

import msgspec
from tests.compose.worlds import events_of, market_of, minutes, settings, strategy, trade
from tests.trading import DAY, SHARE

import kasauti
from kasauti.compose.masters import FOLDER
from kasauti.domain import events as ev
from kasauti.domain.instrument import Exchange
from kasauti.exchange.master import Listing, Master
from kasauti.store.masters import MasterCache

HOUR = market_of(minutes(until=60), "an hour")
OTHER_LOT = msgspec.structs.replace(SHARE, lot_size=50)


class Once(kasauti.Strategy):
    """Buys ten shares at the first candle."""

    candles = "5m"
    instruments = ("NSE:ACME",)

    def on_candle(self, candle: kasauti.Candle, view: kasauti.View) -> list[kasauti.Command]:
        return [] if view.held(candle.instrument) else [kasauti.buy("NSE:ACME", 10, product="MIS")]


def keep_list(folder: Path) -> None:
    master = Master(DAY, {Exchange.NSE: "Kite instrument dump"}, (Listing(OTHER_LOT),))
    MasterCache(folder / FOLDER).keep(master)


def test_a_session_refuses_what_the_days_list_contradicts(tmp_path: Path) -> None:
    keep_list(tmp_path)
    chosen = settings(strategies=strategy(f"{__file__}:Once"), storage__data_dir=str(tmp_path))

    trade(tmp_path, HOUR, chosen)

    events = [each.event for each in events_of(tmp_path)]
    denied = [event for event in events if isinstance(event, ev.OrderDenied)]
    assert denied[0].rule == "instrument.list"
    assert "its lot is 1 here and 50 in the day's list" in denied[0].message
    assert not any(isinstance(event, ev.OrderFilled) for event in events)


def test_a_backtest_depends_on_no_list(tmp_path: Path) -> None:
    keep_list(tmp_path)
    file = tmp_path / "config.yaml"
    file.write_text(f"storage:\n  data_dir: {tmp_path}\n", encoding="utf-8")

    result = kasauti.backtest(Once, HOUR, config=file)

    assert any(isinstance(each.event, ev.OrderFilled) for each in result.log.read())
