"""The attributes of a CloudEvent that a fact arrives in, checked: they are the same whatever carries them."""

from collections.abc import Mapping
from dataclasses import dataclass

from connectors.errors import Unusable, bad_value
from connectors.instants import instant
from connectors.records import LONGEST_ID
from schemas import catalogue
from schemas.errors import UnknownSchema

PREFIX = "copact."
STREAM = "contract-"


@dataclass(frozen=True, slots=True)
class Envelope:
    """What stands around a fact; `type` is the schema name and version, `contract_id` what the subject names."""

    type: str
    source: str
    fact_id: str
    contract_id: str
    occurred_at: int
    causation: str
    correlation: str


def envelope(attributes: Mapping[str, object]) -> Envelope:
    """The envelope in the attributes of a CloudEvent; raises Unusable. Extensions that are not ours are ignored."""
    version = attributes.get("specversion")
    if version != "1.0":
        raise _bad("specversion", version, "a CloudEvent of version 1.0 expected")
    subject = _text(attributes, "subject")
    if not subject.startswith(STREAM):
        raise _bad("subject", subject, "contract-<id> expected")
    return Envelope(
        type=_type(_text(attributes, "type")),
        source=_text(attributes, "source"),
        fact_id=_text(attributes, "id"),
        contract_id=subject.removeprefix(STREAM),
        occurred_at=instant(_text(attributes, "time"), "time"),
        causation=_text(attributes, "causationid", default=""),
        correlation=_text(attributes, "correlationid", default=""),
    )


def check_subject(found: Envelope, contract_id: object) -> None:
    """Raise Unusable where a fact is about another contract than its subject says."""
    if contract_id != found.contract_id:
        rule = f"the subject says {STREAM}{found.contract_id}; the two must agree"
        raise bad_value("data.contract_id", contract_id, rule)


def known_source(attributes: Mapping[str, object]) -> str:
    """Who sent a record that may be broken elsewhere; empty where it does not say so."""
    try:
        return _text(attributes, "source")
    except Unusable:
        return ""


def _type(name: str) -> str:
    type_ = name.removeprefix(PREFIX)
    try:
        schema = catalogue.by_type(type_)
    except UnknownSchema:
        schema = None
    sent = schema and (schema.publisher in catalogue.FACT_PUBLISHERS or schema.publisher == "clock")
    if type_ == name or not sent:
        raise Unusable("unknown_schema", f"type: {name!a}: no fact has this schema name and version")
    return type_


def _text(attributes: Mapping[str, object], name: str, default: str | None = None) -> str:
    value = attributes.get(name, default)
    if value is None:
        raise Unusable("bad_envelope", f"{name}: missing")
    if not isinstance(value, str) or len(value) > LONGEST_ID or not value.isprintable():
        raise _bad(name, value, f"text of at most {LONGEST_ID} printable characters expected")
    if not value and default is None:
        raise _bad(name, value, "it is empty")
    return value


def _bad(name: str, value: object, rule: str) -> Unusable:
    return Unusable("bad_envelope", str(bad_value(name, value, rule)))
