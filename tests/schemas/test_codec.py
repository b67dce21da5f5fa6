"""Bytes and records: exact both ways, and nothing that is not exactly one record passes."""

import time
import tracemalloc
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import codec
from schemas.codec import Undecodable, Unencodable
from schemas.conform import conformer
from schemas.errors import UnknownSchema
from schemas.shapes import Array, Optional, Record, Shape, shape_of
from schemas.walk import MAX_ITEMS
from tests.schemas.records import CURRENT, EVENTS, records

SPEND = "ads.SpendReported.v1"
GMV = "retail.GmvReported.v2"
LICENCE = "content.LicenceGranted.v1"

SPEND_RECORD: dict[str, Any] = {
    "contract_id": "C-1",
    "source": "amazon-ads",
    "marketplace_id": "ATVPDKIKX0DER",
    "account_id": "A-1",
    "campaign_id": "K-1",
    "reporting": "DELTA",
    "revision": 0,
    "period_start": 1_781_506_800_000_000,
    "period_end": 1_781_510_400_000_000,
    "currency": "USD",
    "amount": -12_340_000,
}
LICENCE_RECORD: dict[str, Any] = {
    "contract_id": "C-1",
    "licence_id": "L-1",
    "asset_id": "A-1",
    "effect": "PERMISSION",
    "channels": ["social"],
    "territories": [],
    "first_day": date(2026, 6, 15),
    "last_day": None,
    "clause": "",
}

FEW = settings(max_examples=20, deadline=None)
"""For properties that are asked of every schema."""


def has_arrays(shape: Shape) -> bool:
    """Whether a value may be written in more than one way: arrays may be cut into blocks."""
    match shape:
        case Array():
            return True
        case Optional(inner):
            return has_arrays(inner)
        case Record(fields=fields):
            return any(has_arrays(field.shape) for field in fields)
    return False


PLAIN = [type_ for type_ in CURRENT if not has_arrays(shape_of(type_))]


def code_of(type_: str, payload: bytes) -> str:
    """The code with which bytes are refused."""
    with pytest.raises(Undecodable) as caught:
        codec.decode(type_, payload)
    return caught.value.code


# Round trips


@pytest.mark.parametrize("type_", CURRENT)
def test_what_is_encoded_is_decoded(type_: str) -> None:
    """Any record comes back from its bytes, in the field order of its schema."""

    @FEW
    @given(records(type_))
    def check(record: dict[str, Any]) -> None:
        decoded = codec.decode(type_, codec.encode(type_, record))
        assert decoded == record
        assert list(decoded) == [field.name for field in shape_of(type_).fields]

    check()


@given(records(GMV))
def test_stored_bytes_decode_alike(record: dict[str, Any]) -> None:
    """The path for stored bytes gives what the door gave."""
    payload = codec.encode(GMV, record)
    assert codec.decoder(GMV, stored=True)(payload) == codec.decoder(GMV)(payload)


# Decoding refuses


@pytest.mark.parametrize("type_", EVENTS)
def test_every_cut_is_noticed(type_: str) -> None:
    """No beginning of a record passes for a record."""

    @FEW
    @given(records(type_), st.randoms(use_true_random=False))
    def check(record: dict[str, Any], random: Any) -> None:
        payload = codec.encode(type_, record)
        assert code_of(type_, payload[: random.randrange(len(payload))]) == "truncated"

    check()


@pytest.mark.parametrize("type_", EVENTS)
def test_bytes_after_the_record_are_noticed(type_: str) -> None:
    """A record followed by anything is refused."""

    @FEW
    @given(records(type_), st.binary(min_size=1, max_size=4))
    def check(record: dict[str, Any], more: bytes) -> None:
        assert code_of(type_, codec.encode(type_, record) + more) == "trailing_bytes"

    check()


