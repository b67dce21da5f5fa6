"""Avro object container files of facts: CloudEvents in the Avro event format, narrowed to what facts need.

Each record holds the attributes of one CloudEvent as text, and its data as bytes: the bare Avro body of the fact that
the attribute `type` names. The schema inside a file must be this one. A stranger's schema is never resolved: a
recursive one would take the process down with it. Declared counts and sizes are believed only as far as the bytes
go, and a block is never inflated beyond its limit.
"""

import json
import os
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

SCHEMA: Final[dict[str, Any]] = {
    "type": "record",
    "name": "CloudEvent",
    "namespace": "io.cloudevents",
    "doc": "A CloudEvent 1.0 that carries one fact.",
    "fields": [
        {
            "name": "attribute",
            "type": {"type": "map", "values": "string"},
            "doc": "The attributes of the event by name, all as text: specversion, id, source, type, subject, time.",
        },
        {
            "name": "data",
            "type": "bytes",
            "doc": "The fact: the bare Avro body of the schema that the attribute type names after 'copact.'.",
        },
    ],
}

MAGIC: Final = b"Obj\x01"
MAX_BLOCK: Final = 16 * 1_048_576
"""The most bytes of one block, as it is stored and inflated."""
MAX_METADATA: Final = 1_048_576
"""The most bytes of one entry of the file's metadata."""
MAX_ENTRIES: Final = 1_000
"""The most entries of the file's metadata, and the most attributes of a record."""
SYNC_SIZE: Final = 16
CHECKSUM: Final = 4
"""The most bytes after deflated data: some writers leave a part of zlib's checksum there."""


class BadContainer(Exception):
    """A file that cannot be read at all; the text is one sentence."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One record; `raw` are its own bytes."""

    attributes: dict[str, str]
    data: bytes
    raw: bytes


@dataclass(frozen=True, slots=True)
class Damaged:
    """Bytes that are no record: the rest of a block, or of the file. `code` is truncated, too_large or bad_value."""

    code: str
    sentence: str
    raw: bytes


def write(
    stream: BinaryIO, events: Iterable[tuple[Mapping[str, str], bytes]], *, deflate: bool = True
) -> None:
    """Write events, as attributes and data, into a new container."""
    sync = os.urandom(SYNC_SIZE)
    metadata = {"avro.schema": json.dumps(SCHEMA).encode(), "avro.codec": b"deflate" if deflate else b"null"}
    stream.write(MAGIC + _map(metadata) + sync)
    block, count = bytearray(), 0
    for attributes, data in events:
        block += _map({name: value.encode() for name, value in attributes.items()}) + _bytes(data)
        count += 1
        if len(block) >= MAX_BLOCK // 64:
            stream.write(_block(bytes(block), count, sync, deflate=deflate))
            block, count = bytearray(), 0
    if count:
        stream.write(_block(bytes(block), count, sync, deflate=deflate))


def read(stream: BinaryIO) -> Iterator[Entry | Damaged]:
    """The records of a container, block by block; raises BadContainer where it is none of ours.

    A damaged record ends its block, a damaged block the file; both are told, and what was before them is given.
    """
    source = _Source(stream)
    try:
        inflate = _start(source)
        sync = source.take(SYNC_SIZE, "the sync marker")
    except _Short as short:
        raise BadContainer(f"the Avro container breaks off in {short}") from None
    while not source.at_end():
        try:
            count, size = source.long("a block's count"), source.long("a block's size")
            if count < 0 or not 0 <= size <= MAX_BLOCK:
                yield Damaged("too_large", f"a block declares {count} records in {size} bytes", b"")
                return
            stored = source.take(size, "a block")
            marker = source.take(SYNC_SIZE, "the sync marker after a block")
        except _Short as short:
            yield Damaged("truncated", f"the Avro container breaks off in {short}", short.rest)
            return
        if marker != sync:
            yield Damaged("bad_value", "a block does not end with the file's sync marker", stored)
            return
        yield from _records(stored, count, inflate=inflate)


def _start(source: "_Source") -> bool:
    """Read the metadata; whether blocks are compressed."""
    if source.take(len(MAGIC), "its first bytes") != MAGIC:
        raise BadContainer("not an Avro object container file")
    metadata = source.metadata()
    codec = metadata.get("avro.codec", b"null")
    if codec not in (b"null", b"deflate"):
        raise BadContainer(
            f"the Avro codec {ascii(codec.decode(errors='replace'))[:40]} is not read; null and deflate are"
        )
    try:
        tree = json.loads(metadata.get("avro.schema", b""))
        ours = _canonical(tree) == _canonical(SCHEMA)
    except (ValueError, RecursionError):
        raise BadContainer("the Avro schema in the file is not JSON that can be read") from None
    if not ours:
        name = tree.get("name") if isinstance(tree, dict) else tree
        raise BadContainer(
            f"the records of this Avro container are {ascii(name)[:80]} by a schema of its own; "
            "only CloudEvents (io.cloudevents.CloudEvent: attribute as a map of text, data as bytes) are read"
        )
    return codec == b"deflate"


