"""The read models: rows that follow from the ledger, the folded states beside them, and the position they reflect.

They may stand in another database than the ledger. Every change of rows moves the position in the same transaction,
from exactly where it was: of two followers one wins, and the other is told.
"""
# ruff: noqa: S608  # SQL is put together from names of ours; values are always parameters

import hashlib
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from types import TracebackType
from typing import Any, NamedTuple, Self

from store.database import Database, Row, Table, Transaction, names
from store.errors import Overtaken
from store.tables import TABLES

__all__ = ["Changes", "Folded", "Overtaken", "Table", "Views"]

CHUNK = 2_000
"""Rows that are written at once where tables are replaced."""

STREAM = "stream"
"""The column that every table begins with."""

FOLDED = Table(
    "folded", (STREAM,), {STREAM: str, "version": int, "position": int, "state": bytes}, optional=()
)

READ_MODELS = Table("read_models", ("name",), {"name": str, "build": str}, optional=())
"""The tables that these views have made; `build` names the rebuild that is filling one, and is empty otherwise."""

RESERVED = {table.name for table in (*TABLES, FOLDED, READ_MODELS)} | {"tracking", "stored_events"}
"""Names that the store keeps for itself, since ledger and read models may share a database."""

Changes = Mapping[str, Mapping[str, Sequence[Row]]]
"""Rows by table and stream, each in the order of the table's columns."""


class Folded(NamedTuple):
    """The folded state of a stream: its version, the position of its last event, and the state as bytes."""

    version: int
    position: int
    blob: bytes


