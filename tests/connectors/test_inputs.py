"""Opening inputs: the content decides the format, and a bad file or record is one sentence."""

import gzip
import json
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors import marketing_stream
from connectors.errors import InputError
from connectors.files import LONGEST_LINE
from connectors.inputs import open_input
from connectors.records import KEPT
from schemas import container
from tests.connectors.feeds import DATA, arrivals, feed, for_contract, problems
from tests.connectors.test_container import events
from tests.connectors.test_facts_jsonl import PREPAID
from tests.connectors.test_marketing_stream import CONVERSION, TRAFFIC

LINE = json.dumps(PREPAID).encode() + b"\n"


def at(tmp_path: Path, content: bytes, name: str = "input") -> Path:
    """A file with this content."""
    path = tmp_path / name
    path.write_bytes(content)
    return path


def avro() -> bytes:
    """A container of two facts."""
    stream = BytesIO()
    container.write(stream, events(2))
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "form", "routed", "count"),
    [
        (LINE * 2, "CloudEvents JSON", False, 2),
        (json.dumps([PREPAID] * 3).encode(), "CloudEvents JSON", False, 3),
        (json.dumps(PREPAID, indent=2).encode(), "CloudEvents JSON", False, 1),
        (avro(), "CloudEvents Avro", False, 2),
        (json.dumps(TRAFFIC).encode(), "Marketing Stream", True, 1),
        (json.dumps(CONVERSION, indent=1).encode(), "Marketing Stream", True, 1),
        ((DATA / "stream-2025" / "sns-wrapped.json").read_bytes(), "Marketing Stream", True, 1),
        (
            (DATA / "vendor-2021" / "vendorSalesReport.example1.json").read_bytes(),
            "vendor sales report",
            True,
            2,
        ),
    ],
    ids=["lines", "batch", "one", "avro", "message", "message over lines", "wrapped", "report"],
)
@pytest.mark.parametrize("packed", [False, True])
def test_the_content_tells_the_format(
    tmp_path: Path, content: bytes, form: str, count: int, *, routed: bool, packed: bool
) -> None:
    """The name says nothing; gzip changes nothing but the digest and the size, which are those of the stored file."""
    path = at(tmp_path, gzip.compress(content) if packed else content, "some.data")
    source = open_input(path, ())
    assert (source.name, source.format, source.routed) == ("some.data", form, routed)
    assert (source.digest, source.size) == (sha256(path.read_bytes()).digest(), path.stat().st_size)
    records = list(source.records())
    assert [record.line for record in records] == list(range(1, count + 1))
    assert source.size - 1 <= records[-1].bytes_read <= source.size


def test_records_can_be_read_again(tmp_path: Path) -> None:
    """Each call of records starts at the first one: a file that was left in the middle is read from there."""
    source = open_input(at(tmp_path, LINE * 3), ())
    assert next(source.records()).line == 1
    assert [record.line for record in source.records()] == [1, 2, 3]


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + LINE,
        LINE.replace(b"\n", b"\r\n"),
        b"\n\n" + LINE + b"\n   \n",
        LINE.rstrip(),
        b"  " + LINE,
    ],
    ids=["byte order mark", "windows", "blank lines", "no line end", "indented"],
)
def test_the_way_a_line_is_saved_does_not_matter(tmp_path: Path, content: bytes) -> None:
    """A byte order mark, carriage returns, blank lines and a missing last line end change nothing."""
    [arrival] = arrivals(at(tmp_path, content))
    assert (arrival.problem, arrival.fact_id) == (None, "p-1")


def test_a_file_that_is_half_json_gives_its_good_half(tmp_path: Path) -> None:
    """Lines that are broken, cut or odd are told by number with their bytes, and the others are read."""
    odd = b'{"specversion": "\xff\xfe"}'
    content = LINE + LINE[:60] + b"\n" + odd + b"\n" + LINE + b"no json\n" + LINE[:-30]
    found = arrivals(at(tmp_path, content, "half.jsonl"))
    assert [code for code, _ in problems(found)] == ["truncated", "not_text", "bad_json", "truncated"]
    assert [sentence.split(": ")[0] for _, sentence in problems(found)] == [
        f"half.jsonl:{n}" for n in (2, 3, 5, 6)
    ]
    assert [each.fact_id for each in found if not each.problem] == ["p-1", "p-1"]
    assert found[2].payload == odd


def test_a_first_line_that_is_broken_does_not_hide_the_format(tmp_path: Path) -> None:
    """Where the first record is cut or no JSON at all, the others are still lines of the same format."""
    for first in (LINE[:-20] + b"\n", b"log: starting\n"):
        found = arrivals(at(tmp_path, first + LINE * 2))
        assert [bool(each.problem) for each in found] == [True, False, False]


