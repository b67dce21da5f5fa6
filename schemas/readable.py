"""The readable form of a record: what people write in a contract file, and what other systems send as JSON.

Same names as in the schema. Records are mappings, enum symbols are in lower case, null is left out, money is
decimal text in the major unit ("50000.00"), a rate is "15 %" or "0.15", a day is 2026-07-01, and an instant
is RFC 3339 with Z or an offset. Only the schemas drive it, and nothing passes through a float.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, Final

from schemas.errors import ContractFileErrors, Unreadable
from schemas.shapes import NO_DEFAULT, Array, Enum, Field, Optional, Record, Scalar, Shape, Unit, shape_of

__all__ = ["ContractFileErrors", "Node", "Unreadable", "from_json", "to_readable", "to_record"]

MILLION: Final = 1_000_000
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MAX_DEPTH: Final = 32
"""How deeply a JSON document may be nested."""
MAX_ERRORS: Final = 1_000
"""After how many errors a document is given up."""


NUMBER: Final = r"-?(?:0|[1-9][0-9]*)"
_integer = re.compile(NUMBER).fullmatch
_decimal = re.compile(rf"({NUMBER})(?:\.([0-9]+))?").fullmatch
_day = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}").fullmatch
_instant = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})?"
).fullmatch

Scopes = tuple[Mapping[str, Any], ...]
"""The records around a value, the nearest first: what a unit may depend on."""


@dataclass(slots=True)
class Node:
    """One value of a document and the line on which it stands (0 where lines are unknown).

    Every scalar is text, as it was written. `bare` says that it was written as a number or a truth value in a
    language that tells these from text; such a value does not pass for text.
    """

    value: "dict[str, Node] | list[Node] | str | None"
    line: int
    bare: bool = False


class _Broken(Exception):
    """A scalar breaks a rule; the rule is the text."""


def to_record(type_: str, tree: Node) -> dict[str, Any]:
    """The record that a document holds; raises ContractFileErrors with every error in it, UnknownSchema."""
    errors: list[Unreadable] = []
    record = _read_record(shape_of(type_), tree, "", (), errors)
    if errors:
        raise ContractFileErrors(errors)
    return record


def from_json(type_: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """The record that parsed JSON holds; raises ContractFileErrors, UnknownSchema.

    Parse with `parse_float=Decimal`: a float in the data is a mistake of the caller (TypeError).
    """
    return to_record(type_, _node(data, MAX_DEPTH))


def to_readable(type_: str, record: Mapping[str, Any]) -> dict[str, Any]:
    """The readable form of a record: text, integers for counts, lists and dicts, in the order of the fields.

    An instant outside the years 1 to 9999 has no readable form and stays an integer of microseconds.
    """
    return _show_record(shape_of(type_), record, ())


def shown_default(field: Field) -> Any:
    """The default of a field in readable form, where it has one that is not null."""
    return _show(field.shape, field.unit, field.default, ())


def unit_of(unit: Unit | None, scopes: Scopes) -> str:
    """The name of the unit that holds among these records; empty for a plain count.

    Where the field that decides is not known, the unit is taken to hold.
    """
    if unit is None:
        return ""
    if unit.field:
        deciding = next((scope[unit.field] for scope in scopes if unit.field in scope), None)
        if deciding is not None and (deciding in unit.values) == unit.unless:
            return ""
    return unit.name


def _node(data: Any, depth: int) -> Node:
    if depth == 0:
        raise ContractFileErrors([Unreadable("", 0, None, f"nested more than {MAX_DEPTH} levels deep")])
    if data is None or isinstance(data, str):
        return Node(data, 0)
    if isinstance(data, Mapping):
        return Node({key: _node(value, depth - 1) for key, value in data.items()}, 0)
    if isinstance(data, Sequence):
        return Node([_node(value, depth - 1) for value in data], 0)
    if isinstance(data, bool):
        return Node(str(data).lower(), 0, bare=True)
    if isinstance(data, int | Decimal):
        return Node(str(data), 0, bare=True)
    raise TypeError(f"{type(data).__name__} is not a type of JSON read with parse_float=Decimal")


# Reading


def _read_record(
    shape: Record, node: Node, path: str, scopes: Scopes, errors: list[Unreadable]
) -> dict[str, Any]:
    record: dict[str, Any] = {}
    if not isinstance(node.value, dict):
        _note(errors, Unreadable(path, node.line, _scalar(node), "a mapping of fields expected"))
        return record
    dot = f"{path}." if path else ""
    fields = [field.name for field in shape.fields]
    for key, child in node.value.items():
        if key not in fields:
            _note(errors, Unreadable(f"{dot}{key}", child.line, None, f"no such field{_hint(key, fields)}"))
    for field in shape.fields:
        given = node.value.get(field.name)
        if given is not None:
            place = f"{dot}{field.name}"
            record[field.name] = _read(field.shape, field.unit, given, place, (record, *scopes), errors)
        elif field.default is NO_DEFAULT:
            _note(errors, Unreadable(f"{dot}{field.name}", node.line, None, "missing"))
        else:
            record[field.name] = deepcopy(field.default)
    return record


def _read(
    shape: Shape, unit: Unit | None, node: Node, path: str, scopes: Scopes, errors: list[Unreadable]
) -> Any:
    match shape:
        case Optional(inner):
            return None if node.value is None else _read(inner, unit, node, path, scopes, errors)
        case Record():
            return _read_record(shape, node, path, scopes, errors)
        case Array(items):
            if not isinstance(node.value, list):
                _note(errors, Unreadable(path, node.line, _scalar(node), "a list expected"))
                return None
            return [
                _read(items, None, child, f"{path}[{index}]", scopes, errors)
                for index, child in enumerate(node.value)
            ]
    try:
        return _read_scalar(shape, unit_of(unit, scopes), node)
    except _Broken as broken:
        _note(errors, Unreadable(path, node.line, _scalar(node), str(broken)))
        return None


def _note(errors: list[Unreadable], error: Unreadable) -> None:
    errors.append(error)
    if len(errors) == MAX_ERRORS:
        raise ContractFileErrors(errors)


def _scalar(node: Node) -> str | None:
    return node.value if isinstance(node.value, str) else None


def _read_scalar(shape: Shape, unit: str, node: Node) -> Any:
    text = node.value
    if not isinstance(text, str):
        raise _Broken("a single value expected")
    match shape:
        case Scalar("string"):
            return _read_text(text, bare=node.bare)
        case Scalar("date"):
            return _read_day(text)
        case Scalar(kind):
            return _in_range(_READERS[unit](text), 32 if kind == "int" else 64)
        case Enum(symbols=symbols):
            return _read_symbol(text, symbols)
    raise TypeError(f"{shape!r} has no readable form")


def _read_text(text: str, *, bare: bool) -> str:
    if bare:
        raise _Broken("text expected, in quotes")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise _Broken("half of a surrogate pair is not text") from None
    return text


def _read_symbol(text: str, symbols: tuple[str, ...]) -> str:
    choices = [symbol.lower() for symbol in symbols]
    if text not in choices:
        raise _Broken(f"one of {', '.join(choices)} expected{_hint(text.lower(), choices)}")
    return text.upper()


def _read_day(text: str) -> date:
    if _day(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise _Broken("no such day in the calendar") from None
    raise _Broken("a day expected, such as 2026-07-01")


def _read_count(text: str) -> int:
    if not _integer(text):
        raise _Broken("a whole number expected, such as 1200")
    return _number(text)


def _read_money(text: str) -> int:
    return _millionths(text, 6, "an amount in the major unit expected", "50000.00")


def _read_rate(text: str) -> int:
    if text.endswith("%"):
        percent = text.removesuffix("%").removesuffix(" ")
        return _millionths(percent, 4, "a rate expected", "15 %")
    if _integer(text) and text not in ("0", "1"):
        raise _Broken(f'this would be {text} times the whole; write "{text} %", or a decimal such as 0.15')
    return _millionths(text, 6, "a rate expected", "15 % or 0.15")


def _millionths(text: str, digits: int, what: str, example: str) -> int:
    """Decimal text times 10 to the power of `digits`, exactly."""
    found = _decimal(text)
    if not found:
        if re.search(r"[0-9][,'_ ][0-9]", text):
            what = f"no separators between digits, and a point before decimals: {what}"
        elif re.fullmatch(r"[-+]?[0-9.]+[eE][-+]?[0-9]+", text):
            what = f"no exponents: {what}"
        raise _Broken(f"{what}, such as {example}")
    whole, part = found[1], found[2] or ""
    if len(part) > digits:
        raise _Broken(f"at most {digits} decimals are exact here")
    return _number(f"{whole}{part.ljust(digits, '0')}")


def _read_instant(text: str) -> int:
    found = _instant(text)
    if not found:
        raise _Broken(
            "an instant expected, such as 2026-07-01T00:00:00Z, with at most 6 decimals of a second"
        )
    if not found[1]:
        raise _Broken("an instant needs Z or an offset, such as 2026-07-01T00:00:00-07:00")
    try:
        return (datetime.fromisoformat(text) - EPOCH) // timedelta(microseconds=1)
    except ValueError:
        raise _Broken("no such day, time or offset") from None


_READERS: Final[dict[str, Callable[[str], int]]] = {
    "": _read_count,
    "micros": _read_money,
    "ppm": _read_rate,
    "instant": _read_instant,
}


def _number(digits: str) -> int:
    # Twenty characters are more than 64 bits hold; Python would take quadratic time over a very long number.
    return int(digits) if len(digits) <= 20 else 1 << 64


def _in_range(value: int, bits: int) -> int:
    if not -(1 << bits - 1) <= value < 1 << bits - 1:
        raise _Broken("too large")
    return value


def _hint(word: str, known: Sequence[str]) -> str:
    close = get_close_matches(word, known, n=1)
    return f"; did you mean {close[0]}?" if close else ""


# Showing


def _show_record(shape: Record, record: Mapping[str, Any], scopes: Scopes) -> dict[str, Any]:
    around = (record, *scopes)
    return {
        field.name: _show(field.shape, field.unit, record[field.name], around)
        for field in shape.fields
        if record[field.name] is not None
    }


def _show(shape: Shape, unit: Unit | None, value: Any, scopes: Scopes) -> Any:
    match shape:
        case Optional(inner):
            return _show(inner, unit, value, scopes)
        case Record():
            return _show_record(shape, value, scopes)
        case Array(items):
            return [_show(items, None, item, scopes) for item in value]
        case Enum():
            return value.lower()
        case Scalar("date"):
            return value.isoformat()
    return _SHOWN[unit_of(unit, scopes)](value)


def _as_it_is(value: Any) -> Any:
    return value


def _show_decimal(value: int) -> str:
    whole, part = divmod(abs(value), MILLION)
    return f"{'-' if value < 0 else ''}{whole}.{f'{part:06d}'.rstrip('0').ljust(2, '0')}"


def _show_rate(value: int) -> str:
    whole, part = divmod(abs(value), MILLION // 100)
    decimals = f".{f'{part:04d}'.rstrip('0')}" if part else ""
    return f"{'-' if value < 0 else ''}{whole}{decimals} %"


def _show_instant(value: int) -> str | int:
    try:
        moment = EPOCH + timedelta(microseconds=value)
    except OverflowError:
        return value
    return moment.isoformat().replace("+00:00", "Z")


_SHOWN: Final[dict[str, Callable[[Any], Any]]] = {
    "": _as_it_is,
    "micros": _show_decimal,
    "ppm": _show_rate,
    "instant": _show_instant,
}
