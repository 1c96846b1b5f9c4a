"""A user's own rows lie over the packaged ones: they replace, they add, and wrong ones are named."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kasauti.domain.instrument import Exchange, Instrument, Kind
from kasauti.domain.ist import ist_clock
from kasauti.domain.money import rupees
from kasauti.domain.order import Product, Side
from kasauti.errors import ConfigError, RuleUnknown
from kasauti.exchange.calendar import Calendar, Segment
from kasauti.exchange.charges import ChargeBook
from kasauti.exchange.late_bands import late_bands
from kasauti.exchange.overlay import NO_OVERLAY, Overlay, merged, overlay_in_use, using
from kasauti.exchange.rule_text import RuleText
from kasauti.exchange.rules import packaged_text, rules_in_force
from kasauti.exchange.segments import has_derivatives

SHARE = Instrument(Exchange.NSE, "ZOMBIECO", Kind.EQUITY, tick_size=500)
MINE = {"source": "my broker told me", "confidence": "likely"}


def overlay(**files: Any) -> Overlay:
    return Overlay(
        "mine", tuple((f"{name}.json", json.dumps(content, indent=1)) for name, content in files.items())
    )


def holiday(day: str, name: str) -> dict[str, str]:
    return {"date": day, "name": name, **MINE}


def test_a_row_of_a_new_day_is_added_and_the_others_stay() -> None:
    with using(overlay(calendar={"holidays": [holiday("2026-12-16", "Elections")]})):
        calendar = Calendar()

    assert calendar.why(date(2026, 12, 16)) == "Holiday: Elections"
    assert calendar.why(date(2026, 12, 25)) == "Holiday: Christmas"
    assert Calendar().why(date(2026, 12, 16)) == "Regular trading day"


def test_what_is_read_once_for_all_accounts_is_read_anew_under_other_rules() -> None:
    future = Instrument(
        Exchange.NFO, "NIFTY26DECFUT", Kind.FUTURE, name="NIFTY", tick_size=500, expiry=date(2026, 12, 29)
    )
    day = date(2026, 12, 16)
    before = late_bands().percent(future, day)
    mine = {"of": "stock_future", "effective_from": "2026-12-01", "percent": "7", **MINE}
    with using(overlay(price_bands={"late": [mine]})):
        assert late_bands().percent(future, day) == Decimal(7)
    assert late_bands().percent(future, day) == before != Decimal(7)


def test_a_row_of_the_same_thing_and_day_replaces_the_packaged_one() -> None:
    hours = {
        "segment": "derivatives",
        "effective_from": "2026-08-03",
        "open": "09:15",
        "close": "15:55",
        **MINE,
    }
    with using(overlay(hours={"hours": [hours]})):
        calendar = Calendar()

    def close(day: date) -> str:
        session = calendar.session(day, Segment.DERIVATIVES)
        assert session is not None
        return ist_clock(session.close)[:5]

    assert close(date(2026, 11, 26)) == "15:55"
    assert close(date(2026, 7, 31)) == "15:30"


def test_of_a_row_about_several_things_only_those_that_the_user_names_are_replaced() -> None:
    """zerodha's packaged row is for intraday shares and futures at once."""
    row = {"charge_classes": ["equity_intraday"], "effective_from": "2023-04-01", "flat": "7", **MINE}
    day, future = (
        date(2026, 11, 26),
        Instrument(Exchange.NFO, "NIFTY26DECFUT", Kind.FUTURE, 500, name="NIFTY"),
    )
    with using(overlay(brokerage={"plans": [{"name": "zerodha", "rates": [row]}]})):
        book = ChargeBook()

    def brokerage(instrument: Instrument) -> int:
        schedule = book.schedule(instrument, Product.MIS, day)
        return schedule.order_charges(Side.BUY, rupees(1_000_000)).brokerage

    assert brokerage(SHARE) == rupees(7)
    assert brokerage(future) == rupees(20)


def test_a_plan_of_the_users_own_is_added() -> None:
    row = {"charge_classes": ["equity_delivery"], "effective_from": "2023-04-01", "flat": "3", **MINE}
    like = next(plan for plan in packaged_text("brokerage.json").values["plans"] if plan["name"] == "zerodha")
    with using(overlay(brokerage={"plans": [{**like, "name": "mine", "rates": [row]}]})):
        schedule = ChargeBook("mine").schedule(SHARE, Product.CNC, date(2026, 11, 26))

    assert schedule.order_charges(Side.BUY, rupees(1_000)).brokerage == rupees(3)


