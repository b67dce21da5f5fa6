"""The product's own facts as Avro: an object container file of CloudEvents whose data are bare Avro bodies.

The body is kept exactly as it came, so there is no original document beside it.
"""

from application.arrival import Arrival
from connectors.envelope import check_subject, envelope, known_source
from connectors.errors import Unusable
from connectors.records import Place, read_or_park
from schemas import codec
from schemas.container import Entry
from schemas.errors import Undecodable


def arrivals_of(entry: Entry, place: Place) -> list[Arrival]:
    """The fact in one entry of a container, or the arrival that says why there is none."""
    return read_or_park(place, entry.raw, lambda: [_arrival(entry, place)], known_source(entry.attributes))


def _arrival(entry: Entry, place: Place) -> Arrival:
    found = envelope(entry.attributes)
    try:
        record = codec.decode(found.type, entry.data)
    except Undecodable as error:
        raise Unusable(error.code, str(error)) from None
    check_subject(found, record["contract_id"])
    return Arrival(
        type=found.type,
        source=found.source,
        fact_id=found.fact_id,
        occurred_at=found.occurred_at,
        payload=entry.data,
        origin=place.origin,
        causation=found.causation,
        correlation=found.correlation,
    )
