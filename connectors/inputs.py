"""Opening an input of any format that is read: the format is told by the content, not by the name.

    CloudEvents JSON          one a line, or a JSON array        the product's own facts
    CloudEvents Avro          an object container file           the product's own facts
    Marketing Stream          JSON, one a line, an array or one  routed by feeds
    vendor sales report       one JSON document                  routed by feeds
    weekly series             CSV with a mapping beside it       routed by feeds

Any of them may be compressed with gzip.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from application.arrival import Arrival
from connectors import facts_jsonl, marketing_stream
from connectors.errors import InputError, Unusable
from connectors.files import LARGEST_DOCUMENT, LONGEST_LINE, Line, Stored, document, head, lines, stored
from connectors.jsontext import elements, parse, text_of
from connectors.records import KEPT, Place, Record, unreadable
from connectors.routing import Feeds, Routes
from schemas import container

CLOUDEVENTS: Final = "CloudEvents JSON"
CONTAINER: Final = "CloudEvents Avro"
STREAM: Final = "Marketing Stream"
REPORT: Final = "vendor sales report"
SERIES: Final = "weekly series"

MARKS: Final = (
    ("specversion", CLOUDEVENTS),
    ("reportSpecification", REPORT),
    ("errorDetails", REPORT),
    ("dataset_id", STREAM),
    ("TopicArn", STREAM),
)
"""Keys that tell a format, the surest first; a key inside a text has its quotes escaped and is not taken for one."""

_OPENING = re.compile(rb"(?:\A|\n)[ \t\r]*[\[{]")

Read = Callable[[bytes, Place], list[Arrival]]
"""From the bytes of a record and its place to its arrivals."""


@dataclass(frozen=True, slots=True)
class Input:
    """A file of records. `digest` is its SHA-256 and `size` its bytes, both as it is stored (compressed, if it is).

    `routed` says that its records name no contract and go where feeds send them.
    """

    name: str
    format: str
    digest: bytes
    size: int
    routed: bool
    _open: Callable[[], Iterator[Record]]

    def records(self) -> Iterator[Record]:
        """The records, from the first one on; lazily, and never stopped by one that cannot be read."""
        return self._open()


def open_input(path: Path, feeds: Feeds) -> Input:
    """The input in a file; raises InputError, in one sentence, where the file cannot be read at all."""
    file = stored(path)
    start = head(file)
    form, opened = _opened(file, start, feeds)
    return Input(file.name, form, file.digest, file.size, form not in (CLOUDEVENTS, CONTAINER), opened)


def describes_another(path: Path) -> bool:
    """Whether a file is the mapping of a series that lies beside it, and no input by itself."""
    from connectors.series_mapping import SUFFIX

    return path.name.endswith(SUFFIX) and path.with_name(path.name.removesuffix(SUFFIX)).is_file()


def _opened(file: Stored, start: bytes, feeds: Feeds) -> tuple[str, Callable[[], Iterator[Record]]]:
    if start.startswith(container.MAGIC):
        _check_container(file)
        return CONTAINER, lambda: _container(file)
    if not start.strip():
        raise InputError(f"{file.path}: there is nothing in the file but blank lines")
    _check_text(file, start)
    form = _format(file, start)
    if form == SERIES:
        return SERIES, _series(file, feeds)
    if form == REPORT:
        return REPORT, _report(file, feeds)
    routes = Routes(feeds, marketing_stream.SOURCE)

    def stream(raw: bytes, place: Place) -> list[Arrival]:
        return marketing_stream.arrivals_of(raw, place, routes)

    return form, _json(file, start, facts_jsonl.arrivals_of if form == CLOUDEVENTS else stream)


def _check_text(file: Stored, start: bytes) -> None:
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError(f"{file.path}: UTF-16 text; UTF-8 is read")
    if b"\x00" in start:
        raise InputError(f"{file.path}: not text, and no Avro container: byte {start.index(0) + 1} is 0x00")


def _format(file: Stored, start: bytes) -> str:
    from connectors.series_mapping import SUFFIX, mapping_path

    if mapping_path(file.path).is_file():
        return SERIES
    if describes_another(file.path):
        of = file.name.removesuffix(SUFFIX)
        raise InputError(f"{file.path}: describes {of} and is read with it; name that file instead")
    if _OPENING.search(start):
        for key, form in MARKS:
            if re.search(rb'"' + key.encode() + rb'"\s*:', start):
                return form
    kind = file.name.removesuffix(".gz").rpartition(".")[2].lower()
    if kind in ("yaml", "yml"):
        raise InputError(f"{file.path}: looks like a contract file; `copact sign` reads those")
    if kind == "csv":
        raise InputError(
            f"{file.path}: a CSV file needs {file.name}{SUFFIX} beside it, to say what its columns are"
        )
    raise InputError(
        f"{file.path}: an unknown format; {CLOUDEVENTS}, {CONTAINER}, {STREAM}, {REPORT} and {SERIES} (CSV) are read"
    )


# JSON records: lines, an array, or one object


def _json(file: Stored, start: bytes, read: Read) -> Callable[[], Iterator[Record]]:
    if start.lstrip().startswith(b"["):
        return lambda: _array(file, read)
    if _is_one_document(file, start):
        return lambda: _document(file, read)
    return lambda: _lines(file, read)


def _is_one_document(file: Stored, start: bytes) -> bool:
    """Whether an object is spread over several lines; where lines are records, each begins with its own brace."""
    first, _, rest = start.lstrip().partition(b"\n")
    if not first.startswith(b"{") or not rest.strip():
        return False
    try:
        parse(first)
    except Unusable:
        return re.search(rb"^\{", rest, re.MULTILINE) is None and file.size <= LARGEST_DOCUMENT
    return False


def _lines(file: Stored, read: Read, after: int = 0) -> Iterator[Record]:
    """The records of a file of lines, those up to line `after` left out."""
    number, bytes_read = after, 0
    for line in lines(file):
        if isinstance(line, Unusable):
            place = Place(file.name, file.digest, number + 1)
            yield Record(place.line, bytes_read, [unreadable(place, b"", line, "")])
            return
        if line.number <= after:
            continue
        number, bytes_read = line.number, line.bytes_read
        yield Record(number, bytes_read, _of_line(line, Place(file.name, file.digest, number), read))


def _of_line(line: Line, place: Place, read: Read) -> list[Arrival]:
    if line.whole is None:
        return read(line.raw, place)
    error = Unusable(
        "too_large", f"a line of more than {LONGEST_LINE} bytes; its first {KEPT} are kept, and its digest"
    )
    return [unreadable(place, line.raw, error, "", document=line.whole)]


def _array(file: Stored, read: Read) -> Iterator[Record]:
    text, number, end = "", 0, 0
    try:
        text = text_of(document(file))
        for _, start, end in elements(text):
            number += 1
            raw = text[start:end].encode()
            yield Record(
                number, file.size * end // len(text), read(raw, Place(file.name, file.digest, number))
            )
    except Unusable as error:
        place = Place(file.name, file.digest, number + 1)
        rest = text[end:].encode(errors="replace")
        yield Record(place.line, file.size, [unreadable(place, rest, error, "")])


def _document(file: Stored, read: Read) -> Iterator[Record]:
    yield Record(1, file.size, read(document(file).strip(), Place(file.name, file.digest, 1)))


# Reports, containers, series


def _report(file: Stored, feeds: Feeds) -> Callable[[], Iterator[Record]]:
    from connectors import vendor_sales

    report = vendor_sales.report_of(document(file), str(file.path))
    routes = Routes(feeds, vendor_sales.SOURCE)

    def records() -> Iterator[Record]:
        for index in range(len(report.periods)):
            number = index + 1
            arrivals = vendor_sales.arrivals_of(report, index, Place(file.name, file.digest, number), routes)
            yield Record(number, file.size * number // len(report.periods), arrivals)

    return records


def _check_container(file: Stored) -> None:
    """Read the first record, so that a container that is none of ours is refused as a whole."""
    with file.open() as (content, _):
        try:
            next(container.read(content), None)
        except container.BadContainer as error:
            raise InputError(f"{file.path}: {error}") from None


def _container(file: Stored) -> Iterator[Record]:
    from connectors import facts_container

    with file.open() as (content, under):
        for number, entry in enumerate(container.read(content), 1):
            place = Place(file.name, file.digest, number)
            if isinstance(entry, container.Entry):
                yield Record(number, under.tell(), facts_container.arrivals_of(entry, place))
            else:
                error = Unusable(entry.code, entry.sentence)
                yield Record(number, under.tell(), [unreadable(place, entry.raw, error, "")])


def _series(file: Stored, feeds: Feeds) -> Callable[[], Iterator[Record]]:
    from connectors import series_mapping, weekly_series

    mapping = series_mapping.read(series_mapping.mapping_path(file.path))
    routes = Routes(feeds, mapping.source)
    header = next(lines(file), None)
    try:
        if not isinstance(header, Line):
            raise header or Unusable("bad_value", "no header")
        columns = weekly_series.columns_of(header.raw, mapping)
    except Unusable as error:
        raise InputError(f"{file.path}: {error}") from None

    def read(raw: bytes, place: Place) -> list[Arrival]:
        return weekly_series.arrivals_of(raw, place, mapping, columns, routes)

    def records() -> Iterator[Record]:
        rows, last = 0, 0
        for record in _lines(file, read, after=header.number):
            yield record
            rows, last = rows + 1, record.line
        missing = weekly_series.last_row_is_missing(mapping, rows)
        if missing:
            place = Place(file.name, file.digest, last + 1)
            yield Record(place.line, file.size, [unreadable(place, b"", missing, mapping.source)])

    return records
