"""What a ledger keeps, and how it is numbered."""

import pytest

from store import ledger as ledger_module
from store.ledger import Committed, Head, Ledger, LedgerError, TooLarge, VersionConflict
from store.open import open_ledger
from tests.store.batches import TOPIC, Batch, digest_of, key_of, state_of


def test_an_empty_ledger_stands_at_zero(ledger: Ledger) -> None:
    """Nothing is known, nothing was read, and nothing was recorded."""
    assert ledger.head() == Head(0, 0, 0, 0)
    assert ledger.known([]) == ledger.known([b"0" * 16]) == {}
    assert (ledger.read(0, 10), list(ledger.stream("contract-A")), ledger.streams()) == ([], [], [])
    assert (ledger.position_at(10**18), ledger.recorded(1, 0), ledger.offset("file")) == (0, [], None)


def test_a_batch_is_stored_as_it_was_given(ledger: Ledger) -> None:
    """Events, facts, receipts, what is held and the offset of the source all come back."""
    batch = (
        Batch()
        .accept("a", "contract-A", 1)
        .park("b", "contract-B")
        .duplicate("a")
        .accept("c", "contract-A", 2)
    )
    done = ledger.append(batch.offset("file", None, 7), now=100)

    assert done == Committed(first_position=1, first_receipt=1, batch=1, recorded_at=100)
    assert ledger.head() == Head(position=2, receipt=4, batch=1, recorded_at=100)
    assert ledger.read(0, 10) == [
        (1, "contract-A", 1, TOPIC, b"contract-A/1"),
        (2, "contract-A", 2, TOPIC, b"contract-A/2"),
    ]
    known = ledger.known([key_of(each) for each in "abcd"])
    assert known == {
        key_of("a"): (digest_of("a"), 1, "accepted", "", 1),
        key_of("b"): (digest_of("b"), 2, "parked", "unknown_contract", None),
        key_of("c"): (digest_of("c"), 4, "accepted", "", 2),
    }
    assert [
        (each.receipt, each.fact_id, each.disposition, each.position) for each in ledger.receipts(1, 2)
    ] == [
        (2, "b", "parked", None),
        (3, "a", "duplicate", None),
    ]
    assert ledger.held(2).payload == b"b"
    assert ledger.offset("file") == 7


def test_numbers_go_on_without_gaps_after_batches_that_were_rolled_back(ledger: Ledger) -> None:
    """Neither a conflict nor an unforeseen error uses up a position, a receipt or a batch."""
    ledger.append(Batch().accept("a", "contract-A", 1), now=1)
    with pytest.raises(VersionConflict):
        ledger.append(Batch().accept("b", "contract-A", 1), now=2)
    wrong = Batch().accept("c", "contract-C", 1)
    wrong.events.append(("contract-C", 2, None, b""))  # type: ignore[arg-type]
    with pytest.raises(Exception, match=r"(?i)null"):
        ledger.append(wrong, now=3)

    assert ledger.append(Batch().accept("d", "contract-D", 1).accept("e", "contract-D", 2), now=4)[:3] == (
        2,
        2,
        2,
    )
    assert [position for position, *_ in ledger.read(0, 10)] == [1, 2, 3]
    assert ledger.head() == Head(3, 3, 2, 4)


def test_instants_grow_though_the_clock_steps_back(ledger: Ledger) -> None:
    """A batch is recorded at its instant, or a microsecond after the batch before it."""
    instants = [
        ledger.append(Batch().accept(str(now), f"contract-{at}", 1), now).recorded_at
        for at, now in enumerate((1000, 400, 1001, 5000))
    ]
    assert instants == [1000, 1001, 1002, 5000]


def test_an_instant_names_the_last_position_recorded_by_then(ledger: Ledger) -> None:
    """The boundary belongs to the batch; batches without events move no position."""
    ledger.append(Batch().accept("a", "contract-A", 1).accept("b", "contract-A", 2), now=100)
    ledger.append(Batch().park("c", "contract-C"), now=200)
    ledger.append(Batch().accept("d", "contract-A", 3), now=300)
    ledger.append(Batch().park("e", "contract-C"), now=400)

    at = {instant: ledger.position_at(instant) for instant in (99, 100, 199, 200, 299, 300, 400, 500)}
    assert at == {99: 0, 100: 2, 199: 2, 200: 2, 299: 2, 300: 3, 400: 3, 500: 3}
    assert [ledger.recorded_at(position) for position in (1, 2, 3)] == [100, 100, 300]
    assert ledger.recorded(2, 3) == [(1, 100), (3, 200), (3, 300)]
    for position in (0, 4):
        with pytest.raises(LookupError):
            ledger.recorded_at(position)


def test_reading_stops_at_a_limit_and_at_a_position(ledger: Ledger) -> None:
    """The log is read in pieces, and as it was at a position."""
    batch = Batch()
    for version in range(1, 6):
        batch.accept(str(version), "contract-A", version)
    ledger.append(batch, now=1)
    assert [row[0] for row in ledger.read(1, 2)] == [2, 3]
    assert [row[0] for row in ledger.read(1, 10, upto=4)] == [2, 3, 4]
    assert [row[2] for row in ledger.stream("contract-A", after_version=1, upto=4)] == [2, 3, 4]