@pytest.mark.parametrize("type_", EVENTS)
def test_damaged_bytes_are_refused_or_mean_a_whole_record(type_: str) -> None:
    """Whatever is done to the bytes, they are refused in a sentence or decode to a record that fits its schema."""

    @FEW
    @given(records(type_), st.randoms(use_true_random=False), st.binary(max_size=6))
    def check(record: dict[str, Any], random: Any, new: bytes) -> None:
        payload = codec.encode(type_, record)
        start, length = random.randrange(len(payload)), random.randrange(6)
        damaged = payload[:start] + new + payload[start + length :]
        try:
            conformer(type_ if type_ in CURRENT else GMV)(codec.decode(type_, damaged))
        except Undecodable as undecodable:
            refusal = undecodable
        else:
            return
        assert refusal.code in ("truncated", "trailing_bytes", "too_large", "bad_value")
        assert str(refusal).startswith(type_)

    check()


@pytest.mark.parametrize("type_", PLAIN)
def test_a_record_has_one_encoding(type_: str) -> None:
    """Without arrays, no two byte strings decode to the same record: damage that passes is another record."""

    @FEW
    @given(records(type_), st.randoms(use_true_random=False), st.binary(max_size=11))
    def check(record: dict[str, Any], random: Any, new: bytes) -> None:
        payload = codec.encode(type_, record)
        start, length = random.randrange(len(payload)), random.randrange(6)
        damaged = payload[:start] + new + payload[start + length :]
        try:
            decoded = codec.decode(type_, damaged)
        except Undecodable:
            return
        assert codec.encode(type_, decoded) == damaged

    check()


def test_an_integer_of_more_than_64_bits_is_refused() -> None:
    """Eleven bytes of a long would be wrapped to another amount by the library; here they are refused."""
    payload = codec.encode(SPEND, SPEND_RECORD | {"amount": 0})
    assert codec.decode(SPEND, payload[:-1] + b"\xff" * 9 + b"\x01")["amount"] == -(2**63)
    for amount in (b"\xff" * 9 + b"\x02", b"\x80" * 10 + b"\x01", b"\xff" * 40 + b"\x01"):
        assert code_of(SPEND, payload[:-1] + amount) == "bad_value"


def test_a_padded_integer_is_refused() -> None:
    """An integer written with more bytes than it needs is not what any encoder writes."""
    payload = codec.encode(SPEND, SPEND_RECORD | {"amount": 1})
    assert code_of(SPEND, payload[:-1] + b"\x82\x00") == "bad_value"


@pytest.mark.parametrize("index", [b"\x01", b"\x03", b"\x04", b"\x7f"])
def test_an_enum_index_outside_the_symbols_is_refused(index: bytes) -> None:
    """The library would count a negative index from the end; here it is refused, and the field is named."""
    payload = codec.encode(SPEND, SPEND_RECORD)
    at = payload.index(b"K-1") + 3
    with pytest.raises(Undecodable, match=rf"reporting .*byte {at}") as caught:
        codec.decode(SPEND, payload[:at] + index + payload[at + 1 :])
    assert caught.value.code == "bad_value"


@pytest.mark.parametrize("branch", [b"\x01", b"\x03", b"\x04"])
def test_a_union_branch_outside_the_union_is_refused(branch: bytes) -> None:
    """The branches of last_day are null and a date, and no other number stands for them."""
    payload = codec.encode(LICENCE, LICENCE_RECORD)
    assert code_of(LICENCE, payload[:-2] + branch + payload[-1:]) == "bad_value"


def test_a_text_that_is_not_unicode_is_refused() -> None:
    """Text is UTF-8, without surrogates."""
    payload = codec.encode(SPEND, SPEND_RECORD)
    for wrong in (b"\xff\xfe\xfd", b"\xed\xa0\x80"):
        assert code_of(SPEND, payload.replace(b"USD", wrong)) == "bad_value"


def test_a_negative_text_length_is_refused() -> None:
    """A length below zero is no length."""
    assert code_of(SPEND, b"\x01" + bytes(40)) == "bad_value"


def test_a_day_outside_the_calendar_is_refused() -> None:
    """A date is a day that Python and other languages can name."""
    payload = codec.encode(LICENCE, LICENCE_RECORD)
    day = codec.encode(LICENCE, LICENCE_RECORD | {"last_day": date(9999, 12, 31)})[-5:-1]
    assert code_of(LICENCE, payload[:-2] + b"\x02\xfe\xff\xff\xff\x0f\x00") == "bad_value"
    assert codec.decode(LICENCE, payload[:-2] + b"\x02" + day.removeprefix(b"\x02") + b"\x00")["last_day"]


