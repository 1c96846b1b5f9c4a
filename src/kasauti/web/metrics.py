"""
What the server measures of itself, as Prometheus reads it (text format 0.0.4).

Counting costs a request two look-ups; everything else is put together when somebody asks.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator

#: Upper bounds of the buckets of a latency, in seconds.
_BOUNDS = (0.0005, 0.001, 0.002, 0.004, 0.006, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5)

#: A name, what it is of, and its value now.
Gauge = tuple[str, str, float]


class _Latency:
    """How long the answers of one endpoint took."""

    __slots__ = ("buckets", "seconds", "statuses")

    def __init__(self) -> None:
        self.buckets = [0] * (len(_BOUNDS) + 1)
        self.seconds = 0.0
        self.statuses: dict[int, int] = {}


class Metrics:
    """Counts the requests of every dialect, by endpoint."""

    def __init__(self) -> None:
        self._latencies: dict[tuple[str, str], _Latency] = {}

    def answered(self, dialect: str, endpoint: str, status: int, seconds: float) -> None:
        """Count one answer."""
        latency = self._latencies.get((dialect, endpoint))
        if latency is None:
            latency = self._latencies[dialect, endpoint] = _Latency()
        latency.buckets[bisect_left(_BOUNDS, seconds)] += 1
        latency.seconds += seconds
        latency.statuses[status] = latency.statuses.get(status, 0) + 1

    def text(self, gauges: Iterable[Gauge]) -> str:
        """Return everything counted, and `gauges`."""
        return "\n".join([*self._requests(), *_gauges(gauges), ""])

    def _requests(self) -> Iterator[str]:
        name = "kasauti_request_seconds"
        yield f"# HELP {name} Time from the first byte of a request to its answer."
        yield f"# TYPE {name} histogram"
        for (dialect, endpoint), latency in sorted(self._latencies.items()):
            labels, count = f'dialect="{dialect}",endpoint="{endpoint}"', 0
            for bound, inside in zip((*_BOUNDS, "+Inf"), latency.buckets, strict=True):
                count += inside
                yield f'{name}_bucket{{{labels},le="{bound}"}} {count}'
            yield f"{name}_sum{{{labels}}} {latency.seconds:.6f}"
            yield f"{name}_count{{{labels}}} {count}"
        name = "kasauti_requests_total"
        yield f"# HELP {name} Answers by status."
        yield f"# TYPE {name} counter"
        for (dialect, endpoint), latency in sorted(self._latencies.items()):
            for status, count in sorted(latency.statuses.items()):
                yield f'{name}{{dialect="{dialect}",endpoint="{endpoint}",status="{status}"}} {count}'


def _gauges(gauges: Iterable[Gauge]) -> Iterator[str]:
    for name, what, value in gauges:
        yield f"# HELP {name} {what}"
        yield f"# TYPE {name} {'counter' if name.endswith('_total') else 'gauge'}"
        yield f"{name} {value:g}"
