"""A secret stays one."""

import copy
import json
import logging
import pickle
import pprint
from collections.abc import Callable

import msgspec
import pytest

from kasauti.brokers.credentials import Credentials
from kasauti.brokers.secret import Secret

CANARY = "canary-51f0c2"


@pytest.mark.parametrize(
    "show",
    [
        repr,
        str,
        ascii,
        pprint.pformat,
        "{}".format,
        "{!r:>40}".format,
        "%s".__mod__,
        "%r".__mod__,
        lambda secret: f"{secret:>20}",
        lambda secret: str({"key": [secret]}),
        lambda secret: str(vars(type(secret))) + str(dir(secret)),
        lambda secret: json.dumps({"key": secret}, default=str),
        lambda secret: msgspec.json.encode({"key": secret}, enc_hook=str).decode(),
        lambda secret: repr(Credentials({"api_key": secret})),
        lambda secret: str(dict(Credentials({"api_key": secret}))),
        lambda secret: repr(list(Credentials({"api_key": secret}).items())),
    ],
)
def test_showing_a_secret_shows_nothing(show: Callable[[Secret], str]) -> None:
    text = show(Secret(CANARY))

    assert CANARY not in text
    assert text


@pytest.mark.parametrize(
    "send",
    [
        json.dumps,
        msgspec.json.encode,
        msgspec.msgpack.encode,
        msgspec.to_builtins,
        lambda secret: msgspec.to_builtins(Credentials({"api_key": secret})),
        pickle.dumps,
    ],
)
def test_a_secret_is_not_encoded_by_anything(send: Callable[[Secret], object]) -> None:
    with pytest.raises(TypeError) as refused:
        send(Secret(CANARY))

    assert CANARY not in str(refused.value)


def test_a_secret_has_no_attributes_to_look_at() -> None:
    assert not hasattr(Secret(CANARY), "__dict__")


def test_copies_are_the_secret_itself() -> None:
    secret = Secret(CANARY)

    assert copy.copy(secret) is secret
    assert copy.deepcopy([secret])[0] is secret


def test_secrets_can_be_compared_and_told_from_empty_ones() -> None:
    assert Secret(CANARY) == Secret(CANARY)
    assert Secret(CANARY) != Secret("other")
    assert Secret(CANARY) != CANARY
    assert not Secret("")
    with pytest.raises(TypeError):
        hash(Secret(CANARY))


def test_only_reveal_gives_it_out() -> None:
    assert Secret(CANARY).reveal() == CANARY


def test_a_log_that_is_handed_everything_has_no_canary(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    credentials = Credentials({"api_key": Secret(CANARY), "user_id": Secret(CANARY)})

    logging.getLogger("any").debug("%s %r %s", credentials, credentials["api_key"], dict(credentials))
    try:
        credentials["no_such_key"]
    except KeyError:
        logging.getLogger("any").exception("while using %r", credentials)

    assert "hidden" in caplog.text
    assert CANARY not in caplog.text
