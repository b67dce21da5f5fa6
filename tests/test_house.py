"""What holds a fact together: its schema, its class, its decision, its example and its documentation agree.

Whoever adds a fact is led by these tests: each names the place that does not know it yet.
"""

import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date, timedelta
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

import pytest

from domain.contract import Contract, Recorded, evolve
from domain.decide import decide
from domain.events import ContractSigned, Event, Fact, Finding
from schemas import catalogue, codec
from schemas.catalogue import Schema
from store.mapper import event_from, event_of, stored, topic_of
from tests.examples import EXAMPLES, SIGNED, at
from tests.spec import history

ROOT = Path(__file__).parent.parent
EVENTS = [schema for schema in catalogue.ALL if schema.publisher != "envelope"]
CURRENT = [schema for schema in EVENTS if schema == catalogue.current(schema.name)]
FACTS = [schema for schema in CURRENT if schema.publisher != "derived"]
FINDINGS = [schema for schema in CURRENT if schema.publisher == "derived"]
CLASSES: dict[str, type] = {cls.__name__: cls for cls in get_args(Event)}
LATER = at(SIGNED.terms.window.last_day + timedelta(days=100))

PRIMITIVES = {"string": str, "int": int, "long": int, "boolean": bool, "bytes": bytes, "null": NoneType}


def every(schemas: list[Schema]) -> pytest.MarkDecorator:
    """One test for each of these schemas."""
    return pytest.mark.parametrize("schema", schemas, ids=lambda schema: schema.type)


def example_of(schema: Schema) -> Event:
    """The example of a schema, as an instance of its class."""
    return event_from(schema.type, EXAMPLES[schema.type])


def differences(avro: Any, hint: Any, where: str, named: dict[str, Any]) -> Iterator[str]:
    """Where a class is not of the shape of an Avro type: order, names and types of fields, all the way down."""
    if isinstance(avro, str) and avro not in PRIMITIVES:
        avro = named[avro]
    if isinstance(avro, dict) and avro["type"] in ("record", "enum", "fixed"):
        named[avro["name"]] = avro
    match avro:
        case str():
            expected: Any = PRIMITIVES[avro]
        case {"logicalType": "date"}:
            expected = date
        case {"type": "enum"}:
            expected = str
        case {"type": "fixed"}:
            expected = bytes
        case {"type": "array", "items": items}:
            if get_origin(hint) is not list:
                yield f"{where} is {hint}, and the schema has an array"
                return
            yield from differences(items, get_args(hint)[0], f"{where}[]", named)
            return
        case ["null", inner]:
            options = set(get_args(hint)) if get_origin(hint) is UnionType else set()
            if NoneType not in options or len(options) != 2:
                yield f"{where} is {hint}, and the schema lets it be null"
                return
            yield from differences(inner, (options - {NoneType}).pop(), where, named)
            return
        case {"type": "record", "name": name, "fields": members}:
            if not is_dataclass(hint) or not isinstance(hint, type) or hint.__name__ != name:
                yield f"{where} is {hint}, and the schema has the record {name}"
                return
            hints = get_type_hints(hint)
            ours, theirs = [each.name for each in fields(hint)], [each["name"] for each in members]
            if ours != theirs:
                yield f"{where} has the fields {ours}, and the schema has {theirs}"
                return
            for member in members:
                yield from differences(
                    member["type"], hints[member["name"]], f"{where}.{member['name']}", named
                )
            return
        case {"type": inner}:
            yield from differences(inner, hint, where, named)
            return
        case _:
            yield f"{where} has an Avro type that no class can mirror: {avro}"
            return
    if hint is not expected:
        yield f"{where} is {hint}, and the schema makes it {expected}"


@every(CURRENT)
def test_a_class_mirrors_its_schema(schema: Schema) -> None:
    """The class in domain.events has the name, the fields, their order and their types of the current schema."""
    name = schema.name.split(".")[1]
    assert name in CLASSES, f"domain.events has no {name}"
    assert list(differences(json.loads(schema.text), CLASSES[name], name, {})) == []


