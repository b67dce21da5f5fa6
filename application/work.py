"""One batch on its way from arrivals to rows: each is decided on the contracts as the ones before it left them."""

import hashlib
import secrets
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from application.arrival import Arrival
from application.outcome import ACCEPTED, DUPLICATE, PARKED, REFUSED, Answer, Outcome
from application.states import States
from domain.checks import check_id
from domain.contract import Contract
from domain.decide import accept
from domain.events import ContractSigned, Event, Fact
from domain.findings import RULES
from domain.limits import EARLIEST, LATEST
from domain.refusals import NotAccepted, NotFromTheClock, Refused, UnknownContract
from schemas import catalogue
from schemas.errors import Undecodable, UnknownSchema
from schemas.header import (
    Clock,
    Command,
    File,
    Header,
    Kafka,
    Origin,
    Rules,
    decode_header,
    encode_header,
    pack,
)
from store.ledger import Held, Known, Ledger, NewBatch
from store.mapper import FACTS, event_of, stored

CLOCK = "copact.clock"
"""The source of facts that the clock publishes."""

DESK = "copact.contract-desk"
"""The source of contracts and amendments that are signed at the command line."""

DOMAIN = "copact.domain"
"""The source of derived events."""

RESERVED = "copact."
"""What the name of a source begins with that is ours: from outside it is parked."""

LONGEST_ID = 200
"""The most characters of an id or a source."""

LONGEST_NAMES = 1_000
"""The most characters of all names of an arrival together that are kept as they came."""


@dataclass(slots=True)
class Item:
    """One arrival on its way: `held` where its bytes were parked before, `stream` once it is known."""

    key: bytes
    digest: bytes
    arrival: Arrival
    held: Held | None
    stream: str = ""


class Work:
    """Decides arrivals and collects the rows that the commit will write.

    Contracts in `touched` run ahead of the ledger until the commit; where it fails, they have to be forgotten.
    """

    def __init__(self, ledger: Ledger, states: States, now: int) -> None:
        self.ledger, self.states, self.now = ledger, states, now
        self.batch = NewBatch(token=secrets.token_bytes(16))
        self.touched: dict[str, Contract] = {}
        self.signed: list[str] = []
        self.outcome = Outcome()
        self._seen: dict[bytes, Known] = {}

    def decide(self, arrivals: list[tuple[Arrival, Held | None]]) -> None:
        """Decide every arrival in order; what the ledger knows already is asked for once."""
        items = [_item(arrival, held) for arrival, held in arrivals]
        self._seen = self.ledger.known([item.key for item in items if item.held is None])
        for item in items:
            known = self._seen.get(item.key) if item.held is None else None
            if known is None:
                self._decide(item)
            elif known.digest == item.digest:
                self._repeat(item, known)
            else:
                self._contradict(item)

    def _decide(self, item: Item) -> None:
        try:
            fact = _read(item.arrival)
            events = accept(self._own(item, fact.contract_id), fact, self.now)
        except Undecodable as error:
            self._hold(item, PARKED, error.code, str(error))
        except NotAccepted as error:
            self._hold(item, REFUSED if isinstance(error, Refused) else PARKED, error.code, str(error))
        else:
            if events:
                self._accept(item, events)
                return
            self._answer(item, DUPLICATE, "nothing_new", "the contract knows this already", known_as=ACCEPTED)
            if not isinstance(item.arrival.origin, Clock):  # what the clock says may become new again
                self._remember(item, DUPLICATE, "nothing_new")

    def _repeat(self, item: Item, known: Known) -> None:
        detail = f"the same fact is on record as {known.disposition}"
        self._answer(item, DUPLICATE, known.code, detail, known_as=known.disposition)

    def _contradict(self, item: Item) -> None:
        """Park the second content of one id, under a key of its own so that its repetition is known."""
        item.key = hashlib.sha256(item.key + item.digest).digest()[:16]
        known = self._seen.get(item.key) or self.ledger.known([item.key]).get(item.key)
        if known:
            self._repeat(item, known)
            return
        name = item.arrival.fact_id
        detail = f"fact_id: {name!r}: it came before with other bytes; one id is one fact"
        self._hold(item, PARKED, "id_conflict", detail)

    def _own(self, item: Item, contract_id: str) -> Contract:
        """The contract of a fact, whose version the commit will check."""
        stream = f"contract-{contract_id}"
        state = self.touched.get(stream)
        if state is None:
            check_id("contract_id", contract_id)
            state = self.touched[stream] = self.states.get(stream)
            self.batch.seen[stream] = state.version
        item.stream = stream
        return state

    def _accept(self, item: Item, events: list[Event]) -> None:
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

    def _hold(self, item: Item, disposition: str, code: str, detail: str) -> None:
        """Keep the bytes of what is parked or refused, with the reason."""
        self._answer(item, disposition, code, detail)
        arrival, receipt = item.arrival, len(self.batch.receipts) - 1
        envelope = encode_header(_header(arrival))
        self.batch.held.append(
            (receipt, item.key, item.stream, arrival.type, envelope, arrival.payload, code)
        )
        self._remember(item, disposition, code)

    def _answer(
        self,
        item: Item,
        disposition: str,
        code: str,
        detail: str,
        event: int | None = None,
        *,
        known_as: str = "",
    ) -> None:
        """Write the receipt of an arrival; one that was parked before has its disposition changed by it."""
        arrival, held = item.arrival, item.held
        receipts, outcome = self.batch.receipts, self.outcome
        superseded = held.receipt if held else None
        receipts.append(
            (item.key, arrival.source, arrival.fact_id, disposition, code, detail, event, superseded)
        )
        if held:
            self.batch.released.append((held.receipt, len(receipts) - 1))
            outcome.moved.append((item.key, disposition))
        else:
            outcome.counts[disposition] += 1
        if disposition != ACCEPTED:
            place = _place(arrival.origin)
            outcome.answers.append(
                Answer(arrival.source, arrival.fact_id, disposition, code, detail, item.key, known_as, place)
            )
            if code == UnknownContract.code:
                outcome.waiting.add(item.key)

    def _remember(self, item: Item, disposition: str, code: str) -> None:
        """Tie the fact's id to its receipt, in the ledger and for the rest of this batch."""
        receipt = len(self.batch.receipts) - 1
        if item.held:
            self.batch.moved.append((item.key, receipt))
        else:
            self.batch.facts.append((item.key, item.digest, receipt))
        self._seen[item.key] = Known(item.digest, 0, disposition, code, None)


