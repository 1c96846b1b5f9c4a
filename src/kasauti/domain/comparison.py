"""How two prices compare, in the words of price alerts."""

from enum import StrEnum


class Comparison(StrEnum):
    """What has to hold of the left price against the right one."""

    AT_MOST = "<="
    AT_LEAST = ">="
    BELOW = "<"
    ABOVE = ">"
    EQUAL = "=="

    __hash__ = str.__hash__

    def holds(self, left: int, right: int) -> bool:
        """Whether it holds of two prices."""
        match self:
            case Comparison.AT_MOST:
                return left <= right
            case Comparison.AT_LEAST:
                return left >= right
            case Comparison.BELOW:
                return left < right
            case Comparison.ABOVE:
                return left > right
            case Comparison.EQUAL:
                return left == right

    def wants_more(self, left: int, right: int) -> bool:
        """Whether the left price has to rise against the right one for it to hold."""
        return self in {Comparison.AT_LEAST, Comparison.ABOVE} or (self is Comparison.EQUAL and left < right)
