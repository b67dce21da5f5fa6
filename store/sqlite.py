"""SQLite: one file, one writer, in rollback-journal mode with full synchronisation.

A write-ahead log is accepted only from an SQLite without the defect that can lose committed pages when two connections
reset the log at once (fixed in 3.51.3, 3.50.7 and 3.44.6); Copact never turns it on.
"""
# ruff: noqa: D102, S608  # what a method does is said in store.database; SQL is made of names of ours

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

from eventsourcing.persistence import OperationalError, PersistenceError, StoredEvent, Tracking
from eventsourcing.sqlite import (
    SQLiteApplicationRecorder,
    SQLiteConnection,
    SQLiteConnectionPool,
    SQLiteCursor,
    SQLiteDatastore,
    SQLiteTrackingRecorder,
    SQLiteTransaction,
)

from store.database import Piece, Row, Table
from store.errors import Taken, Unavailable, Unusable

LOCK_TIMEOUT = 5
"""Seconds to wait for another connection."""

TYPES = {str: "TEXT", int: "INTEGER", bool: "INTEGER", bytes: "BLOB"}

MEMORY = ":memory:"

_TEMPORARY = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
}

_UNFIT = {
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_CORRUPT,
}


def wal_is_sound(version: tuple[int, int, int]) -> bool:
    """Whether this SQLite can be trusted with a write-ahead log and several connections."""
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51, 0) or (3, 44, 6) <= version < (3, 45, 0)


def make_safe(connection: sqlite3.Connection, version: tuple[int, int, int]) -> None:
    """Set and verify how a connection to a file reaches the disk; raises `Unusable`."""
    if version < (3, 37, 0):
        raise Unusable(f"SQLite {'.'.join(map(str, version))}: Copact needs 3.37 or newer")
    (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
    if mode != "wal" or not wal_is_sound(version):
        try:
            (mode,) = connection.execute("PRAGMA journal_mode = PERSIST").fetchone()
        except sqlite3.OperationalError as error:
            if mode != "wal":
                raise
            raise Unusable(
                f"the file is in write-ahead-log mode ({error}), in which this SQLite can lose committed data: "
                "close every other program that has the file open, or use SQLite 3.51.3"
            ) from error
    connection.execute("PRAGMA journal_size_limit = 16777216")
    connection.execute("PRAGMA cache_size = -32000")
    connection.execute("PRAGMA synchronous = FULL")
    (level,) = connection.execute("PRAGMA synchronous").fetchone()
    if level != 2 or mode not in ("persist", "wal"):
        raise Unusable(f"SQLite did not take up safe settings: journal_mode {mode}, synchronous {level}")


class _Transaction(SQLiteTransaction):
    """Takes the write lock at the start, so that what was read still holds when it is written."""

    def __enter__(self) -> SQLiteCursor:
        cursor = self.connection.cursor()
        cursor.execute("BEGIN IMMEDIATE" if self.commit else "BEGIN")
        return cursor

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> None:
        try:
            super().__exit__(exc_type, exc_val, exc_tb)
        except BaseException:
            # A commit that found the file locked leaves the transaction open.
            self.connection.rollback()
            raise


class _Connection(SQLiteConnection):
    @contextmanager
    def transaction(self, *, commit: bool) -> Iterator[SQLiteCursor]:
        with _Transaction(self, commit=commit) as cursor, cursor:
            yield cursor


class _Pool(SQLiteConnectionPool):
    def _create_connection(self) -> SQLiteConnection:
        connection = sqlite3.connect(
            self.db_name, timeout=LOCK_TIMEOUT, isolation_level=None, check_same_thread=False
        )
        connection.row_factory = sqlite3.Row
        if not self.is_sqlite_memory_mode:
            try:
                make_safe(connection, sqlite3.sqlite_version_info)
            except BaseException:
                connection.close()
                raise
        return _Connection(connection, max_age=self.max_age)


class EventRecorder(SQLiteApplicationRecorder):
    """Reads stored events as the library does."""

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int] | None:
        """Refuse: events are stored together with their facts and receipts, by `Ledger.append`."""
        raise NotImplementedError("events are stored by Ledger.append")