def test_a_year_is_known_once_the_user_has_given_its_holidays() -> None:
    everything_to_2027 = {"known_to": "2027-12-31"}
    files = {
        "calendar": {**everything_to_2027, "holidays": [holiday("2027-01-26", "Republic Day")]},
        "hours": everything_to_2027,
        "phases": everything_to_2027,
    }
    with using(overlay(**files)):
        calendar = Calendar()

    assert not calendar.is_trading_day(date(2027, 1, 26))
    assert calendar.session(date(2027, 1, 25), Segment.EQUITY) is not None
    with pytest.raises(RuleUnknown, match="square-off"):
        calendar.square_off(date(2027, 1, 25), Segment.EQUITY)


def test_a_list_of_names_is_replaced_as_a_whole() -> None:
    with using(overlay(derivative_stocks={"names": ["ZOMBIECO"]})):
        assert has_derivatives("ZOMBIECO")
        assert not has_derivatives("RELIANCE")
    assert has_derivatives("RELIANCE")


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"segment": "equity", "effective_from": "2026-01-01", "open": "09:15", "close": "15:30"},
         r"mine/hours\.json line 3: the row has no source"),
        ({"segment": "equities", "effective_from": "2026-01-01", "open": "09:15", "close": "15:30", **MINE},
         r"mine/hours\.json line 4: \"equities\" is no segment that is known\. Did you mean 'equity'\?"),
        ({"segment": "equity", "effective_from": "2026-01-01", "open": "09:15", "closes": "15:30", **MINE},
         r"mine/hours\.json line 7: 'closes' is not a field here\. Did you mean 'close'\?"),
        ({"segment": "equity", "effective_from": "2026-01-01", "open": "9:15", "close": "15:30", **MINE},
         r"mine/hours\.json line 6: \"9:15\" cannot be used: a time of day is wanted"),
    ],
)  # fmt: skip
def test_a_row_that_is_wrong_is_named_in_the_users_own_file(row: dict[str, str], says: str) -> None:
    with using(overlay(hours={"hours": [row]})), pytest.raises(ConfigError, match=says):
        Calendar()


def test_provisional_rows_can_be_passed_over_in_every_file() -> None:
    day = date(2026, 12, 8)
    with using(Overlay(provisional=False)):
        calendar = Calendar()
    session = calendar.session(day, Segment.DERIVATIVES)

    assert session is not None
    assert ist_clock(session.close)[:5] == "15:40"
    assert [each.provisional for each in calendar.phases(day, Segment.EQUITY_WITH_DERIVATIVES)] == [
        False
    ] * 10
    assert calendar.is_trading_day(date(2026, 11, 8))  # muhurat: a day of its own stays


def test_an_overlay_is_in_use_only_inside_its_block_and_has_a_fingerprint() -> None:
    one = overlay(calendar={"holidays": [holiday("2026-12-16", "Elections")]})
    other = overlay(calendar={"holidays": [holiday("2026-12-17", "Elections")]})

    with using(one):
        assert overlay_in_use() is one
    assert overlay_in_use() is NO_OVERLAY
    assert (len(one.fingerprint), NO_OVERLAY.fingerprint) == (16, "")
    assert len({one.fingerprint, other.fingerprint, Overlay(provisional=False).fingerprint}) == 3


_ROWS = st.lists(
    st.builds(
        lambda things, start, limit: {
            "things": things, "effective_from": f"2024-{start:02d}-01", "limit": limit, **MINE,
        },
        st.lists(st.sampled_from("abc"), min_size=1, max_size=3, unique=True),
        st.integers(1, 12),
        st.integers(0, 99),
    ),
    max_size=8,
    unique_by=lambda row: row["effective_from"],
)  # fmt: skip


@given(theirs=_ROWS, mine=_ROWS)
def test_whatever_is_merged_the_users_row_holds_for_its_things_from_its_day(
    theirs: list[dict[str, Any]], mine: list[dict[str, Any]]
) -> None:
    """By a table of single things and days, written once with all of ours and then with all of the user's."""
    table = {
        (thing, row["effective_from"]): row["limit"] for row in [*theirs, *mine] for thing in row["things"]
    }
    own = RuleText("x.json", "x.json", json.dumps({"rows": mine}))

    rows = merged(own, {"keys": {"rows": ["things"]}, "rows": theirs})["rows"]

    found = [((thing, row["effective_from"]), row["limit"]) for row in rows for thing in row["things"]]
    assert len(found) == len(dict(found))
    assert dict(found) == table


def test_rules_without_rows_of_ones_own_read_the_same_whoever_said_so() -> None:
    plain = rules_in_force()
    with using(Overlay(where="", files=(), provisional=True)):
        assert rules_in_force() == plain
