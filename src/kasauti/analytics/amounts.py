"""Which whole numbers in a report are money and which are moments, so that a view can write them as such."""

from typing import Annotated, Final

import msgspec

#: The key under which a field's unit stands in its annotation.
UNIT: Final = "unit"

#: A price or an amount in money units, ten-thousandths of a rupee.
Money = Annotated[int, msgspec.Meta(extra={UNIT: "money"})]

#: Nanoseconds since 1970-01-01 UTC, 0 where there is no such moment.
Moment = Annotated[int, msgspec.Meta(extra={UNIT: "moment"})]
