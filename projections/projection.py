"""What a projection is: a pure function from a folded contract to rows."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from domain.contract import Contract
from store.views import Table

Row = dict[str, Any]
"""A row by column name: text, integers (micros, counts, parts per million, instants), JSON text, or None."""

Rows = dict[str, list[Row]]
"""Rows by table name."""


@dataclass(frozen=True, slots=True)
class Projection:
    """One question of operations: its tables, and their rows for one contract.

    `rows(state, effective, position)` renders a signed contract as of the end of local day `effective`; `position` is
    that of the contract's last event and stands in every row, so that a page can say what it reflects.
    """

    name: str
    question: str
    tables: tuple[Table, ...]
    rows: Callable[[Contract, date, int], Rows]


def stamp(state: Contract, effective: date, position: int) -> Row:
    """The columns that every row begins with."""
    return {
        "contract_id": state.signed.contract_id if state.signed else "",
        "effective": effective.isoformat(),
        "position": position,
    }


STAMP: dict[str, type] = {"contract_id": str, "effective": str, "position": int}
"""Types of the columns of `stamp`."""
