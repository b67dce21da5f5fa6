"""The events of a contract as a reader sees them: both times, who said it, and the event in its readable form."""

import hashlib
from typing import Any

from ops.answers import HistoryEvent, instant
from projections.reader import Moment
from schemas.codec import decode
from schemas.header import decode_header, split
from schemas.readable import to_readable
from store.ledger import Ledger


def events_of(ledger: Ledger, contract_id: str, moment: Moment) -> list[HistoryEvent]:
    """Every event of a contract that was recorded by a moment, in order."""
    return [_event(ledger, *row) for row in ledger.stream(f"contract-{contract_id}", upto=moment.position)]


def _event(
    ledger: Ledger, position: int, _stream: str, version: int, topic: str, state: bytes
) -> HistoryEvent:
    head, payload = split(state)
    header = decode_header(head)
    data: dict[str, Any] = to_readable(topic, decode(topic, payload))
    return HistoryEvent(
        position=position,
        version=version,
        type=topic,
        occurred_at=instant(header.occurred_at) or "",
        recorded_at=instant(ledger.recorded_at(position)) or "",
        source=header.source,
        fact_id=header.fact_id,
        causation=header.causation,
        sha256=hashlib.sha256(state).hexdigest(),
        data=data,
    )