def _canonical(tree: Any, namespace: str = "") -> Any:
    """What of a schema decides about the bytes: full names, fields and types, without documentation."""
    if isinstance(tree, list):
        return [_canonical(branch, namespace) for branch in tree]
    if not isinstance(tree, dict):
        return tree
    kind = tree.get("type")
    if kind == "record":
        name = str(tree.get("name"))
        space = str(tree.get("namespace", namespace))
        full = name if "." in name else f"{space}.{name}"
        fields = tree.get("fields")
        if not isinstance(fields, list) or not all(isinstance(field, dict) for field in fields):
            return None
        return (full, [(field.get("name"), _canonical(field.get("type"), space)) for field in fields])
    if kind == "map":
        return ("map", _canonical(tree.get("values"), namespace))
    return kind if isinstance(kind, str) and kind in ("string", "bytes") else (kind, None)


def _records(stored: bytes, count: int, *, inflate: bool) -> Iterator[Entry | Damaged]:
    try:
        block = _inflated(stored) if inflate else stored
    except zlib.error as error:
        yield Damaged("bad_value", f"a block cannot be inflated: {error}", stored)
        return
    if block is None:
        yield Damaged("too_large", f"a block inflates to more than {MAX_BLOCK} bytes", stored)
        return
    at = 0
    for number in range(count):
        start = at
        try:
            attributes, at = _attributes(block, at)
            data, at = _piece(block, at, "the data of a record")
        except (_Short, ValueError) as error:
            left = count - number
            sentence = f"a record cannot be read ({error}), and {left - 1} more of its block with it"
            yield Damaged("bad_value", sentence, block[start:])
            return
        yield Entry(attributes, data, block[start:at])
    if at != len(block):
        yield Damaged(
            "trailing_bytes", f"a block has {len(block) - at} bytes after its last record", block[at:]
        )


def _inflated(stored: bytes) -> bytes | None:
    inflater = zlib.decompressobj(-15)
    block = inflater.decompress(stored, MAX_BLOCK + 1)
    if len(block) > MAX_BLOCK:
        return None
    if not inflater.eof:
        raise zlib.error("it breaks off")
    if len(inflater.unused_data) > CHECKSUM:
        raise zlib.error("something follows it")
    return block


def _attributes(block: bytes, at: int) -> tuple[dict[str, str], int]:
    found: dict[str, str] = {}
    while True:
        count, at = _long(block, at)
        if count == 0:
            return found, at
        if count < 0:
            count = -count
            _, at = _long(block, at)
        if len(found) + count > MAX_ENTRIES:
            raise ValueError(f"more than {MAX_ENTRIES} attributes")
        for _ in range(count):
            name, at = _piece(block, at, "an attribute")
            value, at = _piece(block, at, "an attribute")
            if name.decode() in found:
                raise ValueError("an attribute stands twice")
            found[name.decode()] = value.decode()


def _piece(block: bytes, at: int, what: str) -> tuple[bytes, int]:
    size, at = _long(block, at)
    if not 0 <= size <= len(block) - at:
        raise _Short(what)
    return block[at : at + size], at + size


def _long(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(data):
            raise _Short("an integer")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            break
        shift += 7
        if shift > 63:
            raise ValueError("an integer of more than 64 bits")
    return value >> 1 ^ -(value & 1), at


class _Short(Exception):
    """The bytes end too early; the text says where."""

    def __init__(self, where: str, rest: bytes = b"") -> None:
        super().__init__(where)
        self.rest = rest


class _Source:
    """A stream that is read piece by piece, knowing when it ends too early."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._ahead = b""

    def at_end(self) -> bool:
        self._ahead = self._ahead or self._stream.read(1)
        return not self._ahead

    def take(self, size: int, what: str) -> bytes:
        ahead, self._ahead = self._ahead[:size], self._ahead[size:]
        data = ahead + self._stream.read(size - len(ahead))
        if len(data) < size:
            raise _Short(what, data)
        return data

    def long(self, what: str) -> int:
        data = b""
        while True:
            data += self.take(1, what)
            if data[-1] < 0x80:
                return _long(data, 0)[0]
            if len(data) == 10:
                raise _Short(what, data)

    def metadata(self) -> dict[str, bytes]:
        what = "its metadata"
        found: dict[str, bytes] = {}
        while count := self.long(what):
            if count < 0:
                count = -count
                self.long(what)
            if len(found) + count > MAX_ENTRIES:
                raise BadContainer(f"the Avro container has more than {MAX_ENTRIES} entries of metadata")
            for _ in range(count):
                name = self._piece(what)
                found[name.decode(errors="replace")] = self._piece(what)
        return found

    def _piece(self, what: str) -> bytes:
        size = self.long(what)
        if not 0 <= size <= MAX_METADATA:
            raise BadContainer(f"an entry of the Avro container's metadata declares {size} bytes")
        return self.take(size, what)


def _map(entries: Mapping[str, bytes]) -> bytes:
    parts = [_bytes(name.encode()) + _bytes(value) for name, value in entries.items()]
    return (_zigzag(len(parts)) + b"".join(parts) if parts else b"") + b"\x00"


def _bytes(data: bytes) -> bytes:
    return _zigzag(len(data)) + data


def _zigzag(value: int) -> bytes:
    rest, out = value << 1, bytearray()
    while rest > 0x7F:
        out.append(rest & 0x7F | 0x80)
        rest >>= 7
    out.append(rest)
    return bytes(out)


def _block(block: bytes, count: int, sync: bytes, *, deflate: bool) -> bytes:
    if deflate:
        deflater = zlib.compressobj(wbits=-15)
        block = deflater.compress(block) + deflater.flush()
    return _zigzag(count) + _zigzag(len(block)) + block + sync
