"""Both ledgers against a model in memory, through random histories of two writers who do not always know enough."""

import tempfile
from pathlib import Path
from typing import Any

import psycopg
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from store.ledger import FactConflict, Fenced, Head, Ledger, VersionConflict
from store.open import open_ledger
from tests.store.batches import TOPIC, Batch, digest_of, key_of, state_of

STREAMS = st.sampled_from(["contract-A", "contract-B", "contract-é"])
FACTS = st.sampled_from([f"fact-{number}" for number in range(12)])
INSTANTS = st.integers(min_value=0, max_value=50)


class LedgersAndModel(RuleBasedStateMachine):
    """The model: plain lists and dictionaries, changed only when a batch should be stored."""

    postgres_url = ""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.ledgers: list[Ledger] = []
        self.events: list[tuple[int, str, int, str, bytes]] = []
        self.receipts: list[tuple[str, str, int | None]] = []
        self.current: dict[str, int] = {}
        self.waiting: dict[int, str] = {}
        self.batches: list[tuple[int, int]] = []
        self.offset: int | None = None

    @initialize()
    def open(self) -> None:
        """Begin with two empty ledgers."""
        with psycopg.connect(self.postgres_url) as connection:
            connection.execute("SET client_min_messages = warning")
            connection.execute("DROP SCHEMA IF EXISTS copact CASCADE")
        file = Path(self.folder.name) / "copact.db"
        self.ledgers = [open_ledger(f"sqlite:///{file}"), open_ledger(self.postgres_url)]

    def teardown(self) -> None:
        """Close both."""
        for ledger in self.ledgers:
            ledger.close()
        self.folder.cleanup()

    def version(self, stream: str) -> int:
        """The last version of a stream in the model."""
        return sum(row[1] == stream for row in self.events)

    def append(self, batch: Batch, now: int, error: type[Exception] | None) -> bool:
        """Append to both ledgers, which must do the same; whether it was stored."""
        for ledger in self.ledgers:
            raised: Exception | None = None
            try:
                ledger.append(batch, now)
            except (VersionConflict, FactConflict, Fenced) as conflict:
                raised = conflict
            assert type(raised) is (error or type(None))
            assert (ledger.committed(batch.token) is None) == (error is not None)
        if error is None:
            last = self.batches[-1][1] if self.batches else 0
            self.batches.append((len(self.events) + 1, max(now, last + 1)))
        return error is None

    def store(self, stream: str) -> int:
        """The next event of a stream in the model; its position."""
        version = self.version(stream) + 1
        position = len(self.events) + 1
        self.events.append((position, stream, version, TOPIC, state_of(stream, version)))
        return position

    @rule(fact=FACTS, stream=STREAMS, off=st.sampled_from([0, 0, 0, -1, 1]), now=INSTANTS)
    def accept(self, fact: str, stream: str, off: int, now: int) -> None:
        """A fact taken for new, decided on a state that may be out of date."""
        error = VersionConflict if off else FactConflict if fact in self.current else None
        batch = Batch().duplicate("fact-0").accept(fact, stream, self.version(stream) + 1 + off)
        if self.append(batch, now, error):
            self.receipts.append(("fact-0", "duplicate", None))
            self.receipts.append((fact, "accepted", None))
            self.current[fact] = len(self.receipts)
            self.store(stream)

    @rule(fact=FACTS, stream=STREAMS, now=INSTANTS)
    def park(self, fact: str, stream: str, now: int) -> None:
        """A fact that has to wait."""
        if self.append(Batch().park(fact, stream), now, FactConflict if fact in self.current else None):
            self.receipts.append((fact, "parked", None))
            self.current[fact] = len(self.receipts)
            self.waiting[len(self.receipts)] = stream

    @rule(data=st.data(), now=INSTANTS)
    def release(self, data: st.DataObject, now: int) -> None:
        """Something parked is taken in, perhaps for the second time."""
        parked = [
            number for number, (_, disposition, _) in enumerate(self.receipts, 1) if disposition == "parked"
        ]
        if not parked:
            return
        receipt = data.draw(st.sampled_from(parked))
        fact, stream = self.receipts[receipt - 1][0], "contract-A"
        batch = Batch().release(fact, receipt, stream, self.version(stream) + 1)
        if self.append(batch, now, None if receipt in self.waiting else FactConflict):
            del self.waiting[receipt]
            self.receipts.append((fact, "accepted", receipt))
            self.current[fact] = len(self.receipts)
            self.store(stream)

    @rule(right=st.booleans(), following=st.integers(min_value=0, max_value=2**62), now=INSTANTS)
    def read_on(self, right: bool, following: int, now: int) -> None:
        """A source is read on by a worker that may have been overtaken."""
        expected = self.offset if right else -1
        if self.append(Batch().offset("file", expected, following), now, None if right else Fenced):
            self.offset = following

    @invariant()
    def both_are_as_the_model(self) -> None:
        """Every question has the same answer."""
        for ledger in self.ledgers:
            last = self.batches[-1][1] if self.batches else 0
            assert ledger.head() == Head(len(self.events), len(self.receipts), len(self.batches), last)
            assert ledger.read(0, 1000) == self.events
            assert ledger.receipts(0, 1000) == self.stored_receipts(ledger)
            assert ledger.offset("file") == self.offset
            self.check_facts(ledger)
            self.check_times(ledger)

    def stored_receipts(self, ledger: Ledger) -> list[Any]:
        """The receipts of a ledger, once they are seen to say what the model says."""
        found = ledger.receipts(0, 1000)
        assert [(each.fact_id, each.disposition, each.supersedes) for each in found] == self.receipts
        accepted = [each.position for each in found if each.disposition == "accepted"]
        assert accepted == [position for position, *_ in self.events]
        assert [each.receipt for each in found] == list(range(1, len(found) + 1))
        return found

    def check_facts(self, ledger: Ledger) -> None:
        """Facts, what waits, and the sum over dispositions."""
        known = ledger.known([key_of(f"fact-{number}") for number in range(12)])
        assert {(each.digest, each.receipt) for each in known.values()} == {
            (digest_of(fact), receipt) for fact, receipt in self.current.items()
        }
        counts = ledger.dispositions()
        superseded = sum(supersedes is not None for _, _, supersedes in self.receipts)
        assert sum(counts.values()) == len(self.receipts) - superseded
        assert (
            counts.get(("source", "parked"), 0) == len(self.waiting) == sum(ledger.parked_streams().values())
        )
        for stream in set(self.waiting.values()):
            numbers = [number for number, name in self.waiting.items() if name == stream]
            assert [held.receipt for held in ledger.parked(stream)] == sorted(numbers)

    def check_times(self, ledger: Ledger) -> None:
        """Positions by instant, and instants by position."""
        for number, (_, instant) in enumerate(self.batches):
            following = (
                self.batches[number + 1][0] if number + 1 < len(self.batches) else len(self.events) + 1
            )
            assert ledger.position_at(instant) == following - 1
        for position in range(1, len(self.events) + 1):
            assert ledger.recorded_at(position) == max(at for first, at in self.batches if first <= position)


def test_both_ledgers_are_as_a_model_says(postgres_url: str) -> None:
    """SQLite and PostgreSQL give the answers of a model, whatever two writers do."""
    machine = type("Machine", (LedgersAndModel,), {"postgres_url": postgres_url})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=15,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
