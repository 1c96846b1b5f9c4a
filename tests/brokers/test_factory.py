"""From credentials or a name to a broker, or to a sentence that says why not."""

from pathlib import Path

import pytest
from tests.brokers.days import CALENDAR, INDEX

from kasauti.brokers.base import BrokerInterface, Wiring
from kasauti.brokers.builtin import BuiltInBroker
from kasauti.brokers.credentials import ANGELONE, ZERODHA, Credentials, Form
from kasauti.brokers.credentials_file import load_credentials_from_file
from kasauti.brokers.factory import BrokerFactory, create_broker
from kasauti.brokers.recorded import RecordedBroker
from kasauti.brokers.secret import Secret
from kasauti.domain.instrument import Universe
from kasauti.errors import BrokerError, CredentialsError, PluginError
from kasauti.testing import StaticFeed

ROOT = Path(__file__).parents[2]
WIRING = Wiring(
    clock=lambda: 0, wait_until=lambda _: None, calendar=CALENDAR, feed=StaticFeed(Universe([INDEX]), [])
)


def complete(form: Form) -> dict[str, str]:
    return {key: f"canary of {key}" for key in form.keys}


def refusal(credentials: dict[str, str] | Credentials | None, broker: str | None = None) -> str:
    with pytest.raises(BrokerError) as refused:
        create_broker(credentials, broker, wiring=WIRING)
    assert refused.value.exit_code != 0
    assert "canary" not in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize(("name", "kind"), [("builtin", BuiltInBroker), ("recorded", RecordedBroker)])
def test_the_built_in_market_and_recorded_data_are_brokers_like_any_other(
    name: str, kind: type[BrokerInterface]
) -> None:
    for credentials in (None, complete(ZERODHA)):
        assert type(create_broker(credentials, name, wiring=WIRING)) is kind


def test_without_a_name_and_credentials_it_is_the_built_in_market() -> None:
    assert isinstance(create_broker(None, wiring=WIRING), BuiltInBroker)


def test_the_supported_names_are_these() -> None:
    assert BrokerFactory.supported() == ["angelone", "builtin", "recorded", "zerodha"]


@pytest.mark.parametrize("form", [ZERODHA, ANGELONE])
@pytest.mark.parametrize("named", [True, False])
def test_a_real_broker_says_what_is_missing_and_that_the_file_is_fine(
    form: Form,
    named: bool,  # noqa: FBT001
) -> None:
    message = refusal(complete(form), form.broker if named else None)

    assert f"The {form.title} adapter comes with a later release" in message
    assert "--broker builtin or --broker recorded" in message
    assert message.endswith(" The set of credentials is complete.")


@pytest.mark.parametrize("form", [ZERODHA, ANGELONE])
def test_a_real_broker_says_what_the_file_lacks(form: Form) -> None:
    given = complete(form)
    del given[form.keys[-1]]

    message = refusal({**given, "api_kee": "canary"}, form.broker)

    assert f"{form.keys[-1]} is missing or empty" in message
    assert f"api_kee is not a key of {form.title} (did you mean api_key?)" in message


def test_a_real_broker_without_a_file_says_what_it_will_need() -> None:
    assert "No credentials file was given; it will need api_key, api_secret" in refusal(None, "zerodha")


def test_another_brokers_file_is_not_taken() -> None:
    message = refusal(complete(ANGELONE), "zerodha")

    assert "username is not a key of Zerodha" in message
    assert "api_secret" in message


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("zeroda", "Did you mean zerodha?"),
        ("upstox", "Supported: angelone, builtin, recorded, zerodha"),
        ("Zerodha", "is not a supported broker"),
        ("", "is not a supported broker"),
    ],
)
def test_an_unknown_broker_is_answered_with_the_list(name: str, says: str) -> None:
    assert says in refusal(None, name)


def test_switching_brokers_is_changing_the_file(tmp_path: Path) -> None:
    """The same call; only the file differs."""
    path = tmp_path / "credentials.txt"
    for form in (ZERODHA, ANGELONE):
        path.write_text("".join(f"{key} = x\n" for key in form.keys), encoding="utf-8")
        path.chmod(0o600)

        with pytest.raises(BrokerError, match=f"The {form.title} adapter comes with a later release"):
            create_broker(load_credentials_from_file(path), wiring=WIRING)


@pytest.mark.parametrize("name", ["zerodha", "nobody"])
def test_choosing_already_says_that_a_broker_is_not_there(name: str) -> None:
    """Before anything is opened."""
    with pytest.raises(BrokerError):
        BrokerFactory.choose(None, name)


@pytest.mark.parametrize(
    "credentials", [{}, {"api_key": "canary"}, {"username": "canary", "user_id": "canary"}]
)
def test_credentials_that_name_no_broker_reach_no_broker(credentials: dict[str, str]) -> None:
    with pytest.raises(CredentialsError) as refused:
        create_broker(credentials, wiring=WIRING)

    assert "canary" not in str(refused.value)


def test_a_broker_of_ones_own_is_named_by_its_file_and_gets_its_own_credentials() -> None:
    third = f"{ROOT / 'examples' / 'third_broker.py'}:TideBroker"
    made = create_broker(Credentials({"tide_pin": Secret("canary")}), third, wiring=WIRING)

    assert made.name == "tide"
    with pytest.raises(CredentialsError, match=r"needs credentials: tide_pin"):
        create_broker(None, third, wiring=WIRING)
    with pytest.raises(CredentialsError, match="tide_pn is not a key of"):
        create_broker({"tide_pn": "canary"}, third, wiring=WIRING)


def test_a_class_that_is_no_broker_is_refused_by_what_it_lacks(tmp_path: Path) -> None:
    (tmp_path / "half.py").write_text("class Half:\n    def connect(self): ...\n", encoding="utf-8")

    with pytest.raises(PluginError, match="it lacks get_historical_data, get_ltp"):
        create_broker(None, f"{tmp_path / 'half.py'}:Half", wiring=WIRING)


def test_a_broker_needs_something_to_stand_on() -> None:
    with pytest.raises(BrokerError, match="needs a clock, a calendar and market data"):
        create_broker(None, "builtin")