class Tracker(SQLiteTrackingRecorder):
    """The library's tracking recorder, inside transactions of ours."""

    def create(self, cursor: SQLiteCursor) -> None:
        """Make its table."""
        self._create_table(cursor)

    def move(self, cursor: SQLiteCursor, name: str, position: int) -> None:
        """Store a position that is higher than the one before."""
        self._insert_tracking(cursor, Tracking(name, position))


class SQLiteWriting:
    """One writing transaction."""

    def __init__(self, cursor: SQLiteCursor) -> None:
        self.cursor = cursor
        self._cursor = cursor.sqlite_cursor
        self._cursor.row_factory = None

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        return self._cursor.execute(sql, parameters).fetchall()

    locked = rows

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> None:
        self._cursor.execute(sql, parameters)

    def change(self, sql: str, rows: Sequence[Row]) -> int:
        return self._cursor.executemany(sql, rows).rowcount if rows else 0

    def insert(self, table: Table, rows: Sequence[Row]) -> None:
        marks = ", ".join("?" * len(table.columns))
        self._cursor.executemany(f'INSERT INTO "{table.name}" VALUES ({marks})', rows)

    def create(self, table: Table) -> None:
        by_number = len(table.key) == 1 and table.columns[table.key[0]] is int
        options = "STRICT" if by_number else "STRICT, WITHOUT ROWID"
        self.execute(f'CREATE TABLE "{table.name}" ({table.definition(TYPES)}) {options}')

    def tables(self) -> set[str]:
        return {name for (name,) in self.rows("SELECT name FROM sqlite_master WHERE type = 'table'")}


class SQLite:
    """An SQLite file, or memory that lasts as long as this object."""

    def __init__(self, path: str) -> None:
        if path != MEMORY and not Path(path).parent.is_dir():
            raise Unusable(f"{path}: there is no folder {Path(path).parent}")
        self._store = SQLiteDatastore(path, originator_id_type="text")
        size, more = (1, 0) if path == MEMORY else (5, 10)
        self._store.pool = _Pool(db_name=path, pool_size=size, max_overflow=more, pool_timeout=LOCK_TIMEOUT)
        self.tracker = Tracker(self._store)
        try:
            self.tables()
        except sqlite3.DatabaseError as error:
            raise Unusable(f"{path}: {error}") from error

    @contextmanager
    def _transaction(self, *, commit: bool) -> Iterator[SQLiteWriting]:
        try:
            with self._store.transaction(commit=commit) as cursor:
                yield SQLiteWriting(cursor)
        except (sqlite3.Error, PersistenceError) as error:
            cause = error if isinstance(error, sqlite3.Error) else error.__cause__
            if isinstance(cause, sqlite3.Error):
                raise _translated(cause) from error
            if isinstance(error, OperationalError):
                raise Unavailable(f"SQLite: {error}") from error
            raise

    def writing(self) -> AbstractContextManager[SQLiteWriting]:
        return self._transaction(commit=True)

    defining = writing

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        with self._transaction(commit=False) as reading:
            return reading.rows(sql, parameters)

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
        with self._transaction(commit=False) as reading:
            found = reading.rows(sql, parameters)
            columns = [name for name, *_ in reading.cursor.sqlite_cursor.description]
            return [dict(zip(columns, row, strict=True)) for row in found]

    def tables(self) -> set[str]:
        with self._transaction(commit=False) as reading:
            return reading.tables()

    def among(self, column: str, values: Sequence[Any]) -> Piece:
        return f"{column} IN ({', '.join('?' * len(values))})", list(values)

    def pairs(self, values: Mapping[str, int]) -> Piece:
        return "(SELECT key AS name, value AS number FROM json_each(?)) AS pairs", [json.dumps(values)]

    def recorder(self, table: str) -> EventRecorder:
        return EventRecorder(self._store, table)

    def close(self) -> None:
        self._store.close()


def _translated(error: sqlite3.Error) -> Exception:
    text = str(error)
    if getattr(error, "sqlite_errorcode", 0) & 0xFF in _TEMPORARY:
        return Unavailable(f"SQLite: {text}")
    if getattr(error, "sqlite_errorcode", 0) & 0xFF in _UNFIT:
        return Unusable(f"SQLite: {text}")
    unique = "UNIQUE constraint failed: "
    if text.startswith(unique):
        return Taken(text.removeprefix(unique).split(".")[0], text)
    return error