def test_a_class_that_differs_is_noticed() -> None:
    """A field that is renamed, moved, retyped or made nullable on one side only is found, however deep it lies."""
    avro = json.loads(catalogue.by_type("contracts.ContractSigned.v1").text)

    def found() -> list[str]:
        return list(differences(avro, ContractSigned, "ContractSigned", {}))

    terms = avro["fields"][-1]["type"]
    feed = terms["fields"][-1]["type"]["items"]["fields"]
    assert found() == []
    feed[0], feed[1] = feed[1], feed[0]
    assert "ContractSigned.terms.feeds[] has the fields" in found()[0]
    feed[0], feed[1] = feed[1], feed[0]
    feed[1]["type"] = "long"
    assert "ContractSigned.terms.feeds[].source is <class 'str'>" in found()[0]
    feed[1]["type"] = ["null", "string"]
    assert "lets it be null" in found()[0]
    feed[1]["type"] = {"type": "array", "items": "string"}
    assert "has an array" in found()[0]
    feed[1]["type"] = "double"
    with pytest.raises(KeyError):
        found()


def test_every_class_has_a_schema() -> None:
    """Facts have a schema of a publisher or of the clock, findings one of the folder derived; neither has more."""
    assert {cls.__name__ for cls in get_args(Fact)} == {schema.name.split(".")[1] for schema in FACTS}
    assert {cls.__name__ for cls in get_args(Finding)} == {schema.name.split(".")[1] for schema in FINDINGS}


def test_every_version_has_an_example() -> None:
    """tests.examples has one example for each version of each schema, and none for anything else."""
    assert set(EXAMPLES) == {schema.type for schema in EVENTS}


@every(EVENTS)
def test_an_example_is_valid(schema: Schema) -> None:
    """An example can be written by its schema, and old versions are read as the current class."""
    event = event_of(schema.type, codec.encode(schema.type, EXAMPLES[schema.type]))
    assert type(event) is CLASSES[schema.name.split(".")[1]]


@every(CURRENT)
def test_an_event_is_stored_as_it_was(schema: Schema) -> None:
    """What is stored of an event, under the topic of its current schema, reads back as the same event."""
    event = example_of(schema)
    cls: type = type(event)
    topic, payload = stored(event)
    assert (topic, topic_of(cls)) == (schema.type, schema.type)
    assert event_of(topic, payload) == event


@every(FACTS)
def test_a_fact_has_a_decision(schema: Schema) -> None:
    """A signed contract takes the example of every fact as its first event, and only findings follow."""
    fact = example_of(schema)
    assert isinstance(fact, get_args(Fact))
    state = Contract() if isinstance(fact, ContractSigned) else history([SIGNED], LATER)
    before = state.version
    first, *findings = decide(state, fact, LATER)
    assert first == fact
    assert all(isinstance(finding, get_args(Finding)) for finding in findings)
    for event in (first, *findings):
        evolve(state, event)
    assert state.version == before + 1 + len(findings)


@every(FINDINGS)
def test_a_finding_is_folded(schema: Schema) -> None:
    """Every derived event changes what is on record as found, or else it would be found again and again."""
    changed = []
    for recorded in (Recorded(), Recorded(overdrawn=True, above_cap=True)):
        state = history([SIGNED], LATER)
        state.recorded = recorded
        before = state.copy()
        evolve(state, example_of(schema))
        assert state.version == before.version + 1
        changed.append(state.recorded != before.recorded)
    assert any(changed)


@every(CURRENT)
def test_an_event_is_documented(schema: Schema) -> None:
    """The reference that other teams read has a section for every current schema."""
    reference = (ROOT / "docs" / "schemas.md").read_text(encoding="utf-8")
    assert f"\n## {schema.type}\n" in reference, "run: python -m schemas.reference > docs/schemas.md"
