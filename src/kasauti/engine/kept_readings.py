"""What is recorded of indicators. Python where the core is compiled, too: msgspec reads its annotations."""

import msgspec


class KeptIndicator(msgspec.Struct, frozen=True):
    """An indicator as it began and as it is now; `kind` is its class. Only the same is gone on with."""

    kind: str
    start: msgspec.Raw
    now: msgspec.Raw


class KeptReadings(msgspec.Struct, frozen=True):
    """Where the indicators of one subscription stand after the candle that began at `until`, by name."""

    until: int
    indicators: dict[str, KeptIndicator]


def kept_readings(state: bytes) -> dict[str, KeptReadings]:
    """Return what was recorded of a strategy's indicators, by subscription."""
    return msgspec.json.decode(state, type=dict[str, KeptReadings])
