"""Folded contracts as bytes: disposable copies that spare a long replay, never a truth.

A blob names the shape it was made with, the digest of the domain's own source: after any change of the domain the old
blobs are simply not used and history is folded again.
"""

import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import msgspec

import domain
from domain.contract import Contract, evolve
from schemas.header import payload_of
from store.ledger import StoredRow
from store.mapper import event_of_stored

_decoder = msgspec.msgpack.Decoder(Contract)


@cache
def shape() -> str:
    """The digest of what folds and holds a contract."""
    digest = hashlib.sha256()
    for module in sorted(Path(domain.__file__).parent.glob("*.py")):
        digest.update(module.read_bytes())
    return digest.hexdigest()[:32]


def to_blob(state: Contract) -> bytes:
    """A folded contract as bytes."""
    return msgspec.msgpack.encode(state)


def from_blob(blob: bytes) -> Contract:
    """The folded contract in a blob of the present `shape`."""
    return _decoder.decode(blob)


def fold(state: Contract, rows: Iterable[StoredRow]) -> Contract:
    """Fold stored events into a state that the caller owns, in stream order."""
    for _, _, _, topic, stored_state in rows:
        evolve(state, event_of_stored(topic, payload_of(stored_state)))
    return state
