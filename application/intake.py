"""The one door: every fact, from whichever side, becomes a decision, a disposition and a receipt, in one transaction.

Each arrival gets exactly one current disposition: accepted, duplicate, parked or refused (discarded is a person's
word). The bytes of what is parked or refused are kept. Facts for a contract that is not signed yet are parked and come
in by themselves when it is.
"""

import hashlib
import secrets
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from application.arrival import Arrival
from application.states import States
from domain.contract import Contract
from domain.decide import accept
from domain.events import ContractSigned, Event, Fact
from domain.findings import RULES
from domain.refusals import NotAccepted, NotFromTheClock, Refused, UnknownContract
from schemas import catalogue
from schemas.errors import Undecodable, UnknownSchema
from schemas.header import Clock, Header, Rules, decode_header, encode_header, pack
from store.ledger import (
    Committed,
    FactConflict,
    Held,
    Known,
    Ledger,
    NewBatch,
    TooLarge,
    Unavailable,
    VersionConflict,
)
from store.mapper import FACTS, event_of, stored

BATCH = 500
"""Facts in one transaction."""

BATCH_BYTES = 600_000
"""Payload bytes after which a batch is closed early, well below what one transaction may hold."""

LONGEST_ID = 200
"""The most characters of an id or a source."""

ATTEMPTS = 5
"""How often a batch is decided anew when another writer was faster or the database was away."""

CLOCK = "copact.clock"
"""The source of facts that the clock publishes; only ours may use it."""

DOMAIN = "copact.domain"
"""The source of derived events."""

ACCEPTED, DUPLICATE, PARKED, REFUSED = "accepted", "duplicate", "parked", "refused"


@dataclass(slots=True)
class Answer:
    """What became of one arrival; `detail` is the sentence its publisher reads."""

    source: str
    fact_id: str
    disposition: str
    code: str
    detail: str


@dataclass(slots=True)
class Outcome:
    """What became of some arrivals: counts by disposition, the answers that are not plain acceptance, the position."""

    counts: Counter[str] = field(default_factory=Counter)
    answers: list[Answer] = field(default_factory=list)
    released: int = 0
    derived: Counter[str] = field(default_factory=Counter)
    position: int = 0

    def add(self, other: "Outcome") -> None:
        """Take in what became of further arrivals."""
        self.counts.update(other.counts)
        self.answers.extend(other.answers)
        self.released += other.released
        self.derived.update(other.derived)
        self.position = max(self.position, other.position)


Offset = tuple[str, int | None, int]
"""(source, position expected to be stored, position to store): compare-and-set."""


