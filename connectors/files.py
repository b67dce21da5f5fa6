"""Files as bytes, lines and text: plain or gzip, with their digest and how far reading has got."""

import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO

from connectors.errors import InputError, Unusable

LONGEST_LINE = 1_048_576
"""The most bytes of one line."""

LARGEST_DOCUMENT = 64 * 1_048_576
"""The most bytes of a file that has to be read as a whole."""

HEAD = 65_536
"""How many bytes are looked at to tell the format."""

BOM = b"\xef\xbb\xbf"
_GZIP = b"\x1f\x8b"
_BROKEN_GZIP = (EOFError, zlib.error, gzip.BadGzipFile)


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its end; `whole` is its digest where only its first bytes are here, else None."""

    number: int
    raw: bytes
    bytes_read: int
    whole: bytes | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """A file as it lies there: its name, the SHA-256 and size of its bytes, and whether they are compressed."""

    path: Path
    digest: bytes
    size: int
    compressed: bool

    @property
    def name(self) -> str:
        """The name without folders."""
        return self.path.name

    @contextmanager
    def open(self) -> "Iterator[tuple[BinaryIO, IO[bytes]]]":
        """The content, and the file under it whose position says how far reading has got."""
        with self.path.open("rb") as under:
            if not self.compressed:
                yield under, under
                return
            with gzip.open(under) as content:
                yield io.BufferedReader(content), under


def stored(path: Path) -> Stored:
    """A file that is there and is not empty; raises InputError."""
    try:
        if path.is_dir():
            raise InputError(f"{path}: a folder, not a file")
        if not path.is_file():
            raise InputError(f"{path}: not a file" if path.exists() else f"{path}: there is no such file")
        with path.open("rb") as file:
            start = file.read(2)
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256").digest()
            size = file.tell()
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read: {_reason(error)}") from None
    if not size:
        raise InputError(f"{path}: the file is empty")
    return Stored(path, digest, size, start == _GZIP)


def head(file: Stored) -> bytes:
    """The first bytes of the content, without a byte order mark; raises InputError."""
    try:
        with file.open() as (content, _):
            found = content.read(HEAD)
    except (OSError, *_BROKEN_GZIP) as error:
        raise InputError(f"{file.path}: cannot be read: {_reason(error)}") from None
    return found.removeprefix(BOM)


def document(file: Stored) -> bytes:
    """The whole content, without a byte order mark; raises InputError."""
    try:
        with file.open() as (content, _):
            found = content.read(LARGEST_DOCUMENT + 1)
    except (OSError, *_BROKEN_GZIP) as error:
        raise InputError(f"{file.path}: cannot be read: {_reason(error)}") from None
    if len(found) > LARGEST_DOCUMENT:
        limit = LARGEST_DOCUMENT // 1_048_576
        raise InputError(f"{file.path}: longer than {limit} MiB, which is the most for a file of this format")
    return found.removeprefix(BOM)


def lines(file: Stored) -> Iterator[Line | Unusable]:
    """The lines that are not blank; where compressed content breaks off, the reason comes last."""
    with file.open() as (content, under):
        number = 0
        while True:
            try:
                raw = content.readline(LONGEST_LINE)
                whole = None if raw.endswith(b"\n") else _rest(content, raw)
            except _BROKEN_GZIP as error:
                yield Unusable(
                    "truncated", f"the compressed file is damaged after line {number}: {_reason(error)}"
                )
                return
            if not raw:
                return
            number += 1
            if number == 1:
                raw = raw.removeprefix(BOM)
            raw = raw.rstrip(b"\r\n")
            if raw.strip():
                yield Line(number, raw, under.tell(), whole)


def _rest(content: BinaryIO, start: bytes) -> bytes | None:
    """Read what is left of a line that is too long, for its digest; None where nothing is left."""
    digest = None
    while start and (more := content.readline(LONGEST_LINE)):
        digest = digest or hashlib.sha256(start)
        digest.update(more)
        if more.endswith(b"\n"):
            break
    return digest.digest() if digest else None


def _reason(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error).rstrip(".") or "it breaks off"
