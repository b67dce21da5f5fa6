"""The one door, on both databases: dispositions, receipts, and nothing half-done."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from application.arrival import Arrival
from application.deadlines import due
from application.intake import Intake
from application.outcome import ACCEPTED, DUPLICATE, PARKED, REFUSED
from application.work import CLOCK
from domain.contract import Contract
from domain.events import DeadlinePassed
from schemas.header import Clock, Kafka, Rules, decode_header, split
from store.fold import fold, shape
from store.ledger import Committed, Fenced, Ledger, NewBatch, Unavailable
from tests.arrivals import arrival, arrivals
from tests.examples import AMENDED, CLOSED, CONTRACT, GMV, PREPAID, SIGNED, SPEND, VISITS, at, gmv, spend, usd

FIRST = date(2026, 6, 15)
NOW = at(date(2026, 6, 26))
STREAM = f"contract-{CONTRACT}"


def topics(ledger: Ledger) -> list[str]:
    """The names of the stored events, in ledger order."""
    return [topic.split(".")[1] for _, _, _, topic, _ in ledger.read(0, 10_000)]


def total(ledger: Ledger) -> dict[str, int]:
    """Current dispositions over all sources."""
    found: dict[str, int] = {}
    for (_, disposition), count in ledger.dispositions().items():
        found[disposition] = found.get(disposition, 0) + count
    return found


def test_an_accepted_fact_is_the_event(ledger: Ledger) -> None:
    """The bytes that came are the bytes that are stored, under the header that says where they came from."""
    fact = arrival(SIGNED, "sign-1")
    outcome = Intake(ledger).take([fact], NOW)
    assert outcome.counts == {ACCEPTED: 1}
    [(position, stream, version, topic, state)] = ledger.read(0, 10)
    head, payload = split(state)
    header = decode_header(head)
    assert (position, stream, version, topic) == (1, STREAM, 1, fact.type)
    assert payload == fact.payload
    assert (header.source, header.fact_id, header.origin) == (
        fact.source,
        "sign-1",
        Kafka("copact.facts.test.v1", 0, 7),
    )


def test_what_follows_is_stored_with_its_cause(ledger: Ledger) -> None:
    """A derived event follows its fact in the same transaction and names it."""
    reports = [gmv(FIRST + timedelta(n), 100) for n in range(10)]
    outcome = Intake(ledger).take(arrivals([SIGNED, *reports]), NOW)
    assert outcome.derived == {"CommitmentMet": 1}
    *_, (_, _, version, topic, state) = ledger.read(0, 100)
    header = decode_header(split(state)[0])
    assert topic == "derived.CommitmentMet.v1"
    assert (header.source, header.fact_id) == ("copact.domain", f"{STREAM}/{version}")
    assert (header.causation, header.origin) == (f"{STREAM}/{version - 1}", Rules(1))


def test_the_same_fact_again_has_no_effect(ledger: Ledger) -> None:
    """Delivered three times, within a batch and in another one, a fact counts once and is answered each time."""
    intake = Intake(ledger)
    facts = arrivals([SIGNED, GMV])
    intake.take([*facts, facts[1]], NOW)
    again = intake.take(facts, NOW)
    assert again.counts == {DUPLICATE: 2}
    assert topics(ledger) == ["ContractSigned", "GmvReported"]
    assert total(ledger) == {ACCEPTED: 2, DUPLICATE: 3}


def test_the_same_id_with_other_bytes_is_parked(ledger: Ledger) -> None:
    """One id is one fact: the second content is kept aside, and known when it comes again."""
    intake = Intake(ledger)
    other = replace(SPEND, amount=1)
    intake.take([arrival(SIGNED), arrival(SPEND, "x"), arrival(other, "x")], NOW)
    outcome = intake.take([arrival(other, "x")], NOW)
    assert outcome.counts == {DUPLICATE: 1}
    assert total(ledger) == {ACCEPTED: 2, PARKED: 1, DUPLICATE: 1}
    assert "other bytes" in ledger.receipts(0, 10)[2].detail


def test_facts_wait_for_their_contract_and_come_in_by_themselves(ledger: Ledger) -> None:
    """Parked under an unknown contract, in the same batch and in earlier ones, they are accepted once it is signed."""
    intake = Intake(ledger)
    early, late = arrival(PREPAID), arrival(SPEND)
    assert intake.take([early], NOW).counts == {PARKED: 1}
    outcome = intake.take([late, arrival(SIGNED)], NOW)
    assert (outcome.counts, outcome.released) == ({ACCEPTED: 2, PARKED: 0}, 1)
    assert topics(ledger) == ["ContractSigned", "PrepaymentReceived", "SpendReported"]
    assert total(ledger) == {ACCEPTED: 3}
    assert ledger.parked_streams() == {}
    assert intake.take([early, late], NOW).counts == {DUPLICATE: 2}


class _Interrupted:
    """A ledger whose process is stopped when it asks what waits."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)

    def parked(self, _stream: str) -> None:
        raise KeyboardInterrupt


