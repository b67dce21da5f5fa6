"""A schema as plain objects: every name resolved, units and defaults at hand.

Only what our schemas may use is known here: text, 32 and 64 bit integers, dates, enums, fixed bytes, arrays,
unions and records. `schemas.lint` names in a sentence what is not allowed.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from schemas import catalogue

NO_DEFAULT: Final = object()
"""Stands for the default of a field that has none (None is the default null)."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """Text, an integer of 32 or 64 bits, or a date: `kind` is string, int, long or date."""

    kind: str


@dataclass(frozen=True, slots=True)
class Enum:
    name: str
    doc: str
    symbols: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fixed:
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Array:
    items: "Shape"


@dataclass(frozen=True, slots=True)
class Optional:
    """A union of null, which comes first, and one other type."""

    inner: "Shape"


@dataclass(frozen=True, slots=True)
class Union:
    """A union of records."""

    branches: tuple["Record", ...]


@dataclass(frozen=True, slots=True)
class Unit:
    """In which unit an integer is: micros, ppm or instant.

    Where `field` is set, the unit holds only if that field (of the same record, or of the nearest one around
    it that has it) is one of `values`, or none of them when `unless` is set; otherwise the integer is a plain
    count.
    """

    name: str
    field: str = ""
    values: frozenset[str] = frozenset()
    unless: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    shape: "Shape"
    doc: str
    default: Any
    unit: Unit | None


@dataclass(frozen=True, slots=True)
class Record:
    name: str
    doc: str
    fields: tuple[Field, ...]


Shape = Scalar | Enum | Fixed | Array | Optional | Union | Record


@cache
def shape_of(type_: str) -> Record:
    """The shape of a type in the catalogue; raises UnknownSchema."""
    return parse(json.loads(catalogue.by_type(type_).text))


def parse(tree: Mapping[str, Any]) -> Record:
    """The shape of a schema that was read from JSON; raises ValueError for what our schemas may not use."""
    if tree.get("type") != "record":
        raise ValueError("a schema file holds one record")
    return _record(tree, tree.get("namespace", ""), {})


def _parse(tree: Any, namespace: str, named: dict[str, Shape]) -> Shape:
    if isinstance(tree, str):
        if tree in ("string", "int", "long"):
            return Scalar(tree)
        full = tree if "." in tree else f"{namespace}.{tree}"
        if full not in named:
            raise ValueError(f"{tree} is not a type that is known here")
        return named[full]
    if isinstance(tree, list):
        return _union(tree, namespace, named)
    kind = tree["type"]
    if kind == "array":
        return Array(_parse(tree["items"], namespace, named))
    if kind in ("enum", "fixed", "record"):
        return _named(tree, tree.get("namespace", namespace), named)
    if kind == "int" and tree.get("logicalType") == "date":
        return Scalar("date")
    if "logicalType" in tree:
        raise ValueError(f"the logical type {tree['logicalType']} is not used")
    return _parse(kind, namespace, named)


def _union(branches: list[Any], namespace: str, named: dict[str, Shape]) -> Shape:
    if len(branches) == 2 and branches[0] == "null":
        return Optional(_parse(branches[1], namespace, named))
    records = tuple(_parse(branch, namespace, named) for branch in branches)
    if not all(isinstance(record, Record) for record in records):
        raise ValueError("a union is either null and one type, or records only")
    return Union(tuple(record for record in records if isinstance(record, Record)))


def _named(tree: Mapping[str, Any], namespace: str, named: dict[str, Shape]) -> Shape:
    full = f"{namespace}.{tree['name']}"
    shape: Shape
    if tree["type"] == "enum":
        shape = Enum(full, tree.get("doc", ""), tuple(tree["symbols"]))
    elif tree["type"] == "fixed":
        shape = Fixed(full, tree["size"])
    else:
        shape = _record(tree, namespace, named)
    named[full] = shape
    return shape


def _record(tree: Mapping[str, Any], namespace: str, named: dict[str, Shape]) -> Record:
    fields = tuple(_field(field, namespace, named) for field in tree["fields"])
    return Record(f"{namespace}.{tree['name']}", tree["doc"], fields)


def _field(tree: Mapping[str, Any], namespace: str, named: dict[str, Shape]) -> Field:
    return Field(
        name=tree["name"],
        shape=_parse(tree["type"], namespace, named),
        doc=tree["doc"],
        default=tree.get("default", NO_DEFAULT),
        unit=_unit(tree),
    )


def _unit(tree: Mapping[str, Any]) -> Unit | None:
    if "copact.unit" not in tree:
        return None
    for key, unless in (("copact.unit.if", False), ("copact.unit.unless", True)):
        for field, values in tree.get(key, {}).items():
            return Unit(tree["copact.unit"], field, frozenset(values), unless)
    return Unit(tree["copact.unit"])
