"""What the ledger and the read models need of a database. There are two: SQLite and PostgreSQL.

SQL is written once, in what both understand: parameters are `?`, names of tables are the same in both.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from eventsourcing.persistence import ApplicationRecorder

Row = tuple[Any, ...]

Piece = tuple[str, list[Any]]
"""A piece of SQL with its parameters."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table: `columns` maps names to str, int, bool or bytes, `key` is the primary key.

    Dates are ISO text and nested values JSON text. Columns in `optional` may be empty; None: all outside the key.
    """

    name: str
    key: tuple[str, ...]
    columns: Mapping[str, type]
    optional: tuple[str, ...] | None = None

    def definition(self, types: Mapping[type, str]) -> str:
        """What stands between the parentheses of CREATE TABLE, with a database's names for types."""
        empty = self.optional if self.optional is not None else tuple(self.columns)
        columns = [
            f'"{name}" {types[kind]}' + ("" if name in empty and name not in self.key else " NOT NULL")
            for name, kind in self.columns.items()
        ]
        return f"{', '.join(columns)}, PRIMARY KEY ({names(self.key)})"


def names(columns: Iterable[str]) -> str:
    """Column names as SQL."""
    return ", ".join(f'"{column}"' for column in columns)


class Transaction(Protocol):
    """One writing transaction: all of it is stored, or nothing."""

    cursor: Any
    """The cursor that the library's recorders use."""

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """The rows of a query."""

    def locked(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """The rows of a query, kept from other writers until this transaction ends."""

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> None:
        """Run one statement."""

    def change(self, sql: str, rows: Sequence[Row]) -> int:
        """Run one statement for each row of parameters; how many rows were changed."""

    def insert(self, table: Table, rows: Sequence[Row]) -> None:
        """Add rows, in the order of the table's columns. Raises `Taken`."""

    def create(self, table: Table) -> None:
        """Make a table."""

    def tables(self) -> set[str]:
        """The names of the tables that are there."""


class Tracker(Protocol):
    """The library's tracking recorder: one numbered position for each name, which only grows."""

    def create(self, cursor: Any) -> None:
        """Make its table, `tracking`."""

    def move(self, cursor: Any, name: str, position: int) -> None:
        """Store a position that is higher than the one before."""


class Database(Protocol):
    """Raises `Unavailable` where it is locked, full or gone."""

    @property
    def tracker(self) -> Tracker:
        """The library's tracking recorder over `tracking`."""

    def writing(self) -> AbstractContextManager[Transaction]:
        """A transaction that is stored when the block ends, and rolled back when it raises."""

    def defining(self) -> AbstractContextManager[Transaction]:
        """A writing transaction for tables themselves; one at a time."""

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """The rows of a query in a transaction of its own, which changes nothing."""

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """As `rows`, by column name."""

    def tables(self) -> set[str]:
        """The names of the tables that are there."""

    def among(self, column: str, values: Sequence[Any]) -> Piece:
        """The condition that a column has one of some values."""

    def pairs(self, values: Mapping[str, int]) -> Piece:
        """A table `pairs` with columns `name` and `number`."""

    def recorder(self, table: str) -> ApplicationRecorder:
        """The library's recorder over a table of events, to read them."""

    def close(self) -> None:
        """Close every connection."""
