"""What is typed wrongly, missing or broken ends in one sentence, its exit code, and nothing lost."""

import json
import os
from pathlib import Path

import pytest
from tests.cli.command import Ended, kasauti
from tests.compose.worlds import events_of
from tests.feeds.recorded.files import save

from kasauti.compose.account import LOG

#: What is typed, the exit code of docs/errors.md, and words of the sentence.
TYPED = [
    ("demo --speed fast", 2, "--speed fast is no speed; give a number from 1 to 1000, or max"),
    ("demo --speed 0", 2, "--speed 0 is outside 1 to 1000"),
    ("demo --speed 1001", 2, "--speed 1001 is outside 1 to 1000"),
    ("demo --speed nan", 2, "--speed nan is outside"),
    ("demo --speed -5", 2, "--speed -5 is outside"),
    ("demo --set feed.sede=3", 3, "feed.sede is not a setting. Did you mean feed.seed"),
    ("demo --set feed.seed", 3, "--set feed.seed has no value"),
    ("demo --set feed.day=2026-11-22", 2, "NSE has none on 2026-11-22 (Sunday); choose another day"),
    ("demo --set feed.day=2031-01-02", 7, "2031-01-02"),
    ("demo --set account.trading_mode=live", 3, "no live gateway"),
    ("demo --set simulator.fill_profile=best", 3, "Allowed: one of depth, ltp, pessimistic, touch"),
    ("run --resume --fresh", 2, "give one of them"),
    ("run --fresh --on-recovery hold", 2, "give one of them"),
    ("run --speed 2000", 3, "feed.speed is 2000"),
    ("run --broker zerodha", 8, "The Zerodha adapter comes with a later release"),
    ("run --broker angelone", 8, "comes with a later release"),
    ("run --broker zerodah", 8, "Did you mean zerodha? Supported: angelone, builtin, recorded, zerodha"),
    ("run --broker recorded", 3, "feed.kind is recorded, so feed.path must name a file or folder"),
    ("run --credentials nowhere.txt", 4, "nowhere.txt"),
    ("run --config nowhere.yaml", 3, "There is no file nowhere.yaml"),
    ("config check nowhere.yaml", 3, "There is no file nowhere.yaml"),
    ("config explain --set a.b=1", 3, "a.b is not a setting"),
    ("replay nowhere.parquet", 6, "nowhere.parquet does not exist; check the path"),
    ("replay .", 6, "holds no data file"),
    ("data check nowhere.csv", 6, "nowhere.csv does not exist"),
    ("data check .", 6, "holds no data file"),
    ("status", 9, "There is no account in data yet; `kasauti demo` makes one"),
    ("status --data elsewhere", 9, "There is no account in elsewhere: it has no log.db; check --data"),
    ("prove --data elsewhere", 9, "There is no account in elsewhere"),
    ("log verify --data elsewhere", 9, "There is no account in elsewhere"),
    ("log export x.csv --data elsewhere", 9, "There is no account in elsewhere"),
]


@pytest.mark.parametrize(("typed", "code", "words"), TYPED, ids=[typed for typed, _, _ in TYPED])
def test_what_is_typed_wrongly_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: str, code: int, words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = kasauti(*typed.split())
    assert ran.code == code, ran.err
    assert words in ran.sentence()
    assert not list(tmp_path.rglob(LOG)) or "demo" in typed, "nothing was begun"


LOOKED_AT = [
    ("trades --explain PT99", 2, "The log holds no trade PT99; `kasauti trades` lists"),
    ("orders --why XX", 2, "no order of the day ends in XX; `kasauti orders` lists"),
    ("orders --why 0", 2, "no order of the day ends in 0"),
    ("trades --day yesterday", 2, "'yesterday' is not a day; write it like 2026-01-22"),
    ("report --from 2026-13-01", 2, "'2026-13-01' is not a day"),
    ("report --from 2026-11-24", 2, "no trading day from 2026-11-24"),
    ("log export log.xlsx", 2, "log.xlsx does not end in .json, .jsonl, .csv or .parquet"),
    ("log export log", 2, "log does not end in"),
    ("log export nowhere/log.json", 2, "nowhere/log.json cannot be written: No such file"),
    ("log export {tmp_path}/folder.csv", 2, "cannot be written: Is a directory"),
]


