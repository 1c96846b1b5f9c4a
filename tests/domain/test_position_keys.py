"""Keys of positions are kept for whoever asks again, and names that anybody sends do not fill the memory."""

import sys

from kasauti.domain import order
from kasauti.domain.order import Product, position_key


def test_a_key_is_the_same_text_before_and_after_many_other_names() -> None:
    before = position_key("NSE:ACME", Product.MIS)
    blocks = sys.getallocatedblocks()
    for number in range(3 * order._MOST_KEYS):
        assert position_key(f"NSE:X{number}", Product.MIS) == f"NSE:X{number}|MIS"
    # A name and its key are two blocks.
    assert sys.getallocatedblocks() - blocks < 2 * order._MOST_KEYS + 1_000
    assert position_key("NSE:ACME", Product.MIS) == before
