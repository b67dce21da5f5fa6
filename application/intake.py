"""The one door: every fact, from whichever side, becomes a decision, a disposition and a receipt, in one transaction.

Each arrival gets exactly one current disposition: accepted, duplicate, parked or refused (discarded is a person's
word). The bytes of what is parked or refused are kept. Facts for a contract that is not signed yet are parked and come
in by themselves when it is.
"""

import hashlib
import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace

from application.arrival import Arrival
from application.outcome import Outcome
from application.states import States
from application.work import Work, arrival_of
from domain.refusals import UnknownContract
from store.ledger import Committed, FactConflict, Held, Ledger, TooLarge, Unavailable, VersionConflict
from store.quiet import no_collection

LOG = logging.getLogger(__name__)

BATCH = 500
"""Facts in one transaction."""

BATCH_BYTES = 600_000
"""Payload bytes after which a batch is closed early, well below what one transaction may hold."""

KEPT = 262_144
"""The bytes that are kept of an arrival that is too large to be kept whole."""

ATTEMPTS = 12
"""How often a batch is decided anew when another writer was faster or the database was away."""

Offset = tuple[str, int | None, int]
"""(source, position expected to be stored, position to store): compare-and-set."""

Items = list[tuple[Arrival, Held | None]]
"""Arrivals, each with what was kept of it where it was parked before."""


class Intake:
    """Takes arrivals into a ledger; the progress of other writers is noticed and respected."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.states = States(ledger)
        self._latest = ledger.head().recorded_at

    def take(self, arrivals: Sequence[Arrival], now: int, offsets: Sequence[Offset] = ()) -> Outcome:
        """Decide and commit arrivals at the instant `now`, with the source positions that they move.

        The positions move with the last batch. Raises the ledger's errors when it stays unavailable.
        """
        outcome = Outcome()
        batches = list(_batches(arrivals)) or [[]]
        for number, batch in enumerate(batches):
            last = number == len(batches) - 1
            outcome.add(self._take([(arrival, None) for arrival in batch], now, offsets if last else ()))
        return outcome

    def release(self, now: int) -> Outcome:
        """Take in what waits for contracts that have been signed meanwhile (after a stop in between)."""
        outcome = Outcome()
        for stream in self.ledger.parked_streams():
            if stream and self.states.get(stream).version:
                outcome.add(self._release(stream, now))
        return outcome

    def _release(self, stream: str, now: int) -> Outcome:
        """Take in what waits for a contract; where another release was faster, what that one left."""
        outcome = Outcome()
        for attempt in range(1, ATTEMPTS + 1):
            waiting = [held for held in self.ledger.parked(stream) if held.code == UnknownContract.code]
            try:
                for start in range(0, len(waiting), BATCH):
                    chunk = waiting[start : start + BATCH]
                    outcome.add(self._take([(arrival_of(held), held) for held in chunk], now, ()))
            except FactConflict:
                if attempt == ATTEMPTS:
                    raise
                continue
            break
        return outcome

    def _take(self, items: Items, now: int, offsets: Sequence[Offset]) -> Outcome:
        now = max(now, self._latest + 1)
        unanswered: Work | None = None
        for attempt in range(1, ATTEMPTS + 1):
            work = Work(self.ledger, self.states, now)
            try:
                if unanswered and (stored := self.ledger.committed(unanswered.batch.token)):
                    return self._committed(unanswered, stored, now)  # no answer is not no effect
                unanswered = None
                with no_collection():
                    work.decide(items)
                    work.batch.offsets = list(offsets)
                    committed = self.ledger.append(work.batch, now)
            except BaseException as error:
                self.states.forget(work.touched)  # they ran ahead of the ledger
                if isinstance(error, TooLarge):
                    return self._take_parts(items, now, offsets, error)
                if attempt == ATTEMPTS or not self._may_retry(error, items):
                    raise
                LOG.info("batch is decided anew", extra={"attempt": attempt, "reason": str(error)})
                if isinstance(error, Unavailable):
                    unanswered = unanswered or work
                continue
            return self._committed(work, committed, now)
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _may_retry(self, error: BaseException, items: Items) -> bool:
        """Whether deciding anew may help; what waits must be read again first, where another release was faster."""
        waits = bool(items) and items[0][1] is not None
        return isinstance(error, Unavailable | VersionConflict) or (
            isinstance(error, FactConflict) and not waits
        )

    def _committed(self, work: Work, committed: Committed, now: int) -> Outcome:
        """Publish what a commit made true, and take in what waited for it."""
        self._latest = max(self._latest, committed.recorded_at)
        self.states.put(work.touched)
        outcome = work.outcome
        outcome.position = committed.first_position + len(work.batch.events) - 1
        LOG.info("batch committed", extra={"position": outcome.position, **outcome.counts})
        for stream in work.signed:
            outcome.add(self._release(stream, now))
        return outcome

    def _take_parts(self, items: Items, now: int, offsets: Sequence[Offset], error: TooLarge) -> Outcome:
        """Take a batch that is too large in halves; one arrival that is too large by itself is parked."""
        if len(items) == 1:
            [(arrival, held)] = items
            if arrival.problem and arrival.problem[0] == TOO_LARGE:
                raise error
            digest, kept = hashlib.sha256(arrival.payload).hexdigest(), arrival.payload[:KEPT]
            sentence = (
                f"{len(arrival.payload)} bytes with the SHA-256 {digest}, {len(kept)} of them kept: {error}"
            )
            return self._take(
                [(replace(arrival, payload=kept, problem=(TOO_LARGE, sentence)), held)], now, offsets
            )
        middle = len(items) // 2
        outcome = self._take(items[:middle], now, ())
        outcome.add(self._take(items[middle:], now, offsets))
        return outcome


TOO_LARGE = "too_large"


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
