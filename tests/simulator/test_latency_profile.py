"""Latency by a profile: for so many per cent of orders at most so many milliseconds."""

from kasauti.simulator.latency import QuantileLatency

PROFILE = [(0, 40), (50, 70), (95, 250), (100, 1500)]
MS = 1_000_000


def test_a_profile_holds_for_its_shares_of_orders() -> None:
    latency = QuantileLatency(PROFILE, seed=7)
    drawn = sorted(latency.entry_ns(f"order {number}") for number in range(4000))

    assert drawn[0] >= 40 * MS
    assert drawn[-1] <= 1500 * MS
    within = [sum(each <= ms * MS for each in drawn) / len(drawn) for _, ms in PROFILE]
    assert all(abs(share - percent / 100) < 0.03 for share, (percent, _) in zip(within, PROFILE, strict=True))


def test_an_order_always_takes_as_long_and_a_seed_changes_it() -> None:
    assert QuantileLatency(PROFILE, 7).entry_ns("a") == QuantileLatency(PROFILE, 7).entry_ns("a")
    assert QuantileLatency(PROFILE, 7).entry_ns("a") != QuantileLatency(PROFILE, 8).entry_ns("a")


def test_a_profile_with_one_time_is_that_time() -> None:
    assert QuantileLatency([(0, 80), (100, 80)], 1).entry_ns("a") == 80 * MS
