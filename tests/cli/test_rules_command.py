"""`kasauti rules`: what is in force on a date and why, what changed, and whether a file can be used."""

import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.cli.command import kasauti

from kasauti.compose.rule_book import in_force
from kasauti.exchange.rule_identity import identities

MINE = {"source": "my broker told me", "confidence": "likely"}


def rules(*arguments: str, file: str, of: str) -> list[dict[str, Any]]:
    answer = kasauti("rules", "show", *arguments, "--json").json()
    return [each for each in answer["rules"] if (each["file"], each["of"]) == (f"{file}.json", of)]


def own(tmp_path: Path, **files: dict[str, Any]) -> Path:
    folder = tmp_path / "own"
    folder.mkdir()
    for name, content in files.items():
        (folder / f"{name}.json").write_text(json.dumps(content, indent=1))
    return folder


# market_rules.md: 2.1 and 2.2 hours, 3.1 lots, 3.2 freeze quantities, 1.1 STT, 2.6 expiries.
@pytest.mark.parametrize(
    ("symbol", "day", "file", "of", "says"),
    [
        ("NIFTY", "2026-11-20", "hours", "hours", {"open": "09:15", "close": "15:40"}),
        ("NIFTY", "2026-07-31", "hours", "hours", {"open": "09:15", "close": "15:30"}),
        ("RELIANCE", "2026-11-20", "hours", "hours", {"open": "09:15", "close": "15:15"}),
        ("ZOMBIECO", "2026-11-20", "hours", "hours", {"open": "09:15", "close": "15:30"}),
        ("NIFTY26D0126000CE", "2026-11-20", "stt", "trades", {"buy_percent": "0", "sell_percent": "0.15"}),
        ("NIFTY26D0126000CE", "2026-03-31", "stt", "trades", {"buy_percent": "0", "sell_percent": "0.1"}),
        ("NIFTY", "2026-11-20", "freeze_quantities", "limits", {"quantity": 1800}),
        ("SENSEX", "2026-11-20", "expiries", "rules", {"weekly": "Thursday", "monthly": "Thursday"}),
    ],
)
def test_a_symbol_is_told_the_rule_of_its_date(
    symbol: str, day: str, file: str, of: str, says: dict[str, Any]
) -> None:
    found = rules("--symbol", symbol, "--date", day, file=file, of=of)

    assert [each["says"] for each in found] == [says]
    assert all(each["source"] and each["confidence"] and each["effective_from"] <= day for each in found)


def test_a_rule_for_an_underlying_comes_before_that_for_all_others() -> None:
    sensex = rules("--symbol", "SENSEX", "--date", "2026-11-20", file="exchange_charges", of="rates")

    options = [each for each in sensex if each["about"]["charge_classes"] == ["option"]]
    assert [(each["about"]["names"], each["says"]["fee_percent"]) for each in options] == [
        (["SENSEX"], "0.0325")
    ]


def test_only_the_brokers_own_rules_are_shown() -> None:
    for plan in ("zerodha", "upstox"):
        found = rules("--date", "2026-11-20", "--plan", plan, file="brokerage", of="rates")
        assert {each["about"]["plan"][0] for each in found} == {plan}


@pytest.mark.parametrize("day", [date(2024, 1, 1), date(2026, 3, 31), date(2026, 11, 20)])
def test_no_two_rules_of_a_day_are_about_the_same_thing(day: date) -> None:
    """A row of which later rows took a part is told of what is left, not of all its words combined."""
    rules = [rule for rule in in_force(day).rules if "day" not in rule.about]
    things = [
        (rule.file, rule.of, thing)
        for rule in rules
        for thing in identities(dict(rule.about), list(rule.about))
    ]

    assert [thing for thing, times in Counter(things).items() if times > 1] == []
    assert len(things) > 100


def test_a_day_has_its_phases_its_next_expiries_and_its_settlement() -> None:
    answer = kasauti("rules", "show", "--symbol", "NIFTY", "--date", "2026-11-20", "--json").json()

    options = next(each for each in answer["hours"] if "CE on NFO" in each["of"])
    assert [each["kind"] for each in options["phases"]] == ["continuous"]
    assert [each["date"] for each in answer["next_expiries"]][:3] == [
        "2026-11-23",
        "2026-12-01",
        "2026-12-08",
    ]
    assert answer["next_expiries"][0]["monthly"]
    assert answer["settles_on"] == "2026-11-23"


def test_every_file_with_rules_is_in_the_list() -> None:
    """Also those of other engineers, without a line of code; the calendar's on their own days."""
    answer = kasauti("rules", "show", "--date", "2026-11-24", "--json").json()
    packaged = Path(__file__).parents[2] / "src" / "kasauti" / "exchange" / "data"
    with_rows = {
        path.name
        for path in packaged.glob("*.json")
        if '"effective_from"' in path.read_text(encoding="utf-8") or path.name.startswith("calendar")
    } - {"derivative_stocks.json"}

    assert with_rows - {each["file"] for each in answer["rules"]} == set()


