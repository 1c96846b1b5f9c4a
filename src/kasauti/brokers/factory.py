"""From credentials, or a name, to a broker."""

from collections.abc import Mapping
from typing import Any

from kasauti import plugins
from kasauti.brokers.base import BrokerInterface, Wiring
from kasauti.brokers.credentials import FORMS, Credentials, Form, detect
from kasauti.brokers.secret import Secret
from kasauti.config.words import did_you_mean
from kasauti.errors import BrokerError, CredentialsError

#: Where brokers are found by name.
BROKERS = "kasauti.brokers"

#: The broker without credentials.
DEFAULT = "builtin"

#: Real brokers whose files are understood, and whose adapters come with a later release.
_ANNOUNCED = {form.broker: form for form in FORMS}


class BrokerFactory:
    """Makes brokers that stand on `wiring`."""

    def __init__(self, wiring: Wiring | None = None) -> None:
        self._wiring = wiring

    @staticmethod
    def supported() -> list[str]:
        """Return the names that are known, those of a later release included."""
        return sorted({*plugins.names(BROKERS), *_ANNOUNCED})

    @classmethod
    def choose(cls, credentials: Credentials | None, broker_type: str | None = None) -> str:
        """
        Return which broker is meant: the one that is named, else the one the credentials are for.

        Without either it is the built-in market. Raises `BrokerError` for a broker that is not supported or
        not there yet, `CredentialsError` for credentials that name no broker.
        """
        name = broker_type
        if name is None:
            name = DEFAULT if credentials is None else detect(credentials).broker
        installed = plugins.names(BROKERS)
        if name in installed or ".py:" in name:
            return name
        if name in _ANNOUNCED:
            raise BrokerError(_not_yet(_ANNOUNCED[name], credentials))
        supported = cls.supported()
        raise BrokerError(
            f"{name} is not a supported broker.{did_you_mean(name, supported)}"
            f" Supported: {', '.join(supported)}; or a file and a class, like my_broker.py:MyBroker."
        )

    def create(self, credentials: Credentials | None, broker_type: str | None = None) -> BrokerInterface:
        """
        Return the broker, not connected yet. Its credentials are checked first, by the names of their keys.

        Raises what `choose` raises, and `CredentialsError` for credentials that are not its own.
        """
        name = self.choose(credentials, broker_type)
        kind = plugins.find(BROKERS, name, port=BrokerInterface)
        given = _own(kind, name, credentials)
        if self._wiring is None:
            raise BrokerError(f"The broker {name} needs a clock, a calendar and market data to stand on.")
        broker: BrokerInterface = kind(given, self._wiring)
        return broker


def create_broker(
    credentials: Credentials | Mapping[str, str] | None,
    broker_type: str | None = None,
    *,
    wiring: Wiring | None = None,
) -> BrokerInterface:
    """
    Return the broker that these credentials are for, or the one named by `broker_type`.

    A plain dict of texts is taken as well as what `load_credentials_from_file` returns. See `BrokerFactory`.
    """
    if credentials is not None and not isinstance(credentials, Credentials):
        credentials = Credentials({key: Secret(value) for key, value in credentials.items()})
    return BrokerFactory(wiring).create(credentials, broker_type)


def _own(kind: type[Any], name: str, credentials: Credentials | None) -> Credentials:
    """Return the credentials a broker asks for, checked; none for one that asks for none."""
    form = Form(name, name, tuple(getattr(kind, "credential_keys", ())))
    if not form.keys:
        return Credentials({})
    if credentials is None:
        raise CredentialsError(
            f"The broker {name} needs credentials: {', '.join(form.keys)}. Name a file with --credentials."
        )
    credentials.check(form)
    return credentials


def _not_yet(form: Form, credentials: Credentials | None) -> str:
    if credentials is None:
        about = f"No credentials file was given; it will need {', '.join(form.keys)}."
    else:
        problem = credentials.problem(form)
        about = f"{credentials.source} is " + (f"not complete: {problem}" if problem else "complete.")
    return (
        f"The {form.title} adapter comes with a later release; until then use --broker builtin or --broker"
        f" recorded. {about}"
    )
