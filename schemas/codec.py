"""Avro bytes to records and back: strict at the door, fast on what is already stored.

A record is a dict in the field order of its schema: integers, text, dates (`datetime.date`), enum symbols as
text, None, lists and dicts. Old versions are read as the current one.
"""

from collections.abc import Callable, Mapping
from functools import cache, partial
from io import BytesIO
from itertools import pairwise
from typing import Any

from schemas import catalogue
from schemas.conform import conformer
from schemas.errors import Undecodable, Unencodable, UnknownSchema
from schemas.shapes import Array, Optional, Record, Shape, Union, shape_of
from schemas.upcasters import STEPS
from schemas.walk import walker

__all__ = ["MAX_PAYLOAD", "Undecodable", "Unencodable", "decode", "decoder", "encode"]

MAX_PAYLOAD = 524_288
"""The most bytes that one record may have."""

Decoder = Callable[[bytes], dict[str, Any]]


def decode(type_: str, payload: bytes) -> dict[str, Any]:
    """The record that `payload` holds, as the current version of its schema; raises Undecodable."""
    try:
        read = decoder(type_)
    except UnknownSchema as unknown:
        raise Undecodable("unknown_schema", str(unknown)) from None
    return read(payload)


@cache
def decoder(type_: str, *, stored: bool = False) -> Decoder:
    """The function that decodes one type, for paths that decode many; raises UnknownSchema.

    With `stored`, bytes are taken for what they were when they passed the door: they are decoded, not walked.
    """
    schema = catalogue.by_type(type_)
    later = [other.type for other in catalogue.versions(schema.name) if other.version > schema.version]
    read = _lifting(type_, later) if later else _reading(type_)
    if stored:
        return read
    check = _checking(type_)

    def read_strictly(payload: bytes) -> dict[str, Any]:
        check(payload)
        return read(payload)

    return read_strictly


def encode(type_: str, record: Mapping[str, Any]) -> bytes:
    """The Avro bytes of a record; raises Unencodable where it does not fit exactly, UnknownSchema.

    Every field must be given and nothing else: defaults are for readers of older bytes.
    """
    from fastavro import schemaless_writer

    conformer(type_)(record)
    out = BytesIO()
    schemaless_writer(out, _parsed(type_), record)
    payload = out.getvalue()
    if len(payload) > MAX_PAYLOAD:
        raise Unencodable(type_, len(payload), f"a record of at most {MAX_PAYLOAD} bytes expected")
    return payload


@cache
def _parsed(type_: str) -> Any:
    import json

    from fastavro import parse_schema

    return parse_schema(json.loads(catalogue.by_type(type_).text))


def _checking(type_: str) -> Callable[[bytes], None]:
    walk = walker(type_)

    def check(payload: bytes) -> None:
        size = len(payload)
        if size > MAX_PAYLOAD:
            raise Undecodable("too_large", f"{type_}: {size} bytes came; at most {MAX_PAYLOAD} are taken")
        end = walk(payload, 0)
        if end != size:
            raise Undecodable("trailing_bytes", f"{type_}: the record ends at byte {end}, {size} bytes came")

    return check


def _reading(type_: str, *newer: str) -> Decoder:
    """Reads bytes of one version, as that version or, by Avro's resolution, as a newer one."""
    from fastavro import schemaless_reader

    schemas = [_parsed(name) for name in (type_, *newer)]
    # Branches of a union of records are told apart by name; a record that may be null needs none.
    named = any(isinstance(field.shape, Union) for field in shape_of(type_).fields)
    read_avro: Any = (
        partial(schemaless_reader, return_record_name=True, return_record_name_override=True)
        if named
        else schemaless_reader
    )

    def read(payload: bytes) -> dict[str, Any]:
        try:
            record: dict[str, Any] = read_avro(BytesIO(payload), *schemas)
        except (ValueError, OverflowError, EOFError, IndexError) as error:
            raise Undecodable("bad_value", f"{type_}: {error}") from None
        return record

    return read


def _lifting(type_: str, later: list[str]) -> Decoder:
    """Reads bytes of an old version as the current one, version by version."""
    rungs = [
        (newer, _reading(older, newer), STEPS.get(older), shape_of(newer))
        for older, newer in pairwise([type_, *later])
    ]

    def read(payload: bytes) -> dict[str, Any]:
        record: dict[str, Any] = {}
        for newer, resolve, step, shape in rungs:
            record = resolve(payload)
            record = _arranged(shape, step(record) if step else record)
            if newer != later[-1]:
                payload = encode(newer, record)
        return record

    return read


def _arranged(shape: Shape, value: Any) -> Any:
    """A resolved value in field order, with lists of its own: the library shares those of defaults."""
    match shape:
        case Record(fields=fields):
            return {field.name: _arranged(field.shape, value[field.name]) for field in fields}
        case Array(items):
            return [_arranged(items, item) for item in value]
        case Optional(inner) if value is not None:
            return _arranged(inner, value)
    return value
