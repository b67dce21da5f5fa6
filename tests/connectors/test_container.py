"""Avro container files of facts: what is written comes back, and nothing in a file stops the process."""

import json
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import fastavro
import pytest

from connectors.errors import InputError
from connectors.inputs import open_input
from schemas import codec, container
from tests.connectors.feeds import arrivals, fact, problems
from tests.examples import EXAMPLES

SPEND = "ads.SpendReported.v1"
ATTRIBUTES = {
    "specversion": "1.0",
    "type": f"copact.{SPEND}",
    "id": "s-1",
    "source": "ads.stream",
    "subject": "contract-summer-1",
    "time": "2026-06-16T00:00:00Z",
}
BODY = codec.encode(SPEND, EXAMPLES[SPEND])


def events(count: int) -> list[tuple[dict[str, str], bytes]]:
    """Attributes and bodies of so many facts."""
    return [(ATTRIBUTES | {"id": f"s-{number}"}, BODY) for number in range(count)]


def written(tmp_path: Path, *found: tuple[dict[str, str], bytes], deflate: bool = True) -> Path:
    """A container of ours."""
    path = tmp_path / "facts.avro"
    with path.open("wb") as file:
        container.write(file, found, deflate=deflate)
    return path


def foreign(tmp_path: Path, schema: Any, records: list[Any], codec_name: str = "null") -> Path:
    """A container as another Avro library writes it, by any schema."""
    path = tmp_path / "facts.avro"
    with path.open("wb") as file:
        fastavro.writer(file, schema, records, codec=codec_name)
    return path


@pytest.mark.parametrize("type_", [type_ for type_ in EXAMPLES if not type_.startswith("derived.")])
def test_every_example_comes_through(tmp_path: Path, type_: str) -> None:
    """A fact in a container keeps its bytes, whatever version it was written in."""
    body = codec.encode(type_, EXAMPLES[type_])
    subject = f"contract-{EXAMPLES[type_]['contract_id']}"
    path = written(tmp_path, (ATTRIBUTES | {"type": f"copact.{type_}", "subject": subject}, body))
    [arrival] = arrivals(path)
    assert (arrival.problem, arrival.type, arrival.payload) == (None, type_, body)
    assert (arrival.fact_id, arrival.document) == ("s-1", None)


@pytest.mark.parametrize("deflate", [True, False])
def test_containers_of_any_avro_library_are_read(tmp_path: Path, *, deflate: bool) -> None:
    """Files of fastavro are read, and fastavro reads ours, with and without compression."""
    ours = written(tmp_path, *events(3), deflate=deflate)
    with ours.open("rb") as file:
        records = list(fastavro.reader(file))
    assert [record["attribute"]["id"] for record in records if isinstance(record, dict)] == [
        "s-0",
        "s-1",
        "s-2",
    ]
    theirs = foreign(tmp_path, container.SCHEMA, records, "deflate" if deflate else "null")
    assert [fact(each) for each in arrivals(theirs)] == [EXAMPLES[SPEND]] * 3


def test_a_schema_without_documentation_is_the_same(tmp_path: Path) -> None:
    """Java writes strings as objects with properties and drops documentation; the bytes are the same."""
    text = {"type": "string", "avro.java.string": "String"}
    schema = {
        "type": "record",
        "name": "io.cloudevents.CloudEvent",
        "fields": [
            {"name": "attribute", "type": {"type": "map", "values": text, "avro.java.string": "String"}},
            {"name": "data", "type": {"type": "bytes"}},
        ],
    }
    path = foreign(tmp_path, schema, [{"attribute": ATTRIBUTES, "data": BODY}])
    assert fact(arrivals(path)[0]) == EXAMPLES[SPEND]


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "record", "name": "Stranger", "fields": [{"name": "a", "type": "string"}]},
        container.SCHEMA | {"namespace": "somewhere.else"},
        container.SCHEMA | {"fields": container.SCHEMA["fields"][::-1]},
        "string",
        {"type": "map", "values": "string"},
    ],
    ids=["stranger", "namespace", "order", "scalar", "map"],
)
def test_a_foreign_schema_is_refused(tmp_path: Path, schema: Any) -> None:
    """A container whose schema is not ours is refused as a whole, with the name of its schema."""
    with pytest.raises(InputError, match=r"facts\.avro: the records of this Avro container are "):
        open_input(foreign(tmp_path, schema, []), ())


def header(schema: bytes, codec_name: bytes = b"null") -> bytes:
    """The beginning of a container with any metadata."""
    return container.MAGIC + container._map({"avro.schema": schema, "avro.codec": codec_name}) + bytes(16)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (header(b"[" * 900_000), "not JSON that can be read"),
        (header(b'{"type":' * 90_000), "not JSON that can be read"),
        (header(b"nothing"), "not JSON"),
        (header(json.dumps(container.SCHEMA).encode(), b"snappy"), "codec 'snappy' is not read"),
        (container.MAGIC + b"\x02\x08avro", "breaks off in its metadata"),
        (container.MAGIC + b"\xff" * 12, "breaks off in its metadata"),
        (container.MAGIC + b"\x02\x00\xfe\xff\xff\xff\x0f", "declares 2147483647 bytes"),
        (container.MAGIC + b"\xfe\xff\xff\xff\x0f", "more than 1000 entries"),
    ],
    ids=["deep", "nested", "text", "codec", "short", "integer", "large", "many"],
)
def test_a_header_that_lies_is_refused(tmp_path: Path, content: bytes, sentence: str) -> None:
    """No count, size or nesting that a header declares is believed beyond its limit."""
    path = tmp_path / "facts.avro"
    path.write_bytes(content)
    with pytest.raises(InputError, match=sentence):
        open_input(path, ())