def test_half_a_document_is_one_problem(tmp_path: Path) -> None:
    """One object over many lines that breaks off is one record, not one for each line."""
    [arrival] = arrivals(at(tmp_path, json.dumps(PREPAID, indent=2).encode()[:-20]))
    assert arrival.problem
    assert arrival.problem[0] == "truncated"


def test_a_line_without_end_is_told_and_kept_in_part(tmp_path: Path) -> None:
    """A line longer than the limit takes bounded memory: its first bytes are kept, with the digest of the whole."""
    long = b'{"specversion": "' + b"x" * (2 * LONGEST_LINE) + b'"}'
    first, second = arrivals(at(tmp_path, long + b"\n" + LINE))
    assert first.problem
    assert first.problem[0] == "too_large"
    assert first.payload == long[:KEPT]
    assert first.document == sha256(long + b"\n").digest()
    assert second.problem is None


def test_gzip_that_breaks_off_gives_what_was_whole(tmp_path: Path) -> None:
    """The lines before the break are read, and the break is told with the line after which it is."""
    lines = b"".join(json.dumps(PREPAID | {"id": f"p-{n}"}).encode() + b"\n" for n in range(3_000))
    packed = gzip.compress(lines)
    found = arrivals(at(tmp_path, packed[: len(packed) // 2], "facts.jsonl.gz"))
    *good, last = found
    assert good
    assert not problems(good)
    assert last.problem
    assert last.problem[0] == "truncated"
    assert f"damaged after line {len(good)}" in last.problem[1]


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"", "empty.jsonl", "the file is empty"),
        (b"\n \n", "blank.jsonl", "nothing in the file but blank lines"),
        ("{}".encode("utf-16"), "facts.json", "UTF-16 text; UTF-8 is read"),
        (b"\x00\x01\x02", "facts.bin", "not text, and no Avro container: byte 1 is 0x00"),
        (b"hello\n", "notes.txt", "an unknown format; CloudEvents JSON, "),
        (b'{"foo": "\\"specversion\\": 1"}\n', "other.json", "an unknown format"),
        (b"specversion,dataset_id\n", "table.csv", "a CSV file needs table.csv.source.yaml beside it"),
        (b"contract_id: x\n", "contract.yaml", "`copact sign` reads those"),
        (b"\x1f\x8bno gzip", "facts.jsonl.gz", "cannot be read: "),
        (b"Obj\x01", "facts.avro", "breaks off"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_sentence(
    tmp_path: Path, content: bytes, name: str, sentence: str
) -> None:
    """The sentence names the file and what is wrong with it."""
    path = at(tmp_path, content, name)
    with pytest.raises(InputError) as refused:
        open_input(path, ())
    assert str(refused.value).startswith(f"{path}: ")
    assert sentence in str(refused.value)
    assert "\n" not in str(refused.value)


def test_what_is_no_file_is_one_sentence(tmp_path: Path) -> None:
    """A missing file, a folder and a name that no file can have."""
    for path, sentence in (
        (tmp_path / "nothing.jsonl", "there is no such file"),
        (tmp_path, "a folder, not a file"),
        (tmp_path / "a\0b", "null byte|no such file"),
    ):
        with pytest.raises(InputError, match=sentence):
            open_input(path, ())


WHOLE = [
    LINE * 3,
    json.dumps([PREPAID] * 3).encode(),
    json.dumps(TRAFFIC).encode() + b"\n" + json.dumps(CONVERSION).encode(),
    (DATA / "vendor-2021" / "vendorSalesReport.example1.json").read_bytes(),
    avro(),
    gzip.compress(LINE * 3),
]
ODD = [b"", b"{", b"]", b'"', b"\n", b"\x00", b"\xff", b"NaN", b"1e999", b"\\ud800", b"9" * 30, b"null"]


@settings(max_examples=150)
@given(data=st.data())
def test_nothing_in_a_file_stops_the_process(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Whatever is cut out of a file or put into it, it is refused in one line or read, broken records told in one."""
    content = bytearray(data.draw(st.sampled_from(WHOLE)))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(content)))
        content[start : start + data.draw(st.integers(0, 9))] = data.draw(st.sampled_from(ODD))
    path = at(tmp_path_factory.getbasetemp(), bytes(content), "odd")
    feeds = for_contract(
        "c-1", *(feed(metric, marketing_stream.SOURCE) for metric in ("SPEND", "ATTRIBUTED_SALES"))
    )
    try:
        told = [sentence for _, sentence in problems(arrivals(path, feeds))]
    except InputError as error:
        told = [str(error)]
    assert all(sentence.isprintable() for sentence in told)


def test_records_are_read_lazily(tmp_path: Path) -> None:
    """The first record comes before the file has been read: progress rises with the records."""
    source = open_input(at(tmp_path, LINE * 20_000), for_contract("c-1", feed("SPEND", "x")))
    read = [record.bytes_read for record in source.records()]
    assert read == sorted(read)
    assert read[0] < source.size // 10
    assert read[-1] == source.size
