"""
Conditions between parameters, like `fast < slow and slow - fast >= 10`, read without running anything.

A condition is parsed to a tree and only what stands in a table here is computed: comparisons, `and`, `or`,
`not`, `in`, the four basic operations, numbers, texts and the names of swept parameters.
"""

import ast
import operator
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

import msgspec

from kasauti.config.words import did_you_mean
from kasauti.errors import InvalidInput

_HOW: Final = "write a condition like fast < slow, or slow - fast >= 10 and mode != 'a'"
_LONGEST: Final = 500

_WORDS: Final = {"true": True, "false": False}

_COMPARISONS: Final[dict[type[ast.cmpop], Callable[[Any, Any], bool]]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.In: lambda value, values: value in values,
    ast.NotIn: lambda value, values: value not in values,
}
_OPERATIONS: Final[dict[type[ast.operator], Callable[[Any, Any], Any]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
}


class Condition(msgspec.Struct, frozen=True):
    """A condition as it was written. `holds` says whether values meet it."""

    text: str

    def holds(self, values: Mapping[str, object]) -> bool:
        """
        Return whether `values` meet the condition.

        Raises `InvalidInput` where it cannot be computed: a text compared with a number, a division by 0.
        """
        exact = {name: _exact(value) for name, value in values.items()}
        try:
            return bool(_computed(_tree(self.text), exact))
        except (TypeError, ArithmeticError, ValueError) as error:
            told = ", ".join(f"{name}={value}" for name, value in values.items())
            raise InvalidInput(f"--where {self.text!r} cannot be computed for {told}: {error}") from error


def condition(text: str, names: Iterable[str]) -> Condition:
    """Return `text` as a condition on parameters with `names`; `InvalidInput` for what is not one."""
    known = list(names)
    tree = _tree(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id not in known and node.id not in _WORDS:
            raise InvalidInput(
                f"--where {text!r} names {node.id!r}, which is not swept.{did_you_mean(node.id, known)}"
                f" Swept: {', '.join(known)}."
            )
    return Condition(text)


@lru_cache(maxsize=64)
def _tree(text: str) -> ast.expr:
    if len(text) > _LONGEST:
        raise InvalidInput(f"--where is {len(text)} characters long; {_LONGEST} are allowed")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
        _check(tree, text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        if isinstance(error, InvalidInput):
            raise
        raise InvalidInput(f"--where {text!r} cannot be read; {_HOW}") from error
    return tree


def _check(tree: ast.expr, text: str) -> None:
    """Refuse whatever is not in the tables, before anything is computed."""
    for node in ast.walk(tree):
        match node:
            case ast.BinOp(op=op) if type(op) in _OPERATIONS:
                continue
            case ast.Compare(ops=ops) if all(type(op) in _COMPARISONS for op in ops):
                continue
            case ast.UnaryOp(op=ast.Not() | ast.USub()):
                continue
            case ast.Constant(value=int() | float() | str()):
                continue
            case ast.BoolOp() | ast.Name() | ast.Tuple() | ast.List() | ast.Load() | ast.boolop():
                continue
            case ast.operator() | ast.cmpop() | ast.unaryop():
                continue
            case _:
                part = ast.unparse(node) if isinstance(node, ast.expr) else type(node).__name__
                raise InvalidInput(f"--where {text!r} has {part!r}, which a condition cannot have; {_HOW}")


def _exact(value: object) -> object:
    """Return a number with a point as its decimal digits say, so that 0.1 + 0.2 == 0.3 holds."""
    return Decimal(str(value)) if isinstance(value, float) else value


def _computed(node: ast.expr, values: Mapping[str, object]) -> Any:  # noqa: ANN401  any value of a parameter
    match node:
        case ast.Constant(value=value):
            return _exact(value)
        case ast.Name(id=name):
            return values[name] if name in values else _WORDS[name]
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            return [_computed(part, values) for part in parts]
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return not _computed(operand, values)
        case ast.UnaryOp(operand=operand):
            return -_computed(operand, values)
        case ast.BoolOp(op=ast.And(), values=parts):
            return all(_computed(part, values) for part in parts)
        case ast.BoolOp(values=parts):
            return any(_computed(part, values) for part in parts)
        case ast.BinOp(left=left, op=op, right=right):
            return _operated(op, _computed(left, values), _computed(right, values))
        case ast.Compare(left=left, ops=ops, comparators=others):
            return _compared(left, ops, others, values)
        case _:
            raise TypeError(f"{type(node).__name__} was let through")


def _operated(op: ast.operator, left: Any, right: Any) -> Any:  # noqa: ANN401  any value of a parameter
    """Compute an operation on numbers; a division is exact, also of whole numbers."""
    if isinstance(left, str | list) or isinstance(right, str | list):
        raise TypeError("only numbers can be added, subtracted, multiplied or divided")
    if isinstance(op, ast.Div) and isinstance(left, int) and isinstance(right, int):
        return Decimal(left) / Decimal(right)
    return _OPERATIONS[type(op)](left, right)


def _compared(
    left: ast.expr, ops: list[ast.cmpop], others: list[ast.expr], values: Mapping[str, object]
) -> bool:
    """Compare in a chain: 5 < fast < slow."""
    before = _computed(left, values)
    for op, other in zip(ops, others, strict=True):
        after = _computed(other, values)
        if not _COMPARISONS[type(op)](before, after):
            return False
        before = after
    return True