def test_too_many_bytes_are_refused_before_they_are_read() -> None:
    """A payload above the limit is refused by its length."""
    assert code_of(SPEND, bytes(codec.MAX_PAYLOAD + 1)) == "too_large"


def test_an_unknown_type_is_refused() -> None:
    """A type that the catalogue does not hold is a reason to refuse, with a sentence."""
    assert code_of("ads.SpendReported.v9", b"") == "unknown_schema"
    with pytest.raises(UnknownSchema):
        codec.encode("ads.SpendReported.v9", {})


def zigzag(value: int) -> bytes:
    """An Avro long."""
    rest, out = value << 1 ^ value >> 63, b""
    while rest > 0x7F:
        out, rest = out + bytes([rest & 0x7F | 0x80]), rest >> 7
    return out + bytes([rest])


LICENCE_HEAD, _, LICENCE_TAIL = codec.encode(LICENCE, LICENCE_RECORD).partition(b"\x02\x0csocial\x00")
"""A licence up to its channels, of which the count comes next, and what follows them."""


@pytest.mark.parametrize(
    ("bomb", "code"),
    [
        (zigzag(2**40), "too_large"),
        (zigzag(-(2**40)) + zigzag(8), "too_large"),
        (zigzag(-(2**63)) + zigzag(8), "too_large"),
        (zigzag(9_000), "truncated"),
        (zigzag(1) + zigzag(2**40), "truncated"),
        (zigzag(1) + zigzag(2**62), "truncated"),
        (zigzag(1) + zigzag(-5), "bad_value"),
        ((zigzag(1) + zigzag(0)) * 20_000, "too_large"),
        ((zigzag(-1) + zigzag(2**62) + zigzag(0)) * 1_000, "bad_value"),
    ],
)
def test_a_declared_count_costs_nothing(bomb: bytes, code: str) -> None:
    """A few bytes that declare 2^40 items or characters are refused at once and in little memory."""
    codec.decoder(LICENCE)
    tracemalloc.start()
    started = time.process_time()
    refused = code_of(LICENCE, LICENCE_HEAD + bomb)
    spent, (_, peak) = time.process_time() - started, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert refused == code
    assert spent < 1
    assert peak < 1_000_000


def test_the_longest_list_that_passes_fits_in_memory() -> None:
    """As many items as may be, each as small as may be, are decoded within the memory of a small service."""
    empty = codec.encode(GMV, GMV_RECORD | {"slices": []})
    payload = empty[:-1] + zigzag(MAX_ITEMS) + bytes(3 * MAX_ITEMS) + b"\x00"
    decode = codec.decoder(GMV)
    tracemalloc.start()
    assert len(decode(payload)["slices"]) == MAX_ITEMS
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 64_000_000


def test_blocks_of_a_list_are_read_as_any_encoder_writes_them() -> None:
    """Lists in several blocks, with or without their size in bytes, are the same list."""
    social, print_ = b"\x0csocial", b"\x0aprint"
    one = LICENCE_HEAD + zigzag(2) + social + print_ + b"\x00" + LICENCE_TAIL
    two = LICENCE_HEAD + zigzag(1) + social + zigzag(-1) + zigzag(6) + print_ + b"\x00" + LICENCE_TAIL
    assert codec.decode(LICENCE, one) == codec.decode(LICENCE, two)
    wrong = LICENCE_HEAD + zigzag(1) + social + zigzag(-1) + zigzag(7) + print_ + b"\x00" + LICENCE_TAIL
    assert code_of(LICENCE, wrong) == "bad_value"


# Encoding refuses

