"""The clock as a publisher: what time alone has made due, as facts with ids that two tickers share."""

from collections.abc import Iterable
from hashlib import sha256

from application.arrival import Arrival
from application.work import CLOCK, LONGEST_ID
from domain.contract import Contract
from domain.deadlines import expected
from domain.events import DeadlinePassed
from schemas.header import Clock
from store.mapper import stored


def due(states: Iterable[Contract], now: int) -> list[Arrival]:
    """A `DeadlinePassed` for each deadline at or before `now` that no event has recorded, oldest first."""
    found = [
        (instant, kind, subject, state.signed.contract_id)
        for state in states
        if state.signed
        for kind, subject, instant in expected(state) - state.deadlines
        if instant <= now
    ]
    return [
        _arrival(contract_id, kind, subject, instant) for instant, kind, subject, contract_id in sorted(found)
    ]


def _arrival(contract_id: str, kind: str, subject: str, instant: int) -> Arrival:
    fact_id = f"{contract_id}/{kind}/{subject}/{instant}"
    topic, payload = stored(DeadlinePassed(contract_id, kind, subject, instant))
    return Arrival(
        type=topic,
        source=CLOCK,
        fact_id=fact_id if len(fact_id) <= LONGEST_ID else sha256(fact_id.encode()).hexdigest(),
        occurred_at=instant,
        payload=payload,
        origin=Clock(),
    )