def test_a_stop_between_signature_and_release_loses_nothing(ledger: Ledger) -> None:
    """Where the process died after the signature was committed, `release` takes in what still waits."""
    Intake(ledger).take([arrival(PREPAID)], NOW)
    interrupted = _Interrupted(ledger)
    with pytest.raises(KeyboardInterrupt):
        Intake(interrupted).take([arrival(SIGNED)], NOW)  # type: ignore[arg-type]
    assert topics(ledger) == ["ContractSigned"]
    Intake(ledger).release(NOW)
    assert topics(ledger) == ["ContractSigned", "PrepaymentReceived"]


@pytest.mark.parametrize(
    ("wrong", "disposition", "code"),
    [
        (arrival(replace(PREPAID, amount=-5)), REFUSED, "not_positive"),
        (arrival(replace(PREPAID, currency="EUR")), REFUSED, "currency_mismatch"),
        (arrival(replace(PREPAID, contract_id="no spaces please")), REFUSED, "bad_id"),
        (arrival(replace(PREPAID, contract_id="unknown-9")), PARKED, "unknown_contract"),
        (arrival(PREPAID, payload=b"\x02"), PARKED, "truncated"),
        (arrival(PREPAID, payload=arrival(PREPAID).payload + b"!"), PARKED, "trailing_bytes"),
        (arrival(PREPAID, payload=bytes(600_000)), PARKED, "too_large"),
        (arrival(PREPAID, type="finance.PrepaymentReceived.v9"), PARKED, "unknown_schema"),
        (arrival(PREPAID, type="derived.CommitmentMet.v1"), PARKED, "unknown_schema"),
        (arrival(PREPAID, type="nonsense"), PARKED, "unknown_schema"),
        (arrival(PREPAID, fact_id="x" * 201), PARKED, "bad_envelope"),
        (arrival(PREPAID, fact_id="a\nb"), PARKED, "bad_envelope"),
        (arrival(PREPAID, fact_id="half \ud800"), PARKED, "bad_envelope"),
        (arrival(PREPAID, problem=("not_json", "line 3: it ends early")), PARKED, "not_json"),
        (arrival(PREPAID, payload=bytes(1_100_000)), PARKED, "too_large"),
        (arrival(PREPAID, fact_id="nul \0"), PARKED, "bad_envelope"),
        (arrival(replace(PREPAID, contract_id="nul \0")), REFUSED, "bad_id"),
        (arrival(replace(PREPAID, contract_id="x" * 100_000)), REFUSED, "bad_id"),
        (arrival(PREPAID, source="copact.clock"), PARKED, "bad_envelope"),
        (arrival(PREPAID, occurred_at=2**62), PARKED, "bad_envelope"),
        (arrival(CLOSED), REFUSED, "not_from_the_clock"),
        (arrival(SPEND, origin=Clock()), REFUSED, "not_from_the_clock"),
    ],
)
def test_a_bad_fact_is_kept_and_its_neighbours_go_on(
    ledger: Ledger, wrong: Arrival, disposition: str, code: str
) -> None:
    """The bytes are held with one clear sentence; the facts before and after it are accepted."""
    outcome = Intake(ledger).take([arrival(SIGNED), wrong, arrival(VISITS)], NOW)
    assert outcome.counts == {ACCEPTED: 2, disposition: 1}
    [answer] = outcome.answers
    assert (answer.disposition, answer.code) == (disposition, code)
    receipt = ledger.receipts(0, 10)[1]
    kept = ledger.held(receipt.receipt).payload
    assert wrong.payload.startswith(kept)
    assert len(kept) >= min(len(wrong.payload), 262_144)


