"""The character U+0000, which no database keeps everywhere: whether a request has it, in any of its parts."""

import re
from collections.abc import Mapping
from typing import Any, Final

#: As JSON escapes it: behind an even number of backslashes.
_ESCAPED: Final = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


def has_null(scope: Mapping[str, Any], body: bytes) -> bool:
    """Whether the path, the query or the body, JSON or a form, has U+0000 in it."""
    if b"\\u0000" in body and _ESCAPED.search(body):
        return True
    if b"%00" in body and not body.lstrip().startswith((b"{", b"[")):
        return True
    return b"\0" in body or b"%00" in scope["query_string"] or "\0" in scope["path"]