def _item(arrival: Arrival, held: Held | None) -> Item:
    arrival = _storable(arrival)
    return Item(held.key if held else _key(arrival), _digest(arrival), arrival, held)


def _read(arrival: Arrival) -> Fact:
    """The fact of an arrival, or why it is not one."""
    if arrival.problem:
        raise Undecodable(*arrival.problem)
    longest = max(len(arrival.source), len(arrival.fact_id), len(arrival.causation), len(arrival.correlation))
    if longest > LONGEST_ID:
        raise Undecodable(
            "bad_envelope", f"fact_id: {arrival.fact_id[:80]!r}: at most {LONGEST_ID} characters"
        )
    if not arrival.source or not arrival.fact_id:
        raise Undecodable(
            "bad_envelope", "source, fact_id: a fact names its publisher and has an id of its own"
        )
    if arrival.source.startswith(RESERVED) and not isinstance(arrival.origin, Clock | Command):
        raise Undecodable("bad_envelope", f"source: {arrival.source!r}: only Copact itself may use this name")
    if not EARLIEST <= arrival.occurred_at <= LATEST:
        raise Undecodable(
            "bad_envelope", f"time: {arrival.occurred_at}: an instant of the years 2000 to 2099"
        )
    publisher = _publisher(arrival.type)
    if not publisher:
        raise Undecodable(
            "unknown_schema", f"type: {arrival.type!r}: no fact has this schema name and version"
        )
    if (publisher == "clock") != isinstance(arrival.origin, Clock):
        raise NotFromTheClock("type", arrival.type, "only Copact's own clock says that a deadline has passed")
    try:
        fact: Fact = event_of(arrival.type, arrival.payload)  # type: ignore[assignment]
    except UnknownSchema as error:
        raise Undecodable("unknown_schema", f"type: {error}") from None
    return fact


@lru_cache(maxsize=1_024)
def _publisher(type_: str) -> str:
    """Who publishes facts of a type; empty where it is not the type of a fact."""
    kind = type_.split(".")
    return kind[0] if len(kind) == 3 and kind[1] in FACTS else ""


def _storable(arrival: Arrival) -> Arrival:
    """The arrival, with what no database or header can hold (half surrogates, U+0000) escaped in its names."""
    names = arrival.source + arrival.fact_id + arrival.type + arrival.causation + arrival.correlation
    if names.isprintable() and len(names) < LONGEST_NAMES:
        return arrival
    escaped: dict[str, Any] = {
        name: ascii(getattr(arrival, name))[1:-1][:LONGEST_NAMES]
        for name in ("source", "fact_id", "type", "causation", "correlation")
    }
    rule = f"printable characters, at most {LONGEST_ID} in each name"
    problem = arrival.problem or ("bad_envelope", f"fact_id: {escaped['fact_id'][:80]!r}: {rule}")
    return replace(arrival, **escaped, problem=problem)


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


def _place(origin: Origin) -> str:
    match origin:
        case File(_, line):
            return f"line {line}"
        case Kafka(topic, partition, offset):
            return f"{topic}/{partition}/{offset}"
        case _:
            return ""


def arrival_of(held: Held) -> Arrival:
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
