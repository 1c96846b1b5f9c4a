"""Credentials files: what they may look like, whose they are, and that no message has a value."""

import os
import traceback
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kasauti
from kasauti.brokers.credentials import ANGELONE, FORMS, ZERODHA, Credentials, detect
from kasauti.brokers.credentials_file import load_credentials_from_file
from kasauti.brokers.factory import create_broker
from kasauti.brokers.secret import Secret
from kasauti.errors import CredentialsError, KasautiError

ROOT = Path(__file__).parents[2]
PACKAGE = Path(kasauti.__file__).parent
POSIX = pytest.mark.skipif(os.name != "posix", reason="Windows keeps access rights elsewhere")


def write(folder: Path, content: str | bytes, mode: int = 0o600) -> Path:
    path = folder / "credentials_test.txt"
    path.unlink(missing_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    path.chmod(mode)
    return path


def plain(credentials: Credentials) -> dict[str, str]:
    return {key: secret.reveal() for key, secret in credentials.items()}


def of(*keys: str) -> Credentials:
    return Credentials({key: Secret(f"value of {number}") for number, key in enumerate(keys)})


# The file


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("k = v", "v"),
        ("k=v", "v"),
        ("   k   =   v   ", "v"),
        ("\tk\t=\tv\t", "v"),
        ("k = a=b==", "a=b=="),
        ("k = =", "="),
        ("k = a # b", "a # b"),
        ("k = #1", "#1"),
        ("k = 'v'", "v"),
        ('k = " v "', " v "),
        ("k = '='", "="),
        ("k = it's", "it's"),
        ("k = 'it's'", "it's"),
        ("k = a'", "a'"),
        ("k = पासवर्ड", "पासवर्ड"),
        ("k = a b  c", "a b  c"),
    ],
)
def test_a_line_is_a_key_and_a_value(tmp_path: Path, line: str, value: str) -> None:
    assert plain(load_credentials_from_file(write(tmp_path, line))) == {"k": value}


def test_a_key_of_a_broker_may_stand_without_a_value_and_is_then_named_as_empty(tmp_path: Path) -> None:
    credentials = load_credentials_from_file(write(tmp_path, "totp_key =\nuser_id = ''\n"))

    assert plain(credentials) == {"totp_key": "", "user_id": ""}


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_comments_empty_lines_and_other_systems_line_ends_do_not_matter(
    tmp_path: Path, end: str, mark: bytes
) -> None:
    lines = ["# mine = no", "", "api_key = one", "  ; secret = no", "   ", "username = two"]
    path = write(tmp_path, mark + end.join(lines).encode())

    assert plain(load_credentials_from_file(path)) == {"api_key": "one", "username": "two"}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("api_key\n", "line 1 has no ="),
        ("a = 1\napi_key: canary\n", "line 2 has no ="),
        ("= canary\n", "line 1 has nothing before its ="),
        ("a = 'canary\n", "line 1 begins a quoted value"),
        ("a = 'canary\"\n", "line 1 begins a quoted value"),
        ("a = '\n", "line 1 begins a quoted value"),
        ("a = 1\nb = 2\na = canary\n", "lines 1 and 3 have the same key"),
        ("canary=\n", "line 1 does not begin with a key"),
        ("canary = api_secret\n", "line 1 does not begin with a key"),
        ("Canary = x\n", "line 1 does not begin with a key"),
        ("canary canary = x\n", "line 1 does not begin with a key"),
        ("canarycanarycanarycanarycanary = x\n", "line 1 does not begin with a key"),
        (b"a = canary\xff\n", "not UTF-8 text"),
        (b"a = canary\x00\n", "not UTF-8 text"),
        (b"a = canary\n" * 9_000, "at most 65536 bytes"),
        (
            "canary\n= canary\nb = 'canary\n",
            "line 1 has no =; line 2 has nothing before its =; line 3 begins",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_by_line_and_without_values(
    tmp_path: Path, content: str | bytes, says: str
) -> None:
    path = write(tmp_path, content)

    with pytest.raises(CredentialsError) as refused:
        load_credentials_from_file(path)

    assert says in str(refused.value)
    assert str(path) in str(refused.value)
    assert "canary" not in str(refused.value)


def test_a_file_that_is_not_there_and_one_that_is_a_folder(tmp_path: Path) -> None:
    with pytest.raises(CredentialsError, match="There is no credentials file"):
        load_credentials_from_file(tmp_path / "nowhere.txt")
    with pytest.raises(CredentialsError):
        load_credentials_from_file(tmp_path)


@POSIX
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620, 0o602, 0o611, 0o777])
def test_a_file_that_others_can_reach_is_refused_with_the_command_that_mends_it(
    tmp_path: Path, mode: int
) -> None:
    path = write(tmp_path, "api_key = canary\n", mode)

    with pytest.raises(CredentialsError) as refused:
        load_credentials_from_file(path)

    assert f"chmod 600 {path}" in str(refused.value)
    assert f"{mode:04o}" in str(refused.value)


