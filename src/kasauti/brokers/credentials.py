"""
Credentials: what a broker asks for, by name, and which broker a set of names belongs to.

Messages name keys and never show a value. Even a key is shown only where it looks like one: a line that was
torn or turned around may have a secret where its key should be.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from kasauti.brokers.secret import Secret
from kasauti.config.words import nearest
from kasauti.errors import CredentialsError

_LOOKS_LIKE_A_KEY = re.compile(r"[a-z]+(_[a-z]+){0,4}")
_LONGEST_KEY = 24


class Form(msgspec.Struct, frozen=True):
    """What one broker asks for: `broker` is its name here, `title` in its own spelling."""

    broker: str
    title: str
    keys: tuple[str, ...]


ZERODHA = Form("zerodha", "Zerodha", ("api_key", "api_secret", "user_id", "user_password", "totp_key"))
ANGELONE = Form("angelone", "AngelOne", ("api_key", "username", "password", "totp_token"))

#: The brokers whose files are told apart by their keys.
FORMS = (ZERODHA, ANGELONE)

_KNOWN_KEYS = frozenset(key for form in FORMS for key in form.keys)


class Credentials(Mapping[str, Secret]):
    """
    Secrets by key, and where they came from.

    `source` is shown in messages.
    """

    def __init__(self, secrets: Mapping[str, Secret], source: str = "The set of credentials") -> None:
        self._secrets = dict(secrets)
        self.source = source

    def __getitem__(self, key: str) -> Secret:
        return self._secrets[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._secrets)

    def __len__(self) -> int:
        return len(self._secrets)

    def __repr__(self) -> str:
        return f"Credentials from {self.source}: {self.shown()}"

    def shown(self) -> str:
        """Return the names of the keys, where they can be shown, for a message."""
        return ", ".join(self.shown_key(key) for key in self) or "none"

    def shown_key(self, key: str) -> str:
        """Return a key's name, unless it may be a part of a secret."""
        return key if is_key(key, self._secrets[key]) else "a key that is not shown"

    def missing(self, keys: Iterable[str]) -> list[str]:
        """Return those of `keys` that are not there or empty."""
        return [key for key in keys if not self._secrets.get(key)]

    def check(self, form: Form) -> None:
        """Raise `CredentialsError`, by name, for what is missing or unknown in the form of one broker."""
        problem = self.problem(form)
        if problem:
            raise CredentialsError(f"{self.source} cannot be used for {form.title}: {problem}")

    def problem(self, form: Form) -> str:
        """Return in a sentence what is wrong by the form of one broker, or nothing."""
        unknown = [key for key in self if key not in form.keys]
        parts = [
            f"{self.shown_key(key)} is not a key of {form.title}{self._meant(key, form)}" for key in unknown
        ]
        missing = self.missing(form.keys)
        if missing:
            parts.append(f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing or empty")
        if not parts:
            return ""
        return f"{'; '.join(parts)}. {form.title} needs {', '.join(form.keys)}."

    def _meant(self, key: str, form: Form) -> str:
        if self.shown_key(key) != key:
            return ""
        close = nearest(key, form.keys)
        return "" if close is None else f" (did you mean {close}?)"


def is_key(key: str, secret: Secret) -> bool:
    """
    Return whether `key` is one, as far as can be told: lower-case words joined by underscores.

    A key that no broker here has may not be empty, for that can be the end of a torn secret (abc=), nor have
    a key for its value, for that is a line turned around (abc = api_key).
    """
    if key in _KNOWN_KEYS:
        return True
    is_torn = secret.reveal() in {"", *_KNOWN_KEYS}
    return len(key) <= _LONGEST_KEY and _LOOKS_LIKE_A_KEY.fullmatch(key) is not None and not is_torn


def detect(credentials: Credentials) -> Form:
    """
    Return the form of the broker that these keys belong to.

    Zerodha has `api_secret` and `user_id`; AngelOne has `username` and no `user_id`. Raises
    `CredentialsError` where that names no broker, or where there are keys of both.
    """
    if not credentials:
        raise CredentialsError(f"{credentials.source} is empty. {_needs()}")
    is_zerodha = "api_secret" in credentials and "user_id" in credentials
    is_angelone = "username" in credentials and "user_id" not in credentials
    clash = [key for key in ("api_secret", "user_id") if key in credentials and "username" in credentials]
    if clash:
        raise CredentialsError(
            f"{credentials.source} has keys of more than one broker: {', '.join(clash)} of Zerodha and"
            f" username of AngelOne (values not shown). Keep one broker's keys in a file. {_needs()}"
        )
    if is_zerodha:
        return ZERODHA
    if is_angelone:
        return ANGELONE
    raise CredentialsError(
        f"{credentials.source} does not say which broker it is for; its keys are {credentials.shown()}"
        f" (values not shown). {_needs()} Or name the broker with --broker."
    )


def _needs() -> str:
    return " ".join(f"{form.title} needs {', '.join(form.keys)}." for form in FORMS)
