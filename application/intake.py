"""The one door: every fact, from whichever side, becomes a decision, a disposition and a receipt, in one transaction.

Each arrival gets exactly one current disposition: accepted, duplicate, parked or refused (discarded is a person's
word). The bytes of what is parked or refused are kept. Facts for a contract that is not signed yet are parked and come
in by themselves when it is.
"""

import hashlib
import logging
import secrets
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

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
from store.quiet import no_collection

LOG = logging.getLogger(__name__)

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
            if stream and self.states.get(stream).version:
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
            try:
                with no_collection():
                    work.decide(arrivals)
                    work.batch.offsets = list(offsets)
                    committed = self._commit(work.batch, now)
            except TooLarge:
                if len(arrivals) < 2:
                    raise
                return self._take_halves(arrivals, now, offsets)
            except (VersionConflict, FactConflict, Unavailable) as error:
                self.states.forget(work.touched)
                if attempt == ATTEMPTS:
                    raise
                LOG.warning("batch is decided anew", extra={"attempt": attempt, "reason": str(error)})
                continue
            return self._committed(work, committed, now)
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _committed(self, work: "_Work", committed: Committed, now: int) -> Outcome:
        """Publish what a commit made true, and take in what waited for it."""
        self.states.put(work.touched)
        outcome = work.outcome
        outcome.position = committed.first_position + len(work.batch.events) - 1
        LOG.info("batch committed", extra={"position": outcome.position, **outcome.counts})
        for stream in work.signed:
            outcome.add(self._release(stream, now))
        return outcome

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


@dataclass(slots=True)
class _Item:
    """One arrival on its way: `held` where its bytes were parked before, `stream` once it is known."""

    key: bytes
    digest: bytes
    arrival: Arrival
    held: Held | None
    stream: str = ""


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
        items = [
            _Item(_key(arrival), _digest(arrival), arrival, held)
            for arrival, held in ((_storable(each), held) for each, held in arrivals)
        ]
        self._seen = self.ledger.known([item.key for item in items if item.held is None])
        for item in items:
            known = self._seen.get(item.key) if item.held is None else None
            if known is None:
                self._decide(item)
            elif known.digest == item.digest:
                self._repeat(item, known)
            else:
                self._contradict(item)

    def _decide(self, item: _Item) -> None:
        try:
            fact = _read(item.arrival)
            item.stream = f"contract-{fact.contract_id}"
            events = accept(self._own(item.stream), fact, self.now)
        except Undecodable as error:
            self._hold(item, PARKED, error.code, str(error))
        except NotAccepted as error:
            self._hold(item, REFUSED if isinstance(error, Refused) else PARKED, error.code, str(error))
        else:
            if events:
                self._accept(item, events)
            else:
                self._answer(item, DUPLICATE, "nothing_new", "the contract knows this already")
                self._remember(item, DUPLICATE, "nothing_new")

    def _repeat(self, item: _Item, known: Known) -> None:
        self._answer(item, DUPLICATE, known.code, f"the same fact is on record as {known.disposition}")

    def _contradict(self, item: _Item) -> None:
        """Park the second content of one id, under a key of its own so that its repetition is known."""
        item.key = hashlib.sha256(item.key + item.digest).digest()[:16]
        known = self._seen.get(item.key) or self.ledger.known([item.key]).get(item.key)
        if known:
            return self._repeat(item, known)
        name = item.arrival.fact_id
        return self._hold(
            item,
            PARKED,
            "id_conflict",
            f"fact_id: {name!r}: it came before with other bytes; one id is one fact",
        )

    def _own(self, stream: str) -> Contract:
        state = self.touched.get(stream)
        if state is None:
            state = self.touched[stream] = self.states.get(stream).copy()
        return state

    def _accept(self, item: _Item, events: list[Event]) -> None:
        arrival, stream, rows = item.arrival, item.stream, self.batch.events
        first = len(rows)
        version = self.touched[stream].version - len(events) + 1
        rows.append((stream, version, arrival.type, pack(encode_header(_header(arrival)), arrival.payload)))
        for number, event in enumerate(events[1:], version + 1):
            topic, payload = stored(event)
            header = _derived(arrival, stream, number, version, topic, self.now)
            rows.append((stream, number, topic, pack(encode_header(header), payload)))
            self.outcome.derived[type(event).__name__] += 1
        if isinstance(events[0], ContractSigned):
            self.signed.append(stream)
        self._answer(item, ACCEPTED, "", "", first)
        self._remember(item, ACCEPTED, "")

    def _hold(self, item: _Item, disposition: str, code: str, detail: str) -> None:
        """Keep the bytes of what is parked or refused, with the reason."""
        self._answer(item, disposition, code, detail)
        arrival, receipt = item.arrival, len(self.batch.receipts) - 1
        envelope = encode_header(_header(arrival))
        self.batch.held.append(
            (receipt, item.key, item.stream, arrival.type, envelope, arrival.payload, code)
        )
        self._remember(item, disposition, code)

    def _answer(
        self, item: _Item, disposition: str, code: str, detail: str, event: int | None = None
    ) -> None:
        """Write the receipt of an arrival; one that was parked before has its disposition changed by it."""
        source, fact_id, held = item.arrival.source, item.arrival.fact_id, item.held
        receipts = self.batch.receipts
        superseded = held.receipt if held else None
        receipts.append((item.key, source, fact_id, disposition, code, detail, event, superseded))
        if held:
            self.batch.released.append((held.receipt, len(receipts) - 1))
        self.outcome.counts[disposition] += 1
        if disposition != ACCEPTED:
            self.outcome.answers.append(Answer(source, fact_id, disposition, code, detail))

    def _remember(self, item: _Item, disposition: str, code: str) -> None:
        """Tie the fact's id to its receipt, in the ledger and for the rest of this batch."""
        receipt = len(self.batch.receipts) - 1
        if item.held:
            self.batch.moved.append((item.key, receipt))
        else:
            self.batch.facts.append((item.key, item.digest, receipt))
        self._seen[item.key] = Known(item.digest, 0, disposition, code, None)


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
            raise Undecodable(
                "bad_envelope", f"{name}: {text[:80]!a}: at most {LONGEST_ID} printable characters"
            )
    if not arrival.source or not arrival.fact_id:
        raise Undecodable(
            "bad_envelope", "source, fact_id: a fact names its publisher and has an id of its own"
        )
    kind = arrival.type.split(".")
    if len(kind) != 3 or kind[1] not in FACTS:
        raise Undecodable(
            "unknown_schema", f"type: {arrival.type!r}: no fact has this schema name and version"
        )
    if (kind[0] == "clock") != isinstance(arrival.origin, Clock):
        raise NotFromTheClock("type", arrival.type, "only Copact's own clock says that a deadline has passed")
    try:
        fact: Fact = event_of(arrival.type, arrival.payload)  # type: ignore[assignment]
    except UnknownSchema as error:
        raise Undecodable("unknown_schema", f"type: {error}") from None
    return fact


def _storable(arrival: Arrival) -> Arrival:
    """The arrival, with half surrogates in its ids escaped: no database and no header can hold them."""
    try:
        (arrival.source + arrival.fact_id + arrival.type + arrival.causation + arrival.correlation).encode()
    except UnicodeEncodeError:
        names = ("source", "fact_id", "type", "causation", "correlation")
        escaped = {
            name: getattr(arrival, name).encode("utf-8", "backslashreplace").decode() for name in names
        }
        problem = arrival.problem or ("bad_envelope", "source, fact_id: not valid Unicode")
        return replace(arrival, **escaped, problem=problem)
    return arrival


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
