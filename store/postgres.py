"""PostgreSQL 15 or newer: the tables stand in a schema named copact, and rows travel as binary arrays.

The first statement of an append locks the one row of `head`. So batches are numbered in the order in which they are
committed, a reader never sees a position before a lower one, and two writers never wait for each other in a circle.
Unlike a lock on the whole table of events, it does not stand in the way of vacuum or of building an index.
"""
# ruff: noqa: D102, S608  # what a method does is said in store.database; SQL is made of names of ours

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from eventsourcing.persistence import (
    InterfaceError,
    OperationalError,
    PersistenceError,
    StoredEvent,
    Tracking,
)
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore, PostgresTrackingRecorder
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import DictRow, dict_row, tuple_row

from store.database import Piece, Row, Table, names
from store.errors import Taken, Unavailable, Unusable

SCHEMA = "copact"

LOCK_TIMEOUT = 5
"""Seconds to wait for another writer or for a connection."""

IDLE_TIMEOUT = 5
"""Seconds after which the server ends a writer that stopped in mid-transaction, and rolls it back."""

TYPES = {str: 'text COLLATE "C"', int: "bigint", bool: "boolean", bytes: "bytea"}

ARRAYS = {str: "text[]", int: "bigint[]", bool: "boolean[]", bytes: "bytea[]"}

SAFE = ("fsync", "full_page_writes", "synchronous_commit")
"""Settings without which a committed batch may be lost."""

_ADVISORY_LOCK = 0x636F70616374
"""The key, "copact" in ASCII, of the lock that whoever makes or drops tables takes."""


class _Datastore(PostgresDatastore):
    def __init__(self, parameters: dict[str, Any]) -> None:
        super().__init__(
            dbname="",
            host="",
            port="",
            user="",
            password="",
            connect_timeout=LOCK_TIMEOUT,
            idle_in_transaction_session_timeout=IDLE_TIMEOUT,
            max_overflow=9,
            pre_ping=True,
            lock_timeout=LOCK_TIMEOUT,
            schema=SCHEMA,
            originator_id_type="text",
        )
        # All that the address says, such as sslmode, in place of the five values that the library knows.
        self.pool.kwargs = {**parameters, "row_factory": dict_row}

    def after_connect_func(self) -> Callable[[psycopg.Connection[Any]], None]:
        configure = super().after_connect_func()

        def after_connect(connection: psycopg.Connection[Any]) -> None:
            configure(connection)
            connection.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
            connection.execute(f"SET search_path = {SCHEMA}")
            connection.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}s'")

        return after_connect


class EventRecorder(PostgresApplicationRecorder):
    """Reads stored events as the library does."""

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int] | None:
        """Refuse: events are stored together with their facts and receipts, by `Ledger.append`."""
        raise NotImplementedError("events are stored by Ledger.append")


class Tracker(PostgresTrackingRecorder):
    """The library's tracking recorder, inside transactions of ours."""

    def create(self, cursor: psycopg.Cursor[DictRow]) -> None:
        """Make its table."""
        self._create_table(cursor)

    def move(self, cursor: psycopg.Cursor[DictRow], name: str, position: int) -> None:
        """Store a position that is higher than the one before."""
        self._insert_tracking(cursor, Tracking(name, position))


