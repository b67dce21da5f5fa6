"""How projections are fed: live in batches, rebuilt beside the live tables, or replayed into a scratch database.

All feeds fold with the domain's own `evolve` and render the rows of touched contracts once per batch. The rows of a
contract are as of the local day on which its last event was recorded, so they follow from the ledger alone: live,
rebuilt and replayed rows are equal. Another day is answered by rendering the folded state again (`projections.reader`).
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from domain.agreed import day_at
from domain.contract import Contract, evolve
from projections.assets import ASSETS
from projections.commitments import COMMITMENTS
from projections.contracts import CONTRACTS
from projections.funding import FUNDING
from projections.projection import Projection
from schemas.header import payload_of
from store.fold import from_blob, shape, to_blob
from store.ledger import Ledger, StoredRow
from store.mapper import event_of_stored
from store.quiet import no_collection
from store.views import Overtaken, Table, Views

PROJECTIONS: tuple[Projection, ...] = (COMMITMENTS, FUNDING, ASSETS, CONTRACTS)

LIVE_BATCH = 500
REBUILD_BATCH = 5_000
CACHED = 5_000
"""Folded contracts that a live follower keeps in memory."""

Changes = dict[str, dict[str, list[tuple[Any, ...]]]]
"""Rows by table and stream; the rows of a stream are replaced as a whole."""

Progress = Callable[[int, int], None]
"""Told (position reached, position to reach) from time to time."""


def no_progress(_reached: int, _goal: int) -> None:
    """Tell nobody."""


class Clock:
    """When positions were recorded, read once for a stretch of the ledger."""

    def __init__(self, ledger: Ledger, first: int, last: int) -> None:
        stretches = ledger.recorded(first, last)
        self._firsts = [position for position, _ in stretches]
        self._instants = [instant for _, instant in stretches]

    def at(self, position: int) -> int:
        """The instant at which a position was recorded."""
        return self._instants[bisect_right(self._firsts, position) - 1]


States = dict[str, tuple[Contract, int]]
"""Folded contracts by stream, each with the position of its last event."""


def fold_into(states: States, rows: Iterable[StoredRow], load: Callable[[str], Contract]) -> set[str]:
    """Fold stored events in ledger order; the streams that they touched. `load` gives what is not yet in `states`."""
    touched = set()
    for position, stream, _, topic, stored in rows:
        known = states.get(stream)
        state = known[0] if known else load(stream)
        states[stream] = (evolve(state, event_of_stored(topic, payload_of(stored))), position)
        touched.add(stream)
    return touched


def fold_all(ledger: Ledger, upto: int, progress: Progress = no_progress) -> States:
    """Every contract as of a position, folded from the beginning."""
    states: States = {}
    position = 0
    while position < upto:
        with no_collection():
            rows = ledger.read(position, REBUILD_BATCH, upto=upto)
            fold_into(states, rows, lambda _: Contract())
        position = rows[-1][0]
        progress(position, upto)
    return states


def render(
    projections: Sequence[Projection], states: States, streams: Iterable[str], clock: Clock
) -> Changes:
    """The rows of some contracts by table and stream, each as of the day of its last event."""
    changes: Changes = {table.name: {} for each in projections for table in each.tables}
    for stream in streams:
        state, position = states[stream]
        if state.signed is None:
            continue
        on = day_at(state.versions, clock.at(position))
        for each in projections:
            found = each.rows(state, on, position)
            for table in each.tables:
                changes[table.name][stream] = [in_columns(table, row) for row in found[table.name]]
    return changes


def in_columns(table: Table, row: dict[str, Any]) -> tuple[Any, ...]:
    """A row as a tuple in the order of its table's columns; what the row leaves out is None."""
    return tuple(_storable(row.get(column)) for column in table.columns)


def _storable(value: Any) -> Any:
    """A value as a column can hold it: PostgreSQL has no U+0000 in text."""
    return value.replace("\0", "\ufffd") if isinstance(value, str) else value


class Runner:
    """Keeps one read-model database up to date with one ledger."""

    def __init__(self, ledger: Ledger, views: Views, projections: Sequence[Projection] = PROJECTIONS) -> None:
        self._ledger, self._views, self._projections = ledger, views, projections
        self._states: States = {}
        self._reached = 0
        views.create([table for each in projections for table in each.tables], shape())

    def follow(self, progress: Progress = no_progress) -> int:
        """Bring the rows up to the head of the ledger, batch by batch; the position reached.

        Where another follower was faster, it goes on from where that one is; raises `Overtaken` where nobody got
        further, which means that the read models are now made by other definitions.
        """
        while True:
            before = self._views.position()
            try:
                return self._follow(progress)
            except Overtaken:
                if self._views.position() <= before:
                    raise

    def _follow(self, progress: Progress) -> int:
        position, head = self._views.position(), self._ledger.head().position
        if position != self._reached:  # another follower has moved the rows, so what is folded here is old
            self._states.clear()
        while position < head:
            batch = self._ledger.read(position, LIVE_BATCH, upto=head)
            reached = batch[-1][0]
            try:
                touched = sorted(fold_into(self._states, batch, self._load))
                clock = Clock(self._ledger, position + 1, reached)
                blobs = {stream: self._blob(stream) for stream in touched}
                changes = render(self._projections, self._states, touched, clock)
                self._views.apply(changes, blobs, position, reached)
            except BaseException:
                self._states.clear()
                raise
            if len(self._states) > CACHED:
                self._states.clear()
            position = self._reached = reached
            progress(position, head)
        return position

    def rebuild(self, names: Sequence[str] = (), progress: Progress = no_progress) -> int:
        """Fold the whole ledger anew and swap tables in one transaction; then follow what came in meanwhile.

        Without names, all projections. Raises LookupError for a name that no projection has, and `Overtaken` where
        another follower moved on meanwhile: then nothing was changed and it can be tried again.
        """
        for name in names:
            if name not in {each.name for each in self._projections}:
                known = ", ".join(each.name for each in self._projections)
                raise LookupError(f"projection: {name!r}: one of {known}")
        chosen = [each for each in self._projections if not names or each.name in names]
        expected = self.follow() if names else self._views.position()
        head = expected if names else self._ledger.head().position
        states = fold_all(self._ledger, head, progress)
        changes = render(chosen, states, states, Clock(self._ledger, 1, head))
        blobs = ((stream, state.version, last, to_blob(state)) for stream, (state, last) in states.items())
        self._views.replace(changes, blobs, expected, head)
        self._states.clear()
        return self.follow(progress)

    def _load(self, stream: str) -> Contract:
        kept = self._views.folded(stream)
        return from_blob(kept.blob) if kept else Contract()

    def _blob(self, stream: str) -> tuple[int, int, bytes]:
        state, position = self._states[stream]
        return state.version, position, to_blob(state)


def replay(ledger: Ledger, views: Views, upto: int, progress: Progress = no_progress) -> None:
    """Render every contract as of a position into an empty read-model database, with the same projections."""
    views.create([table for each in PROJECTIONS for table in each.tables], shape())
    states = fold_all(ledger, upto, progress)
    changes = render(PROJECTIONS, states, states, Clock(ledger, 1, upto))
    blobs = ((stream, state.version, last, to_blob(state)) for stream, (state, last) in states.items())
    views.replace(changes, blobs, 0, upto)
