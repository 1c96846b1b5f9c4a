import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kasauti.simulator.market.draws import exponentials, lanes, normals, stream_key, words

#: The first outputs of SplitMix64 for two seeds: rosettacode.org/wiki/Pseudo-random_numbers/Splitmix64, and
#: the state that the authors of xoshiro256** print for seed 0.
PUBLISHED = {
    1234567: [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ],
    0: [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F, 0xF88BB8A8724C81EC],
}


@pytest.mark.parametrize("seed", PUBLISHED)
def test_the_generator_is_splitmix64(seed: int) -> None:
    assert words(seed, len(PUBLISHED[seed])).tolist() == PUBLISHED[seed]


def test_lanes_are_the_four_quarters_of_each_word_lowest_first() -> None:
    word = PUBLISHED[0][0]

    assert lanes(0, 2, 2).ravel().tolist() == [word >> shift & 0xFFFF for shift in (0, 16, 32, 48)]


@given(key=st.integers(0, 2**64 - 1), short=st.integers(1, 40), more=st.integers(0, 40))
def test_a_longer_stream_begins_with_the_shorter_one(key: int, short: int, more: int) -> None:
    assert np.array_equal(lanes(key, short + more)[:short], lanes(key, short))


def test_streams_of_different_names_differ() -> None:
    names = [(seed, purpose, part) for seed in range(-3, 20) for purpose in range(20) for part in range(20)]

    assert len({stream_key(*name) for name in names}) == len(names)
    assert stream_key(1, 2) != stream_key(2, 1)


def test_deviates_have_the_moments_of_their_distribution() -> None:
    """Tolerances are five standard errors of 100,000 draws."""
    normal, exponential = normals(7, 100_000), exponentials(8, 100_000)

    assert normal.mean() == pytest.approx(0, abs=0.016)
    assert normal.std() == pytest.approx(1, abs=0.012)
    assert exponential.mean() == pytest.approx(1, abs=0.016)
    assert exponential.std() == pytest.approx(1, abs=0.032)
