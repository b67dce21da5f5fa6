"""Signing from a contract file: the file becomes the fact, and a rule that it breaks names the line."""

from dataclasses import dataclass
from pathlib import Path

from application.arrival import Arrival
from application.outcome import ACCEPTED, DUPLICATE, PARKED
from application.work import DESK
from connectors import contract_file
from domain.checks import check
from domain.events import AmendmentSigned, ContractSigned
from domain.refusals import Conflicting, Refused
from ops.failures import Wrong
from ops.store import Store
from schemas import codec
from schemas.header import Command
from store.mapper import event_from


@dataclass(frozen=True, slots=True)
class Signature:
    """What became of a contract file, in one sentence."""

    sentence: str
    exit_status: int


def sign_file(store: Store, path: Path, now: int) -> Signature:
    """Sign the contract or amendment in a file at the instant `now`; raises Wrong where it breaks a rule.

    A person at a desk is told what is wrong before anything is stored: a file that breaks a rule leaves no receipt.
    """
    document = contract_file.read(path)
    event = event_from(document.type, document.record)
    if not isinstance(event, ContractSigned | AmendmentSigned):
        raise TypeError(document.type)
    try:
        check(store.intake.states.get(f"contract-{event.contract_id}"), event, now)
    except Refused as error:
        written = document.written(error.field)
        value = repr(error.value) if written is None else repr(written)
        raise Wrong(
            f"{path.name}:{document.line_of(error.field)}: {error.field}: {value}: {error.rule}"
        ) from None
    except Conflicting:
        pass  # the door parks it, and says why
    name = f"{event.contract_id}, terms {event.terms_version}"
    arrival = Arrival(
        type=document.type,
        source=DESK,
        fact_id=f"{event.contract_id}/terms-{event.terms_version}/{document.digest.hex()[:16]}",
        occurred_at=now,
        payload=codec.encode(document.type, document.record),
        origin=Command("sign"),
        document=document.digest,
    )
    outcome = store.intake.take([arrival], now)
    store.runner.follow()
    if outcome.counts[ACCEPTED]:
        waited = (
            f" Facts that waited for it and are taken in: {outcome.released}." if outcome.released else ""
        )
        return Signature(f"Signed {name}, at position {outcome.position}.{waited}", 0)
    [answer, *_] = outcome.answers
    if outcome.counts[DUPLICATE] and answer.known_as == ACCEPTED:
        return Signature(f"{name} is signed already; nothing has changed.", 0)
    if answer.code == "unknown_contract":
        return Signature(f"{name} waits: its contract has not been signed yet.", 1)
    word = "parked" if PARKED in (answer.disposition, answer.known_as) else answer.disposition
    return Signature(f"Not signed ({word}): {path.name}: {answer.detail}", 1)