@pytest.mark.parametrize("deflate", [True, False])
def test_a_truncated_container_gives_what_is_whole(tmp_path: Path, *, deflate: bool) -> None:
    """Of a file that breaks off, whole blocks are read and the rest is told, wherever the cut is."""
    path = written(tmp_path, *events(1), deflate=deflate)
    first = path.read_bytes()
    block = first[first.rindex(first[-16:], 0, -16) + 16 :]
    for cut in range(1, len(block)):
        path.write_bytes(first + block[:cut])
        found = arrivals(path)
        assert [each.fact_id for each in found] == ["s-0", ""]
        assert problems(found)[0][0] == "truncated"
        assert problems(found)[0][1].startswith("facts.avro:2: the Avro container breaks off in ")


def test_one_bad_fact_does_not_stop_the_others(tmp_path: Path) -> None:
    """A body that is cut, an unknown type and another contract's subject are told; the facts around them are read."""
    path = written(
        tmp_path,
        (ATTRIBUTES, BODY[:-1]),
        (ATTRIBUTES | {"type": "copact.ads.SpendReported.v7"}, BODY),
        (ATTRIBUTES | {"subject": "contract-other"}, BODY),
        (ATTRIBUTES | {"time": ""}, BODY),
        (ATTRIBUTES, BODY + b"\x00"),
        (ATTRIBUTES, BODY),
    )
    found = arrivals(path)
    assert [each.problem and each.problem[0] for each in found] == [
        "truncated",
        "unknown_schema",
        "bad_value",
        "bad_envelope",
        "trailing_bytes",
        None,
    ]
    assert [sentence.split(": ")[0] for _, sentence in problems(found)] == [
        f"facts.avro:{n}" for n in range(1, 6)
    ]


def blocks(*stored: tuple[int, bytes], codec_name: bytes = b"null") -> bytes:
    """A container of hand-made blocks."""
    start = header(json.dumps(container.SCHEMA).encode(), codec_name)
    return start + b"".join(
        container._zigzag(count) + container._bytes(content) + bytes(16) for count, content in stored
    )


RECORD = container._map({name: text.encode() for name, text in ATTRIBUTES.items()}) + container._bytes(BODY)


@pytest.mark.parametrize(
    ("content", "codes"),
    [
        (blocks((2, RECORD), (1, RECORD)), [None, "bad_value", None]),
        (blocks((1, RECORD + b"\x00")), [None, "trailing_bytes"]),
        (blocks((10**15, RECORD)), [None, "bad_value"]),
        (blocks((1, b"\xff" * 11)), ["bad_value"]),
        (blocks((1, b"\x80" * 10 + b"\x00\x00")), ["bad_value"]),
        (blocks((1, b"\xfe\xff\xff\xff\x0f")), ["bad_value"]),
        (blocks((1, RECORD))[:-1] + b"\x01", ["bad_value"]),
        (blocks((1, b"no deflate")), ["bad_value"]),
        (blocks((1, b"no deflate"), codec_name=b"deflate"), ["bad_value"]),
        (blocks() + b"\x01\x02", ["too_large"]),
        (blocks() + container._zigzag(1) + container._zigzag(2**40), ["too_large"]),
    ],
    ids=[
        "count",
        "rest",
        "many",
        "integer",
        "long integer",
        "attributes",
        "sync",
        "bytes",
        "deflate",
        "negative",
        "size",
    ],
)
def test_a_block_that_lies_is_told(tmp_path: Path, content: bytes, codes: list[str | None]) -> None:
    """Counts, sizes and markers that do not fit end their block, and never the process."""
    path = tmp_path / "facts.avro"
    path.write_bytes(content)
    assert [each.problem and each.problem[0] for each in arrivals(path)] == codes


def test_a_block_is_not_inflated_beyond_its_limit(tmp_path: Path) -> None:
    """A few kilobytes that inflate to more than a block may hold are told, and take no more memory than that."""
    deflater = zlib.compressobj(9, wbits=-15)
    bomb = deflater.compress(bytes(container.MAX_BLOCK + 1)) + deflater.flush()
    path = tmp_path / "facts.avro"
    path.write_bytes(blocks((1, bomb), codec_name=b"deflate"))
    assert [code for code, _ in problems(arrivals(path))] == ["too_large"]


def test_many_facts_are_written_in_blocks() -> None:
    """A writer does not hold all facts in memory: about 256 kilobytes make a block."""
    stream = BytesIO()
    container.write(stream, events(5_000), deflate=False)
    stream.seek(0)
    found = list(container.read(stream))
    assert len(found) == 5_000
    assert stream.getvalue().count(stream.getvalue()[-16:]) > 2