def test_provisional_rules_are_not_shown_where_they_do_not_hold() -> None:
    asked = ("--symbol", "NIFTY", "--date", "2026-12-08")
    without = (*asked, "--set", "rules.provisional=false")

    assert [each["says"]["close"] for each in rules(*asked, file="hours", of="hours")] == ["15:45"]
    assert [each["says"]["close"] for each in rules(*without, file="hours", of="hours")] == ["15:40"]


def test_what_a_person_reads_has_topics_sources_and_warnings() -> None:
    told = kasauti("rules", "show", "--date", "2026-12-07", "--symbol", "RELIANCE").out

    for words in (
        "Rules in force on Monday, 7 December 2026, RELIANCE",
        "15:31-15:36 auction entry: LIMIT, MARKET",
        "Hours\n", "Charges\n", "Margins\n",
        "SEBI I/23843/2026",
        "likely, provisional",
        "provisional: announced, and known from a single source.",
    ):  # fmt: skip
        assert words in told


def test_what_changed_on_the_day_of_the_closing_auction() -> None:
    """market_rules.md 2.1, 4.5: the columns to 2026-08-02 and from 2026-08-03."""
    answer = kasauti("rules", "diff", "2026-08-03", "2026-07-31", "--symbol", "RELIANCE", "--json").json()

    told = {
        (each["after"]["file"], *each["after"]["about"].get("phase", [])): (
            each["before"] and each["before"]["says"],
            each["after"]["says"],
        )
        for each in answer["changes"]
    }
    assert (answer["from"], answer["to"]) == ("2026-07-31", "2026-08-03")
    assert told["hours.json",] == (
        {"open": "09:15", "close": "15:30"}, {"open": "09:15", "close": "15:15"},
    )  # fmt: skip
    assert told["square_off.json",] == ({"clock": "15:20"}, {"clock": "15:12"})
    assert told["phases.json", "auction_entry"][0] is None
    assert told["phases.json", "post_close"][1]["opens"] == "15:50"


def test_nothing_changes_from_one_day_to_the_next_without_a_rule() -> None:
    told = kasauti("rules", "diff", "2026-11-19", "2026-11-20").out

    assert told.splitlines() == ["What changed from 2026-11-19 to 2026-11-20", "Nothing."]


def test_another_year_is_not_guessed() -> None:
    ended = kasauti("rules", "show", "--date", "2027-01-04")

    assert ended.code == 7
    assert ended.sentence().startswith(
        "No rules are known for 2027-01-04. exchange/data/calendar.json has been checked to 2026-12-31;"
    )


def test_a_change_to_a_day_that_nobody_has_checked_is_no_change() -> None:
    ended = kasauti("rules", "diff", "2026-11-20", "2027-01-04")

    assert ended.code == 7
    assert ended.sentence().startswith("No rules are known for 2027-01-04.")


@pytest.mark.parametrize(
    ("symbol", "has", "has_not"),
    [
        ("GOLDM26DECFUT", {"commodity"}, {"share"}),
        ("CDS:USDINR", {"currency"}, {"share", "commodity"}),
        ("RELIANCE26DECFUT", {"share"}, {"index"}),
    ],
)
def test_a_contract_has_the_margins_of_what_it_is_written_on(
    symbol: str, has: set[str], has_not: set[str]
) -> None:
    told = json.loads(kasauti("rules", "show", "--date", "2026-11-20", "--symbol", symbol, "--json").out)
    margins = [each for each in told["rules"] if each["file"] in {"span.json", "margins.json"}]
    of = {word for each in margins for word in each["about"].get("applies_to", [])}

    assert has <= of
    assert not has_not & of
    assert {each["file"] for each in margins} == {"span.json"}
    assert sum(each["of"] == "pricing" for each in margins) == 1


def test_a_share_has_no_margins_of_contracts() -> None:
    told = json.loads(kasauti("rules", "show", "--date", "2026-11-20", "--symbol", "SBIN", "--json").out)

    assert {"margins.json"} == {r["file"] for r in told["rules"]} & {"span.json", "margins.json"}


@pytest.mark.parametrize(
    ("symbol", "says"),
    [
        ("XX:ABC", "XX is no exchange that is known"),
        ("NIFTY26Z9926000CE", "NIFTY26Z9926000CE"),
        ("NOPE26DECFUT", "NOPE is no index, commodity or currency"),
        ("", "the symbol is empty"),
    ],
)
def test_a_symbol_that_cannot_be_read_is_refused(symbol: str, says: str) -> None:
    ended = kasauti("rules", "show", "--date", "2026-11-20", "--symbol", symbol)

    assert ended.code == 2
    assert says in ended.sentence()


