"""The mapping beside a weekly series: what its columns are, in which currency and zone, and how amounts are rounded."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from connectors import yaml_text
from connectors.contract_file import currencies
from connectors.errors import InputError, InputErrors, Unusable
from connectors.figures import ROUNDINGS
from connectors.instants import day
from domain.terms_check import ID, is_zone
from schemas.readable import Node

SUFFIX: Final = ".source.yaml"

BASES: Final = (
    "ORDERED_NET",
    "SHIPPED_NET",
    "ORDERED_REVENUE",
    "SHIPPED_REVENUE",
    "ORDERED_PRODUCT_SALES",
    "NET_PRODUCT_SALES",
)

FIELDS: Final = (
    "source", "marketplace_id", "account_id", "zone", "currency", "digits", "rounding", "revision",
    "first_row", "last_row", "date_column", "revenue_column", "basis", "spend_columns",
)  # fmt: skip
OPTIONAL: Final = ("rounding", "revision")


@dataclass(frozen=True, slots=True)
class SeriesMapping:
    """`digits` decimals are kept of an amount, by `rounding`; without one, an amount that has more is not taken.

    `first_row` and `last_row` are the dates of the first and the last week. `spend_columns` names the column of each
    channel. `revision` rises when the same weeks come again with other figures.
    """

    source: str
    marketplace_id: str
    account_id: str
    zone: str
    currency: str
    digits: int
    rounding: str | None
    revision: int
    first_row: date
    last_row: date
    date_column: str
    revenue_column: str
    basis: str
    spend_columns: dict[str, str]


def mapping_path(path: Path) -> Path:
    """Where the mapping of a series lies."""
    return path.with_name(path.name + SUFFIX)


def read(path: Path) -> SeriesMapping:
    """The mapping in a file; raises InputError with every error, each with its line."""
    tree, _ = yaml_text.read(path)
    if not isinstance(tree.value, dict):
        raise InputError(f"{path.name}:{tree.line}: a mapping of the fields {', '.join(FIELDS)} expected")
    reading = _Reading(path.name, tree.value)
    reading.check_names()
    mapping = SeriesMapping(
        source=reading.text("source"),
        marketplace_id=reading.text("marketplace_id"),
        account_id=reading.text("account_id"),
        zone=reading.checked("zone", is_zone, "a zone of the IANA time zone database expected"),
        currency=reading.checked(
            "currency", currencies().__contains__, "a current code of ISO 4217 expected"
        ),
        digits=int(reading.checked("digits", tuple("0123456").__contains__, "0 to 6 expected") or 0),
        rounding=reading.symbol("rounding", tuple(ROUNDINGS)) or None,
        revision=int(reading.checked("revision", _is_revision, "a whole number from 0 expected") or 0),
        first_row=reading.day("first_row"),
        last_row=reading.day("last_row"),
        date_column=reading.text("date_column"),
        revenue_column=reading.text("revenue_column"),
        basis=reading.symbol("basis", BASES),
        spend_columns=reading.channels("spend_columns"),
    )
    weeks, rest = divmod(mapping.last_row - mapping.first_row, timedelta(days=7))
    if not reading.errors and (weeks < 0 or rest):
        reading.note("last_row", f"whole weeks after first_row ({mapping.first_row}) expected")
    if reading.errors:
        raise InputErrors(reading.errors)
    return mapping


def _is_revision(text: str) -> bool:
    return text.isdecimal() and text.isascii() and len(text) <= 18


class _Reading:
    """Reads field by field and remembers what is wrong."""

    def __init__(self, name: str, fields: dict[str, Node]) -> None:
        self.name, self.fields = name, fields
        self.errors: list[str] = []

    def note(self, field: str, rule: str) -> None:
        node = self.fields.get(field)
        shown = f" {node.value!a}:" if node and isinstance(node.value, str) else ""
        self.errors.append(f"{self.name}:{node.line if node else 1}: {field}:{shown} {rule}")

    def check_names(self) -> None:
        for field in self.fields:
            if field not in FIELDS:
                self.note(field, "no such field")

    def text(self, field: str) -> str:
        return self.checked(
            field, lambda text: text.isprintable() and len(text) <= 100, "short text expected"
        )

    def checked(self, field: str, fits: Callable[[str], bool], rule: str) -> str:
        node = self.fields.get(field)
        value = node.value if node else None
        if value is None and field in OPTIONAL:
            return ""
        if isinstance(value, str) and value and fits(value):
            return value
        self.note(field, "missing" if node is None else rule)
        return ""

    def symbol(self, field: str, choices: tuple[str, ...]) -> str:
        lower = [choice.lower() for choice in choices]
        return self.checked(field, lower.__contains__, f"one of {', '.join(lower)} expected").upper()

    def day(self, field: str) -> date:
        text = self.text(field)
        try:
            return day(text, field) if text else date.min
        except Unusable:
            self.note(field, "a day expected, such as 2015-11-23")
            return date.min

    def channels(self, field: str) -> dict[str, str]:
        node = self.fields.get(field)
        if node is None or not isinstance(node.value, dict) or not node.value:
            self.note(field, "missing" if node is None else "a column for each channel expected")
            return {}
        found: dict[str, str] = {}
        for channel, column in node.value.items():
            if isinstance(column.value, str) and ID.fullmatch(channel):
                found[channel] = column.value
            else:
                self.errors.append(
                    f"{self.name}:{column.line}: {field}.{channel}: the id of a channel and its column"
                )
        return found
