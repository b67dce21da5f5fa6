"""A newer version reads every older one, and means the same by the same field."""

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from itertools import pairwise
from typing import Any

import avro.schema
import pytest
from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType

from schemas import catalogue

Tree = dict[str, Any]

MEANING = ("logicalType", "copact.unit", "copact.unit.if", "copact.unit.unless", "scale", "precision")
"""What gives a number its meaning; Avro's own checker does not look at any of it."""

NEIGHBOURS = [(old, new) for name in catalogue.names() for old, new in pairwise(catalogue.versions(name))]


def incompatibilities(old: Tree, new: Tree) -> list[str]:
    """Why `new` cannot read what `old` wrote, or would mean something else by it, one sentence each."""
    checker = ReaderWriterCompatibilityChecker()  # type: ignore[no-untyped-call]
    answer = checker.get_compatibility(
        reader=avro.schema.parse(json.dumps(new)), writer=avro.schema.parse(json.dumps(old))
    )
    found = [] if answer.compatibility is SchemaCompatibilityType.compatible else sorted(answer.messages)
    return found + list(_changed_meanings(_resolved(old), _resolved(new), new["name"]))


def _changed_meanings(old: Any, new: Any, path: str) -> Iterator[str]:
    old, new = _inner(old), _inner(new)
    for key in MEANING:
        if isinstance(old, Mapping) and isinstance(new, Mapping) and old.get(key) != new.get(key):
            yield f"{path}: {key} was {old.get(key)} and is {new.get(key)}"
    if not isinstance(old, Mapping) or not isinstance(new, Mapping):
        if isinstance(old, Mapping) != isinstance(new, Mapping):
            yield f"{path}: was {old} and is {new}"
        return
    if "items" in old and "items" in new:
        yield from _changed_meanings(old["items"], new["items"], f"{path}[]")
    before = {field["name"]: field for field in old.get("fields", [])}
    for field in new.get("fields", []):
        for name in (field["name"], *field.get("aliases", [])):
            if name in before:
                place = f"{path}.{field['name']}"
                yield from _changed_meanings(_units(before[name]), _units(field), place)
                yield from _changed_meanings(before[name]["type"], field["type"], place)


def _units(field: Tree) -> Tree:
    return {key: field[key] for key in MEANING if key in field}


def _inner(tree: Any) -> Any:
    """A type without its null."""
    if isinstance(tree, list):
        others = [branch for branch in tree if branch != "null"]
        return _inner(others[0]) if len(others) == 1 else tree
    return tree


def _resolved(tree: Any, named: dict[str, Any] | None = None) -> Any:
    """A schema with the definition of every named type in place of its name."""
    named = {} if named is None else named
    if isinstance(tree, str):
        return named.get(tree, tree)
    if isinstance(tree, list):
        return [_resolved(branch, named) for branch in tree]
    resolved = {
        key: _resolved(value, named) if key in ("type", "items") else value for key, value in tree.items()
    }
    if "fields" in tree:
        resolved["fields"] = [_resolved(field, named) for field in tree["fields"]]
    if tree["type"] in ("record", "enum", "fixed"):
        named[tree["name"]] = resolved
    return resolved


@pytest.mark.parametrize(("old", "new"), NEIGHBOURS, ids=lambda schema: schema.type)
def test_a_new_version_reads_the_one_before(old: catalogue.Schema, new: catalogue.Schema) -> None:
    """Avro resolution works between neighbours, and no unit or logical type has changed."""
    assert incompatibilities(json.loads(old.text), json.loads(new.text)) == []


def test_there_is_a_pair_to_check() -> None:
    """The check above is not empty."""
    assert [new.type for _, new in NEIGHBOURS] == ["retail.GmvReported.v2"]


def gmv(version: int) -> Tree:
    """The schema of a version of GmvReported, to be changed."""
    tree: Tree = json.loads(catalogue.by_type(f"retail.GmvReported.v{version}").text)
    return tree


def field(tree: Tree, name: str) -> Tree:
    """A field of a record by its name."""
    found: Tree = next(part for part in tree["fields"] if part["name"] == name)
    return found


def changed(name: str, **new: Any) -> Tree:
    """GmvReported version 2 with one field changed; `unit` stands for copact.unit."""
    tree = gmv(2)
    part = field(tree, name)
    for key, value in new.items():
        part["copact.unit" if key == "unit" else key] = value
    return tree


@pytest.mark.parametrize(
    ("tree", "words"),
    [
        (changed("total", unit="ppm"), "total: copact.unit was micros and is ppm"),
        (changed("as_of", unit=None), "as_of: copact.unit was instant and is None"),
        (changed("units", unit="micros"), "units: copact.unit was None and is micros"),
        (changed("as_of", type={"type": "long", "logicalType": "timestamp-millis"}), "as_of"),
        (changed("total", aliases=[]), "total"),
        (changed("units", type="int"), "int"),
        (changed("view", type="string") | {"name": "Gmv"}, "GmvReported"),
    ],
)
def test_a_change_of_meaning_is_caught(tree: Tree, words: str) -> None:
    """A change of unit, scale, type or name between versions is found, the first of which Avro's checker misses."""
    found = incompatibilities(gmv(1), tree)
    assert any(words in sentence for sentence in found), found


def test_a_new_field_needs_a_default() -> None:
    """A field that old records do not have must say what stands for it."""
    tree = gmv(2)
    del field(tree, "granularity")["default"]
    assert any("granularity" in sentence for sentence in incompatibilities(gmv(1), tree))


def test_a_symbol_cannot_be_taken_away() -> None:
    """A symbol that an old record may hold stays."""
    tree = deepcopy(gmv(2))
    field(tree, "basis")["type"]["symbols"].remove("SHIPPED_NET")
    assert any("SHIPPED_NET" in sentence for sentence in incompatibilities(gmv(1), tree))


def test_a_condition_of_a_unit_cannot_change() -> None:
    """What was money under some condition is money under the same condition later, however deep it stands."""
    old: Tree = json.loads(catalogue.by_type("contracts.ContractSigned.v1").text)
    text = json.dumps(old).replace('"effect": ["GMV", "SPEND", "COMMISSION"]', '"effect": ["GMV"]')
    found = incompatibilities(old, json.loads(text))
    assert len(found) == 1
    assert found[0].startswith("ContractSigned.terms.rebate.tiers[].threshold: copact.unit.if was")
