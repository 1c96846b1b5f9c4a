"""Recorded data as a broker: a day that was, as it looked at each of its moments."""

from typing import ClassVar

from kasauti.brokers.feed_broker import FeedBroker


class RecordedBroker(FeedBroker):
    """Answers from recorded data. Only what the files have is known: often no depth, or bars alone."""

    name: ClassVar[str] = "recorded"
