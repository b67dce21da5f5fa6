"""Two writers, lost answers, and databases that are away: nothing is stored by halves."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from store import postgres, sqlite
from store.database import Database, Transaction
from store.errors import LedgerError
from store.ledger import FactConflict, Fenced, Ledger, Unavailable, VersionConflict
from store.open import open_ledger
from tests.store.batches import TOPIC, Batch, key_of


def everything(ledger: Ledger) -> list[list[tuple[Any, ...]]]:
    """Every row of every table."""
    names = ("events", "facts", "receipts", "held", "offsets", "batches", "head")
    return [sorted(ledger._database.rows(f"SELECT * FROM {name}"), key=repr) for name in names]  # noqa: S608


def stale(batch: Batch) -> None:
    """An event that is on record already."""
    batch.accept("new", "contract-A", 1)


def gap(batch: Batch) -> None:
    """An event whose predecessor is not on record."""
    batch.accept("new", "contract-A", 4)


def gap_inside(batch: Batch) -> None:
    """Two events of one stream that do not follow one another."""
    batch.accept("new", "contract-B", 1).accept("newer", "contract-B", 3)


def fact_again(batch: Batch) -> None:
    """A fact that came in meanwhile."""
    batch.accept("a", "contract-B", 1)


def released_again(batch: Batch) -> None:
    """A parked fact that was released meanwhile."""
    batch.release("p", 2, "contract-B", 1)


def released_without_supersession(batch: Batch) -> None:
    """The same, where only the bytes say so."""
    batch.release("p", 2, "contract-B", 1)
    batch.receipts[-1] = (*batch.receipts[-1][:-1], None)


def moved_unknown(batch: Batch) -> None:
    """A fact that moves without being known."""
    batch.accept("new", "contract-B", 1)
    batch.moved.append((b"?" * 16, 0))


def source_moved(batch: Batch) -> None:
    """A source that another worker has read on."""
    batch.offset("file", 7, 8)


def source_new(batch: Batch) -> None:
    """A source that another worker has begun."""
    batch.offset("file", None, 8)


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        (stale, VersionConflict),
        (gap, VersionConflict),
        (gap_inside, VersionConflict),
        (fact_again, FactConflict),
        (released_again, FactConflict),
        (released_without_supersession, FactConflict),
        (moved_unknown, FactConflict),
        (source_moved, Fenced),
        (source_new, Fenced),
    ],
)
def test_a_conflict_stores_nothing(
    ledger: Ledger, wrong: Callable[[Batch], None], error: type[LedgerError]
) -> None:
    """A batch of which one part conflicts leaves every table as it was, and the ledger goes on."""
    ledger.append(Batch().accept("a", "contract-A", 1).park("p", "contract-A").offset("file", None, 9), now=1)
    ledger.append(Batch().release("p", 2, "contract-A", 2), now=2)
    before = everything(ledger)
    batch = Batch().accept("x", "contract-X", 1).park("y", "contract-Y").offset("other", None, 1)
    wrong(batch)
    with pytest.raises(error):
        ledger.append(batch, now=3)
    assert everything(ledger) == before
    assert ledger.append(Batch().accept("x", "contract-X", 1), now=4).first_position == 3


def test_a_conflict_names_its_stream_and_its_source(ledger: Ledger) -> None:
    """Whoever has to decide anew learns what moved."""
    ledger.append(Batch().accept("a", "contract-A", 1).offset("file", None, 9), now=1)
    with pytest.raises(VersionConflict) as conflict:
        ledger.append(Batch().accept("x", "contract-X", 1).accept("b", "contract-A", 1), now=2)
    assert conflict.value.stream == "contract-A"
    with pytest.raises(Fenced) as fenced:
        ledger.append(Batch().offset("file", 3, 4), now=2)
    assert (fenced.value.source, fenced.value.expected, fenced.value.found) == ("file", 3, 9)


class LosesAnswers:
    """A database whose answer to a commit is lost on the way."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        """Commit, and say nothing."""
        with self._database.writing() as writing:
            yield writing
        raise Unavailable("the connection was lost")


def test_a_lost_answer_is_asked_for_by_token(ledger: Ledger) -> None:
    """No answer is not "not stored": the token tells."""
    batch, never = Batch().accept("a", "contract-A", 1), Batch()
    with pytest.raises(Unavailable):
        Ledger(LosesAnswers(ledger._database)).append(batch, now=7)
    committed = ledger.committed(batch.token)
    assert committed is not None
    assert committed == (1, 1, 1, 7)
    assert ledger.committed(never.token) is None


def test_the_same_batch_is_not_stored_twice(ledger: Ledger) -> None:
    """Even one that carries nothing but its token."""
    batch = Batch()
    ledger.append(batch, now=1)
    with pytest.raises(LedgerError):
        ledger.append(batch, now=2)
    assert ledger.head().batch == 1


def test_a_locked_database_is_unavailable_and_then_available_again(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever waits too long for another writer is told, and may try again."""
    monkeypatch.setattr(sqlite, "LOCK_TIMEOUT", 1)
    monkeypatch.setattr(postgres, "LOCK_TIMEOUT", 1)
    with open_ledger(database_url) as ledger, open_ledger(database_url) as other:
        with other._database.writing() as writing:
            writing.locked("SELECT * FROM head")
            with pytest.raises(Unavailable):
                ledger.append(Batch().accept("a", "contract-A", 1), now=1)
        assert ledger.append(Batch().accept("a", "contract-A", 1), now=1).first_position == 1