def test_consumed_is_the_sum_of_current_dispositions(ledger: Ledger) -> None:
    """Whatever came, each arrival has exactly one current disposition."""
    intake = Intake(ledger)
    came = [
        arrival(PREPAID),
        arrival(replace(PREPAID, payment_id="p2", amount=-1)),
        arrival(SPEND, payload=b""),
        arrival(SIGNED),
        arrival(PREPAID),
        arrival(GMV),
        arrival(replace(GMV, total=usd(9)), "other"),
    ]
    for fact in came:
        intake.take([fact], NOW)
    assert sum(total(ledger).values()) == len(came)
    assert total(ledger) == {ACCEPTED: 3, REFUSED: 1, PARKED: 2, DUPLICATE: 1}


def test_the_source_position_moves_with_the_facts_or_not_at_all(ledger: Ledger) -> None:
    """A reader that was overtaken is fenced: neither its facts nor its position are stored."""
    intake = Intake(ledger)
    intake.take([arrival(SIGNED)], NOW, [("topic/0", None, 5)])
    with pytest.raises(Fenced):
        intake.take([arrival(SPEND)], NOW, [("topic/0", 3, 6)])
    assert (topics(ledger), ledger.offset("topic/0")) == (["ContractSigned"], 5)
    intake.take([], NOW, [("topic/0", 5, 9)])
    assert ledger.offset("topic/0") == 9


def test_another_writer_is_noticed_and_respected(ledger: Ledger) -> None:
    """Two doors on one ledger: the slower one decides anew on what the other has stored."""
    one, two = Intake(ledger), Intake(ledger)
    one.take([arrival(SIGNED), arrival(PREPAID)], NOW)
    two.take([arrival(spend(FIRST, 1), "a")], NOW)
    one.take([arrival(spend(FIRST, 2), "b")], NOW)
    outcome = two.take([arrival(spend(FIRST, 1), "a"), arrival(spend(FIRST, 4), "c")], NOW)
    assert outcome.counts == {DUPLICATE: 1, ACCEPTED: 1}
    versions = [version for _, _, version, _, _ in ledger.read(0, 10)]
    assert versions == [1, 2, 3, 4, 5]
    assert two.states.get(STREAM) == fold(Contract(), ledger.stream(STREAM))


class _Meddling:
    """A ledger during whose first append another writer is faster."""

    def __init__(self, ledger: Ledger, meddle: Callable[[], object]) -> None:
        self._ledger, self._meddle = ledger, [meddle]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)

    def append(self, batch: NewBatch, now: int) -> Committed:
        if self._meddle:
            self._meddle.pop()()
        return self._ledger.append(batch, now)


def test_a_fact_that_comes_while_its_contract_is_signed_does_not_wait_for_ever(ledger: Ledger) -> None:
    """The decision to park it rested on an unsigned contract; the commit notices, and it is decided anew."""
    meddling = _Meddling(ledger, lambda: Intake(ledger).take([arrival(SIGNED)], NOW))
    outcome = Intake(meddling).take([arrival(PREPAID)], NOW)  # type: ignore[arg-type]
    assert outcome.counts == {ACCEPTED: 1}
    assert ledger.parked_streams() == {}