class Intake:
    """Takes arrivals into a ledger. One writer owns it; another writer's progress is noticed and respected."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.states = States(ledger)

    def take(self, arrivals: Sequence[Arrival], now: int, offsets: Sequence[Offset] = ()) -> Outcome:
        """Decide and commit arrivals at the instant `now`, with the source positions that they move.

        The positions move with the last batch. Raises the ledger's errors when it stays unavailable.
        """
        outcome = Outcome()
        batches = list(_batches(arrivals)) or [[]]
        for number, batch in enumerate(batches):
            last = number == len(batches) - 1
            outcome.add(
                self._take_batch([(arrival, None) for arrival in batch], now, offsets if last else ())
            )
        return outcome

    def release(self, now: int) -> Outcome:
        """Take in what waits for contracts that have been signed meanwhile (after a stop in between)."""
        outcome = Outcome()
        for stream in self.ledger.parked_streams():
            if self.states.get(stream).version:
                outcome.add(self._release(stream, now))
        return outcome

    def _release(self, stream: str, now: int) -> Outcome:
        outcome = Outcome()
        waiting = [held for held in self.ledger.parked(stream) if held.code == UnknownContract.code]
        for start in range(0, len(waiting), BATCH):
            chunk = waiting[start : start + BATCH]
            outcome.add(self._take_batch([(_arrival_of(held), held) for held in chunk], now, ()))
        outcome.released = len(waiting)
        outcome.counts.clear()
        return outcome

    def _take_batch(
        self, arrivals: list[tuple[Arrival, Held | None]], now: int, offsets: Sequence[Offset]
    ) -> Outcome:
        for attempt in range(1, ATTEMPTS + 1):
            work = _Work(self.ledger, self.states, now)
            work.decide(arrivals)
            work.batch.offsets = list(offsets)
            try:
                committed = self._commit(work.batch, now)
            except TooLarge:
                if len(arrivals) < 2:
                    raise
                self.states.forget(work.touched)
                return self._take_halves(arrivals, now, offsets)
            except (VersionConflict, FactConflict, Unavailable):
                self.states.forget(work.touched)
                if attempt == ATTEMPTS:
                    raise
                continue
            self.states.put(work.touched)
            outcome = work.outcome
            outcome.position = committed.first_position + len(work.batch.events) - 1
            for stream in work.signed:
                outcome.add(self._release(stream, now))
            return outcome
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _take_halves(
        self, arrivals: list[tuple[Arrival, Held | None]], now: int, offsets: Sequence[Offset]
    ) -> Outcome:
        middle = len(arrivals) // 2
        outcome = self._take_batch(arrivals[:middle], now, ())
        outcome.add(self._take_batch(arrivals[middle:], now, offsets))
        return outcome

    def _commit(self, batch: NewBatch, now: int) -> Committed:
        """Append, and where the answer was lost, ask whether the batch is stored: no answer is not no effect."""
        try:
            return self.ledger.append(batch, now)
        except Unavailable:
            committed = self.ledger.committed(batch.token)
            if committed is None:
                raise
            return committed


class _Work:
    """One batch on its way: copies of the touched states, and the rows that the commit will write."""

    def __init__(self, ledger: Ledger, states: States, now: int) -> None:
        self.ledger, self.states, self.now = ledger, states, now
        self.batch = NewBatch(token=secrets.token_bytes(16))
        self.touched: dict[str, Contract] = {}
        self.signed: list[str] = []
        self.outcome = Outcome()
        self._seen: dict[bytes, Known] = {}

    def decide(self, arrivals: list[tuple[Arrival, Held | None]]) -> None:
        """Decide every arrival in order; what the ledger knows already is asked for once."""
        keyed = [(_key(arrival), arrival, held) for arrival, held in arrivals]
        self._seen = self.ledger.known([key for key, _, held in keyed if held is None])
        for key, arrival, held in keyed:
            self._decide(key, arrival, held)

    def _decide(self, key: bytes, arrival: Arrival, held: Held | None) -> None:
        digest = _digest(arrival)
        known = self._seen.get(key) if held is None else None
        if known and known.digest != digest:
            key = hashlib.sha256(key + digest).digest()[:16]
            known = self._seen.get(key) or self.ledger.known([key]).get(key)
            if known is None:
                detail = (
                    f"fact_id: {arrival.fact_id!r}: it has come before with other bytes; one id is one fact"
                )
                return self._hold(key, digest, arrival, None, "", PARKED, "id_conflict", detail)
        if known:
            return self._answer(
                key, arrival, DUPLICATE, known.code, f"the same fact is on record as {known.disposition}"
            )
        stream = ""
        try:
            fact = _read(arrival)
            stream = f"contract-{fact.contract_id}"
            events = accept(self._own(stream), fact, self.now)
        except Undecodable as error:
            self._hold(key, digest, arrival, held, stream, PARKED, error.code, str(error))
        except NotAccepted as error:
            disposition = REFUSED if isinstance(error, Refused) else PARKED
            self._hold(key, digest, arrival, held, stream, disposition, error.code, str(error))
        else:
            self._accept(key, digest, arrival, held, stream, events)

    def _own(self, stream: str) -> Contract:
        state = self.touched.get(stream)
        if state is None:
            state = self.touched[stream] = self.states.get(stream).copy()
        return state

    def _accept(
        self, key: bytes, digest: bytes, arrival: Arrival, held: Held | None, stream: str, events: list[Event]
    ) -> None:
        if not events:
            self._answer(key, arrival, DUPLICATE, "nothing_new", "the contract knows this already", held=held)
            return self._remember(key, digest, held, DUPLICATE)
        rows = self.batch.events
        first = len(rows)
        version = self.touched[stream].version - len(events)
        header = encode_header(_header(arrival))
        rows.append((stream, version + 1, arrival.type, pack(header, arrival.payload)))
        for number, event in enumerate(events[1:], version + 2):
            topic, payload = stored(event)
            derived = _derived(arrival, stream, number, version + 1, topic, self.now)
            rows.append((stream, number, topic, pack(encode_header(derived), payload)))
            self.outcome.derived[type(event).__name__] += 1
        if isinstance(events[0], ContractSigned):
            self.signed.append(stream)
        self._answer(key, arrival, ACCEPTED, "", "", event=first, held=held)
        self._remember(key, digest, held, ACCEPTED)

    def _hold(
        self,
        key: bytes,
        digest: bytes,
        arrival: Arrival,
        held: Held | None,
        stream: str,
        disposition: str,
        code: str,
        detail: str,
    ) -> None:
        """Keep the bytes of what is parked or refused, with the reason."""
        self._answer(key, arrival, disposition, code, detail, held=held)
        receipt = len(self.batch.receipts) - 1
        envelope = encode_header(_header(arrival))
        self.batch.held.append((receipt, key, stream, arrival.type, envelope, arrival.payload, code))
        self._remember(key, digest, held, disposition)

    def _answer(
        self,
        key: bytes,
        arrival: Arrival,
        disposition: str,
        code: str,
        detail: str,
        *,
        event: int | None = None,
        held: Held | None = None,
    ) -> None:
        receipts = self.batch.receipts
        receipts.append(
            (
                key,
                arrival.source,
                arrival.fact_id,
                disposition,
                code,
                detail,
                event,
                held.receipt if held else None,
            )
        )
        if held:
            self.batch.released.append((held.receipt, len(receipts) - 1))
        self.outcome.counts[disposition] += 1
        if disposition != ACCEPTED:
            self.outcome.answers.append(Answer(arrival.source, arrival.fact_id, disposition, code, detail))

    def _remember(self, key: bytes, digest: bytes, held: Held | None, disposition: str) -> None:
        index = len(self.batch.receipts) - 1
        if held:
            self.batch.moved.append((key, index))
        else:
            self.batch.facts.append((key, digest, index))
        self._seen[key] = Known(digest, 0, disposition, self.batch.receipts[index][4], None)


def _batches(arrivals: Sequence[Arrival]) -> Iterator[list[Arrival]]:
    batch: list[Arrival] = []
    size = 0
    for arrival in arrivals:
        if batch and (len(batch) == BATCH or size + len(arrival.payload) > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(arrival)
        size += len(arrival.payload)
    if batch:
        yield batch


def _read(arrival: Arrival) -> Fact:
    """The fact of an arrival, or why it is not one."""
    if arrival.problem:
        raise Undecodable(*arrival.problem)
    for name in ("source", "fact_id", "causation", "correlation"):
        text = getattr(arrival, name)
        if len(text) > LONGEST_ID or not text.isprintable():
            raise Undecodable("bad_envelope", f"{name}: {text[:80]!a}: at most {LONGEST_ID} printable characters")
    if not arrival.source or not arrival.fact_id:
        raise Undecodable("bad_envelope", "source, fact_id: a fact names its publisher and has an id of its own")
    kind = arrival.type.split(".")
    if len(kind) != 3 or kind[1] not in FACTS:
        raise Undecodable(
            "unknown_schema", f"type: {arrival.type!r}: no fact has this schema name and version"
        )
    if (kind[0] == "clock") != isinstance(arrival.origin, Clock):
        raise NotFromTheClock("type", arrival.type, "only Copact's own clock says that a deadline has passed")
    fact: Fact = event_of(arrival.type, arrival.payload)  # type: ignore[assignment]
    return fact


def _key(arrival: Arrival) -> bytes:
    """What makes a fact one fact: its id within its source; for bytes without an id, the place they came from."""
    name = f"{arrival.source}\0{arrival.fact_id}" if arrival.fact_id else f"\0{arrival.origin!r}"
    return hashlib.sha256(name.encode()).digest()[:16]


def _digest(arrival: Arrival) -> bytes:
    return hashlib.sha256(arrival.type.encode() + b"\0" + arrival.payload).digest()


def _header(arrival: Arrival) -> Header:
    return Header(
        source=arrival.source,
        fact_id=arrival.fact_id,
        schema=_schema_digest(arrival.type),
        occurred_at=arrival.occurred_at,
        causation=arrival.causation,
        correlation=arrival.correlation,
        document=arrival.document,
        origin=arrival.origin,
    )


def _derived(cause: Arrival, stream: str, version: int, cause_version: int, topic: str, now: int) -> Header:
    return Header(
        source=DOMAIN,
        fact_id=f"{stream}/{version}",
        schema=_schema_digest(topic),
        occurred_at=now,
        causation=f"{stream}/{cause_version}",
        correlation=cause.correlation,
        document=None,
        origin=Rules(RULES),
    )


def _schema_digest(topic: str) -> bytes:
    try:
        return catalogue.by_type(topic).sha256
    except UnknownSchema:
        return bytes(32)


def _arrival_of(held: Held) -> Arrival:
    """The arrival as it first came, from what was kept of it."""
    header = decode_header(held.envelope)
    return Arrival(
        type=held.type,
        source=header.source,
        fact_id=header.fact_id,
        occurred_at=header.occurred_at,
        payload=held.payload,
        origin=header.origin,
        causation=header.causation,
        correlation=header.correlation,
        document=header.document,
    )
