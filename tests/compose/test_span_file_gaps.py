"""What is held stays closable where the day's risk file lacks it, and a bad file ends no session half way."""

from pathlib import Path

import pytest
from tests.compose.test_span_margins import PRICES, nifty, session_of, written
from tests.compose.worlds import events_of, market_of, minutes, settings, trade
from tests.exchange.span.spn_files import spn
from tests.trading import CALL, DAY, FUTURE, NEXT_CALL, NEXT_DAY, Session, buys, sells

from kasauti.analytics.margin_words import margin_label
from kasauti.compose.trader import Answer
from kasauti.domain import events as ev
from kasauti.domain.instrument import Instrument
from kasauti.domain.order import SQUARE_OFF, Product, Status
from kasauti.errors import ConfigError, LogError
from kasauti.exchange.margins import MarginTable

TOMORROW = """
    time      of     last   bid    ask
    09:20:00  NIFTY  25950  -      -
    09:20:00  NEXT   260    260    260
    09:20:00  FUT    26000  26000  26000
"""


def held_overnight(folder: Path, lacks: Instrument, quantity: int = 130) -> Session:
    """Return the account on the day after it sold what that day's file does not have."""
    written(folder)
    session = session_of(folder).ticks(PRICES, bid_quantity="650", ask_quantity="650")
    session.ask("09:20:01", sells(lacks, quantity))
    session.until("23:00")
    written(folder, NEXT_DAY, "", nifty(without=(lacks,)))
    again = session_of(folder, log=session.log)
    return again.ticks(TOMORROW, NEXT_DAY, bid_quantity="650", ask_quantity="650")


@pytest.mark.parametrize("contract", [NEXT_CALL, FUTURE])
def test_what_is_held_keeps_what_it_blocked_and_can_be_closed(tmp_path: Path, contract: Instrument) -> None:
    session = held_overnight(tmp_path, contract)
    blocked = session.position(contract).margin
    assert blocked > 0

    session.until("11:01", NEXT_DAY)
    assert session.position(contract).margin == blocked
    session.ticks(TOMORROW.replace("09:20:00", "11:02:00"), NEXT_DAY, ask_quantity="650")
    session.ask("11:02:01", buys(contract, 130), NEXT_DAY)

    assert session.held(contract) == 0
    assert session.state.ledger.margin == 0
    assert session.proof().passed, session.proof().problem


def test_what_a_partial_close_leaves_is_margined_by_the_approximation(tmp_path: Path) -> None:
    session = held_overnight(tmp_path, NEXT_CALL)

    session.ask("09:20:02", buys(NEXT_CALL, 65), NEXT_DAY)

    alone = MarginTable().of(NEXT_CALL, Product.NRML, NEXT_DAY).position(-65, 260_0000)
    assert session.position(NEXT_CALL).margin == alone


def test_more_of_it_is_refused_and_closing_is_named(tmp_path: Path) -> None:
    session = held_overnight(tmp_path, NEXT_CALL)

    session.ask("09:20:02", sells(NEXT_CALL, 65), NEXT_DAY)

    denial = session.denial()
    assert denial.rule == "rule.unknown"
    assert "which does not have it" in denial.message
    assert "Positions may be closed only" in denial.message + denial.advice


def test_log_and_label_name_what_the_file_lacks(tmp_path: Path) -> None:
    session = held_overnight(tmp_path, NEXT_CALL)

    used = session.events(ev.RiskFileUsed)[-1]
    assert used.file.startswith(f"nsccl.{NEXT_DAY:%Y%m%d}.i1.spn, made for {NEXT_DAY}; ")
    assert used.file.endswith(f"not in it, so approximate and only to be closed: {NEXT_CALL.id}")
    assert "approximate" in margin_label(session.state)


def test_the_days_square_off_closes_it_too(tmp_path: Path) -> None:
    written(tmp_path)
    session = session_of(tmp_path).ticks(PRICES, bid_quantity="650", ask_quantity="650")
    session.ask("09:20:01", sells(FUTURE, 65, product=Product.MIS))
    written(tmp_path, DAY, "", nifty(without=(FUTURE,)))

    again = session_of(tmp_path, log=list(session.log))
    again.engine.resume(())
    again.ticks("time of last bid ask\n15:25:00 FUT 26000 26000 26000").until("15:27")

    assert again.held(FUTURE, Product.MIS) == 0
    assert [each.tag for each in again.state.orders.values()][-1] == SQUARE_OFF


def test_working_orders_go_on_after_a_restart_with_a_file_that_lacks_their_contract(tmp_path: Path) -> None:
    written(tmp_path)
    session = session_of(tmp_path).ticks(PRICES, bid_quantity="650", ask_quantity="650")
    order_id = session.ask("09:20:01", sells(CALL, 65, "125"))
    written(tmp_path, DAY, "", nifty(without=(CALL,)))

    again = session_of(tmp_path, log=list(session.log))
    again.engine.resume(())
    again.ticks("time of last bid ask\n09:21:00 CE 126 126 126.5")

    assert again.status(order_id) is Status.COMPLETE
    assert again.position(CALL).margin > 0
    assert again.proof().passed, again.proof().problem


@pytest.mark.parametrize("answer", [Answer.RESUME, Answer.FRESH])
def test_a_file_that_is_broken_inside_is_refused_before_anything_happens(
    tmp_path: Path, answer: Answer
) -> None:
    account, spns = tmp_path / "account", tmp_path / "spn"
    spns.mkdir()
    trade(account, market_of(minutes(), "one day"), settings())
    before = events_of(account)
    (spns / "cut.spn").write_text(spn(NEXT_DAY, [nifty()])[:-40])
    loaded = settings(rules__span_files=str(spns))
    market = market_of(minutes(NEXT_DAY), "second day", (NEXT_DAY,))

    with pytest.raises(ConfigError, match=r"rules\.span_files: cut\.spn is not a whole SPAN file"):
        trade(account, market, loaded, answer=answer)

    assert events_of(account) == before


def test_a_new_account_is_not_opened_over_a_broken_file(tmp_path: Path) -> None:
    account = tmp_path / "account"
    (tmp_path / "cut.spn").write_text(spn(DAY, [nifty()])[:-40])

    with pytest.raises(ConfigError, match=r"not a whole SPAN file: .* Replace it, or take it out of "):
        trade(account, market_of(minutes(), "one day"), settings(rules__span_files=str(tmp_path / "cut.spn")))

    with pytest.raises(LogError, match="has no events yet"):
        events_of(account)