@pytest.mark.parametrize(("typed", "code", "words"), LOOKED_AT, ids=[typed for typed, _, _ in LOOKED_AT])
def test_what_an_account_does_not_have_is_a_sentence(
    account: Path, tmp_path: Path, typed: str, code: int, words: str
) -> None:
    (tmp_path / "folder.csv").mkdir()
    before = events_of(account)
    ran = kasauti(*typed.format(tmp_path=tmp_path).split(), "--data", account)
    assert ran.code == code, ran.err
    assert words in ran.sentence()
    assert events_of(account) == before


@pytest.mark.parametrize(
    "typed",
    ["frobnicate", "demo --sped 60", "demo --seed -1", "demo --seed seven", "log shwo", "log show --last 0",
     "break --kills 0", "run --on-recovery maybe", "replay"],
)  # fmt: skip
def test_what_is_no_command_or_option_is_said(typed: str) -> None:
    ran = kasauti(*typed.split())
    assert (ran.code, ran.out) == (2, "")
    assert "Traceback" not in ran.err
    assert "Usage: kasauti" in ran.err

    machine = kasauti(*typed.split(), "--json")
    assert machine.code == 2
    problem = json.loads(machine.err)
    assert problem["code"] == "input.invalid"


def test_machines_get_the_error_as_an_object(tmp_path: Path) -> None:
    ran = kasauti("status", "--data", tmp_path, "--json")
    assert (ran.code, ran.out) == (9, "")
    problem = json.loads(ran.err)
    assert problem == {
        "code": "log.error",
        "message": f"There is no account in {tmp_path}: it has no log.db; check --data.",
    }


# Settings


def test_every_wrong_setting_is_named_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "my.yaml"
    file.write_text(
        "feed:\n  sede: 3\n  speed: fast\nacount:\n  plan: zerodha\naccount:\n  capital_rupees: 1,00,000\n"
    )
    for ran in (kasauti("config", "check", file), kasauti("run", "--config", file, "--data", tmp_path / "a")):
        assert ran.code == 3
        assert ran.err.startswith("Error: ")
        for words in (
            f"{file} line 2: feed.sede is not a setting. Did you mean feed.seed?",
            f"{file} line 3: feed.speed is fast",
            f"{file} line 4: acount is not a setting. Did you mean account?",
            f"{file} line 7: account.capital_rupees is 1,00,000",
        ):
            assert words in ran.err
        assert "Traceback" not in ran.err
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("KASAUTI_FEED__SEDE", "3", "KASAUTI_FEED__SEDE"),
        ("KASAUTI_FEED__SEED", "x", "feed.seed is x"),
        ("TRADING_MODE", "live", "no live gateway"),
        ("PAPER_DEFAULT_BALANCE", "lots", "lots"),
    ],
)
def test_a_wrong_environment_is_named(tmp_path: Path, name: str, value: str, words: str) -> None:
    ran = kasauti("demo", "--data", tmp_path / "a", env={name: value})
    assert ran.code == 3
    assert words in ran.sentence()
    assert not (tmp_path / "a").exists()


def test_credentials_that_others_can_read_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "credentials.txt"
    file.write_text("api_key = a1\napi_secret = s3cr3t\nuser_id = AB1234\nuser_password = p\ntotp_key = t\n")
    file.chmod(0o644)
    ran = kasauti("run", "--credentials", file)
    assert ran.code == 4
    assert "chmod 600" in ran.sentence()
    file.chmod(0o600)
    ran = kasauti("run", "--credentials", file)
    assert ran.code == 8
    assert "The Zerodha adapter comes with a later release" in ran.sentence()
    assert "s3cr3t" not in ran.err


# Data


def replayed(file: Path, tmp_path: Path, *more: object) -> Ended:
    return kasauti("replay", file, "--data", tmp_path / "account", *more)


