"""The ledger: every event, where each fact ended up, and how far each source was read. Nothing in it is ever changed.

A batch is one transaction. Positions, receipts and batches are numbered from 1 without gaps, in the order in which they
are committed, and the instants of batches only grow, whatever the clock does.
"""
# ruff: noqa: S608  # SQL is put together from names and pieces of ours; values are always parameters

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import NamedTuple, Self

from eventsourcing.persistence import ApplicationRecorder

from store.database import Database, Transaction
from store.errors import (
    FactConflict,
    Fenced,
    LedgerError,
    Overtaken,
    Taken,
    TooLarge,
    Unavailable,
    Unusable,
    VersionConflict,
)
from store.tables import EVENTS, FACTS, FORMAT, HELD, META, RECEIPTS, STATEMENTS, TABLES

__all__ = [
    "Committed",
    "FactConflict",
    "Fenced",
    "Head",
    "Held",
    "Known",
    "Ledger",
    "LedgerError",
    "NewBatch",
    "Overtaken",
    "Receipt",
    "StoredRow",
    "TooLarge",
    "Unavailable",
    "Unusable",
    "VersionConflict",
]

MOST_EVENTS = 1_000
"""Events in one batch."""

MOST_BYTES = 1_048_576
"""Bytes of states and of held arrivals in one batch."""

LARGEST_STATE = 600_000
"""Bytes of one state: with its envelope it fits a message of the usual limit of one mebibyte."""

CHUNK = 1_000
"""Rows that are in memory while a stream is read."""

_END = 2**63 - 1

_HELD = "SELECT receipt, key, stream, type, envelope, payload, code FROM held"

_WAITING = f"""{_HELD} WHERE released IS NULL AND EXISTS
    (SELECT 1 FROM receipts WHERE receipts.receipt = held.receipt AND disposition = 'parked')"""

StoredRow = tuple[int, str, int, str, bytes]
"""(position, stream, version, topic, state) of an event."""


class Head(NamedTuple):
    """The last position, receipt and batch, and when that batch was recorded (microseconds UTC); zeros at first."""

    position: int
    receipt: int
    batch: int
    recorded_at: int


class Known(NamedTuple):
    """A fact that the ledger knows, with its current receipt."""

    digest: bytes
    receipt: int
    disposition: str
    code: str
    position: int | None


class Held(NamedTuple):
    """A parked or refused arrival as it came."""

    receipt: int
    key: bytes
    stream: str
    type: str
    envelope: bytes
    payload: bytes
    code: str


class Receipt(NamedTuple):
    """What became of one arrival; `supersedes` is the receipt that this one takes the place of."""

    receipt: int
    key: bytes
    source: str
    fact_id: str
    disposition: str
    code: str
    detail: str
    position: int | None
    batch: int
    supersedes: int | None


class Committed(NamedTuple):
    """A stored batch: the numbers of its first event and first receipt (had it any), its own, and its instant."""

    first_position: int
    first_receipt: int
    batch: int
    recorded_at: int


@dataclass(slots=True)
class NewBatch:
    """What is to be stored together. Indices count from 0 within this batch's own events or receipts."""

    token: bytes
    """Made by the caller, new for each batch: it tells later whether the batch is stored."""
    events: list[tuple[str, int, str, bytes]] = field(default_factory=list)
    """(stream, version, topic, state)."""
    receipts: list[tuple[bytes, str, str, str, str, str, int | None, int | None]] = field(
        default_factory=list
    )
    """(key, source, fact id, disposition, code, detail, index of the event, receipt superseded)."""
    facts: list[tuple[bytes, bytes, int]] = field(default_factory=list)
    """(key, digest, index of the receipt) of facts that are new."""
    moved: list[tuple[bytes, int]] = field(default_factory=list)
    """(key, index of the receipt) of known facts whose disposition changes."""
    held: list[tuple[int, bytes, str, str, bytes, bytes, str]] = field(default_factory=list)
    """(index of the receipt, key, stream, type, envelope, payload, code) of what is parked or refused."""
    released: list[tuple[int, int]] = field(default_factory=list)
    """(receipt held, index of the receipt that ends the parking)."""
    offsets: list[tuple[str, int | None, int]] = field(default_factory=list)
    """(source, position expected or None for none yet, position to store)."""
    seen: dict[str, int] = field(default_factory=dict)
    """The version of each stream that the batch was decided on, also of those that it adds nothing to."""


