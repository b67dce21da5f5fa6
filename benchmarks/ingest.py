"""Ingest: beside a bare insert of the very same rows, and beside the library used plainly."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from application.intake import Intake
from benchmarks.facts import BATCH, NOW, batches, contract_ids, signing
from benchmarks.side_by_side import Stopwatch, report, timed
from store.ledger import Committed, Ledger, NewBatch
from store.tables import BATCHES, EVENTS, FACTS, RECEIPTS

PASSES = 5
PER_PASS = 16
PLAIN_FACTS = 100
"""Facts of each batch that the plain way stores too: it is slow, and a rate needs no more."""


class Watching:
    """A ledger that remembers what it stored last."""

    stored: tuple[NewBatch, Committed]

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def append(self, batch: NewBatch, now: int) -> Committed:
        """Store and remember."""
        committed = self._ledger.append(batch, now)
        self.stored = (batch, committed)
        return committed

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)


def bare_insert(database: Any, batch: NewBatch, at: Committed) -> None:
    """The same rows into the same tables in one transaction, with nothing decided, asked or checked."""
    position, receipt, number, recorded = at
    with database.writing() as writing:
        writing.insert(FACTS, [(key, digest, receipt + index) for key, digest, index in batch.facts])
        writing.insert(EVENTS, [(place, *event) for place, event in enumerate(batch.events, position)])
        rows = [
            (place, *rest, None if event is None else position + event, number, supersedes)
            for place, (*rest, event, supersedes) in enumerate(batch.receipts, receipt)
        ]
        writing.insert(RECEIPTS, rows)
        writing.insert(BATCHES, [(number, position, receipt, recorded, batch.token)])


def run(name: str, subject: Ledger, floor: Ledger, plain: Any, goals: tuple[float, float]) -> None:
    """Measure on one database: `floor` is another, empty ledger of the same kind."""
    watching = Watching(subject)
    intake = Intake(watching)  # type: ignore[arg-type]
    ids = contract_ids()
    intake.take(signing(ids), NOW)
    bare = floor._database  # noqa: SLF001  # the floor is what lies below the ledger
    ours, below, naive = Stopwatch(), Stopwatch(), Stopwatch()
    for facts in _passes(ids):
        for watch in (ours, below, naive):
            watch.begin()
        for number, batch in enumerate(facts):
            timed(ours, BATCH, partial(intake.take, batch, NOW))
            timed(below, BATCH, partial(bare_insert, bare, *watching.stored))
            if number % 4 == 0:
                timed(naive, PLAIN_FACTS, partial(plain, batch[:PLAIN_FACTS]))
    report(f"{name}: ingest / bare insert of the same rows", ours, below, goals[0])
    report(f"{name}: ingest / the library used plainly", ours, naive, goals[1])


def _passes(ids: list[str]) -> Iterator[list[Any]]:
    facts = batches(PASSES * PER_PASS, ids)
    for _ in range(PASSES):
        yield [next(facts) for _ in range(PER_PASS)]