BARS = "symbol,ts,open,high,low,close,volume\n"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.csv", "", "empty.csv is empty"),
        ("foreign.csv", "a,b\n1,2\n", "foreign.csv"),
        ("header.csv", BARS, "no rows"),
        ("words.csv", BARS + "ACME,2026-01-22T09:15:00,1,x,1,1,5\n", "'x' is not a number"),
        ("cut.csv", BARS + "ACME,2026-01-22T09:15:00,1,1,1,1,5\nACME,2026-01-22T09:", "is cut off"),
        ("zone.csv", BARS + "ACME,yesterday,1,1,1,1,5\n", "column 'ts' holds no times like"),
        ("bytes.parquet", "PAR1 and then nothing", "is not a whole Parquet file"),
        ("text.txt", "hello", "its name has to end in .parquet, .csv or .csv.gz"),
    ],
)
def test_foreign_and_broken_files_are_refused_by_name(
    tmp_path: Path, name: str, content: str, words: str
) -> None:
    file = tmp_path / name
    file.write_text(content)
    for ran in (replayed(file, tmp_path), kasauti("data", "check", file)):
        assert ran.code == 6
        assert words in ran.sentence()
        assert name in ran.err
    assert not (tmp_path / "account").exists(), "a replay that cannot be takes no account away"


def test_a_day_that_the_data_does_not_have_is_a_sentence(recording: Path, tmp_path: Path) -> None:
    ran = replayed(recording, tmp_path, "--from", "2026-11-24")
    assert ran.code == 6
    assert "no row of the recording has a time within the days asked for" in ran.sentence()
    ran = replayed(recording, tmp_path, "--from", "2026-11-24", "--to", "2026-11-20")
    assert ran.code in (2, 3)
    assert "2026-11-24" in ran.sentence()
    ran = replayed(recording, tmp_path, "--symbol", "NOSUCH")
    assert ran.code == 6
    assert "NOSUCH" in ran.sentence()
    ran = replayed(recording, tmp_path, "--from", "soon")
    assert ran.code in (2, 3)
    assert "soon" in ran.sentence()


@pytest.mark.parametrize(
    ("symbol", "day", "code", "words"),
    [
        ("NIFTY", "2026-01-22", 6, "prices of an index only, and an index cannot be traded"),
        ("ACME", "2016-08-16", 7, "Whether 2016-08-16 is a trading day is not known"),
        ("NIFTY", "2026-01-22", 6, "or have futures made from the index: --index-futures"),
        ("ACME", "2016-08-16", 7, "--assume-rules-of 2024-01-01"),
    ],
)
def test_data_on_which_nothing_can_be_traded_begins_no_session(
    tmp_path: Path, symbol: str, day: str, code: int, words: str
) -> None:
    file = tmp_path / "bars.csv"
    lines = (f"{symbol},{day}T09:{minute}:00,100,101,99,100,50\n" for minute in range(15, 45))
    file.write_text(BARS + "".join(lines))
    ran = replayed(file, tmp_path, "--set", "strategies=[]")
    assert ran.code == code
    assert words in ran.sentence()
    assert kasauti("status", "--data", tmp_path / "account").code == 9, "nothing was begun"


def test_rows_that_cannot_be_are_dropped_and_the_rest_is_traded(tmp_path: Path) -> None:
    """Unsorted, twice, NaN, negative, crossed, outside the session: said, counted, and never traded on."""
    file = save(
        tmp_path / "day.csv",
        """
        symbol  ts                    open   high   low    close  volume
        ACME    2026-01-22T08:59:00   100    100    100    100    100
        ACME    2026-01-22T09:16:00   101    101    101    101    100
        ACME    2026-01-22T09:15:00   100    100    100    100    100
        ACME    2026-01-22T09:17:00   nan    101    101    101    100
        ACME    2026-01-22T09:18:00   101    101    -5     101    100
        ACME    2026-01-22T09:19:00   101    100    102    101    100
        ACME    2026-01-22T09:20:00   101    101    101    101    100
        ACME    2026-01-22T09:20:00   101    101    101    101    100
        ACME    2026-01-22T09:21:00   102    102    102    102    100
        ACME    2026-01-22T16:30:00   100    100    100    100    100
        """,
    )
    report = kasauti("data", "check", file, "--json")
    kinds = {finding["kind"] for finding in json.loads(report.out)["findings"]}
    assert len(kinds) >= 6
    ran = replayed(file, tmp_path, "--strategy", "ema_rsi", "--set", "strategies=[]", "--quiet")
    assert ran.code in (0, 3), ran.err
    assert "Traceback" not in ran.err


# The log


@pytest.fixture
def copied(account: Path, tmp_path: Path) -> Path:
    """Return an account of this test's own."""
    folder = tmp_path / "account"
    folder.mkdir()
    (folder / LOG).write_bytes((account / LOG).read_bytes())
    return folder


