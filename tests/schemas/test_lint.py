"""The rules that every schema file keeps, each shown by a file that breaks it."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from schemas import catalogue
from schemas.lint import lint, lint_family

Tree = dict[str, Any]

PREPAYMENT = "finance.PrepaymentReceived.v1"


def tree_of(type_: str) -> Tree:
    """A schema as parsed JSON."""
    tree: Tree = json.loads(catalogue.by_type(type_).text)
    return tree


@pytest.mark.parametrize("schema", catalogue.ALL, ids=lambda schema: schema.type)
def test_every_schema_keeps_the_rules(schema: catalogue.Schema) -> None:
    """No file that is published breaks a rule."""
    assert lint(schema.type, json.loads(schema.text)) == []


def test_current_schemas_agree_on_names() -> None:
    """A full name means one thing in all current schemas: the terms signed are the terms amended."""
    current = {schema.type: tree_of(schema.type) for schema in map(catalogue.current, catalogue.names())}
    assert lint_family(current) == []


def test_one_name_with_two_meanings_is_found() -> None:
    """A named type that differs between two schemas is named with both."""
    signed, amended = "contracts.ContractSigned.v1", "contracts.AmendmentSigned.v1"
    trees = {signed: tree_of(signed), amended: tree_of(amended)}
    trees[amended]["fields"][-1]["type"]["fields"][0]["doc"] = "Something else."
    assert lint_family(trees) == [
        f"{amended}: copact.contracts.Terms is not the same as in {signed}; one full name has one meaning."
    ]


def added(**field: Any) -> Callable[[Tree], None]:
    """Adds a field; underscores in `copact_unit` stand for dots."""
    whole = {"name": "extra", "type": "string", "doc": "More."} | field
    named = {
        key.replace("copact_unit", "copact.unit").replace("unit_", "unit."): value
        for key, value in whole.items()
    }
    return lambda tree: tree["fields"].append(named)


def enum(*symbols: str, name: str = "Kind", **more: Any) -> Tree:
    """An enum type."""
    return {"type": "enum", "name": name, "symbols": list(symbols), "doc": "A kind."} | more


def record(*fields: Tree, name: str = "Part") -> Tree:
    """A record type."""
    return {"type": "record", "name": name, "doc": "A part.", "fields": list(fields)}


def array(items: Any) -> Tree:
    """An array type."""
    return {"type": "array", "items": items}


BAD: dict[str, tuple[Callable[[Tree], Any], str]] = {
    "other name": (lambda tree: tree.update(name="Prepaid"), "named like its file"),
    "version in a name": (added(type=enum("A", name="KindV2")), "carries a version"),
    "version in the namespace": (
        lambda tree: tree.update(namespace="copact.finance.v1"),
        "namespace must be",
    ),
    "no record doc": (lambda tree: tree.pop("doc"), "PrepaymentReceived has no doc"),
    "empty record doc": (lambda tree: tree.update(doc=" "), "has no doc"),
    "no field doc": (added(doc=""), "extra has no doc"),
    "no nested doc": (added(type=record({"name": "x", "type": "string"})), "extra.x has no doc"),
    "no stream": (lambda tree: tree.pop("copact.stream"), "copact.stream"),
    "other stream": (lambda tree: tree.update({"copact.stream": "seller-{seller_id}"}), "copact.stream"),
    "contract_id not first": (lambda tree: tree["fields"].append(tree["fields"].pop(0)), "first field"),
    "no fields": (lambda tree: tree.update(fields=[]), "first field"),
    "not a record": (lambda tree: tree.update(type="enum", symbols=["A"]), "must be a record"),
    "float": (added(type="float"), "never floating point"),
    "double in a union": (added(type=["null", "double"]), "never floating point"),
    "double in an array": (added(type=array("double")), "never floating point"),
    "wrapped double": (added(type={"type": "double"}), "never floating point"),
    "decimal": (
        added(type={"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}),
        "is a decimal",
    ),
    "timestamp": (added(type={"type": "long", "logicalType": "timestamp-micros"}), "only date is used"),
    "map": (added(type={"type": "map", "values": "string"}), "only string, int, long"),
    "bytes": (added(type="bytes"), "only string, int, long"),
    "no type": (added(type=None), "has no type"),
    "recursion": (added(type=["null", "PrepaymentReceived"]), "contains itself"),
    "deep recursion": (
        added(
            type=record(
                {"name": "again", "type": array("copact.finance.PrepaymentReceived"), "doc": "Again."}
            )
        ),
        "contains itself",
    ),
    "array of null": (added(type=array("null")), "items of no bytes"),
    "array of empty records": (added(type=array(record())), "items of no bytes"),
    "array of empty inside": (
        added(type=array(record({"name": "x", "type": record(name="Void"), "doc": "Nothing."}))),
        "items of no bytes",
    ),
    "union of three": (added(type=["null", "string", "long"]), "null and one type"),
    "null last": (added(type=["string", "null"]), "null and one type"),
    "camel case": (added(name="campaignId"), "snake_case"),
    "field twice": (added(name="currency"), "the field currency twice"),
    "email": (added(name="buyer_email"), "personal data"),
    "phone": (added(name="phone"), "personal data"),
    "first name": (added(name="first_name"), "personal data"),
    "contact": (added(name="contact"), "personal data"),
    "person": (added(name="person_id"), "personal data"),
    "amount without a unit": (added(name="fee", type="long"), '"copact.unit": "micros"'),
    "amount that may be null": (added(name="cap", type=["null", "long"]), '"copact.unit": "micros"'),
    "rate without a unit": (added(name="cap_rate", type="long"), '"copact.unit": "ppm"'),
    "instant without a unit": (added(name="paid_at", type="long"), '"copact.unit": "instant"'),
    "instant in micros": (added(name="as_of", type="long", copact_unit="micros"), '"copact.unit": "instant"'),
    "unknown unit": (added(type="long", copact_unit="cents"), "units are instant, micros, ppm"),
    "unit of an int": (added(type="int", copact_unit="micros"), "must be long"),
    "unit of text": (added(copact_unit="micros"), "must be long"),
    "condition without unit": (added(type="long", copact_unit_if={"currency": ["USD"]}), "no copact.unit"),
    "two conditions": (
        added(type="long", copact_unit="micros", copact_unit_if={"currency": ["USD"], "payment_id": ["1"]}),
        "one field at most",
    ),
    "condition on nothing": (
        added(type="long", copact_unit="micros", copact_unit_if={"colour": ["RED"]}),
        "not a field here",
    ),
    "condition never true": (
        added(
            type=record(
                {"name": "kind", "type": enum("A"), "doc": "Kind."},
                {
                    "name": "x",
                    "type": "long",
                    "copact.unit": "micros",
                    "copact.unit.if": {"kind": ["B"]},
                    "doc": "X.",
                },
            )
        ),
        "which it never is",
    ),
    "condition on what follows": (
        added(
            type=record(
                {
                    "name": "x",
                    "type": "long",
                    "copact.unit": "micros",
                    "copact.unit.if": {"kind": ["A"]},
                    "doc": "X.",
                },
                {"name": "kind", "type": enum("A"), "doc": "Kind."},
            )
        ),
        "must stand before it",
    ),
    "lower symbols": (added(type=enum("A", "b")), "UPPER_CASE"),
    "too many symbols": (added(type=enum(*(f"S{n}" for n in range(65)))), "more than 64 symbols"),
    "lower type name": (added(type=enum("A", name="kind")), "CapWords"),
    "foreign namespace": (added(type=enum("A", namespace="com.example")), "must be in the namespace"),
    "name twice": (
        added(type=record({"name": "x", "type": record(name="Part"), "doc": "X."})),
        "defined twice",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_a_broken_rule_is_named(case: str) -> None:
    """Each bad file is found by the sentence of the rule it breaks, with the type in front."""
    change, words = BAD[case]
    tree = tree_of(PREPAYMENT)
    change(tree)
    found = lint(PREPAYMENT, tree)
    assert any(words in sentence for sentence in found), found
    assert all(sentence.startswith(f"{PREPAYMENT}: ") for sentence in found)


def test_a_header_needs_no_stream() -> None:
    """The envelope is not an event of a contract."""
    assert lint("envelope.Header.v1", tree_of("envelope.Header.v1")) == []
    assert lint("ops.Header.v1", tree_of("envelope.Header.v1")) != []
