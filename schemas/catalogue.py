"""Which schemas there are: names, versions, ids and digests, read from LOCK without opening any schema.

The line of a schema in LOCK, counted from 1, is its schema id; lines are only ever appended.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from schemas.errors import SchemaChanged, UnknownSchema

HOME = Path(__file__).parent
LOCK = HOME / "LOCK"
FACT_PUBLISHERS = frozenset({"finance", "ads", "retail", "contracts", "content", "ops"})
"""Who sends facts, each on a topic of its own; the other folders hold what the tracker itself writes."""


@dataclass(frozen=True, slots=True)
class Schema:
    """One version of one schema; `sha256` is the digest of the full text of its file."""

    name: str
    version: int
    schema_id: int
    sha256: bytes
    path: Path

    @property
    def type(self) -> str:
        """Name and version, such as "retail.GmvReported.v2"."""
        return f"{self.name}.v{self.version}"

    @property
    def publisher(self) -> str:
        """Who sends it, such as "retail"."""
        return self.name.partition(".")[0]

    @property
    def topic(self) -> str:
        """The Kafka topic on which it arrives; empty for what does not come from outside."""
        publisher = self.publisher
        return f"copact.facts.{publisher}.v1" if publisher in FACT_PUBLISHERS else ""

    @property
    def text(self) -> str:
        """The full text of the file; raises SchemaChanged where it is not the text that LOCK names."""
        from hashlib import sha256

        content = self.path.read_bytes()
        if sha256(content).digest() != self.sha256:
            raise SchemaChanged(
                f"{self.path.name} differs from the text in LOCK; a published version is never edited"
            )
        return content.decode()


def schema_of(schema_id: int, line: str) -> Schema:
    """The schema that one line of LOCK names; raises ValueError where the line is not of the form expected."""
    digest, _, place = line.partition("  ")
    publisher, _, file = place.partition("/")
    fact, _, version = file.removesuffix(".avsc").partition(".v")
    if not file.endswith(".avsc") or not version.isdecimal() or len(digest) != 64:
        raise ValueError(f"LOCK line {schema_id} is not '<sha256>  <publisher>/<Fact>.v<N>.avsc': {line!r}")
    return Schema(
        name=f"{publisher}.{fact}",
        version=int(version),
        schema_id=schema_id,
        sha256=bytes.fromhex(digest),
        path=HOME / publisher / file,
    )


def read_lock(lines: Iterable[str]) -> tuple[Schema, ...]:
    """The schemas that the lines of a LOCK name, in the order of their ids."""
    return tuple(schema_of(number, line.rstrip("\n")) for number, line in enumerate(lines, start=1))


ALL = read_lock(LOCK.read_text(encoding="ascii").splitlines())
"""Every schema ever published, in the order of their ids."""

_BY_TYPE = {schema.type: schema for schema in ALL}
_VERSIONS: dict[str, tuple[Schema, ...]] = {}
for _schema in ALL:
    _VERSIONS[_schema.name] = (*_VERSIONS.get(_schema.name, ()), _schema)


def by_type(type_: str) -> Schema:
    """The schema of a type name such as "finance.RebateIssued.v1"; raises UnknownSchema."""
    try:
        return _BY_TYPE[type_]
    except KeyError:
        raise UnknownSchema(f"there is no schema {type_!r}") from None


def by_id(schema_id: int) -> Schema:
    """The schema of an id; raises UnknownSchema."""
    if not 1 <= schema_id <= len(ALL):
        raise UnknownSchema(f"there is no schema with id {schema_id}; ids run from 1 to {len(ALL)}")
    return ALL[schema_id - 1]


def versions(name: str) -> tuple[Schema, ...]:
    """Every version of a name such as "retail.GmvReported", oldest first; raises UnknownSchema."""
    try:
        return _VERSIONS[name]
    except KeyError:
        raise UnknownSchema(f"there is no schema named {name!r}") from None


def current(name: str) -> Schema:
    """The newest version of a name; raises UnknownSchema."""
    return versions(name)[-1]


def names() -> tuple[str, ...]:
    """Every name in the catalogue, in the order in which they were published."""
    return tuple(_VERSIONS)
