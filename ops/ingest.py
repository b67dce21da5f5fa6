"""Taking in files: batch by batch through the one door, each file from where it was left."""

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from application.arrival import Arrival
from application.intake import BATCH
from application.outcome import ACCEPTED, DUPLICATE, PARKED, REFUSED, Outcome
from connectors.errors import InputError
from connectors.inputs import Input, open_input
from connectors.routing import Feeds
from domain.terms import Feed
from ops.answers import Dispositions
from ops.store import Store
from projections.runner import Progress
from store.ledger import LedgerError

Bar = Callable[[str], AbstractContextManager[Progress]]
"""Opens a progress bar with a title."""


@dataclass(slots=True)
class Taken:
    """What became of some files."""

    outcome: Outcome = field(default_factory=Outcome)
    for_no_contract: int = 0
    unchanged: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)

    @property
    def exit_status(self) -> int:
        """2 where a file could not be read, 1 where one stopped or something was parked or refused, else 0."""
        if self.unreadable:
            return 2
        return int(bool(self.stopped or self.outcome.counts[PARKED] or self.outcome.counts[REFUSED]))

    def as_answer(self) -> Dispositions:
        """The answer of `copact ingest --json`."""
        counts = self.outcome.counts
        return Dispositions(
            accepted=counts[ACCEPTED],
            duplicate=counts[DUPLICATE],
            parked=counts[PARKED],
            refused=counts[REFUSED],
            for_no_contract=self.for_no_contract,
            released=self.outcome.released,
            derived=dict(sorted(self.outcome.derived.items())),
            position=self.outcome.position,
            unchanged=self.unchanged,
            unreadable=self.unreadable,
            stopped=self.stopped,
            answers=[
                {
                    "source": each.source,
                    "fact_id": each.fact_id,
                    "disposition": each.disposition,
                    "code": each.code,
                    "detail": each.detail,
                    "place": each.place,
                }
                for each in self.outcome.answers
                if each.disposition != DUPLICATE
            ],
        )


def ingest_paths(store: Store, paths: Sequence[Path], clock: Callable[[], int], bar: Bar) -> Taken:
    """Take in files, and the files of folders by name; one that cannot be read does not stop the others.

    Feeds are read before each file, so that a contract signed meanwhile gets its records.
    """
    taken = Taken()
    for path in files_of(paths, taken.unreadable):
        try:
            feeds = feeds_of(store)
            _ingest_file(store, open_input(path, feeds), feeds, clock, bar, taken)
        except InputError as error:
            taken.unreadable.append(str(error))
        except OSError as error:
            taken.unreadable.append(f"{path}: {error.strerror or error}")
        except LedgerError as error:
            taken.stopped.append(f"{path}: what came before is stored; run it again to go on: {error}")
    store.runner.follow()
    taken.outcome.position = store.ledger.head().position
    return taken


def feeds_of(store: Store) -> Feeds:
    """The feeds of every contract, by all versions of its terms (which version counts is the contract's decision)."""
    found = list[tuple[str, str, Feed]]()
    for seen in store.reader.see_all(store.reader.moment()):
        for version in seen.state.versions:
            for feed in version.terms.feeds:
                entry = (seen.contract_id, version.terms.currency, feed)
                if entry not in found:
                    found.append(entry)
    return found


def files_of(paths: Sequence[Path], unreadable: list[str]) -> Iterator[Path]:
    """The files named, and the inputs inside the folders named, by name: what lies beside them is left alone."""
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        for folder, folders, names in os.walk(path, onerror=lambda error: unreadable.append(str(error))):
            folders[:] = sorted(each for each in folders if not each.startswith("."))
            found = (Path(folder, name) for name in sorted(names) if not name.startswith("."))
            yield from (each for each in found if each.suffix in SUFFIXES)


SUFFIXES = frozenset((".json", ".jsonl", ".csv", ".avro", ".gz"))
"""How the names of inputs end, for those that a person did not name one by one."""


def _ingest_file(
    store: Store, source: Input, feeds: Feeds, clock: Callable[[], int], bar: Bar, taken: Taken
) -> None:
    name = _source_name(source, feeds)
    start = store.ledger.offset(name)
    if start == DONE:
        taken.unchanged.append(source.name)
        return
    expected, batch, line, unclaimed = start, list[Arrival](), 0, 0
    with bar(source.name) as progress:
        for record in source.records():
            line = record.line
            if start is not None and line < start:
                continue
            unclaimed += not record.arrivals
            batch.extend(record.arrivals)
            if len(batch) >= BATCH:
                taken.outcome.add(store.intake.take(batch, clock(), [(name, expected, line + 1)]))
                expected, batch = line + 1, []
                progress(record.bytes_read, source.size)
        taken.outcome.add(store.intake.take(batch, clock(), [(name, expected, DONE)]))
        progress(source.size, source.size)
    taken.for_no_contract += unclaimed


DONE = 2**62
"""The stored position of a file that was read to its end."""


def _source_name(source: Input, feeds: Feeds) -> str:
    """A file by its content and, where feeds route its records, by the feeds: new feeds read it again."""
    routed = hashlib.sha256(repr(feeds).encode()).hexdigest()[:16] if source.routed else "own"
    return f"file:{source.digest.hex()}:{routed}"