GMV_RECORD: dict[str, Any] = {
    "contract_id": "C-1",
    "source": "vendor-sales-report",
    "marketplace_id": "ATVPDKIKX0DER",
    "view": "MANUFACTURING",
    "basis": "ORDERED_REVENUE",
    "granularity": "DAY",
    "period_start": 0,
    "period_end": 1,
    "currency": "USD",
    "total": 5_000_000,
    "units": 3,
    "as_of": 2,
    "revision": 2,
    "slices": [{"asin": "B0001", "amount": 5_000_000, "units": 3}],
}


@pytest.mark.parametrize(
    ("type_", "record", "field"),
    [
        (SPEND, SPEND_RECORD | {"amount": 1.7}, "amount"),
        (SPEND, SPEND_RECORD | {"amount": 2.0}, "amount"),
        (SPEND, SPEND_RECORD | {"amount": True}, "amount"),
        (SPEND, SPEND_RECORD | {"amount": "1"}, "amount"),
        (SPEND, SPEND_RECORD | {"amount": None}, "amount"),
        (SPEND, SPEND_RECORD | {"amount": 2**63}, "amount"),
        (SPEND, SPEND_RECORD | {"amount": -(2**63) - 1}, "amount"),
        (SPEND, SPEND_RECORD | {"currency": 840}, "currency"),
        (SPEND, SPEND_RECORD | {"currency": b"USD"}, "currency"),
        (SPEND, SPEND_RECORD | {"source": "half \ud83d"}, "source"),
        (SPEND, SPEND_RECORD | {"reporting": "delta"}, "reporting"),
        (SPEND, SPEND_RECORD | {"reporting": 0}, "reporting"),
        (SPEND, SPEND_RECORD | {"colour": "red"}, "colour"),
        (SPEND, {key: value for key, value in SPEND_RECORD.items() if key != "revision"}, "revision"),
        (LICENCE, LICENCE_RECORD | {"first_day": datetime(2026, 6, 15, tzinfo=UTC)}, "first_day"),
        (LICENCE, LICENCE_RECORD | {"first_day": "2026-06-15"}, "first_day"),
        (LICENCE, LICENCE_RECORD | {"last_day": 20_000}, "last_day"),
        (LICENCE, LICENCE_RECORD | {"channels": "social"}, "channels"),
        (LICENCE, LICENCE_RECORD | {"channels": [None]}, "channels[]"),
        (GMV, GMV_RECORD | {"slices": [{"asin": "B1", "amount": 1}]}, "slices[].units"),
        (GMV, GMV_RECORD | {"slices": [{"asin": "B1", "amount": 1, "units": 0.5}]}, "slices[].units"),
        (GMV, GMV_RECORD | {"slices": ["B1"]}, "slices[]"),
        (
            "ads.AttributedSalesReported.v1",
            {key: SPEND_RECORD[key] for key in SPEND_RECORD if key != "amount"}
            | {"windows": [{"days": 2**31, "amount": 0}]},
            "windows[].days",
        ),
    ],
)
def test_a_record_that_does_not_fit_is_not_encoded(type_: str, record: dict[str, Any], field: str) -> None:
    """Nothing is cut, rounded, dropped or filled in: what does not fit exactly is refused by the name of its field."""
    with pytest.raises(Unencodable) as caught:
        codec.encode(type_, record)
    assert caught.value.field == field
    assert caught.value.rule
    assert str(caught.value).startswith(f"{field}: ")


def test_a_record_above_the_limit_is_not_encoded() -> None:
    """What could not be decoded is not encoded."""
    with pytest.raises(Unencodable, match="at most 524288 bytes"):
        codec.encode(SPEND, SPEND_RECORD | {"source": "x" * codec.MAX_PAYLOAD})


def test_a_message_is_short_and_plain_whatever_the_value() -> None:
    """A value stands in a message escaped and cut, so that no log line is broken by it."""
    with pytest.raises(Unencodable) as caught:
        codec.encode(SPEND, SPEND_RECORD | {"reporting": "\n\x1b[31m" * 1_000})
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 200


def test_a_header_is_not_encoded_here() -> None:
    """Headers have an encoder of their own, and asking this one is a mistake of the caller."""
    with pytest.raises(TypeError, match=r"schemas\.header"):
        codec.encode("envelope.Header.v1", {})