def test_a_decision_that_adds_nothing_rests_on_what_is_stored_too(ledger: Ledger) -> None:
    """Nothing new by an old copy of the contract is decided anew by the new one."""
    intake = Intake(ledger)
    intake.take([arrival(SIGNED)], NOW)
    late = replace(AMENDED, effective_from=date(2026, 6, 22))
    meddling = _Meddling(ledger, lambda: Intake(ledger).take([arrival(late)], NOW))
    due_then = DeadlinePassed(CONTRACT, "TERMS_EFFECTIVE", "2", at(date(2026, 6, 22), 0))
    outcome = Intake(meddling).take([arrival(due_then, "t", source=CLOCK, origin=Clock())], NOW)  # type: ignore[arg-type]
    assert outcome.counts == {ACCEPTED: 1}


def test_what_the_clock_says_may_become_new_again(ledger: Ledger) -> None:
    """A deadline that had no effect when it was said has its effect once it is expected."""
    intake = Intake(ledger)
    said = arrival(CLOSED, "deadline", source=CLOCK, origin=Clock())
    early = CLOSED.instant - 1
    intake.take([arrival(SIGNED)], early - 10)
    assert intake.take([said], early).counts == {DUPLICATE: 1}
    assert intake.take([said], NOW).counts == {ACCEPTED: 1}


class _Silent:
    """A ledger that stores a batch, or does not, and gives no answer either way."""

    def __init__(self, ledger: Ledger, *, stores: bool) -> None:
        self._ledger, self._stores, self.silences, self.asked = ledger, stores, 1, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)

    def append(self, batch: NewBatch, now: int) -> Committed:
        if not self.silences:
            return self._ledger.append(batch, now)
        self.silences -= 1
        if self._stores:
            self._ledger.append(batch, now)
        raise Unavailable("the connection was lost")

    def committed(self, token: bytes) -> Committed | None:
        if self.asked:
            return self._ledger.committed(token)
        self.asked += 1
        raise Unavailable("the connection is still lost")

    def save_folds(self, _folds: object) -> None:
        raise Unavailable("disk full")


@pytest.mark.parametrize("stores", [True, False])
def test_no_answer_is_neither_stored_nor_lost(ledger: Ledger, *, stores: bool) -> None:
    """Where a commit's answer is lost, the ledger is asked: one effect, one receipt for each fact, either way."""
    intake = Intake(_Silent(ledger, stores=stores))  # type: ignore[arg-type]
    outcome = intake.take([arrival(SIGNED), arrival(GMV)], NOW, [("topic/0", None, 9)])
    assert outcome.counts == {ACCEPTED: 2}
    assert (outcome.position, ledger.offset("topic/0")) == (2, 9)
    assert topics(ledger) == ["ContractSigned", "GmvReported"]
    assert total(ledger) == {ACCEPTED: 2}
    assert intake.states.get(STREAM).version == 2


def test_the_clock_speaks_once(ledger: Ledger) -> None:
    """What is due is due once: a second ticker's facts are duplicates, and nothing is due afterwards."""
    intake = Intake(ledger)
    intake.take([arrival(SIGNED)], NOW)
    waiting = due([intake.states.get(STREAM)], NOW)
    assert [each.fact_id.split("/")[1] for each in waiting] == ["REBATE_CLOSED", "WINDOW_CLOSED"]
    intake.take(waiting, NOW)
    assert intake.take(waiting, NOW).counts == {DUPLICATE: 2}
    assert due([intake.states.get(STREAM)], NOW) == []


def test_a_cold_start_folds_what_the_cache_had(ledger: Ledger) -> None:
    """The state in memory, the state from the stored blob and the state folded from the beginning are one."""
    intake = Intake(ledger)
    facts = [spend(FIRST, 1) for _ in range(1_100)]
    intake.take(arrivals([SIGNED, *facts]), NOW)
    warm = intake.states.get(STREAM)
    assert ledger.load_fold(STREAM, shape()) is not None
    assert Intake(ledger).states.get(STREAM) == warm == fold(Contract(), ledger.stream(STREAM))
