"""An account margins by the exchange's SPAN file where one is given, and says so."""

from datetime import date, timedelta
from pathlib import Path
from random import Random
from zipfile import ZipFile

import pytest
from tests.compose.worlds import settings
from tests.exchange.span.spn_files import Commodity, Contract, drawn, spn
from tests.tables import bars_of
from tests.trading import (
    CALL,
    DAY,
    FUTURE,
    INDEX,
    NEXT_CALL,
    NEXT_DAY,
    PUT,
    SHARE,
    UNIVERSE,
    Session,
    buys,
    sells,
)

import kasauti
from kasauti.analytics.reporting import day_report
from kasauti.cli.json_rows import funds_row
from kasauti.compose import parts
from kasauti.compose.markets import Market
from kasauti.compose.span_margins import FiledMargins, SpanFiles
from kasauti.domain import events as ev
from kasauti.domain.commands import CancelOrder
from kasauti.domain.instrument import Exchange, Instrument, Kind, Universe
from kasauti.domain.order import Product, Side
from kasauti.errors import ConfigError
from kasauti.exchange.margins import MarginTable
from kasauti.strategies.columns import Bars
from kasauti.strategies.signals import Signals, SignalStrategy

HELD = (FUTURE, CALL, PUT, NEXT_CALL)
PRICES = """
    time      of     last   bid     ask
    09:20:00  NIFTY  25950  -       -
    09:20:00  CE     120    120     120
    09:20:00  PE     100    100     100
    09:20:00  NEXT   260    260     260
    09:20:00  FUT    26000  26000   26000
"""


def nifty(seed: int = 7, without: tuple[Instrument, ...] = ()) -> Commodity:
    """Return NIFTY with figures that are drawn, of the contracts of the session."""
    random = Random(seed)
    expiries = sorted({each.expiry for each in HELD if each.expiry})
    made = drawn(random, "NIFTY", 25_950, expiries, strikes=0)
    made.contracts = []
    for each in (one for one in HELD if one not in without):
        kind = {"CE": "C", "PE": "P"}.get(each.kind.value, "FUT") if each.is_option else "FUT"
        losses = [f"{random.uniform(-2400, 2400):.2f}" for _ in range(16)]
        strike, delta = f"{each.strike / 10_000:.2f}", "-0.45" if kind == "P" else "0.55"
        price = "26000.00" if kind == "FUT" else "125.50"
        assert each.expiry is not None
        made.contracts.append(Contract(each.expiry, kind, price, losses, delta, strike))
    return made


def written(folder: Path, day: date = DAY, name: str = "", *commodities: Commodity) -> Path:
    path = folder / (name or f"nsccl.{day:%Y%m%d}.i1.spn")
    path.write_text(spn(day, commodities or [nifty()]))
    return path


def session_of(path: Path, **more: object) -> Session:
    return Session(margins=FiledMargins(MarginTable(), SpanFiles(path, {"NIFTY"})), **more)  # type: ignore[arg-type]


def asked(file: Path, *legs: str) -> int:
    return int(kasauti.margin(legs, on=DAY, file=file).total)


@pytest.mark.parametrize("seed", range(5))
def test_an_account_blocks_what_the_file_says_of_the_same_legs(tmp_path: Path, seed: int) -> None:
    file = written(tmp_path, DAY, "", nifty(seed))
    session = session_of(file).ticks(PRICES, bid_quantity="6500", ask_quantity="6500")
    random, held = Random(seed), []

    for place, one in enumerate(random.sample(HELD, 4)):
        side, quantity = random.choice(list(Side)), 65 * random.randint(1, 3)
        make = buys if side is Side.BUY else sells
        session.ask(f"09:20:0{place + 1}", make(one, quantity))
        held.append(f"{side.value} {quantity} {one.tradingsymbol} @{'26000' if one is FUTURE else '120'}")
        assert session.state.ledger.margin == asked(file, *held)

    assert session.state.risk_marks == {}
    assert session.proof().passed, session.proof().problem


