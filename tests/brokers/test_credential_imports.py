"""Credentials as other programs keep them are read, and what is not plain is refused without a value."""

import traceback
from pathlib import Path

import pytest

from kasauti.brokers.credential_imports import import_credentials
from kasauti.errors import CredentialsError

CANARY = "c4n4ry"


def file(folder: Path, name: str, text: str, mode: int = 0o600) -> Path:
    path = folder / name
    path.write_text(text)
    path.chmod(mode)
    return path


ENV = f"""
# OpenAlgo Environment Configuration
BROKER_API_KEY = 'key-{CANARY}'   # from the broker
BROKER_API_SECRET="secret-{CANARY}#1"
BROKER_API_KEY_MARKET = 'YOUR_BROKER_MARKET_API_KEY'
export REDIRECT_URL = 'http://127.0.0.1:5000/upstox/callback'  # Change if different
APP_KEY = '3daa0403ce2501ee7432b75bf100048e3cf510d63d2754f952e93d88bf07ea84'
"""
SEVERAL = f'{{"zerodha": {{"api_key": "{CANARY}", "user_id": 12345}}, "fyers": {{"client_id": "{CANARY}2"}}}}'

#: (name, text, --broker, which broker it is, what it has)
READ = (
    (".env", ENV, "", "upstox", {"api_key": f"key-{CANARY}", "api_secret": f"secret-{CANARY}#1"}),
    ("openalgo.env", f"BROKER_API_KEY={CANARY}\n", "dhan", "dhan", {"api_key": CANARY}),
    (
        "z.json",
        f'{{"api_key": "{CANARY}", "api_secret": "{CANARY}\\u0041", "user_id": "AB1234"}}',
        "",
        "zerodha",
        {"api_key": CANARY, "api_secret": f"{CANARY}A", "user_id": "AB1234"},
    ),
    ("b.json", f'{{"broker_name": "Fyers", "client_id": "{CANARY}"}}', "", "fyers", {"client_id": CANARY}),
    ("many.json", SEVERAL, "zerodha", "zerodha", {"api_key": CANARY, "user_id": "12345"}),
    ("api_credentials.yaml", f"brokers:\n  dhan:\n    access_token: {CANARY}\n", "", "dhan",
     {"access_token": CANARY}),
    ("credentials_angelone.txt", f"username = u\npassword = {CANARY}\n", "", "angelone",
     {"username": "u", "password": CANARY}),
)  # fmt: skip


@pytest.mark.parametrize(("name", "text", "said", "broker", "has"), READ, ids=[each[0] for each in READ])
def test_each_form_is_read(
    tmp_path: Path, name: str, text: str, said: str, broker: str, has: dict[str, str]
) -> None:
    found = import_credentials(file(tmp_path, name, text), said)
    assert found.broker == broker
    assert {key: secret.reveal() for key, secret in found.credentials.items()} == has


#: (name, text, --broker, a part of the sentence)
REFUSED = (
    ("a.env", ENV.replace("upstox", "<broker>"), "", "does not say which broker"),
    ("b.env", ENV, "zerodha", "is of upstox by its REDIRECT_URL, and --broker says zerodha"),
    ("c.env", ENV + f"BROKER_API_KEY={CANARY}", "", "BROKER_API_KEY stands in lines 3 and 8"),
    ("d.env", "REDIRECT_URL=http://127.0.0.1/upstox/callback", "", "no BROKER_API_KEY that is filled in"),
    ("e.env", ENV.replace("upstox", CANARY.upper()), "", "does not say which broker"),
    ("a.json", SEVERAL, "", "is of several brokers: fyers, zerodha; choose one with --broker"),
    ("b.json", SEVERAL, "dhan", "nothing of dhan; it has fyers, zerodha"),
    ("c.json", f'{{"api_key": "{CANARY}", "api_key": "{CANARY}2"}}', "", "api_key twice"),
    (
        "d.json",
        f'{{"broker": "dhan", "broker_name": "fyers", "api_key": "{CANARY}"}}',
        "",
        "more than one broker",
    ),
    ("e.json", f'{{"dhan": {{"api_key": "{CANARY}"}}, "api_key": "{CANARY}"}}', "", "values beside them"),
    ("f.json", '{"broker": "dhan", "api_key": null}', "", "api_key has no text"),
    ("g.json", f'{{"broker": "dhan", "api_key": ["{CANARY}"]}}', "", "api_key has no text"),
    ("h.json", f'{{"broker": "dhan", "{CANARY}": "api_key"}}', "", "they are not shown"),
    ("i.json", f'{{"api_key": "{CANARY}"', "", "cannot be read near line 1"),
    ("j.json", f'"{CANARY}"', "", "write names and values"),
    ("k.json", f'{{"api_key": "{CANARY}"}}', "", "does not say which broker it is for"),
    ("l.yaml", f"dhan: &a\n  b: *a\n  {CANARY}: 1\n", "", "has no text"),
    ("m.yaml", f"dhan: {{api_key: {CANARY}}}\ndhan: {{api_key: {CANARY}}}", "", "twice"),
    ("n.json", f'{{"{CANARY.upper()}": {{"api_key": "x"}}}}', "", "no broker's"),
)
#: Where what may be a secret stands in a key's place.
KEYED = {"h.json", "l.yaml", "n.json"}


@pytest.mark.parametrize(("name", "text", "broker", "sentence"), REFUSED, ids=[each[0] for each in REFUSED])
def test_what_is_not_plain_is_refused_by_name_and_never_with_a_value(
    tmp_path: Path, name: str, text: str, broker: str, sentence: str
) -> None:
    path = file(tmp_path, name, text)
    with pytest.raises(CredentialsError) as refused:
        import_credentials(path, broker)
    assert sentence in str(refused.value)
    assert CANARY not in str(refused.value).lower()
    told = traceback.TracebackException.from_exception(refused.value, capture_locals=True)
    ours = [each.locals for each in told.stack if "kasauti" in Path(each.filename).parts]
    assert ours
    assert name in KEYED or CANARY not in str(ours).lower()


@pytest.mark.parametrize("name", ["a.env", "a.json", "a.yaml", "a.txt"])
def test_a_file_that_others_can_read_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(CredentialsError, match="chmod 600"):
        import_credentials(file(tmp_path, name, "{}", 0o644))
