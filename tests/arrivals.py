"""Facts as they come through the door, made from example events."""

from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from application.arrival import Arrival
from domain.events import Event
from schemas.header import Kafka
from store.mapper import stored


def arrival(event: Event, fact_id: str | None = None, **more: Any) -> Arrival:
    """An event as its publisher would send it; without an id, its content is its id, so equal facts are one fact."""
    type_, payload = stored(event)
    fields: dict[str, Any] = {
        "type": type_,
        "source": f"publisher-{type_.split('.')[0]}",
        "fact_id": fact_id or sha256(type_.encode() + payload).hexdigest(),
        "occurred_at": 1_780_000_000_000_000,
        "payload": payload,
        "origin": Kafka("copact.facts.test.v1", 0, 7),
    }
    return Arrival(**(fields | more))


def arrivals(events: Iterable[Event]) -> list[Arrival]:
    """Events as arrivals with ids of their own: `f0`, `f1` …"""
    return [arrival(event, f"f{number}") for number, event in enumerate(events)]
