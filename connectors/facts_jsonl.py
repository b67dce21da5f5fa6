"""The product's own facts as JSON: one CloudEvent 1.0 a line, or a JSON array of them (the batch format).

`type` is `copact.` and the schema's name and version, `subject` names the contract, `data` is the fact in the
readable form of its schema (`schemas.readable`).
"""

import hashlib
from collections.abc import Mapping

from application.arrival import Arrival
from connectors.envelope import check_subject, envelope, known_source
from connectors.errors import Unusable
from connectors.jsontext import parse
from connectors.records import Place, read_or_park, told, unreadable
from schemas import codec
from schemas.errors import ContractFileErrors, Unencodable
from schemas.readable import from_json


def arrivals_of(raw: bytes, place: Place) -> list[Arrival]:
    """The fact in one CloudEvent, or the arrival that says why there is none."""
    try:
        event = parse(raw)
    except Unusable as error:
        return [unreadable(place, raw, error, "")]
    source = known_source(event) if isinstance(event, dict) else ""
    return read_or_park(place, raw, lambda: [_arrival(event, raw, place)], source)


def _arrival(event: object, raw: bytes, place: Place) -> Arrival:
    if not isinstance(event, dict):
        raise Unusable("bad_envelope", "a CloudEvent is a JSON object")
    found = envelope(event)
    content_type = event.get("datacontenttype", "application/json")
    if content_type != "application/json":
        raise Unusable(
            "bad_envelope", f"datacontenttype: {ascii(content_type)[:80]}: application/json expected"
        )
    data = event.get("data")
    if not isinstance(data, dict):
        raise Unusable("bad_envelope", "data: a JSON object with the fields of the fact expected")
    check_subject(found, data.get("contract_id"))
    return Arrival(
        type=found.type,
        source=found.source,
        fact_id=found.fact_id,
        occurred_at=found.occurred_at,
        payload=_encoded(found.type, data),
        origin=place.origin,
        causation=found.causation,
        correlation=found.correlation,
        document=hashlib.sha256(raw).digest(),
    )


def _encoded(type_: str, data: Mapping[str, object]) -> bytes:
    try:
        return codec.encode(type_, from_json(type_, data))
    except ContractFileErrors as errors:
        raise Unusable("bad_value", told([f"data.{error}" for error in errors.errors])) from None
    except Unencodable as error:
        raise Unusable("too_large" if error.field == type_ else "bad_value", f"data.{error}") from None
