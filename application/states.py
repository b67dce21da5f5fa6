"""Folded contracts held in memory between batches: loaded once, moved on with each commit, evicted when many."""

import logging
from collections import OrderedDict
from collections.abc import Iterable

from domain.contract import Contract
from store.fold import fold, from_blob, shape, to_blob
from store.ledger import Ledger, LedgerError

LOG = logging.getLogger(__name__)

BLOB_EVERY = 1_000
"""Versions between two state blobs of one contract: a cold load replays no more than these."""


class States:
    """The newest committed state of each contract in use.

    A batch folds into the states themselves, so that none is copied; whoever does so commits and calls `put`, or calls
    `forget`: then they are loaded again as the ledger has them.
    """

    def __init__(self, ledger: Ledger, limit: int = 5_000) -> None:
        self._ledger, self._limit = ledger, limit
        self._states: OrderedDict[str, Contract] = OrderedDict()
        self._saved: dict[str, int] = {}

    def get(self, stream: str) -> Contract:
        """The committed state of a stream; a fresh one where it has no events."""
        state = self._states.get(stream)
        if state is None:
            state = self._load(stream)
            if state.version:
                self._states[stream] = state
        else:
            self._states.move_to_end(stream)
        return state

    def put(self, states: dict[str, Contract]) -> None:
        """Publish states whose events are committed, and keep blobs of those that have grown or must go."""
        self._states.update((stream, state) for stream, state in states.items() if state.version)
        due = [
            (stream, state)
            for stream, state in states.items()
            if state.version - self._saved.get(stream, 0) >= BLOB_EVERY
        ]
        while len(self._states) > self._limit:
            stream, state = self._states.popitem(last=False)
            if state.version > self._saved.pop(stream, 0):
                due.append((stream, state))
        if due:
            self._save(due)

    def forget(self, streams: Iterable[str]) -> None:
        """Drop states that may be out of date."""
        for stream in streams:
            self._states.pop(stream, None)

    def _save(self, due: list[tuple[str, Contract]]) -> None:
        """Keep blobs; a failure costs nothing but a longer fold later, and what was committed stays committed."""
        try:
            self._ledger.save_folds([(stream, s.version, shape(), to_blob(s)) for stream, s in due])
        except LedgerError as error:
            LOG.warning("folded states could not be kept", extra={"reason": str(error)})
            return
        self._saved.update((stream, state.version) for stream, state in due)

    def _load(self, stream: str) -> Contract:
        kept = self._ledger.load_fold(stream, shape())
        state = from_blob(kept[1]) if kept else Contract()
        self._saved[stream] = state.version
        return fold(state, self._ledger.stream(stream, after_version=state.version))
