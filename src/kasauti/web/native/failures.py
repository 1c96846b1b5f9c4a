"""What the native API answers where it does not do what was asked."""

import msgspec


class Problem(msgspec.Struct, frozen=True):
    """What went wrong: a stable code, and a sentence that says what to do."""

    code: str
    message: str


class Failure(msgspec.Struct, frozen=True):
    """The body of every answer that is not a success."""

    error: Problem
