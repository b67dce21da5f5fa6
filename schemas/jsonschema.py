"""JSON Schema (draft 2020-12) of the readable form, for editors and for the contract file.

`python -m schemas.jsonschema` prints the one of the contract file, which is kept in
contract-file.schema.json.
"""

import json
import re
import sys
from typing import Any, Final

from schemas.readable import NUMBER, shown_default
from schemas.shapes import NO_DEFAULT, Array, Enum, Field, Optional, Record, Scalar, Shape, shape_of

CONTRACT_FILE: Final = "contracts.ContractSigned.v1"

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
INSTANT: Final = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})$"
)

SCALARS: Final[dict[str, dict[str, Any]]] = {
    "count": {
        "description": "A whole number.",
        "type": ["integer", "string"],
        "pattern": f"^{NUMBER}$",
    },
    "micros": {
        "description": "An amount in the major unit of the currency: decimal text or a number, at most 6 decimals.",
        "type": ["string", "number"],
        "pattern": rf"^{NUMBER}(\.[0-9]{{1,6}})?$",
    },
    "ppm": {
        "description": 'A rate: "15 %" or 0.15.',
        "type": ["string", "number"],
        "pattern": rf"^({NUMBER}(\.[0-9]{{1,4}})? ?%|{NUMBER}\.[0-9]{{1,6}}|0|1)$",
    },
    "instant": {
        "description": "An instant with Z or an offset, such as 2026-07-01T00:00:00Z.",
        "type": "string",
        "pattern": INSTANT,
    },
    "day": {
        "description": "A day, such as 2026-07-01.",
        "type": "string",
        "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
    },
}
"""How each kind of number and day is written, by the name it has in $defs."""


def json_schema(type_: str) -> dict[str, Any]:
    """The JSON Schema of the readable form of a type; raises UnknownSchema."""
    definitions: dict[str, Any] = {}
    shape = shape_of(type_)
    body = _record(shape, definitions)
    return {
        "$schema": DIALECT,
        "$id": f"urn:copact:{type_}",
        "title": _short(shape.name),
        **body,
        "$defs": dict(sorted(definitions.items())),
    }


def contract_file() -> str:
    """The text of contract-file.schema.json."""
    return json.dumps(json_schema(CONTRACT_FILE), indent=2, ensure_ascii=False) + "\n"


def _record(shape: Record, definitions: dict[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = {
        "description": shape.doc,
        "type": "object",
        "additionalProperties": False,
        "required": [field.name for field in shape.fields if field.default is NO_DEFAULT],
        "properties": {field.name: _property(field, definitions) for field in shape.fields},
    }
    counts = [_counts(shape, field) for field in shape.fields if isinstance(field.shape, Enum)]
    if any(counts):
        body["allOf"] = [rule for rule in counts if rule]
    return body


def _property(field: Field, definitions: dict[str, Any]) -> dict[str, Any]:
    body = {**_value(field.shape, field, definitions), "description": field.doc}
    if field.default is not NO_DEFAULT and field.default is not None:
        body["default"] = shown_default(field)
    return body


def _value(shape: Shape, field: Field, definitions: dict[str, Any]) -> dict[str, Any]:
    match shape:
        case Optional(inner):
            return _value(inner, field, definitions)
        case Array(items):
            return {"type": "array", "items": _value(items, field, definitions)}
        case Scalar("string"):
            return {"type": "string"}
        case Scalar("date"):
            return _reference("day", SCALARS["day"], definitions)
        case Scalar():
            kind = field.unit.name if field.unit else "count"
            return _reference(kind, SCALARS[kind], definitions)
        case Enum(name, doc, symbols):
            lower = [symbol.lower() for symbol in symbols]
            return _reference(
                _short(name), {"description": _lowered(doc, symbols), "enum": lower}, definitions
            )
        case Record(name):
            return _reference(_short(name), _record(shape, definitions), definitions)
    raise TypeError(f"{shape!r} has no readable form")


def _reference(name: str, body: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    definitions[name] = body
    return {"$ref": f"#/$defs/{name}"}


def _counts(shape: Record, deciding: Field) -> dict[str, Any] | None:
    """The rule that a number is a count, not money, as the symbol of another field decides."""
    found = _decided(shape, deciding.name)
    if found is None or not isinstance(deciding.shape, Enum):
        return None
    overlay, values, unless = found
    symbols = [symbol.lower() for symbol in deciding.shape.symbols if (symbol in values) == unless]
    condition = {"properties": {deciding.name: {"enum": symbols}}, "required": [deciding.name]}
    return {"if": condition, "then": overlay}


def _decided(shape: Shape, deciding: str) -> tuple[dict[str, Any], frozenset[str], bool] | None:
    """Where below a shape a unit depends on the field `deciding`: as an overlay, with the unit's condition."""
    match shape:
        case Optional(inner):
            return _decided(inner, deciding)
        case Array(items):
            below = _decided(items, deciding)
            return below and ({"items": below[0]}, *below[1:])
        case Record(fields=fields):
            for field in fields:
                unit = field.unit
                if unit and unit.field == deciding:
                    overlay = {"properties": {field.name: {"$ref": "#/$defs/count"}}}
                    return overlay, unit.values, unit.unless
                below = _decided(field.shape, deciding)
                if below:
                    return {"properties": {field.name: below[0]}}, *below[1:]
    return None


def _lowered(doc: str, symbols: tuple[str, ...]) -> str:
    """A doc text with its symbols as they are written in the readable form."""
    return re.sub(rf"\b({'|'.join(symbols)})\b", lambda found: found[0].lower(), doc)


def _short(name: str) -> str:
    return name.rpartition(".")[2]


if __name__ == "__main__":
    sys.stdout.write(contract_file())