@POSIX
@pytest.mark.parametrize("mode", [0o600, 0o400, 0o700])
def test_a_file_of_its_owner_alone_is_read(tmp_path: Path, mode: int) -> None:
    assert "api_key" in load_credentials_from_file(write(tmp_path, "api_key = x\n", mode))


@POSIX
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    writer = os.open(tmp_path / "pipe", os.O_RDWR)
    try:
        with pytest.raises(CredentialsError, match="not a regular file"):
            load_credentials_from_file(tmp_path / "pipe")
    finally:
        os.close(writer)


# Whose they are


@pytest.mark.parametrize(
    ("keys", "broker"),
    [
        (ZERODHA.keys, ZERODHA),
        (ANGELONE.keys, ANGELONE),
        (("api_secret", "user_id"), ZERODHA),
        (("username",), ANGELONE),
        (("username", "api_key"), ANGELONE),
        (("api_secret", "user_id", "password"), ZERODHA),
    ],
)
def test_the_broker_is_known_by_its_keys(keys: tuple[str, ...], broker: object) -> None:
    assert detect(of(*keys)) is broker


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ((), "is empty"),
        (("api_key",), "does not say which broker it is for; its keys are api_key"),
        (("api_secret",), "does not say which broker"),
        (("user_id",), "does not say which broker"),
        (("password", "totp_token"), "does not say which broker"),
        (("api_key", "client_code"), "its keys are api_key, client_code"),
        (
            ("username", "user_id"),
            "keys of more than one broker: user_id of Zerodha and username of AngelOne",
        ),
        (("username", "api_secret"), "keys of more than one broker"),
        ((*ZERODHA.keys, "username"), "keys of more than one broker: api_secret, user_id of Zerodha"),
        ((*ZERODHA.keys, *ANGELONE.keys), "keys of more than one broker"),
    ],
)
def test_keys_that_name_no_broker_or_two_are_refused_by_name(keys: tuple[str, ...], says: str) -> None:
    with pytest.raises(CredentialsError) as refused:
        detect(of(*keys))

    assert says in str(refused.value)
    assert "value of" not in str(refused.value)
    for form in FORMS:
        assert f"{form.title} needs {', '.join(form.keys)}." in str(refused.value)


@pytest.mark.parametrize("form", FORMS)
def test_every_key_of_a_broker_must_be_there_and_hold_something(form: object) -> None:
    assert form in FORMS
    for each in FORMS:
        of(*each.keys).check(each)
        for key in each.keys:
            without = {k: Secret("x") for k in each.keys if k != key}
            for credentials in (Credentials(without), Credentials({**without, key: Secret("")})):
                with pytest.raises(CredentialsError, match=f"{key} is missing or empty"):
                    credentials.check(each)


def test_a_key_that_is_not_the_brokers_is_named_with_the_nearest_one() -> None:
    with pytest.raises(CredentialsError) as refused:
        of("api_key", "api_secret", "user_id", "user_pasword", "totp_key").check(ZERODHA)

    message = str(refused.value)
    assert "user_pasword is not a key of Zerodha (did you mean user_password?)" in message
    assert "user_password is missing or empty" in message


