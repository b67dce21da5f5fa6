"""A strict walk over Avro bytes, done before any library touches them.

The Avro library takes an integer of eleven bytes and wraps it to another number, counts negative enum indexes
from the end, and believes a declared count of 2^40. Money is at stake, so every byte is looked at once here:
integers in their shortest form and within 32 or 64 bits, known enum symbols and union branches, counts
within a limit. What passes has one meaning for every Avro reader.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import groupby
from typing import NoReturn

from schemas.errors import Undecodable
from schemas.shapes import Array, Enum, Fixed, Optional, Record, Scalar, Shape, Union, shape_of

MAX_ITEMS = 10_000
"""How many items one array may hold."""

Walk = Callable[[bytes, int], int]
"""From bytes and the position of a value to the position after it; raises Undecodable."""

LONG = rb"(?:[\x00-\x7f]|[\x80-\xff]{1,8}[\x01-\x7f]|[\x80-\xff]{9}\x01)"
INT = rb"(?:[\x00-\x7f]|[\x80-\xff]{1,3}[\x01-\x7f]|[\x80-\xff]{4}[\x01-\x0f])"
MAX_SYMBOLS = 64
"""How many symbols an enum may have, so that its index is one byte."""

_match_long = re.compile(LONG).match


@cache
def walker(type_: str) -> Walk:
    """The walk over one record of a type; raises UnknownSchema."""
    return _walk(shape_of(type_), f"{type_}: ")


def _walk(shape: Shape, path: str) -> Walk:
    steps = list(_steps(shape, path))
    if len(steps) == 1:
        return steps[0]

    def walk(data: bytes, at: int) -> int:
        for step in steps:
            at = step(data, at)
        return at

    return walk


def _steps(shape: Shape, path: str) -> Iterator[Walk]:
    """Steps for the parts of a shape, neighbours of the same nature taken together in one step."""
    for nature, group in groupby(_flat(shape, path), key=lambda part: _nature(part[0])):
        parts = list(group)
        if nature == "pattern":
            yield _run([(_pattern(part) or b"", place) for part, place in parts])
        elif nature == "text":
            yield _texts([place for _, place in parts])
        else:
            yield from (_branching(part, place) for part, place in parts)


def _nature(shape: Shape) -> str:
    if _pattern(shape):
        return "pattern"
    return "text" if shape == Scalar("string") else "branching"


def _flat(shape: Shape, path: str) -> Iterator[tuple[Shape, str]]:
    if not isinstance(shape, Record):
        yield shape, path
        return
    for field in shape.fields:
        dot = "" if path.endswith(" ") else "."
        yield from _flat(field.shape, f"{path}{dot}{field.name}")


def _pattern(shape: Shape) -> bytes | None:
    """The shape as a regular expression over bytes, where it can be one."""
    match shape:
        case Scalar("long"):
            return LONG
        case Scalar("int" | "date"):
            return INT
        case Enum(symbols=symbols):
            if len(symbols) > MAX_SYMBOLS:
                raise ValueError(f"{shape.name} has more than {MAX_SYMBOLS} symbols")
            return b"[" + re.escape(bytes(range(0, 2 * len(symbols), 2))) + b"]"
        case Fixed(size=size):
            return rb"[\x00-\xff]{%d}" % size
        case Optional(inner):
            pattern = _pattern(inner)
            return pattern and rb"(?:\x00|\x02" + pattern + rb")"
    return None


def _run(parts: Sequence[tuple[bytes, str]]) -> Walk:
    whole = re.compile(b"".join(pattern for pattern, _ in parts)).match

    def walk(data: bytes, at: int) -> int:
        found = whole(data, at)
        return found.end() if found else _blame(parts, data, at)

    return walk


def _blame(parts: Sequence[tuple[bytes, str]], data: bytes, at: int) -> NoReturn:
    """Raise for the first part that does not match, telling bytes that are missing from bytes that are wrong."""
    pattern, path = parts[0]
    found = re.compile(pattern).match(data, at)
    if found:
        _blame(parts[1:], data, found.end())
    rest = data[at : at + 64]
    if any(re.match(pattern, rest + more) for more in (b"\x01" + bytes(64), bytes(65))):
        raise _truncated(path, len(data))
    raise Undecodable("bad_value", f"{path} holds no value that its schema allows (byte {at})")


def _texts(paths: Sequence[str]) -> Walk:
    def walk(data: bytes, at: int) -> int:
        end = len(data)
        for path in paths:
            if at < end and data[at] < 0x80:
                size = data[at]
                size = -1 if size & 1 else size >> 1
                at += 1
            else:
                size, at = _long(data, at, path)
            if size < 0:
                raise Undecodable("bad_value", f"{path} declares a negative length (byte {at})")
            at += size
            if at > end:
                raise _truncated(path, end)
        return at

    return walk


def _branching(shape: Shape, path: str) -> Walk:
    match shape:
        case Array(items):
            return _array(_walk(items, f"{path}[]"), path)
        case Optional(inner):
            return _choice([lambda _, at: at, _walk(inner, path)], path)
        case Union(branches):
            return _choice([_walk(branch, path) for branch in branches], path)
    raise TypeError(f"{path}: {shape!r} has no branches")


def _choice(branches: Sequence[Walk], path: str) -> Walk:
    def walk(data: bytes, at: int) -> int:
        index, after = _long(data, at, path)
        if not 0 <= index < len(branches):
            raise Undecodable(
                "bad_value", f"{path} names a union branch that its schema does not have (byte {at})"
            )
        return branches[index](data, after)

    return walk


def _array(item: Walk, path: str) -> Walk:
    def walk(data: bytes, at: int) -> int:
        items = 0
        while True:
            count, at = _long(data, at, path)
            if count == 0:
                return at
            end = None
            if count < 0:
                size, at = _long(data, at, path)
                count, end = -count, at + size
            items += count
            if items > MAX_ITEMS:
                raise Undecodable(
                    "too_large", f"{path} declares {items} items; at most {MAX_ITEMS} are taken"
                )
            for _ in range(count):
                at = item(data, at)
            if end is not None and at != end:
                raise Undecodable(
                    "bad_value", f"{path} declares a block size that its items do not have (byte {at})"
                )

    return walk


def _long(data: bytes, at: int, path: str) -> tuple[int, int]:
    found = _match_long(data, at)
    if found is None:
        _blame([(LONG, path)], data, at)
    value = 0
    for byte in reversed(found.group()):
        value = value << 7 | byte & 0x7F
    return value >> 1 ^ -(value & 1), found.end()


def _truncated(path: str, end: int) -> Undecodable:
    return Undecodable("truncated", f"{path} is cut off: the bytes end at {end}")