class Ledger:
    """One ledger in one database. Every method raises `Unavailable` where the database is locked or gone."""

    def __init__(self, database: Database) -> None:
        self._database = database
        present = database.tables()
        if present and not present & {META.name, "read_models"}:
            raise Unusable(
                f"the database holds other tables ({', '.join(sorted(present)[:3])}); name an empty one"
            )
        if META.name not in present:
            with database.defining() as defining:
                if META.name not in defining.tables():
                    _create(defining)
        found = database.rows("SELECT value FROM meta WHERE key = 'format'")
        if found != [(FORMAT,)]:
            raise Unusable(
                f"this ledger has format {found}, and this Copact reads and writes format {FORMAT} only"
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection."""
        self._database.close()

    @property
    def recorder(self) -> ApplicationRecorder:
        """The library's view of the events, for its repository and notification log; it cannot write."""
        return self._database.recorder("stored_events")

    # Writing

    def append(self, batch: NewBatch, now: int) -> Committed:
        """Store a batch at the instant `now` (microseconds UTC), or later where the batch before has that instant.

        Raises `VersionConflict`, `FactConflict`, `Fenced` or `TooLarge`, and nothing is stored; or `Unavailable`,
        where only `committed` can tell.
        """
        before = batch.seen | _versions_before(batch)
        try:
            with self._database.writing() as writing:
                head = Head(*writing.locked("SELECT position, receipt, batch, recorded_at FROM head")[0])
                done = Committed(
                    head.position + 1, head.receipt + 1, head.batch + 1, max(now, head.recorded_at + 1)
                )
                self._check_versions(writing, before)
                _move_offsets(writing, batch)
                _insert(writing, batch, done)
                _settle(writing, batch, done)
                last = (head.position + len(batch.events), head.receipt + len(batch.receipts), *done[2:])
                writing.execute("UPDATE head SET position = ?, receipt = ?, batch = ?, recorded_at = ?", last)
        except Taken as taken:
            if taken.table in (FACTS.name, RECEIPTS.name):
                raise FactConflict(f"a fact of this batch was dealt with meanwhile ({taken})") from taken
            raise
        return done

    def committed(self, token: bytes) -> Committed | None:
        """The batch that was stored with this token, if it was."""
        sql = "SELECT first_position, first_receipt, batch, recorded_at FROM batches WHERE token = ?"
        found = self._database.rows(sql, (token,))
        return Committed(*found[0]) if found else None

    def save_folds(self, folds: Sequence[tuple[str, int, str, bytes]]) -> None:
        """Keep folded states (stream, version, shape, blob) in place of older ones."""
        with self._database.writing() as writing:
            writing.change(
                "INSERT INTO folds VALUES (?, ?, ?, ?) ON CONFLICT (stream) DO UPDATE"
                " SET version = excluded.version, shape = excluded.shape, state = excluded.state",
                sorted(folds),
            )

    def _check_versions(self, writing: Transaction, before: dict[str, int]) -> None:
        """Each stream stands exactly where the batch takes it up: events of one stream have no gap either."""
        pairs, parameters = self._database.pairs(before)
        found = writing.rows(
            f"SELECT name FROM {pairs} LEFT JOIN events ON originator_id = name"
            " AND originator_version >= number AND originator_version <= number + 1"
            " GROUP BY name, number HAVING number <> coalesce(max(originator_version), 0)",
            parameters,
        )
        if found:
            raise VersionConflict(found[0][0])

    # Facts, receipts, sources

    def head(self) -> Head:
        """The last numbers given."""
        return Head(*self._database.rows("SELECT position, receipt, batch, recorded_at FROM head")[0])

    def known(self, keys: Sequence[bytes]) -> dict[bytes, Known]:
        """Those of some facts, at most a batch, that the ledger knows."""
        if not keys:
            return {}
        condition, parameters = self._database.among("facts.key", keys)
        found = self._database.rows(
            "SELECT facts.key, digest, facts.receipt, disposition, code, position"
            f" FROM facts JOIN receipts ON receipts.receipt = facts.receipt WHERE {condition}",
            parameters,
        )
        return {key: Known(*rest) for key, *rest in found}

    def parked(self, stream: str) -> list[Held]:
        """What waits for a stream, in the order in which it came."""
        return [
            Held(*row)
            for row in self._database.rows(f"{_WAITING} AND stream = ? ORDER BY receipt", (stream,))
        ]

    def parked_streams(self) -> dict[str, int]:
        """How many arrivals wait for each stream; without a stream, under the empty name."""
        found = self._database.rows(
            f"SELECT stream, count(*) FROM ({_WAITING}) AS waiting GROUP BY stream ORDER BY stream"
        )
        return dict(found)

    def held(self, receipt: int) -> Held:
        """The bytes behind a receipt that was parked or refused; raises `LookupError` for another."""
        found = self._database.rows(f"{_HELD} WHERE receipt = ?", (receipt,))
        if not found:
            raise LookupError(f"receipt: {receipt}: nothing is held under this number")
        return Held(*found[0])

    def offset(self, source: str) -> int | None:
        """The stored position of a source; None where it was never read."""
        found = self._database.rows("SELECT next FROM offsets WHERE source = ?", (source,))
        return found[0][0] if found else None

    def dispositions(self) -> dict[tuple[str, str], int]:
        """How many arrivals of each source have each disposition now; they add up to all that ever arrived."""
        found = self._database.rows(
            "SELECT source, disposition, count(*) FROM receipts WHERE NOT EXISTS"
            " (SELECT 1 FROM receipts AS later WHERE later.supersedes = receipts.receipt)"
            " GROUP BY source, disposition ORDER BY source, disposition"
        )
        return {(source, disposition): count for source, disposition, count in found}

    def receipts(self, after: int, limit: int) -> list[Receipt]:
        """Receipts with higher numbers than `after`, in order."""
        sql = "SELECT * FROM receipts WHERE receipt > ? ORDER BY receipt LIMIT ?"
        return [Receipt(*row) for row in self._database.rows(sql, (after, limit))]

    # Events

    def read(self, after_position: int, limit: int, upto: int | None = None) -> list[StoredRow]:
        """Events with higher positions than `after_position`, up to and with `upto`, in order."""
        sql = "SELECT * FROM events WHERE position > ? AND position <= ? ORDER BY position LIMIT ?"
        return self._database.rows(sql, (after_position, _END if upto is None else upto, limit))

    def stream(self, name: str, after_version: int = 0, upto: int | None = None) -> Iterator[StoredRow]:
        """The events of a stream with higher versions than `after_version`, up to and with a position, in order."""
        last = _END if upto is None else upto
        while True:
            rows = self._database.rows(
                "SELECT * FROM events WHERE originator_id = ? AND originator_version > ? AND position <= ?"
                " ORDER BY originator_version LIMIT ?",
                (name, after_version, last, CHUNK),
            )
            yield from rows
            if len(rows) < CHUNK:
                return
            after_version = rows[-1][2]

    def streams(self, prefix: str = "") -> list[tuple[str, int]]:
        """Every stream whose name begins so, by name, with its last version."""
        # Steps from name to name through the index: the cost is that of the streams, not of their events.
        found = self._database.rows(
            "WITH RECURSIVE found(name) AS ("
            " SELECT min(originator_id) FROM events WHERE originator_id >= ? UNION ALL"
            " SELECT (SELECT min(originator_id) FROM events WHERE originator_id > found.name)"
            " FROM found WHERE substr(found.name, 1, ?) = ?)"
            " SELECT name, (SELECT max(originator_version) FROM events WHERE originator_id = name)"
            " FROM found WHERE substr(name, 1, ?) = ?",
            (prefix, len(prefix), prefix, len(prefix), prefix),
        )
        return [(name, version) for name, version in found]

    def load_fold(self, stream: str, shape: str) -> tuple[int, bytes] | None:
        """The kept state of a stream (version, blob), where one of this shape is kept."""
        sql = "SELECT version, state FROM folds WHERE stream = ? AND shape = ?"
        found = self._database.rows(sql, (stream, shape))
        return (found[0][0], found[0][1]) if found else None

    # Times

    def position_at(self, instant: int) -> int:
        """The last position that was recorded at or before an instant (microseconds UTC); 0 where none was."""
        sql = "SELECT first_position FROM batches WHERE recorded_at > ? ORDER BY recorded_at LIMIT 1"
        found = self._database.rows(sql, (instant,))
        return found[0][0] - 1 if found else self.head().position

    def recorded_at(self, position: int) -> int:
        """The instant at which a position was recorded; raises `LookupError` where there is none."""
        found = self.recorded(position, position)
        if not found or position > self.head().position:
            raise LookupError(f"position: {position}: there is no event of this number")
        return found[-1][1]

    def recorded(self, first: int, last: int) -> list[tuple[int, int]]:
        """The batches that hold some positions: (first position, instant), each up to the next.

        A batch without events has the first position of the next one, and stands before it.
        """
        found = self._database.rows(
            "SELECT first_position, recorded_at FROM batches WHERE first_position <= ? AND batch >="
            " (SELECT max(batch) FROM batches WHERE first_position <= ?) ORDER BY batch",
            (last, first),
        )
        return [(position, instant) for position, instant in found]


def _create(defining: Transaction) -> None:
    for table in TABLES:
        defining.create(table)
    for statement in STATEMENTS:
        defining.execute(statement)


def _versions_before(batch: NewBatch) -> dict[str, int]:
    """The last version that each stream must have before a batch; raises `TooLarge`.

    Raises `VersionConflict` for a stream whose events in the batch do not follow one another.
    """
    before: dict[str, int] = {}
    last: dict[str, int] = {}
    size = 0
    for stream, version, _, state in batch.events:
        if len(state) > LARGEST_STATE:
            raise TooLarge(f"stream: {stream!r}: an event of {len(state)} bytes; at most {LARGEST_STATE}")
        size += len(state)
        if stream not in last:
            before[stream] = version - 1
        elif version != last[stream] + 1:
            raise VersionConflict(stream)
        last[stream] = version
    size += sum(len(envelope) + len(payload) for _, _, _, _, envelope, payload, _ in batch.held)
    if len(batch.events) > MOST_EVENTS or size > MOST_BYTES:
        raise TooLarge(
            f"a batch of {len(batch.events)} events and {size} bytes; at most {MOST_EVENTS} and {MOST_BYTES}"
        )
    return before


def _move_offsets(writing: Transaction, batch: NewBatch) -> None:
    for source, expected, following in batch.offsets:
        rows = writing.rows("SELECT next FROM offsets WHERE source = ?", (source,))
        found = rows[0][0] if rows else None
        if found != expected:
            raise Fenced(source, expected, found)
        writing.execute(
            "INSERT INTO offsets VALUES (?, ?) ON CONFLICT (source) DO UPDATE SET next = excluded.next",
            (source, following),
        )


def _insert(writing: Transaction, batch: NewBatch, done: Committed) -> None:
    position, receipt, number, _ = done
    writing.insert(FACTS, [(key, digest, receipt + index) for key, digest, index in batch.facts])
    writing.insert(EVENTS, [(at, *event) for at, event in enumerate(batch.events, position)])
    writing.insert(
        RECEIPTS,
        [
            (at, *rest, None if event is None else position + event, number, supersedes)
            for at, (*rest, event, supersedes) in enumerate(batch.receipts, receipt)
        ],
    )
    writing.insert(HELD, [(receipt + index, *rest, None) for index, *rest in batch.held])
    numbers = (number, position, receipt, done.recorded_at, batch.token)
    writing.execute("INSERT INTO batches VALUES (?, ?, ?, ?, ?)", numbers)


def _settle(writing: Transaction, batch: NewBatch, done: Committed) -> None:
    """Change what earlier batches left open; what another writer has settled is a conflict."""
    first = done.first_receipt
    moved = [(first + index, key) for key, index in batch.moved]
    released = [(first + index, held) for held, index in batch.released]
    if writing.change("UPDATE facts SET receipt = ? WHERE key = ?", moved) != len(moved) or writing.change(
        "UPDATE held SET released = ? WHERE receipt = ? AND released IS NULL", released
    ) != len(released):
        raise FactConflict("a parked fact of this batch was dealt with meanwhile")