def test_an_order_blocks_the_files_margin_and_cancelling_frees_it(tmp_path: Path) -> None:
    file = written(tmp_path)
    session = session_of(file).ticks(PRICES)

    order_id = session.ask("09:20:01", sells(FUTURE, 65, "26100"))

    assert session.state.ledger.margin == asked(file, "SELL 65 NIFTY26JANFUT @26100")
    session.ask("09:20:02", CancelOrder(order_id))
    assert session.state.ledger.margin == 0


def test_a_contract_that_the_file_lacks_is_refused_with_what_to_do(tmp_path: Path) -> None:
    file = written(tmp_path, DAY, "", nifty(without=(PUT,)))
    session = session_of(file).ticks(PRICES)

    session.ask("09:20:01", sells(PUT, 65, "100"))

    assert session.denial().rule == "rule.unknown"
    netting = FiledMargins(MarginTable(), SpanFiles(file)).netting(DAY)
    assert "which does not have it. Add the file of its segment and day" in netting.lacks(PUT)
    assert netting.lacks(CALL) == ""


def test_the_file_of_the_day_or_the_last_before_it_is_in_force_and_before_the_first_none(
    tmp_path: Path,
) -> None:
    for day in (DAY, DAY + timedelta(days=3)):
        written(tmp_path, day)
    with ZipFile(tmp_path / "bse.zip", "w") as packed:
        packed.writestr("bse.spn", spn(DAY, [Commodity("SENSEX", "84000", nifty().contracts)]))
    margins = FiledMargins(MarginTable(), SpanFiles(tmp_path))

    files = {offset: margins.netting(DAY + timedelta(days=offset)).file for offset in (-1, 0, 2, 3)}

    both = f"bse.zip, nsccl.{DAY:%Y%m%d}.i1.spn, made for {DAY}"
    late = DAY + timedelta(days=3)
    assert files == {-1: "", 0: both, 2: both, 3: f"nsccl.{late:%Y%m%d}.i1.spn, made for {late}"}


def test_the_log_says_which_file_is_in_force_once_until_another_is(tmp_path: Path) -> None:
    session = session_of(written(tmp_path)).ticks(PRICES)
    session.ticks("time of last\n09:20:00 NIFTY 25950", NEXT_DAY)

    (used,) = session.events(ev.RiskFileUsed)
    assert used.file == f"nsccl.{DAY:%Y%m%d}.i1.spn, made for {DAY}"
    assert session.state.risk_file == used.file
    assert Session().ticks(PRICES).events(ev.RiskFileUsed) == []
    without = Session(log=session.log)
    without.ticks("time of last\n09:20:00 NIFTY 25950", NEXT_DAY + timedelta(days=2))
    assert without.events(ev.RiskFileUsed)[-1].file == ""


def test_funds_and_report_show_peak_shortfall_and_label(tmp_path: Path) -> None:
    session = session_of(written(tmp_path)).ticks(PRICES, bid_quantity="650", ask_quantity="650")
    session.ask("09:20:01", sells(FUTURE, 65))
    margin = session.state.ledger.margin
    session.until("11:01")

    funds, report = funds_row(session.state), day_report(session.log)

    label = f"exact: risk arrays of nsccl.{DAY:%Y%m%d}.i1.spn, made for {DAY}"
    assert (funds.peak_margin, funds.shortfall, funds.margin_label) == (margin, 0, label)
    assert (report.margin.peak, report.margin.shortfalls, report.margin.labels) == (margin, 0, [label])
    assert funds_row(Session().ticks(PRICES).state).margin_label.startswith("approximate")


