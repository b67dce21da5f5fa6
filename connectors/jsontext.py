"""Strict JSON: decimals stay exact, a key stands once, and parts of a document are found with their own bytes."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NoReturn

from connectors.errors import Unusable


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise Unusable("bad_json", f"{ascii(key)[:80]}: the key stands twice")
            seen.add(key)
    return found


def _no_constant(text: str) -> NoReturn:
    raise Unusable("bad_json", f"{text}: not a number of JSON")


_decoder = json.JSONDecoder(parse_float=Decimal, parse_constant=_no_constant, object_pairs_hook=_once)
_SPACE = " \t\r\n"


def parse(raw: bytes) -> Any:
    """The value of a whole JSON text; raises Unusable."""
    text = text_of(raw)
    value, end = _value(text, _skip(text, 0))
    rest = _skip(text, end)
    if rest != len(text):
        raise Unusable("bad_json", f"not one JSON value: something follows it at character {rest + 1}")
    return value


def text_of(raw: bytes) -> str:
    """UTF-8 bytes as text; raises Unusable."""
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise Unusable(
            "not_text", f"not UTF-8 text: byte {error.start + 1} is 0x{raw[error.start]:02x}"
        ) from None


def elements(text: str, start: int = 0) -> Iterator[tuple[Any, int, int]]:
    """The elements of the array that begins at `start`, one by one, with where each begins and ends.

    Raises Unusable at the first element that cannot be read; those before it have been given.
    """
    yield from ((value, at, end) for _, value, at, end in _parts(text, start, "[", "]"))


def members(text: str, start: int = 0) -> Iterator[tuple[str, Any, int, int]]:
    """The members of the object that begins at `start`: key, value, and where the value begins and ends."""
    yield from _parts(text, start, "{", "}")


def _parts(text: str, start: int, opening: str, closing: str) -> Iterator[tuple[str, Any, int, int]]:
    at = _expect(text, _skip(text, start), opening)
    if text[at : at + 1] == closing:
        return _end(text, at + 1, start)
    seen: set[str] = set()
    while True:
        key = ""
        if opening == "{":
            begin = at
            key, at = _value(text, at)
            if not isinstance(key, str) or key in seen:
                rule = "the key stands twice" if isinstance(key, str) else "a key is text"
                raise Unusable("bad_json", f"{ascii(key)[:80]}: {rule} {_where(text, begin)}")
            seen.add(key)
            at = _expect(text, _skip(text, at), ":")
        value, end = _value(text, at)
        yield key, value, at, end
        after = _skip(text, end)
        if text[after : after + 1] == closing:
            return _end(text, after + 1, start)
        at = _expect(text, after, ",")


def _end(text: str, at: int, start: int) -> None:
    rest = _skip(text, at)
    if start == 0 and rest != len(text):
        raise Unusable("bad_json", f"something follows the end of the JSON document {_where(text, rest)}")


def _value(text: str, at: int) -> tuple[Any, int]:
    try:
        return _decoder.raw_decode(text, at)
    except RecursionError:
        raise Unusable("bad_json", "nested too deeply") from None
    except json.JSONDecodeError as error:
        if not text[error.pos :].strip() or error.msg.startswith("Unterminated string"):
            raise Unusable(
                "truncated", f"the JSON breaks off at its end, {_where(text, len(text))}"
            ) from None
        raise Unusable("bad_json", f"not JSON: {error.msg} {_where(text, error.pos)}") from None
    except (ValueError, ArithmeticError):
        raise Unusable("bad_json", f"a number with too many digits {_where(text, at)}") from None


def _expect(text: str, at: int, mark: str) -> int:
    if at >= len(text):
        raise Unusable("truncated", f"the JSON breaks off at its end, {_where(text, at)}")
    if text[at] != mark:
        raise Unusable("bad_json", f"not JSON: {mark!r} expected {_where(text, at)}")
    return _skip(text, at + 1)


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _SPACE:
        at += 1
    return at


def _where(text: str, at: int) -> str:
    line = text.count("\n", 0, at)
    column = at - (text.rfind("\n", 0, at) + 1) + 1
    return f"at line {line + 1}, character {column}" if line else f"at character {column}"
