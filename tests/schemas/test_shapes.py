"""Schemas as plain objects, and what has no shape here."""

from typing import Any

import pytest

from schemas.shapes import Array, Enum, Fixed, Optional, Record, Scalar, Union, parse, shape_of
from schemas.walk import _pattern


def test_a_schema_becomes_a_shape() -> None:
    """Names are resolved, units and defaults are at hand."""
    terms = shape_of("contracts.ContractSigned.v1").fields[-1].shape
    assert isinstance(terms, Record)
    fields = {field.name: field for field in terms.fields}
    assert fields["prepayment"].default is None
    commitments = fields["commitments"].shape
    assert isinstance(commitments, Array)
    assert isinstance(commitments.items, Record)
    parts = {field.name: field for field in commitments.items.fields}
    assert parts["window"].shape == Optional(fields["window"].shape)
    assert parts["target"].unit is not None
    assert parts["target"].unit.values == {"GMV", "COMMISSION"}


def test_the_header_has_fixed_bytes_and_a_choice() -> None:
    """The header is the one schema with digests and a union of records."""
    fields = {field.name: field.shape for field in shape_of("envelope.Header.v1").fields}
    assert fields["schema"] == Fixed("copact.envelope.Sha256", 32)
    assert fields["document"] == Optional(fields["schema"])
    assert isinstance(fields["origin"], Union)


def holding(type_: Any) -> dict[str, Any]:
    """A schema with one field of a type."""
    return {"type": "record", "name": "R", "doc": "R.", "fields": [{"name": "x", "type": type_, "doc": "X."}]}


@pytest.mark.parametrize(
    ("tree", "words"),
    [
        (holding("double"), "double is not a type"),
        (holding("R"), "R is not a type"),
        (holding(["null", "long", "string"]), "null is not a type"),
        (holding(["string", "long"]), "a union is either"),
        (holding({"type": "long", "logicalType": "timestamp-micros"}), "timestamp-micros"),
        (holding({"type": "int", "logicalType": "time-millis"}), "time-millis"),
        ({"type": "enum", "name": "E", "symbols": ["A"], "doc": "E."}, "holds one record"),
    ],
)
def test_what_is_not_allowed_has_no_shape(tree: dict[str, Any], words: str) -> None:
    """A type that our schemas may not use is refused when it is loaded, not when a fact arrives."""
    with pytest.raises(ValueError, match=words):
        parse(tree)


def test_an_int_without_a_date_is_an_int() -> None:
    """A primitive may be written as an object."""
    assert parse(holding({"type": "int"})).fields[0].shape == Scalar("int")


def test_an_enum_of_more_symbols_than_a_byte_is_refused() -> None:
    """The walk takes an enum index for one byte, and says so where it cannot be one."""
    assert _pattern(Enum("E", "", tuple(f"S{number}" for number in range(64))))
    with pytest.raises(ValueError, match="more than 64 symbols"):
        _pattern(Enum("E", "", tuple(f"S{number}" for number in range(65))))
