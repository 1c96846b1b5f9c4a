"""
Order ids as Kite's clients expect them: digits only.

The desk's ids end in the day's count of what was asked, in base 36, behind the day; the same as digits are
yymmdd and nine digits of the count. An id of another form becomes fifteen digits of its hash.
"""

import re
from functools import lru_cache
from hashlib import blake2b
from weakref import WeakKeyDictionary

from kasauti.desk.account import DeskAccount
from kasauti.desk.books import order_of, orders_of
from kasauti.domain.order import Order
from kasauti.domain.standing import Instruction

_OURS = re.compile(r".*_20(\d{6})\d{6}_.*_([0-9A-Z]{2,6})")
#: An instruction that was refused stands in the order book, too, if it would have begun with an order.
_STANDING = re.compile(r"[A-Z0-9]+_(CO|AMO|ICEBERG|TERMS|AUCTION|BRACKET)_(\d+)")
_DIGITS = 10**9
_BASE36 = 36
#: Instructions that wait and are no orders yet have a number of their own.
_WAITING = 9 * 10**14


@lru_cache(maxsize=16_384)
def digits_of(order_id: str) -> str:
    """Return an order's id in digits."""
    standing = _STANDING.fullmatch(order_id)
    if standing is not None:
        return str(_WAITING + int(standing.group(2)))
    ours = _OURS.fullmatch(order_id)
    count = int(ours.group(2), _BASE36) if ours is not None else _DIGITS
    if ours is None or count >= _DIGITS:
        return f"8{int.from_bytes(blake2b(order_id.encode(), digest_size=6).digest()) % 10**14:014d}"
    return f"{ours.group(1)}{count:09d}"


def kind_of(order_id: str) -> str:
    """Return which instruction an id is of, like `co`; "" for that of an order."""
    standing = _STANDING.fullmatch(order_id)
    return "" if standing is None else standing.group(1).lower()


def number_of(one: Instruction) -> int:
    """Return the number of an instruction, as a GTT has one: the account's count of them."""
    return int(one.standing_id.rpartition("_")[2])


def waiting_id(one: Instruction) -> str:
    """Return the id under which an instruction that is no order yet stands in the order book."""
    return str(_WAITING + number_of(one))


_KNOWN: WeakKeyDictionary[DeskAccount, dict[str, str]] = WeakKeyDictionary()


def order_named(account: DeskAccount, digits: str) -> Order | None:
    """Return an account's order by its id in digits, None if it has none of it."""
    known = _KNOWN.setdefault(account, {})
    if digits not in known:
        known.clear()
        known.update((digits_of(each.order_id), each.order_id) for each in orders_of(account))
    order_id = known.get(digits)
    return None if order_id is None else order_of(account, order_id)


def waiting_named(account: DeskAccount, digits: str) -> Instruction | None:
    """Return an instruction that is no order yet by its id in the order book."""
    return next((each for each in account.state.standing.values() if waiting_id(each) == digits), None)