def test_a_flipped_byte_is_found_and_its_event_named(copied: Path) -> None:
    content = bytearray((copied / LOG).read_bytes())
    place = content.index(b'"trade_id":"PT2"')
    content[place + 14] ^= 1
    (copied / LOG).write_bytes(content)

    for command in (
        ("log", "verify"),
        ("prove",),
        ("log", "export", copied / "x.json"),
        ("run", "--speed", "max"),
    ):
        ran = kasauti(*command, "--data", copied)
        assert ran.code == 9, command
        assert "(order.filled) is not what was written" in ran.sentence()
        assert "keep the file as it is" in ran.err
    assert not (copied / "x.json").exists(), "half an export looks like a whole one"
    assert (copied / LOG).read_bytes() == bytes(content), "it is evidence: nothing touched it"
    assert json.loads(kasauti("log", "verify", "--data", copied, "--json").err)["code"] == "log.corrupt"


@pytest.mark.parametrize("content", [b"", b"this is no database at all", b"SQLite format 3\0" + bytes(900)])
def test_a_file_that_is_no_log_is_said(tmp_path: Path, content: bytes) -> None:
    (tmp_path / LOG).write_bytes(content)
    for command in ("status", "trades", "prove", "report"):
        ran = kasauti(command, "--data", tmp_path)
        assert ran.code == 9
        assert str(tmp_path / LOG) in ran.sentence()


def test_a_truncated_log_is_said(copied: Path) -> None:
    content = (copied / LOG).read_bytes()
    (copied / LOG).write_bytes(content[: len(content) // 2])
    ran = kasauti("log", "verify", "--data", copied)
    assert ran.code == 9
    assert "is not a whole log" in ran.sentence()


def test_breaking_never_touches_an_account_that_is_there(copied: Path) -> None:
    before = (copied / LOG).read_bytes()
    ran = kasauti("break", "--kills", "1", "--data", copied)
    assert ran.code == 2
    assert "has an account already" in ran.sentence()
    assert (copied / LOG).read_bytes() == before


def test_a_place_that_is_no_folder_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ran = kasauti("demo", "--data", tmp_path / "file" / "account")
    assert ran.code == 9
    assert "cannot be made" in ran.sentence()
    ran = kasauti("demo", "--data", tmp_path / "file")
    assert ran.code == 9
    assert "Traceback" not in ran.err


def test_a_wrong_plugin_is_a_sentence(recording: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text("import nothing_like_this\n")
    mute = tmp_path / "mute.py"
    mute.write_text(
        "from kasauti.strategies import Strategy\n\n\nclass Mute(Strategy):\n"
        "    def subscriptions(self):\n        return self.nothing\n"
    )
    for use, words in (
        (f"{mine}:Mine", "ModuleNotFoundError"),
        (f"{tmp_path}/other.py:Mine", "There is no file"),
        (f"{mute}:Mute", "its subscriptions() raised AttributeError"),
        ("momentum", "There is no 'momentum' in kasauti.strategies"),
    ):
        ran = replayed(recording, tmp_path, "--strategy", use)
        assert ran.code == 5
        assert words in ran.sentence()


def test_strategies_of_two_kinds_with_one_name_are_refused(recording: Path, tmp_path: Path) -> None:
    ran = replayed(
        recording, tmp_path, "--set", "strategies=[{use: intraday_momentum_oi}, {use: intraday_momentum_oi}]"
    )
    assert ran.code == 3
    assert "two strategies are called intraday_momentum_oi" in ran.sentence()


def test_an_instrument_that_the_market_does_not_have_is_a_sentence(recording: Path, tmp_path: Path) -> None:
    ran = replayed(
        recording, tmp_path, "--set", "strategies=[{use: ema_rsi, parameters: {instrument: 'NSE:NOSUCH'}}]"
    )
    assert ran.code == 3
    assert "ema_rsi wants NSE:NOSUCH, which is not among the 31 instruments" in ran.sentence()
    assert kasauti("status", "--data", tmp_path / "account").code == 9, "nothing was begun"


def test_tests_leave_no_environment_behind() -> None:
    assert not [name for name in os.environ if name.startswith("KASAUTI_FEED")]
