"""The header of a stored event: bytes that any Avro library writes, and the frame around them."""

import json
from io import BytesIO
from typing import Any

import fastavro
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import catalogue
from schemas.errors import BadState, Undecodable
from schemas.header import (
    MAX_HEADER,
    Clock,
    Command,
    File,
    Header,
    Http,
    Kafka,
    Origin,
    Rules,
    decode_header,
    encode_header,
    pack,
    payload_of,
    split,
)
from tests.schemas.records import LONGS

DIGESTS = st.binary(min_size=32, max_size=32)
TEXTS = st.text(max_size=80)
INTS = st.integers(-(2**31), 2**31 - 1)
ORIGINS = st.one_of(
    st.builds(Kafka, TEXTS, INTS, LONGS),
    st.builds(File, DIGESTS, LONGS),
    st.builds(Http, TEXTS),
    st.builds(Clock),
    st.builds(Rules, INTS),
    st.builds(Command, TEXTS),
)
HEADERS = st.builds(
    Header,
    source=TEXTS,
    fact_id=TEXTS,
    schema=DIGESTS,
    occurred_at=LONGS,
    causation=TEXTS,
    correlation=TEXTS,
    document=st.none() | DIGESTS,
    origin=ORIGINS,
)
SCHEMA = fastavro.parse_schema(json.loads(catalogue.by_type("envelope.Header.v1").text))


def plain(origin: Origin) -> tuple[str, dict[str, Any]]:
    """An origin as the library takes it."""
    fields = {name: getattr(origin, name) for name in origin.__slots__}
    return f"copact.envelope.{type(origin).__name__}", fields


@given(HEADERS)
def test_the_hand_written_bytes_are_the_librarys(header: Header) -> None:
    """The fast encoder writes what fastavro writes, for every origin."""
    out = BytesIO()
    record = {name: getattr(header, name) for name in Header.__slots__} | {"origin": plain(header.origin)}
    fastavro.schemaless_writer(out, SCHEMA, record)
    assert encode_header(header) == out.getvalue()


@given(HEADERS)
def test_a_header_comes_back(header: Header) -> None:
    """Decoding gives the header that was encoded, with an origin of the same kind."""
    assert decode_header(encode_header(header)) == header


@given(HEADERS, st.randoms(use_true_random=False))
def test_a_header_that_is_cut_is_refused(header: Header, random: Any) -> None:
    """No beginning of a header passes for a header."""
    encoded = encode_header(header)
    with pytest.raises(Undecodable):
        decode_header(encoded[: random.randrange(len(encoded))])


@pytest.mark.parametrize("branch", [b"\x01", b"\x05", b"\x0b", b"\x0c"])
def test_an_origin_that_does_not_exist_is_refused(branch: bytes) -> None:
    """A union branch is one of those in the schema; a negative one is not counted from the end."""
    encoded = encode_header(Header("s", "f", bytes(32), 0, "", "", None, Clock()))
    with pytest.raises(Undecodable, match="union branch"):
        decode_header(encoded[:-1] + branch)


@pytest.mark.parametrize(
    "header",
    [
        Header("s", "f", b"short", 0, "", "", None, Clock()),
        Header("s", "f", bytes(32), 0, "", "", bytes(31), Clock()),
        Header("s", "f", bytes(32), 0, "", "", None, File(bytes(33), 1)),
        Header("s", "f", bytes(32), 2**63, "", "", None, Clock()),
        Header("s", "f", bytes(32), -(2**63) - 1, "", "", None, Clock()),
        Header("s", "f\ud800", bytes(32), 0, "", "", None, Clock()),
    ],
)
def test_a_header_that_does_not_fit_is_not_encoded(header: Header) -> None:
    """Digests have 32 bytes, integers 64 bits, and text is Unicode."""
    with pytest.raises(ValueError, match=r"32 bytes|64 bits|surrogates"):
        encode_header(header)


@given(st.binary(max_size=300), st.binary(max_size=50))
def test_a_state_splits_into_what_was_packed(header: bytes, payload: bytes) -> None:
    """Packing and splitting are inverse, and the payload is found without the header."""
    state = pack(header, payload)
    assert split(state) == (header, payload)
    assert payload_of(state) == payload


def test_the_frame_is_a_length_of_two_bytes() -> None:
    """The layout of stored bytes is for ever: length, most significant byte first, header, payload."""
    assert pack(b"h" * 258, b"p") == b"\x01\x02" + b"h" * 258 + b"p"


def test_a_header_of_32_kib_is_too_long() -> None:
    """The top bit of the length stays 0, so that a later layout can be told from this one."""
    assert pack(bytes(MAX_HEADER), b"")[0] == 0x7F
    with pytest.raises(ValueError, match="at most 32767"):
        pack(bytes(MAX_HEADER + 1), b"")


@pytest.mark.parametrize("state", [b"", b"\x00", b"\x80\x00", b"\xff\xff" + bytes(65535), b"\x00\x03ab"])
def test_bytes_that_are_no_state_are_refused(state: bytes) -> None:
    """A missing or reserved length, or one beyond the end, is refused by both readers."""
    for read in (split, payload_of):
        with pytest.raises(BadState):
            read(state)