def test_the_users_own_rows_are_shown_as_such(tmp_path: Path) -> None:
    row = {
        "segment": "derivatives",
        "effective_from": "2026-08-03",
        "open": "09:15",
        "close": "15:55",
        **MINE,
    }
    folder = own(tmp_path, hours={"hours": [row]})
    asked = ("--symbol", "NIFTY", "--date", "2026-11-20", "--set", f"rules.overlay={folder}")

    found = rules(*asked, file="hours", of="hours")
    told = kasauti("rules", "show", *asked).out

    assert [each["says"]["close"] for each in found] == ["15:55"]
    assert found[0]["origin"] == f"{folder}/hours.json line 3"
    assert "09:15-15:55 continuous" in told
    assert "1 of these rules are your own (rules.overlay)." in told
    assert rules(*asked[:4], file="hours", of="hours")[0]["says"]["close"] == "15:40"


def test_a_file_of_the_users_own_is_checked(tmp_path: Path) -> None:
    good = {"segment": "equity", "effective_from": "2026-12-14", "open": "09:15", "close": "15:30", **MINE}
    folder = own(tmp_path, hours={"hours": [good]})

    assert kasauti("rules", "check", folder / "hours.json").out.endswith("can be used: hours.json.\n")
    assert kasauti("rules", "check", folder).out.endswith("can be used: hours.json.\n")
    assert kasauti("rules", "check").out == f"Kasauti's {len(list(_packaged()))} rule files can be used.\n"


def _packaged() -> list[Path]:
    return list((Path(__file__).parents[2] / "src" / "kasauti" / "exchange" / "data").glob("*.json"))


def test_every_problem_of_a_folder_is_named_with_its_line(tmp_path: Path) -> None:
    row = {"segment": "equity", "effective_from": "2026-12-14", "open": "09:15", "close": "15:30", **MINE}
    rate = {"charge_classes": ["option"], "effective_from": "2026-12-14", "buy_percent": "0", **MINE}
    folder = own(
        tmp_path,
        hours={"hours": [row, row]},
        stt={"trades": [{**rate, "sell_percent": "150"}]},
        calender={"holidays": []},
    )

    ended = kasauti("rules", "check", folder)

    assert ended.code == 3
    known = f"Known: {', '.join(sorted(path.name for path in _packaged()))}."
    twice = "segment equity from 2026-12-14"
    told = ended.err.removeprefix("Error: ").splitlines()
    assert told == [
        f"{folder}/calender.json: there are no rules of that name. Did you mean calendar.json? {known}",
        f"{folder}/hours.json line 11: a second row for {twice}; keep one, or redate one.",
        f"{folder}/stt.json line 11: a rate of 150 % cannot be; rates are from 0 to 100 per cent.",
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "hours.json is not JSON"),
        ("hello", "hours.json line 1 is not JSON"),
        ('{"hours": [\n{"open": nine', "hours.json line 2 is not JSON"),
        ("[" * 100_000, "hours.json nests its brackets too deep"),
        ('{"hours": "often"}', "hours.json line 1"),
        ('{"hours": [5]}', "hours.json line 1"),
        ('{"hours": [{"source": "\\ud800"}]}', "hours.json is not JSON"),
    ],
)
def test_a_file_of_garbage_is_refused_with_a_sentence(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "hours.json").write_text(text, encoding="utf-8")

    ended = kasauti("rules", "check", tmp_path)

    assert ended.code == 3
    assert says in ended.err


def test_a_file_that_an_editor_began_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    row = {"segment": "equity", "effective_from": "2026-12-14", "open": "09:15", "close": "15:30", **MINE}
    file = own(tmp_path, hours={"hours": [row]}) / "hours.json"
    file.write_text(file.read_text(encoding="utf-8"), encoding="utf-8-sig")

    assert kasauti("rules", "check", file).code == 0


@pytest.mark.parametrize(
    ("symbol", "meant"),
    [
        ("RELIANC", " Did you mean RELIANCE?"),
        ("ZOMBIECO", ""),
        ("RELIANCE", None),
        ("NIFTY", None),
        ("MCX:CRUDEOIL", None),
    ],
)
def test_a_name_that_no_list_has_is_said_to_be_taken_for_a_share(symbol: str, meant: str | None) -> None:
    answer = kasauti("rules", "show", "--symbol", symbol, "--date", "2026-11-20", "--json").json()

    says = f"{symbol} is taken for a share without derivatives, of which there is no list here.{meant}"
    assert answer["unknown"] == ([] if meant is None else [says])


def test_an_action_of_one_share_is_not_shown_for_another() -> None:
    shown = {
        symbol: rules("--symbol", symbol, "--date", "2026-11-20", file="corporate_actions", of="actions")
        for symbol in ("ITC", "SBIN", "NIFTY")
    }
    assert {symbol: len(found) for symbol, found in shown.items()} == {"ITC": 1, "SBIN": 0, "NIFTY": 0}
