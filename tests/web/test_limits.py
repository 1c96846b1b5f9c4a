"""Who calls too often is told so, and remembering whom costs no more the more there are."""

import pytest

from kasauti.web import limits
from kasauti.web.endpoint import Pace
from kasauti.web.limits import Limiter

_RATES = {Pace.WRONG_KEYS: (1.0, 2)}


class Now:
    """Seconds that a test lets pass."""

    def __init__(self) -> None:
        self.s = 0.0

    def __call__(self) -> float:
        return self.s


class Counted(dict[tuple[str, Pace], tuple[float, float]]):
    """Buckets that count how many were looked at."""

    looked = 0

    def items(self):  # type: ignore[no-untyped-def]  # noqa: ANN201  as `dict`
        """Count, and return them."""
        self.looked += len(self)
        return super().items()


def limiter(now: Now) -> tuple[Limiter, Counted]:
    made, buckets = Limiter(now, _RATES), Counted()
    made._buckets = buckets
    return made, buckets


def test_a_bucket_fills_evenly() -> None:
    now = Now()
    made, _ = limiter(now)
    assert [made.takes("a", Pace.WRONG_KEYS) for _ in range(3)] == [True, True, False]
    assert made.takes("b", Pace.WRONG_KEYS)
    now.s = 1.0
    assert [made.takes("a", Pace.WRONG_KEYS) for _ in range(2)] == [True, False]


def test_so_many_callers_that_none_can_be_forgotten_cost_each_call_two_looks_at_most(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "_KNOWN", 100)
    made, buckets = limiter(Now())
    made._looks_with = 100
    for number in range(10_000):
        made.takes(str(number), Pace.WRONG_KEYS)
    assert len(buckets) == 10_000, "time stands still, so none is full again"
    assert buckets.looked <= 2 * 10_000


def test_callers_whose_buckets_are_full_again_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "_KNOWN", 100)
    now = Now()
    made, buckets = limiter(now)
    made._looks_with = 100
    for number in range(10_000):
        now.s = number / 10
        made.takes(str(number), Pace.WRONG_KEYS)
    assert len(buckets) <= 100
