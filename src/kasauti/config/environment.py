"""Settings in environment variables: `KASAUTI_SECTION__KEY`, and two names that older setups have."""

from collections.abc import Iterator, Mapping

from kasauti.config.keys import keys, sections
from kasauti.config.words import did_you_mean

PREFIX = "KASAUTI_"
_BETWEEN = "__"

#: Names from before there was a prefix, and what they set.
OLD_NAMES = {
    "TRADING_MODE": "account.trading_mode",
    "PAPER_DEFAULT_BALANCE": "account.capital_rupees",
}


def variable(path: str) -> str:
    """Return the name of the environment variable that sets `path`."""
    return PREFIX + path.replace(".", _BETWEEN).upper()


def from_environment(environ: Mapping[str, str], problems: list[str]) -> Iterator[tuple[str, str, str]]:
    """Yield (path, text, origin) of every setting in the environment; append what is wrong to `problems`."""
    known = {variable(path): path for path in keys()}
    for name in sorted(environ):
        if name in OLD_NAMES:
            twin = variable(OLD_NAMES[name])
            if environ.get(twin, environ[name]) != environ[name]:
                problems.append(f"environment {name} and {twin} contradict each other; unset one.")
            else:
                yield OLD_NAMES[name], environ[name], f"environment {name}"
        elif name in known:
            yield known[name], environ[name], f"environment {name}"
        elif _is_meant_for_us(name):
            problems.append(f"environment {name} is not a setting.{did_you_mean(name, known)}")


def _is_meant_for_us(name: str) -> bool:
    """Return whether a name that is not known looks like a setting, and so may be a slip of the pen."""
    if not name.startswith(PREFIX):
        return False
    rest = name.removeprefix(PREFIX)
    return _BETWEEN in rest or any(rest.startswith(f"{section.upper()}_") for section in sections())
