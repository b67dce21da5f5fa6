"""What every connector gives: records with the arrivals made from them, and where in which file they stand."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from application.arrival import Arrival
from connectors.errors import Unusable, plain
from schemas.header import File

KEPT: int = 262_144
"""How many bytes of a record that cannot be read are kept."""

LONGEST_ID = 200
"""The most characters of an id or a source."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a file and the facts in it; none where it belongs to no contract.

    `line` is the line of the file, or the number of the record where records are not lines; either counts from 1 and
    rises. `bytes_read` says how far into the file, as it is stored, reading has got.
    """

    line: int
    bytes_read: int
    arrivals: list[Arrival]


@dataclass(frozen=True, slots=True)
class Place:
    """A record of a file, as people name it and as an origin."""

    file: str
    digest: bytes
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"

    @property
    def origin(self) -> File:
        """The record as the origin of a fact."""
        return File(self.digest, self.line)


def read_or_park(place: Place, raw: bytes, read: Callable[[], list[Arrival]], source: str) -> list[Arrival]:
    """The arrivals that `read` gives, or the one that says why it could not (`source`: who sent it, as known)."""
    try:
        return read()
    except Unusable as error:
        return [unreadable(place, raw, error, source)]


def unreadable(
    place: Place, raw: bytes, error: Unusable, source: str, *, document: bytes | None = None
) -> Arrival:
    """A record that nobody could read: its bytes and the reason.

    Of a record longer than `KEPT` the first part is kept, and the digest of the whole.
    """
    return Arrival(
        type="",
        source=source,
        fact_id="",
        occurred_at=0,
        payload=raw[:KEPT],
        origin=place.origin,
        document=document or hashlib.sha256(raw).digest(),
        problem=(error.code, plain(f"{place}: {error}")),
    )


def told(errors: Iterable[object], most: int = 3) -> str:
    """The first errors of a record in one sentence."""
    texts = [str(error) for error in errors]
    more = f"; and {len(texts) - most} more" if len(texts) > most else ""
    return "; ".join(texts[:most]) + more