def test_a_reader_does_not_leave_a_writer_in_mid_transaction(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A commit that a reader of the file holds up is rolled back as a whole, and the connection can be used again."""
    monkeypatch.setattr(sqlite, "LOCK_TIMEOUT", 1)
    with open_ledger(f"sqlite:///{tmp_path / 'copact.db'}") as ledger:
        reader = sqlite3.connect(tmp_path / "copact.db", isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM head").fetchall()
        with pytest.raises(Unavailable):
            ledger.append(Batch().accept("a", "contract-A", 1), now=1)
        reader.close()
        assert ledger.append(Batch().accept("a", "contract-A", 1), now=1).first_position == 1


def test_the_ledger_goes_on_after_the_server_has_ended_its_connections(postgres_url: str) -> None:
    """A restart of the server between two batches is not even noticed."""
    with open_ledger(postgres_url) as ledger:
        ledger.append(Batch().accept("a", "contract-A", 1), now=1)
        with psycopg.connect(postgres_url) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        assert ledger.append(Batch().accept("b", "contract-A", 2), now=2)[:3] == (2, 2, 2)


def test_a_writer_that_stops_in_mid_transaction_is_ended(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another one goes on, and the stopped one learns that nothing of its own was stored when it wakes up."""

    def stop_in_the_middle(writing: Transaction) -> None:
        writing.locked("SELECT * FROM head")
        writing.execute("UPDATE head SET position = 99")
        assert ledger.append(Batch().accept("a", "contract-A", 1), now=1).first_position == 1
        writing.execute("UPDATE head SET position = 100")

    with open_ledger(postgres_url) as ledger:
        monkeypatch.setattr(postgres, "IDLE_TIMEOUT", 1)
        with open_ledger(postgres_url) as zombie:
            with pytest.raises(Unavailable), zombie._database.writing() as writing:
                stop_in_the_middle(writing)
            assert ledger.head().position == 1


def test_writers_at_once_stay_in_order_and_leave_no_gap(database_url: str) -> None:
    """A reader that follows the log meanwhile never sees a position before a lower one, nor skips one."""
    writers, batches = 2, 25
    failures: list[BaseException] = []

    def write(worker: int) -> None:
        try:
            with open_ledger(database_url) as own:
                for number in range(batches):
                    batch = Batch()
                    for each in range(3):
                        batch.accept(f"{worker}/{number}/{each}", f"contract-{worker}", number * 3 + each + 1)
                    own.append(batch, now=number)
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    with open_ledger(database_url) as ledger:
        threads = [threading.Thread(target=write, args=(worker,)) for worker in range(writers)]
        for thread in threads:
            thread.start()
        seen: list[int] = []
        while len(seen) < writers * batches * 3 and not failures:
            seen += [row[0] for row in ledger.read(len(seen), 100)]
        for thread in threads:
            thread.join()
        assert not failures
        assert seen == list(range(1, writers * batches * 3 + 1))
        instants = [instant for _, instant in ledger.recorded(1, len(seen))]
        assert instants == sorted(set(instants))
        assert len(instants) == writers * batches


def test_two_writers_of_one_stream_cannot_both_be_right(database_url: str) -> None:
    """Of two that decided on the same state, at the same time, one is told to decide anew."""
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def write(worker: int) -> None:
        with open_ledger(database_url) as own:
            start.wait()
            try:
                own.append(Batch().accept(f"fact-{worker}", "contract-A", 1), now=1)
                outcomes.append("stored")
            except VersionConflict:
                outcomes.append("conflict")

    with open_ledger(database_url) as ledger:
        threads = [threading.Thread(target=write, args=(worker,)) for worker in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes) == ["conflict", "stored"]
        assert ledger.read(0, 10) == [(1, "contract-A", 1, TOPIC, b"contract-A/1")]
        assert len(ledger.known([key_of("fact-0"), key_of("fact-1")])) == 1