class PostgresWriting:
    """One writing transaction."""

    def __init__(self, cursor: psycopg.Cursor[DictRow]) -> None:
        self.cursor = cursor
        self._cursor = cursor.connection.cursor(row_factory=tuple_row)

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        return self._cursor.execute(_sql(sql), parameters, binary=True).fetchall()

    def locked(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        return self.rows(sql + " FOR UPDATE", parameters)

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> None:
        self._cursor.execute(_sql(sql), parameters)

    def change(self, sql: str, rows: Sequence[Row]) -> int:
        if not rows:
            return 0
        self._cursor.executemany(_sql(sql), rows)
        return self._cursor.rowcount

    def insert(self, table: Table, rows: Sequence[Row]) -> None:
        if not rows:
            return
        arrays = ", ".join(f"?::{ARRAYS[kind]}" for kind in table.columns.values())
        columns = [list(column) for column in zip(*rows, strict=True)]
        self.execute(
            f'INSERT INTO "{table.name}" ({names(table.columns)}) SELECT * FROM unnest({arrays})', columns
        )

    def create(self, table: Table) -> None:
        self.execute(f'CREATE TABLE "{table.name}" ({table.definition(TYPES)})')

    def tables(self) -> set[str]:
        found = self.rows("SELECT tablename::text FROM pg_tables WHERE schemaname = ?", (SCHEMA,))
        return {name for (name,) in found}


class Postgres:
    """A PostgreSQL database."""

    def __init__(self, url: str) -> None:
        try:
            parameters: dict[str, Any] = {"connect_timeout": LOCK_TIMEOUT, **conninfo_to_dict(url)}
            with psycopg.connect(**parameters) as connection:
                _prepare(connection)
        except psycopg.ProgrammingError as error:
            raise Unusable(f"PostgreSQL: {error}") from error
        except psycopg.OperationalError as error:
            raise Unavailable(f"PostgreSQL: {error}") from error
        self._store = _Datastore(parameters)
        self.tracker = Tracker(self._store, tracking_table_name="tracking")

    @contextmanager
    def _transaction(self, *, commit: bool) -> Iterator[PostgresWriting]:
        try:
            with self._store.transaction(commit=commit) as cursor:
                yield PostgresWriting(cursor)
        except PersistenceError as error:
            cause = error.__cause__
            if isinstance(cause, psycopg.errors.UniqueViolation):
                raise Taken(cause.diag.table_name or "", str(error)) from error
            gone = isinstance(cause, psycopg.errors.IdleInTransactionSessionTimeout)
            if gone or isinstance(error, OperationalError | InterfaceError):
                raise Unavailable(f"PostgreSQL: {error}") from error
            raise

    @contextmanager
    def writing(self) -> Iterator[PostgresWriting]:
        with self._transaction(commit=True) as writing:
            yield writing

    @contextmanager
    def defining(self) -> Iterator[PostgresWriting]:
        with self._transaction(commit=True) as writing:
            writing.rows("SELECT pg_advisory_xact_lock(?)", (_ADVISORY_LOCK,))
            yield writing

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        with self._transaction(commit=False) as reading:
            return reading.rows(sql, parameters)

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
        with self._transaction(commit=False) as reading:
            return reading.cursor.execute(_sql(sql), parameters).fetchall()

    def tables(self) -> set[str]:
        with self._transaction(commit=False) as reading:
            return reading.tables()

    def among(self, column: str, values: Sequence[Any]) -> Piece:
        return f"{column} = ANY(?)", [list(values)]

    def pairs(self, values: Mapping[str, int]) -> Piece:
        return "unnest(?::text[], ?::bigint[]) AS pairs(name, number)", [list(values), list(values.values())]

    def recorder(self, table: str) -> EventRecorder:
        return EventRecorder(self._store, events_table_name=table)

    def close(self) -> None:
        self._store.close()


def _prepare(connection: psycopg.Connection[Any]) -> None:
    """Refuse settings that may lose a committed batch, and make the schema where there is none."""
    for name in SAFE:
        row = connection.execute("SELECT current_setting(%s)", (name,)).fetchone()
        if row and row[0] == "off":
            raise Unusable(f"PostgreSQL: {name} is off, which can lose committed data: turn it on")
    connection.execute("SELECT pg_advisory_xact_lock(%s)", (_ADVISORY_LOCK,))
    if not connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", (SCHEMA,)).fetchone():
        connection.execute(f"CREATE SCHEMA {SCHEMA}")


def _sql(text: str) -> bytes:
    """SQL as psycopg has it: `%b` for a parameter that travels in binary."""
    return text.replace("%", "%%").replace("?", "%b").encode()
