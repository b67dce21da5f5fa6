"""The reference of every current fact and event as Markdown: `python -m schemas.reference` prints docs/schemas.md."""

import sys
from collections.abc import Iterator
from typing import Final

from schemas import catalogue
from schemas.catalogue import Schema
from schemas.shapes import (
    NO_DEFAULT,
    Array,
    Enum,
    Field,
    Fixed,
    Optional,
    Record,
    Scalar,
    Shape,
    Union,
    shape_of,
)

UNITS: Final = {"micros": "micros", "ppm": "parts per million", "instant": "µs since 1970 UTC"}

INTRODUCTION: Final = """\
# Facts and events

Every current schema, with the meaning of every field. Generated from the `.avsc` files in `schemas/`
by `python -m schemas.reference > docs/schemas.md`; do not edit.

Amounts are integers of micros (millionths of the currency's major unit), rates are integers of parts per
million, instants are integers of microseconds since 1970-01-01T00:00Z, and spans of instants exclude their
end. Spans of days include both days. Ids match `^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`.

A record has at most 524,288 bytes and a list at most 10,000 items. Integers are written in their shortest form, as
every Avro library does; anything else is not taken.
"""


def reference() -> str:
    """The whole text of docs/schemas.md."""
    shown: dict[str, str] = {}
    schemas = (catalogue.current(name) for name in catalogue.names())
    return "\n".join([INTRODUCTION, *("\n".join(_schema(schema, shown)) + "\n" for schema in schemas)])


def _schema(schema: Schema, shown: dict[str, str]) -> Iterator[str]:
    """The lines about one schema; `shown` says where each record that was described before stands."""
    shape = shape_of(schema.type)
    sent = f"sent on `{schema.topic}`" if schema.topic else "not sent from outside"
    yield f"## {schema.type}"
    yield ""
    yield shape.doc
    yield ""
    yield f"Schema id {schema.schema_id}, {sent}."
    records = _records(shape, [])
    yield from _table(shape)
    for record in records[1:]:
        if record.name not in shown:
            yield ""
            yield f"### {schema.name}: {_short(record.name)}"
            yield ""
            yield record.doc
            yield from _table(record)
    known = [record for record in records if record.name in shown]
    for place in dict.fromkeys(shown[record.name] for record in known):
        yield ""
        same = ", ".join(_short(record.name) for record in known if shown[record.name] == place)
        yield f"As in {place}: {same}."
    shown.update({record.name: schema.name for record in records if record not in known})


def _table(record: Record) -> Iterator[str]:
    if record.fields:
        yield ""
        yield "| field | type | meaning |"
        yield "| --- | --- | --- |"
        for field in record.fields:
            yield f"| `{field.name}` | {_type(field)} | {_meaning(field)} |"


def _records(shape: Shape, seen: list[Record]) -> list[Record]:
    """The records of a shape, each once, in the order in which they are met."""
    match shape:
        case Record(fields=fields) if shape not in seen:
            seen.append(shape)
            for field in fields:
                _records(field.shape, seen)
        case Array(inner) | Optional(inner):
            _records(inner, seen)
        case Union(branches):
            for branch in branches:
                _records(branch, seen)
    return seen


def _type(field: Field) -> str:
    unit = ""
    if field.unit:
        unit = f", {UNITS[field.unit.name]}"
        if field.unit.field:
            values = ", ".join(sorted(field.unit.values))
            unit += f" {'unless' if field.unit.unless else 'if'} `{field.unit.field}` is {values}"
    default = "" if field.default is NO_DEFAULT else f"; default {_default(field)}"
    return f"{_type_name(field.shape)}{unit}{default}"


def _default(field: Field) -> str:
    if field.default is None:
        return "null"
    if isinstance(field.default, dict):
        return "see there"
    return "empty" if field.default in ("", []) else str(field.default)


def _type_name(shape: Shape) -> str:
    match shape:
        case Scalar(kind):
            return kind
        case Fixed(size=size):
            return f"{size} bytes"
        case Array(items):
            return f"list of {_type_name(items)}"
        case Optional(inner):
            return f"{_type_name(inner)} or null"
        case Union(branches):
            return " or ".join(_type_name(branch) for branch in branches)
        case Enum(name) | Record(name):
            return _short(name)


def _meaning(field: Field) -> str:
    inner = field.shape
    while isinstance(inner, Array | Optional):
        inner = inner.items if isinstance(inner, Array) else inner.inner
    if not isinstance(inner, Enum):
        return field.doc
    symbols = ", ".join(f"`{symbol}`" for symbol in inner.symbols)
    return f"{field.doc} {inner.doc} One of {symbols}."


def _short(name: str) -> str:
    return name.rpartition(".")[2]


if __name__ == "__main__":
    sys.stdout.write(reference())
