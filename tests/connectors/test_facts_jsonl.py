"""The product's own facts as JSON: what a publisher meant is what is decoded, or the record is told to be broken."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors import facts_jsonl
from connectors.inputs import open_input
from schemas import codec
from schemas.header import File
from schemas.readable import to_readable
from tests.connectors.feeds import PLACE, arrivals, fact, problems
from tests.examples import EXAMPLES
from tests.schemas.records import records

FACTS = [type_ for type_ in EXAMPLES if not type_.startswith("derived.")]

PREPAID: dict[str, Any] = {
    "specversion": "1.0",
    "type": "copact.finance.PrepaymentReceived.v1",
    "id": "p-1",
    "source": "finance.ledger",
    "subject": "contract-summer-1",
    "time": "2026-06-01T09:30:00.5+02:00",
    "data": {
        "contract_id": "summer-1",
        "payment_id": "payment-1",
        "received_on": "2026-06-01",
        "currency": "USD",
        "amount": "50000.00",
    },
}


def event(type_: str, record: dict[str, Any]) -> dict[str, Any]:
    """A record as its publisher would send it."""
    subject = f"contract-{record['contract_id']}"
    return PREPAID | {"type": f"copact.{type_}", "subject": subject, "data": to_readable(type_, record)}


@pytest.mark.parametrize("type_", FACTS)
def test_every_example_comes_through(type_: str) -> None:
    """An example of each fact and version, sent as JSON, is the same record after it is decoded."""
    [arrival] = facts_jsonl.arrivals_of(json.dumps(event(type_, EXAMPLES[type_])).encode(), PLACE)
    assert arrival.problem is None
    assert (arrival.type, arrival.payload) == (type_, codec.encode(type_, EXAMPLES[type_]))


@settings(max_examples=60)
@given(st.data())
def test_any_record_comes_through(data: st.DataObject) -> None:
    """Whatever figures, days and texts a fact holds, its JSON gives the bytes that its Avro form has."""
    type_ = data.draw(st.sampled_from(FACTS))
    record = data.draw(records(type_)) | {"contract_id": "c-1"}
    [arrival] = facts_jsonl.arrivals_of(json.dumps(event(type_, record)).encode(), PLACE)
    assert arrival.problem is None
    assert arrival.payload == codec.encode(type_, record)


def test_the_envelope_is_kept() -> None:
    """Id, source, time, causes, the place in the file and the digest of the line go with the fact."""
    raw = json.dumps(PREPAID | {"causationid": "a", "correlationid": "b", "traceparent": 7}).encode()
    [arrival] = facts_jsonl.arrivals_of(raw, PLACE)
    assert (arrival.source, arrival.fact_id) == ("finance.ledger", "p-1")
    assert (arrival.causation, arrival.correlation) == ("a", "b")
    assert arrival.occurred_at == 1_780_299_000_500_000
    assert arrival.origin == File(bytes(32), 3)
    assert arrival.document == sha256(raw).digest()


@pytest.mark.parametrize(
    ("change", "code", "sentence"),
    [
        ({"specversion": "0.3"}, "bad_envelope", "specversion: '0.3': a CloudEvent of version 1.0 expected"),
        ({"type": "copact.finance.PrepaymentReceived.v9"}, "unknown_schema", "type: 'copact.finance.Prepay"),
        ({"type": "finance.PrepaymentReceived.v1"}, "unknown_schema", "no fact has this schema name"),
        ({"type": "copact.derived.CommitmentMet.v1"}, "unknown_schema", "no fact has this schema"),
        ({"type": "copact.envelope.Header.v1"}, "unknown_schema", "no fact has this"),
        ({"id": ""}, "bad_envelope", "id: '': it is empty"),
        ({"id": "x" * 201}, "bad_envelope", "text of at most 200 printable characters"),
        ({"source": "a\ud800"}, "bad_envelope", "source: 'a\\ud800'"),
        ({"source": None}, "bad_envelope", "source: missing"),
        ({"subject": "summer-1"}, "bad_envelope", "subject: 'summer-1': contract-<id> expected"),
        (
            {"subject": "contract-other"},
            "bad_value",
            "data.contract_id: 'summer-1': the subject says contract-other",
        ),
        ({"time": "2026-06-01"}, "bad_value", "time: '2026-06-01': an instant"),
        ({"datacontenttype": "text/xml"}, "bad_envelope", "datacontenttype: 'text/xml': application/json"),
        ({"data": [1]}, "bad_envelope", "data: a JSON object"),
        ({"causationid": 5}, "bad_envelope", "causationid: 5"),
    ],
)
def test_an_envelope_that_breaks_a_rule_is_told(change: dict[str, Any], code: str, sentence: str) -> None:
    """Each attribute has its rule, and its sentence names place, value and rule."""
    raw = json.dumps(PREPAID | change).encode()
    [arrival] = facts_jsonl.arrivals_of(raw, PLACE)
    assert arrival.problem
    assert arrival.problem[0] == code
    assert arrival.problem[1].startswith("facts.jsonl:3: ")
    assert sentence in arrival.problem[1]
    assert (arrival.payload, arrival.fact_id) == (raw, "")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"amount": "50,000.00"}, "data.amount: '50,000.00': no separators"),
        ({"amount": "1.0000001"}, "at most 6 decimals"),
        ({"received_on": "2026-06-31"}, "data.received_on: '2026-06-31': no such day"),
        ({"currency": 5}, "data.currency: '5': text expected, in quotes"),
        ({"amont": "5"}, "data.amont: no such field; did you mean amount?"),
        ({"amount": "99999999999999"}, "data.amount: '99999999999999': too large"),
        ({"payment_id": "\udc00"}, "half of a surrogate pair"),
        ({"\udc00\n": 1}, "data.\\udc00\\n: no such field"),
        ({"y" * 100_000: 1}, "yyy…"),
        ({"payment_id": "x" * 600_000}, "at most 524288 bytes"),
        ({"a": 1, "b": 2, "c": 3, "d": 4, "e": 5}, "; and 2 more"),
    ],
)
def test_data_that_breaks_a_rule_are_told(change: dict[str, Any], sentence: str) -> None:
    """The field is named by path from data on, and long lists of errors are cut."""
    raw = json.dumps(PREPAID | {"data": PREPAID["data"] | change}).encode()
    [arrival] = facts_jsonl.arrivals_of(raw, PLACE)
    assert arrival.problem
    assert sentence in arrival.problem[1]


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b'{"specversion": "1.0", "id": "p', "truncated"),
        (b'{"specversion": "1.0", "id": ', "truncated"),
        (b'{"specversion": "1.0"} {"specversion": "1.0"}', "bad_json"),
        (b'{"specversion": "1.0", "specversion": "1.0"}', "bad_json"),
        (b'{"specversion": NaN}', "bad_json"),
        (b'{"specversion": ' + b"9" * 5_000 + b"}", "bad_json"),
        (b'{"specversion": 1e' + b"9" * 30 + b"}", "bad_json"),
        (b"[" * 200_000, "bad_json"),
        (b"\xff\xfe odd bytes", "not_text"),
        (b"[1]", "bad_envelope"),
        (b"7", "bad_envelope"),
        (
            json.dumps(PREPAID | {"data": {"x": [[[]] * 2]}}).replace("[]", "[" * 60 + "]" * 60).encode(),
            "bad_value",
        ),
    ],
    ids=[
        "half text",
        "half",
        "two",
        "twice",
        "nan",
        "digits",
        "exponent",
        "deep",
        "bytes",
        "list",
        "number",
        "nested",
    ],
)
def test_what_is_no_json_event_is_told(raw: bytes, code: str) -> None:
    """Nothing that a line can hold stops the reading of a file."""
    [arrival] = facts_jsonl.arrivals_of(raw, PLACE)
    assert arrival.problem
    assert (arrival.problem[0], arrival.payload) == (code, raw[:262_144])


def test_a_corrected_record_may_keep_its_id(tmp_path: Path) -> None:
    """A record that could not be read has no id, so the next one under its id is a new fact and no conflict."""
    path = tmp_path / "facts.jsonl"
    broken = PREPAID | {"data": PREPAID["data"] | {"amount": "much"}}
    path.write_text(json.dumps(broken) + "\n" + json.dumps(PREPAID) + "\n")
    bad, good = arrivals(path)
    assert (bad.fact_id, good.fact_id) == ("", "p-1")
    assert bad.origin != good.origin


def test_a_batch_is_read_element_by_element(tmp_path: Path) -> None:
    """An array that breaks off gives the events before the break, and then the reason."""
    events = [PREPAID | {"id": f"p-{number}"} for number in range(3)]
    path = tmp_path / "batch.json"
    text = json.dumps(events, indent=1)
    path.write_text(text)
    assert [each.fact_id for each in arrivals(path)] == ["p-0", "p-1", "p-2"]
    path.write_text(text[:-40])
    found = arrivals(path)
    assert [each.fact_id for each in found] == ["p-0", "p-1", ""]
    assert problems(found)[0][0] == "truncated"
    assert problems(found)[0][1].startswith("batch.json:3: the JSON breaks off at its end, at line ")


def test_the_digest_of_an_element_is_that_of_its_own_bytes(tmp_path: Path) -> None:
    """An event is the same document alone on a line and between others in an array."""
    path = tmp_path / "batch.json"
    path.write_text(f" [ {json.dumps(PREPAID)},\n{json.dumps(PREPAID)} ]\n")
    assert {each.document for each in arrivals(path)} == {sha256(json.dumps(PREPAID).encode()).digest()}
    assert [record.line for record in open_input(path, ()).records()] == [1, 2]


def test_a_fact_of_the_clock_is_left_to_the_door(tmp_path: Path) -> None:
    """What only the clock may say is read like any fact; who may say it is not decided here."""
    path = tmp_path / "facts.jsonl"
    type_ = "clock.DeadlinePassed.v1"
    path.write_text(json.dumps(event(type_, EXAMPLES[type_])))
    [arrival] = arrivals(path)
    assert fact(arrival) == EXAMPLES[type_]