class Views:
    """The read models in one database. Every method raises `Unavailable` where the database is locked or gone."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._tables: dict[str, Table] = {}
        self._name = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection."""
        self._database.close()

    def create(self, tables: Sequence[Table], fingerprint: str) -> None:
        """Have these tables, whose rows and folded states are made by what `fingerprint` names.

        Where anything of it differs from what is there, all is emptied and the position is 0 again. Raises `ValueError`
        for a name that the store keeps for itself.
        """
        if taken := RESERVED & {table.name for table in tables}:
            raise ValueError(f"table: {', '.join(sorted(taken))}: the store has a table of this name itself")
        self._tables = {
            table.name: replace(table, key=(STREAM, *table.key), columns={STREAM: str, **table.columns})
            for table in tables
        }
        self._name = "views-" + hashlib.sha256(repr((fingerprint, tables)).encode()).hexdigest()[:32]
        if READ_MODELS.name in self._database.tables() and self._positions(self._database):
            return
        with self._database.defining() as defining:
            present = defining.tables()
            if READ_MODELS.name not in present:
                if "tracking" not in present:
                    self._database.tracker.create(defining.cursor)
                defining.create(READ_MODELS)
                defining.create(FOLDED)
            if not self._positions(defining):
                self._begin_anew(defining)

    def _begin_anew(self, defining: Transaction) -> None:
        for (name,) in defining.rows("SELECT name FROM read_models"):
            defining.execute(f'DROP TABLE IF EXISTS "{name}"')
        defining.execute("DELETE FROM read_models")
        defining.execute("DELETE FROM folded")
        defining.execute("DELETE FROM tracking WHERE substr(application_name, 1, 6) = 'views-'")
        for table in self._tables.values():
            defining.create(table)
        defining.insert(READ_MODELS, [(name, "") for name in self._tables])
        self._database.tracker.move(defining.cursor, self._name, 0)

    # Following

    def position(self) -> int:
        """The position of the ledger that rows and folded states reflect."""
        found = self._positions(self._database)
        return found[0] if found else 0

    def apply(
        self,
        changes: Changes,
        folded: Mapping[str, tuple[int, int, bytes]],
        expected: int,
        position: int,
    ) -> None:
        """Move from one position to another: the rows of each stream named are replaced as a whole.

        `folded` gives (version, position, blob) by stream. Raises `Overtaken` where the position is not `expected`.
        """
        with self._database.writing() as writing:
            self._claim(writing, expected)
            self._database.tracker.move(writing.cursor, self._name, position)
            for name, streams in changes.items():
                rows = [(stream, *row) for stream, found in streams.items() for row in found]
                self._put(writing, self._tables[name], list(streams), rows)
            self._put(writing, FOLDED, list(folded), [(stream, *state) for stream, state in folded.items()])

    def replace(
        self,
        changes: Changes,
        folded: Iterable[tuple[str, int, int, bytes]] | None,
        expected: int,
        position: int,
    ) -> None:
        """Fill tables anew beside the live ones, then swap them and set the position in one transaction.

        Only the tables named are replaced; `folded` gives (stream, version, position, blob), or None to keep what is.
        Raises `Overtaken`, with nothing changed, where the position is not `expected` or another rebuild has begun.
        """
        pieces: dict[str, tuple[Table, Iterable[Row]]] = {
            name: (self._tables[name], ((stream, *row) for stream, rows in streams.items() for row in rows))
            for name, streams in changes.items()
        }
        if folded is not None:
            pieces[FOLDED.name] = (FOLDED, folded)
        build = secrets.token_hex(8)
        staged = {name: replace(table, name=f"{name}__new") for name, (table, _) in pieces.items()}
        with self._database.defining() as defining:
            for table in staged.values():
                defining.execute(f'DROP TABLE IF EXISTS "{table.name}"')
                defining.execute("DELETE FROM read_models WHERE name = ?", (table.name,))
                defining.create(table)
            defining.insert(READ_MODELS, [(table.name, build) for table in staged.values()])
        for name, (_, rows) in pieces.items():
            for chunk in _chunks(rows):
                with self._database.writing() as writing:
                    _still(writing, staged[name], build)
                    writing.insert(staged[name], chunk)
        with self._database.defining() as defining:
            self._claim(defining, expected)
            for name, table in staged.items():
                _still(defining, table, build)
                defining.execute(f'DROP TABLE "{name}"')
                defining.execute(f'ALTER TABLE "{table.name}" RENAME TO "{name}"')
                defining.execute("DELETE FROM read_models WHERE name = ?", (table.name,))
            # A rebuild may go back, which the library's tracking does not: where the ledger was restored from a backup.
            defining.execute("DELETE FROM tracking WHERE application_name = ?", (self._name,))
            self._database.tracker.move(defining.cursor, self._name, position)

    def _positions(self, database: Database | Transaction) -> list[int]:
        sql = "SELECT notification_id FROM tracking WHERE application_name = ?"
        return [position for (position,) in database.rows(sql, (self._name,))]

    def _claim(self, writing: Transaction, expected: int) -> None:
        sql = "SELECT notification_id FROM tracking WHERE application_name = ?"
        found = writing.locked(sql, (self._name,))
        if found != [(expected,)]:
            raise Overtaken(
                f"read models: expected at position {expected}, found at {found[0][0] if found else 'none'}: "
                "another follower has moved them or made them anew"
            )

    def _put(self, writing: Transaction, table: Table, streams: Sequence[str], rows: Sequence[Row]) -> None:
        if streams:
            condition, parameters = self._database.among(STREAM, streams)
            writing.execute(f'DELETE FROM "{table.name}" WHERE {condition}', parameters)
            writing.insert(table, rows)

    # Reading

    def rows(
        self, table: str, where: Mapping[str, Any] | None = None, order: Sequence[str] = ()
    ) -> list[dict[str, Any]]:
        """The rows of a table as its projection made them, with these values, in this order (by default: of the key).

        Raises `LookupError` for a table or column that there is not.
        """
        found = self._tables[table]
        where = where or {}
        for column in (*where, *order):
            if column not in found.columns:
                raise LookupError(f"column: {column!r}: table {table} has no such column")
        columns = [column for column in found.columns if column != STREAM]
        conditions = [
            f'"{column}" IS NULL' if value is None else f'"{column}" = ?' for column, value in where.items()
        ]
        sql = (
            f'SELECT {names(columns)} FROM "{table}"'
            + (f" WHERE {' AND '.join(conditions)}" if conditions else "")
            + f" ORDER BY {names(order or found.key)}"
        )
        rows = self._database.rows(sql, [value for value in where.values() if value is not None])
        made = [dict(zip(columns, row, strict=True)) for row in rows]
        for column in columns:
            if found.columns[column] is bool:
                for each in made:
                    each[column] = None if each[column] is None else bool(each[column])
        return made

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """The rows of a SELECT over these tables; `?` stands for a parameter. Whatever it does is rolled back."""
        return self._database.query(sql, parameters)

    def folded(self, stream: str) -> Folded | None:
        """The folded state of a stream, where there is one."""
        found = self._database.rows("SELECT version, position, state FROM folded WHERE stream = ?", (stream,))
        return Folded(*found[0]) if found else None

    def folded_streams(self) -> list[str]:
        """The streams with a folded state, by name."""
        return [stream for (stream,) in self._database.rows("SELECT stream FROM folded ORDER BY stream")]


def _still(writing: Transaction, table: Table, build: str) -> None:
    if writing.locked("SELECT build FROM read_models WHERE name = ?", (table.name,)) != [(build,)]:
        raise Overtaken("read models: another rebuild has begun meanwhile")


def _chunks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    remaining = iter(rows)
    while chunk := list(islice(remaining, CHUNK)):
        yield chunk
