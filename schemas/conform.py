"""Whether a record fits its schema exactly, asked before it is encoded.

The Avro library drops keys it does not know, cuts 1.7 to 1, takes True for 1 and a date and time for a date.
Nothing of that passes here.
"""

from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from typing import Any

from schemas.errors import Unencodable
from schemas.shapes import Array, Enum, Optional, Record, Scalar, Shape, shape_of

Check = Callable[[Any], None]
"""Passes over a value, or raises Unencodable."""

BITS = {"int": 32, "long": 64}


@cache
def conformer(type_: str) -> Check:
    """The check of a type; raises UnknownSchema."""
    return _check(shape_of(type_), "")


def _check(shape: Shape, path: str) -> Check:
    match shape:
        case Scalar("string"):
            return _text(path)
        case Scalar("date"):
            return _date(path)
        case Scalar(kind):
            return _integer(path, BITS[kind])
        case Enum():
            return _symbol(shape, path)
        case Array():
            return _array(shape, path)
        case Optional():
            return _optional(shape, path)
        case Record():
            return _record(shape, path)
    raise TypeError(f"{path}: headers are written by schemas.header")


def _text(path: str) -> Check:
    def check(value: Any) -> None:
        if type(value) is not str:
            raise Unencodable(path, value, "text expected")
        if not value.isascii():
            try:
                value.encode()
            except UnicodeEncodeError:
                raise Unencodable(path, value, "half of a surrogate pair is not text") from None

    return check


def _integer(path: str, bits: int) -> Check:
    low, high = -(1 << bits - 1), (1 << bits - 1) - 1

    def check(value: Any) -> None:
        if type(value) is not int:
            raise Unencodable(path, value, "an integer expected, no other type of number")
        if not low <= value <= high:
            raise Unencodable(path, value, f"an integer of {bits} bits expected")

    return check


def _date(path: str) -> Check:
    def check(value: Any) -> None:
        if type(value) is not date:
            raise Unencodable(path, value, "a date expected, without time or zone")

    return check


def _symbol(shape: Enum, path: str) -> Check:
    rule = f"one of {', '.join(shape.symbols)} expected"

    def check(value: Any) -> None:
        if type(value) is not str or value not in shape.symbols:
            raise Unencodable(path, value, rule)

    return check


def _array(shape: Array, path: str) -> Check:
    item = _check(shape.items, f"{path}[]")

    def check(value: Any) -> None:
        if not isinstance(value, list | tuple):
            raise Unencodable(path, value, "a list expected")
        for element in value:
            item(element)

    return check


def _optional(shape: Optional, path: str) -> Check:
    inner = _check(shape.inner, path)

    def check(value: Any) -> None:
        if value is not None:
            inner(value)

    return check


def _record(shape: Record, path: str) -> Check:
    dot = f"{path}." if path else ""
    checks = [(field.name, _check(field.shape, f"{dot}{field.name}")) for field in shape.fields]
    names = {name for name, _ in checks}

    def check(value: Any) -> None:
        if not isinstance(value, Mapping):
            raise Unencodable(path, value, "a mapping expected")
        if value.keys() != names:
            for name in sorted(names - value.keys()):
                raise Unencodable(f"{dot}{name}", None, "missing")
            for name in sorted(value.keys() - names, key=str):
                raise Unencodable(f"{dot}{name}", value[name], "not a field of this record")
        for name, field in checks:
            field(value[name])

    return check
