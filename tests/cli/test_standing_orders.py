"""`kasauti orders` shows what stands, and says why it has not acted."""

import json
from pathlib import Path

import pytest
from tests.cli.command import kasauti
from tests.cli.screens.standing_lines import BRACKET, GTT

from kasauti.compose.account import OpenAccount
from kasauti.domain import events as ev
from kasauti.domain import standing_events as sev
from kasauti.domain.ist import NS_PER_DAY
from kasauti.domain.money import rupees
from kasauti.domain.order import OrderType, Product, Side
from kasauti.domain.standing import StandingStatus

AT = 1_768_276_000_000_000_000


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an account with a GTT that waits, one that was deleted, and a bracket that has acted."""
    folder = tmp_path_factory.mktemp("standing") / "account"
    happened: list[ev.Event] = [
        ev.AccountOpened("main", "paper", "P", rupees(100_000), "zerodha"),
        ev.DayOpened("2026-01-13"),
        sev.StandingPlaced("P_GTT_1", GTT, "", rupees(950), AT + 365 * NS_PER_DAY),
        sev.StandingPlaced("P_GTT_2", GTT, "", rupees(950)),
        sev.StandingEnded("P_GTT_2", StandingStatus.DELETED, "asked by the user"),
        ev.OrderPlaced("P_1", "NSE:SBIN", Side.BUY, Product.MIS, OrderType.MARKET, 10, 0),
        sev.StandingPlaced("P_BRACKET_3", BRACKET, "orb", rupees(950)),
        sev.StandingSent("P_BRACKET_3", "entry", "P_1", 10),
        sev.StandingArmed("P_BRACKET_3", 10, rupees(945), rupees(960), rupees(950), "the entry traded"),
        sev.StandingTriggered("P_BRACKET_3", "stoploss", rupees(944), "nobody was here"),
        ev.DayClosed("2026-01-13", {"NSE:SBIN": rupees(955)}),
    ]
    with OpenAccount(folder, "main") as account:
        for event in happened:
            account.record(event, "user", AT)
    return folder


def test_they_have_a_section_of_their_own(standing: Path) -> None:
    shown = kasauti("orders", "--data", standing)
    assert shown.code == 0
    for word in ("Standing", "P_GTT_1", "P_GTT_2", "P_BRACKET_3", "active", "deleted"):
        assert word in shown.out
    still = kasauti("orders", "--data", standing, "--open", "--standing").out
    assert "P_GTT_1" in still
    assert "P_GTT_2" not in still


def test_machines_read_them_as_rows(standing: Path) -> None:
    waits, deleted, bracket = kasauti("orders", "--data", standing, "--standing", "--json").json()
    assert (waits["standing_id"], waits["variety"], waits["status"]) == ("P_GTT_1", "gtt", "active")
    assert waits["legs"][0] == {"side": "SELL", "quantity": 10, "price": "899.00", "trigger_price": "900.00"}
    assert waits["expires_at"].startswith("2027-01-13")
    assert (deleted["status"], deleted["reason"], deleted["triggered_at"]) == (
        "deleted",
        "asked by the user",
        None,
    )
    assert (bracket["stop"], bracket["target"], bracket["guarded"]) == ("945.00", "960.00", 10)
    assert (bracket["orders"], bracket["late"]) == ({"P_1": "entry"}, "nobody was here")
    assert [row["order_id"] for row in kasauti("orders", "--data", standing, "--json").json()] == ["P_1"]


def test_why_says_how_far_a_trigger_is(standing: Path) -> None:
    told = kasauti("orders", "--data", standing, "--why", "P_GTT_1", "--json").json()
    assert told["why"] == [
        (
            "It is: NSE:SBIN CNC: SELL 10 at 899.00 when it comes to 900.00, or SELL 10 at 999.00 when it"
            " comes to 1,000.00."
        ),
        (
            "Trigger 900.00 is ₹55.00 below the last price 955.00. Trigger 1,000.00 is ₹45.00 above the last"
            " price 955.00."
        ),
        "It stands until 2027-01-13.",
    ]


def test_why_says_what_became_of_it(standing: Path) -> None:
    told = " ".join(
        json.loads(kasauti("orders", "--data", standing, "--why", "P_BRACKET_3", "--json").out)["why"]
    )
    for sentence in (
        "It guards 10 units. Stop 945.00 is ₹10.00 below the last price 955.00.",
        "when 944.00 traded, leg stoploss.",
        "That was late: nobody was here.",
        "Its entry order P_1 is submitted, 0 of 10 traded.",
    ):
        assert sentence in told
    assert "deleted" in kasauti("orders", "--data", standing, "--why", "P_GTT_2").out
