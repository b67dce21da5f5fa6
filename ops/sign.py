"""Signing from a contract file: the file becomes the fact, and a rule that it breaks names the line."""

from dataclasses import dataclass
from pathlib import Path

from application.arrival import Arrival
from application.intake import ACCEPTED, DUPLICATE
from connectors import contract_file
from domain.refusals import BadTerms
from domain.terms_check import check_terms
from ops.failures import Wrong
from ops.store import Store
from schemas import codec
from schemas.header import File
from store.mapper import event_from

DESK = "contract-desk"
"""The source of contracts and amendments that are signed from a file."""


@dataclass(frozen=True, slots=True)
class Signature:
    """What became of a contract file, in one sentence."""

    sentence: str
    exit_status: int


def sign_file(store: Store, path: Path, now: int) -> Signature:
    """Sign the contract or amendment in a file at the instant `now`; raises Wrong where its terms cannot hold."""
    document = contract_file.read(path)
    event = event_from(document.type, document.record)
    try:
        check_terms(event.terms)  # type: ignore[union-attr]
    except BadTerms as error:
        raise Wrong(f"{path.name}:{document.line_of(error.field)}: {error}") from None
    arrival = Arrival(
        type=document.type,
        source=DESK,
        fact_id=f"{event.contract_id}/terms-{document.record['terms_version']}",
        occurred_at=now,
        payload=codec.encode(document.type, document.record),
        origin=File(document.digest, 1),
        document=document.digest,
    )
    outcome = store.intake.take([arrival], now)
    store.runner.follow()
    name = f"{event.contract_id}, terms {document.record['terms_version']}"
    if outcome.counts[ACCEPTED]:
        waited = f" {outcome.released} facts that waited for it were taken in." if outcome.released else ""
        return Signature(f"Signed {name}, at position {outcome.position}.{waited}", 0)
    if outcome.counts[DUPLICATE]:
        return Signature(f"{name} is signed already; nothing has changed.", 0)
    return Signature(f"Not signed: {path.name}: {outcome.answers[0].detail}", 1)