def test_a_long_stream_is_read_in_chunks(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the size of a chunk, the stream is whole and in order."""
    batch = Batch()
    for version in range(1, 8):
        batch.accept(f"a{version}", "contract-A", version).accept(f"b{version}", "contract-B", version)
    ledger.append(batch, now=1)
    for size in (1, 3, 7, 8):
        monkeypatch.setattr(ledger_module, "CHUNK", size)
        found = [(version, state) for _, _, version, _, state in ledger.stream("contract-A")]
        assert found == [(version, state_of("contract-A", version)) for version in range(1, 8)]


def test_streams_are_listed_by_the_beginning_of_their_names(ledger: Ledger) -> None:
    """Names stand in the order of their bytes, on every database, each with its last version."""
    batch = Batch()
    for name in ("seller-1", "contract-b", "contract-B", "contract-a.2", "contract-a", "journal"):
        batch.accept(name, name, 1)
    ledger.append(batch.accept("more", "contract-B", 2), now=1)
    assert ledger.streams("contract-") == [
        ("contract-B", 2),
        ("contract-a", 1),
        ("contract-a.2", 1),
        ("contract-b", 1),
    ]
    assert len(ledger.streams()) == 6
    assert ledger.streams("contract-c") == []


def test_what_is_too_large_is_refused_before_anything_is_stored(ledger: Ledger) -> None:
    """One event, the events of a batch and their bytes have limits; at the limit they are stored."""
    large = Batch()
    large.events.append(("contract-A", 1, TOPIC, bytes(600_000)))
    large.events.append(("contract-A", 2, TOPIC, bytes(448_576)))
    many = Batch()
    many.events = [("contract-B", version, TOPIC, b"") for version in range(1, 1001)]
    ledger.append(large, now=1)
    ledger.append(many, now=2)

    one = Batch()
    one.events = [("contract-C", 1, TOPIC, bytes(600_001))]
    large.events[1] = ("contract-A", 2, TOPIC, bytes(448_577))
    many.events.append(("contract-B", 1001, TOPIC, b""))
    held = Batch().park("x", "contract-X")
    held.held[0] = (*held.held[0][:5], bytes(1_048_576), "")
    for batch in (one, large, many, held):
        with pytest.raises(TooLarge):
            ledger.append(batch, now=3)
    assert ledger.head().position == 1002


def test_a_parked_fact_lives_until_it_is_released_or_discarded(ledger: Ledger) -> None:
    """Its disposition changes, its receipts and its bytes stay, and the dispositions always add up to what came."""
    ledger.append(Batch().park("a", "contract-A").park("b", "contract-A").park("c", "contract-C"), now=1)
    ledger.append(Batch().park("r", "contract-A", disposition="refused").duplicate("a"), now=2)
    assert [held.payload for held in ledger.parked("contract-A")] == [b"a", b"b"]
    assert ledger.parked_streams() == {"contract-A": 2, "contract-C": 1}
    assert ledger.dispositions() == {
        ("source", "parked"): 3,
        ("source", "refused"): 1,
        ("source", "duplicate"): 1,
    }

    ledger.append(Batch().release("a", 1, "contract-A", 1).discard("c", 3), now=3)
    assert [held.payload for held in ledger.parked("contract-A")] == [b"b"]
    assert ledger.parked_streams() == {"contract-A": 1}
    assert ledger.dispositions() == {
        ("source", "accepted"): 1,
        ("source", "discarded"): 1,
        ("source", "duplicate"): 1,
        ("source", "parked"): 1,
        ("source", "refused"): 1,
    }
    assert ledger.known([key_of("a")])[key_of("a")] == (digest_of("a"), 6, "accepted", "", 1)
    assert ledger.receipts(5, 1)[0].supersedes == 1
    assert ledger.held(1).payload == b"a"
    with pytest.raises(LookupError):
        ledger.held(6)


def test_the_library_reads_the_same_events(ledger: Ledger) -> None:
    """Its recorder sees positions as notification ids, and cannot write."""
    ledger.append(Batch().accept("a", "contract-A", 1).accept("b", "contract-B", 1), now=1)
    ledger.append(Batch().accept("c", "contract-A", 2), now=2)
    recorder = ledger.recorder

    stored = [
        (each.originator_id, each.originator_version, each.topic, each.state)
        for each in recorder.select_events("contract-A")
    ]
    assert stored == [row[1:] for row in ledger.stream("contract-A")]
    notified = recorder.select_notifications(2, 10, topics=[TOPIC])
    assert [
        (each.id, each.originator_id, each.originator_version, each.topic, each.state) for each in notified
    ] == ledger.read(1, 10)
    assert recorder.max_notification_id() == 3
    with pytest.raises(NotImplementedError):
        recorder.insert_events([])


def test_a_folded_state_is_kept_under_its_shape(ledger: Ledger) -> None:
    """The newest one is given back, and none of another shape."""
    ledger.save_folds([("contract-B", 1, "shape", b"b"), ("contract-A", 1000, "shape", b"old")])
    ledger.save_folds([("contract-A", 2000, "shape", b"new")])
    assert ledger.load_fold("contract-A", "shape") == (2000, b"new")
    assert ledger.load_fold("contract-A", "other shape") is None
    assert ledger.load_fold("contract-C", "shape") is None


def test_a_ledger_is_found_again(database_url: str) -> None:
    """What was committed is there after everything was closed."""
    with open_ledger(database_url) as first:
        first.append(Batch().accept("a", "contract-A", 1), now=5)
    with open_ledger(database_url) as second:
        assert second.head() == Head(1, 1, 1, 5)


def test_a_ledger_of_another_format_is_not_opened(database_url: str, ledger: Ledger) -> None:
    """A newer Copact may have written what this one would misread."""
    with ledger._database.writing() as writing:
        writing.execute("UPDATE meta SET value = '2'")
    with pytest.raises(LedgerError, match="format"):
        open_ledger(database_url)