@pytest.mark.parametrize("name", ["credentials.template.txt", "credentials_angelone.template.txt"])
def test_a_template_has_every_key_of_its_broker_and_no_value(tmp_path: Path, name: str) -> None:
    form = ANGELONE if "angelone" in name else ZERODHA
    template = load_credentials_from_file(write(tmp_path, (ROOT / "config" / name).read_bytes()))

    assert tuple(template) == form.keys
    assert detect(template) is form
    with pytest.raises(CredentialsError, match="are missing or empty"):
        template.check(form)


# No value, anywhere

#: Every secret has this in it, so that it cannot be a part of a message by chance.
MARK = "Qz7x"
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\n\r"), max_size=12)
SECRETS = st.builds(lambda before, after: f"{before}{MARK}{after}", TEXT, TEXT)
TORN = st.sampled_from(
    ["{}", "{}=", "= {}", "{} = api_key", "'{}", "k = '{}", "k = \"{}'", "{}: {}", "{} {}"]
)
KEYS = st.sampled_from([*ZERODHA.keys, *ANGELONE.keys, "client_code", "pin"])


def _everything_said(error: BaseException) -> str:
    """Every text that a tool could show: messages, notes, causes, and the variables of every frame."""
    report = traceback.TracebackException.from_exception(error, capture_locals=True)
    ours = [frame for frame in report.stack if PACKAGE in Path(frame.filename).parents]
    assert ours, "the error came from the package"
    shown = "".join(str(frame.locals) for frame in ours)
    chain = []
    link: BaseException | None = error
    while link is not None:
        chain += [str(link), repr(link), repr(link.args)]
        link = link.__cause__ or link.__context__
    return shown + "".join(chain)


@settings(deadline=None)
@given(
    lines=st.lists(
        st.tuples(KEYS, SECRETS).map(lambda pair: f"{pair[0]} = {pair[1]}")
        | st.tuples(TORN, SECRETS).map(lambda pair: pair[0].replace("{}", pair[1])),
        max_size=7,
    ),
    broker=st.sampled_from([None, "zerodha", "angelone", "builtin", "nobody"]),
    end=st.sampled_from(["\n", "\r\n", "\n\xff\n"]),
)
def test_whatever_a_file_holds_no_value_of_it_is_ever_said(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], broker: str | None, end: str
) -> None:
    text = end.join(lines)
    is_text = "\xff" not in end
    path = write(
        tmp_path_factory.getbasetemp(), text.encode() if is_text else text.encode("latin-1", "ignore")
    )
    said = ""
    try:
        credentials = load_credentials_from_file(path)
        said += repr(credentials) + credentials.shown()
        create_broker(credentials, broker)
    except KasautiError as error:
        said += _everything_said(error)

    assert MARK not in said


@settings(deadline=None)
@given(st.dictionaries(KEYS, SECRETS, max_size=6), st.sampled_from([None, "zerodha", "angelone"]))
def test_a_dict_of_texts_is_not_said_either(given_texts: Mapping[str, str], broker: str | None) -> None:
    said = ""
    try:
        create_broker(dict(given_texts), broker)
    except KasautiError as error:
        said = _everything_said(error)

    assert said, "no real broker can be made yet"
    assert MARK not in said


@settings(deadline=None)
@given(SECRETS)
def test_a_secret_whose_line_was_torn_is_not_taken_for_a_key(secret: str) -> None:
    """A TOTP key may end in =; alone on its line it looks like a key without a value."""
    lower = "".join(letter for letter in secret.lower() if letter.isascii() and letter.isalpha())
    for key, value in ((lower, ""), (lower, "api_key"), (secret, "x"), (lower * 10, "x")):
        assert Credentials({key: Secret(value)}).shown() == "a key that is not shown"


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    with suppress(CredentialsError):
        load_credentials_from_file(write(tmp_path_factory.getbasetemp(), content))