def test_what_a_spread_loses_when_its_near_leg_expires_is_blocked_at_once() -> None:
    near, far = (
        Instrument(Exchange.NFO, symbol, Kind.FUTURE, 5, 500, 20_000, SHARE.name, expiry, underlying=SHARE.id)
        for symbol, expiry in (("ACME26JANFUT", DAY), ("ACME26FEBFUT", date(2026, 2, 24)))
    )
    session = Session(universe=Universe([INDEX, SHARE, near, far]))
    session.ticks(
        f"""
        time      of         last  bid   ask
        09:20:00  ACME       1000  1000  1000
        09:20:00  {near.id}  1002  1002  1002
        09:20:00  {far.id}   1010  1010  1010
        """,
        bid_quantity="5000",
        ask_quantity="5000",
    )
    session.ask("09:20:01", sells(far, 500))
    alone = session.state.ledger.margin
    session.ask("09:20:02", buys(near, 500))
    session.ticks(f"time of last\n15:29:00 ACME 1000\n15:29:00 {far.id} 1010").until("15:29:59")
    held = session.state.position(far.id, Product.NRML)
    assert held is not None
    assert held.margin < alone // 3  # a month against the next one risks little

    session.until("16:00")

    assert session.held(near) == 0
    assert held.margin == alone  # the price is the one that it was sold at
    kinds = ev.PositionSettled | ev.MarginReckoned
    last = [type(each.event) for each in session.log if isinstance(each.event, kinds)][-2:]
    assert last == [ev.PositionSettled, ev.MarginReckoned]
    assert session.proof().passed, session.proof().problem


def test_the_setting_reaches_the_rules(tmp_path: Path) -> None:
    file = written(tmp_path)
    config = settings(rules__span_files=str(file)).config

    margins = parts.rules(config, "zerodha", config.account.capital, UNIVERSE).margins

    assert isinstance(margins, FiledMargins)
    assert margins.netting(DAY).file.startswith(file.name)


class Once(SignalStrategy):
    """In on the first bars, out later."""

    def signals(self, bars: Bars) -> Signals:
        low = bars.close < 26_010
        return Signals(long_entry=low, long_exit=~low)


def test_a_signal_strategys_run_goes_through_the_engine_and_blocks_by_the_file(tmp_path: Path) -> None:
    file = written(tmp_path)
    table = "time open high low close volume\n" + "\n".join(
        f"09:{20 + n} {p} {p + 5} {p - 5} {p} 650" for n, p in enumerate([26_000, 26_000, 26_020, 26_020])
    )
    batches = [bars_of(table, lambda _: 0, DAY, 60)]
    market = Market(
        label="minutes",
        source="test",
        universe=Universe([FUTURE]),
        days=(DAY,),
        is_bars=True,
        is_dense=False,
        underlying="",
        play=lambda _: iter(batches),
    )
    parameters = {"candle_s": 60, "quantity": 65, "product": "NRML"}

    runs = [
        kasauti.backtest(Once, market, parameters=parameters, config=own)
        for own in (_config(tmp_path, f"rules:\n  span_files: {file}\n"), _config(tmp_path, ""))
    ]

    filed, plain = (run.run.assumptions for run in runs)
    assert "Not the kernel for signals: its margins come from the risk files" in filed.engine
    assert "Margins of futures and options are exact, by the risk files of rules.span_files." in filed.remarks
    assert any(each.startswith("Margins of futures and options are approximate") for each in plain.remarks)
    fill = next(each.event for each in runs[0].log.read() if isinstance(each.event, ev.OrderFilled))
    assert fill.position_margin == asked(file, "BUY 65 NIFTY26JANFUT @26000")


def _config(folder: Path, text: str) -> Path:
    path = folder / f"{len(text)}.yaml"
    path.write_text(text or "feed:\n  seed: 1\n")
    return path


def test_what_cannot_be_read_is_refused_by_its_setting(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"rules\.span_files is .*which is no file and no folder"):
        SpanFiles(tmp_path / "none")
    with pytest.raises(ConfigError, match=r"has no \.spn and no \.zip file"):
        SpanFiles(tmp_path)
    (tmp_path / "a.spn").write_text("<html/>")
    with pytest.raises(ConfigError, match=r"rules\.span_files: .*a\.spn says no day.*Fetch it again"):
        SpanFiles(tmp_path)
    (tmp_path / "a.spn").write_text(spn(DAY, [nifty()])[:-40])
    with pytest.raises(ConfigError, match=r"rules\.span_files: a\.spn is not a whole SPAN file"):
        SpanFiles(tmp_path).on(DAY)
    (tmp_path / "a.spn").write_text("")
    (tmp_path / "a.spn").unlink()
    written(tmp_path)
    written(tmp_path, DAY, "again.spn")
    with pytest.raises(ConfigError, match=r"has NIFTY, and so has another file made for 2026-01-13"):
        SpanFiles(tmp_path).on(DAY)
