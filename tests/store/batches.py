"""Batches for the tests: what intake would hand to a ledger, in few words."""

import hashlib
import secrets

from store.ledger import NewBatch

TOPIC = "finance.PrepaymentReceived.v1"


def key_of(fact_id: str) -> bytes:
    """The key of a fact."""
    return hashlib.sha256(fact_id.encode()).digest()[:16]


def digest_of(fact_id: str) -> bytes:
    """The digest of its bytes."""
    return hashlib.sha256(b"bytes of " + fact_id.encode()).digest()


def state_of(stream: str, version: int) -> bytes:
    """What is stored for an event."""
    return f"{stream}/{version}".encode()


class Batch(NewBatch):
    """A batch that is put together step by step."""

    def __init__(self) -> None:
        super().__init__(token=secrets.token_bytes(16))

    def accept(self, fact_id: str, stream: str, version: int) -> "Batch":
        """A new fact that becomes the next event of a stream."""
        self.events.append((stream, version, TOPIC, state_of(stream, version)))
        return self._new(fact_id, "accepted", "", len(self.events) - 1)

    def park(self, fact_id: str, stream: str, disposition: str = "parked") -> "Batch":
        """A new fact that waits for a stream, or is refused."""
        self._new(fact_id, disposition, "unknown_contract", None)
        at = len(self.receipts) - 1
        self.held.append(
            (at, key_of(fact_id), stream, TOPIC, b"envelope", fact_id.encode(), "unknown_contract")
        )
        return self

    def duplicate(self, fact_id: str) -> "Batch":
        """A fact that has come before."""
        self.receipts.append((key_of(fact_id), "source", fact_id, "duplicate", "", "", None, None))
        return self

    def release(self, fact_id: str, receipt: int, stream: str, version: int) -> "Batch":
        """A parked fact that is accepted now."""
        self.events.append((stream, version, TOPIC, state_of(stream, version)))
        return self._settle(fact_id, receipt, "accepted", len(self.events) - 1)

    def discard(self, fact_id: str, receipt: int) -> "Batch":
        """A parked fact that a person gives up."""
        return self._settle(fact_id, receipt, "discarded", None)

    def offset(self, source: str, expected: int | None, following: int) -> "Batch":
        """The position of a source."""
        self.offsets.append((source, expected, following))
        return self

    def _new(self, fact_id: str, disposition: str, code: str, event: int | None) -> "Batch":
        self.receipts.append((key_of(fact_id), "source", fact_id, disposition, code, "", event, None))
        self.facts.append((key_of(fact_id), digest_of(fact_id), len(self.receipts) - 1))
        return self

    def _settle(self, fact_id: str, receipt: int, disposition: str, event: int | None) -> "Batch":
        self.receipts.append((key_of(fact_id), "source", fact_id, disposition, "", "", event, receipt))
        self.moved.append((key_of(fact_id), len(self.receipts) - 1))
        self.released.append((receipt, len(self.receipts) - 1))
        return self
