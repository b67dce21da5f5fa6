"""What stands before the payload of a stored event, and the framing of the two.

A state is: u16 big-endian length of the header (top bit 0, kept for later) ‖ Avro `envelope.Header.v1` ‖
payload. A fold slices the payload without decoding the header. The encoder is written by hand because every
accepted fact passes through it; its bytes are those of any Avro library.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from schemas.errors import BadState

TYPE = "envelope.Header.v1"
MAX_HEADER = 32_767
"""The most bytes that a header may have: the length's top bit stays 0."""


@dataclass(frozen=True, slots=True)
class Kafka:
    """It came as a record of a topic."""

    topic: str
    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class File:
    """It came as a line (from 1) of a file with this SHA-256."""

    digest: bytes
    line: int


@dataclass(frozen=True, slots=True)
class Http:
    """It came as an HTTP request."""

    request_id: str


@dataclass(frozen=True, slots=True)
class Clock:
    """The tracker's clock said it."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The tracker derived it by this version of its rules."""

    version: int


@dataclass(frozen=True, slots=True)
class Command:
    """A person gave this command."""

    name: str


Origin = Kafka | File | Http | Clock | Rules | Command


@dataclass(slots=True)
class Header:
    """Where an event came from and how to read it; fields and units are those of envelope/Header.v1.avsc."""

    source: str
    fact_id: str
    schema: bytes
    occurred_at: int
    causation: str
    correlation: str
    document: bytes | None
    origin: Origin


def encode_header(header: Header) -> bytes:
    """The Avro bytes of a header; raises ValueError for a digest not of 32 bytes or an integer beyond 64 bits."""
    schema, document = header.schema, header.document
    if len(schema) != 32 or (document is not None and len(document) != 32):
        raise ValueError("a SHA-256 digest has 32 bytes")
    return b"".join(
        (
            _often(header.source),
            _text(header.fact_id),
            schema,
            _long(header.occurred_at),
            _text(header.causation),
            _often(header.correlation),
            b"\x00" if document is None else b"\x02" + document,
            _origin(header.origin),
        )
    )


def decode_header(header: bytes) -> Header:
    """The header that the bytes hold; raises Undecodable."""
    from schemas.codec import decoder

    record = decoder(TYPE)(header)
    kind, fields = record["origin"]
    return Header(**{**record, "origin": _ORIGINS[kind](**fields)})


def pack(header: bytes, payload: bytes) -> bytes:
    """A state, from a header and a payload; raises ValueError where the header is too long."""
    size = len(header)
    if size > MAX_HEADER:
        raise ValueError(f"a header of {size} bytes; at most {MAX_HEADER} are possible")
    return size.to_bytes(2) + header + payload


def split(state: bytes) -> tuple[bytes, bytes]:
    """Header bytes and payload of a state; raises BadState."""
    start = _payload_start(state)
    return state[2:start], state[start:]


def payload_of(state: bytes) -> bytes:
    """The payload of a state; raises BadState."""
    return state[_payload_start(state) :]


def _payload_start(state: bytes) -> int:
    if len(state) < 2 or state[0] & 0x80:
        raise BadState("a state begins with the length of its header, below 32768")
    start = 2 + (state[0] << 8 | state[1])
    if start > len(state):
        raise BadState(f"a header of {start - 2} bytes is declared, {len(state) - 2} bytes are there")
    return start


def _long(value: int) -> bytes:
    """An Avro long: zigzag, then groups of seven bits, lowest first."""
    rest = value << 1 ^ value >> 63
    if rest < 0x80 and rest >= 0:
        return _ONE_BYTE[rest]
    if not -(1 << 63) <= value < 1 << 63:
        raise ValueError(f"{value} has more than 64 bits")
    out = []
    while rest > 0x7F:
        out.append(rest & 0x7F | 0x80)
        rest >>= 7
    out.append(rest)
    return bytes(out)


_ONE_BYTE = [bytes([value]) for value in range(0x80)]


def _text(text: str) -> bytes:
    encoded = text.encode()
    return _long(len(encoded)) + encoded


_often = lru_cache(maxsize=4096)(_text)
"""For texts that repeat from event to event."""


def _origin(origin: Origin) -> bytes:
    match origin:
        case Kafka(topic, partition, offset):
            return _partition(topic, partition) + _long(offset)
        case Rules(version):
            return b"\x08" + _long(version)
        case File(digest, line):
            if len(digest) != 32:
                raise ValueError("a SHA-256 digest has 32 bytes")
            return b"\x02" + digest + _long(line)
        case Http(request_id):
            return b"\x04" + _text(request_id)
        case Clock():
            return b"\x06"
        case Command(name):
            return b"\x0a" + _text(name)


@lru_cache(maxsize=1024)
def _partition(topic: str, partition: int) -> bytes:
    return b"\x00" + _text(topic) + _long(partition)


_ORIGINS: dict[str, Any] = {
    f"copact.envelope.{kind.__name__}": kind for kind in (Kafka, File, Http, Clock, Rules, Command)
}
