"""The leaf of a stored event in the evidence log: fixed bytes, so that committing an event is leafing it.

The hash is that of RFC 6962, section 2.1, and the index of a leaf is its position less one. Nothing here may ever
change: another format of entry would begin with another version line.
"""

import hashlib
import struct

VERSION = b"copact-ev1\n"

_POSITION = struct.Struct(">Q")
_TEXT16 = struct.Struct(">H")
_VERSION_TEXT8 = struct.Struct(">IB")
_INSTANT = struct.Struct(">q")


def entry(position: int, stream: str, version: int, topic: str, recorded_at: int, state: bytes) -> bytes:
    """The bytes that stand for an event, all numbers big-endian, every text with its length before it.

    The version line, u64 position, u16 length and stream, u32 version, u8 length and topic, i64 recorded_at
    (microseconds since 1970, UTC), SHA-256 of the stored state. Raises `struct.error` for what does not fit.
    """
    name, kind = stream.encode(), topic.encode()
    return b"".join(
        (
            VERSION,
            _POSITION.pack(position),
            _TEXT16.pack(len(name)),
            name,
            _VERSION_TEXT8.pack(version, len(kind)),
            kind,
            _INSTANT.pack(recorded_at),
            hashlib.sha256(state).digest(),
        )
    )


def leaf(position: int, stream: str, version: int, topic: str, recorded_at: int, state: bytes) -> bytes:
    """The leaf hash of an event."""
    return hashlib.sha256(b"\0" + entry(position, stream, version, topic, recorded_at, state)).digest()
