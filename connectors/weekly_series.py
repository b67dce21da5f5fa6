"""A series of weeks as CSV: a column of dates, columns of spend, and one of revenue, as media analysts keep it.

Such a file does not say what it is in, so a mapping beside it does (`<file>.source.yaml`): source, marketplace,
account, zone, currency, and how amounts are rounded. A row is the week that begins on its date. Spend becomes
SpendReported with the channel as its campaign, revenue GmvReported; both are whole figures of their week. An empty
field is not available, which is not zero. A rounding that is not named does not happen: such a row is not taken.
"""

import csv
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from application.arrival import Arrival
from connectors.errors import Unusable, bad_value
from connectors.figures import rounded_micros
from connectors.instants import day
from connectors.jsontext import text_of
from connectors.records import LONGEST_ID, Place, read_or_park
from connectors.routing import Routes
from connectors.series_mapping import SeriesMapping
from domain.period import days
from schemas import codec

WEEK: Final = timedelta(days=7)

_decimal = re.compile(r"-?[0-9]{1,40}(?:\.[0-9]{1,40})?(?:[eE][+-]?[0-9]{1,2})?").fullmatch


@dataclass(frozen=True, slots=True)
class Columns:
    """Where in a row the columns of the mapping stand."""

    width: int
    date: int
    revenue: int
    spend: Mapping[str, int]


def columns_of(header: bytes, mapping: SeriesMapping) -> Columns:
    """The columns by the first line of the file; raises Unusable where one of the mapping is missing."""
    names = _fields(header)
    wanted = [mapping.date_column, mapping.revenue_column, *mapping.spend_columns.values()]
    for name in wanted:
        if names.count(name) != 1:
            rule = "stands twice" if name in names else "missing"
            raise Unusable("bad_value", f"the column {name!a} of the mapping: {rule} in the header")
    spend = {channel: names.index(name) for channel, name in mapping.spend_columns.items()}
    return Columns(len(names), names.index(mapping.date_column), names.index(mapping.revenue_column), spend)


def arrivals_of(
    raw: bytes, place: Place, mapping: SeriesMapping, columns: Columns, routes: Routes
) -> list[Arrival]:
    """The facts in one row, for each contract; none where it belongs to no contract."""
    return read_or_park(
        place, raw, lambda: list(_arrivals(raw, place, mapping, columns, routes)), mapping.source
    )


def last_row_is_missing(mapping: SeriesMapping, rows: int) -> Unusable | None:
    """Why a file that ended after so many rows is not whole; None where it is."""
    expected = (mapping.last_row - mapping.first_row) // WEEK + 1
    if rows == expected:
        return None
    return Unusable(
        "truncated",
        f"the file has {rows} rows; from {mapping.first_row} to {mapping.last_row} there are {expected}",
    )


def _arrivals(
    raw: bytes, place: Place, mapping: SeriesMapping, columns: Columns, routes: Routes
) -> Iterator[Arrival]:
    row = _fields(raw)
    if len(row) != columns.width:
        raise Unusable("bad_value", f"a row of {columns.width} fields expected, {len(row)} are there")
    first = day(row[columns.date], mapping.date_column)
    if not mapping.first_row <= first <= mapping.last_row or (first - mapping.first_row) % WEEK:
        rule = f"a first day of a week from {mapping.first_row} to {mapping.last_row} expected, as the mapping says"
        raise bad_value(mapping.date_column, row[columns.date], rule)
    period = days(first, first + WEEK - timedelta(days=1), mapping.zone)
    shared: dict[str, Any] = {
        "source": mapping.source,
        "marketplace_id": mapping.marketplace_id,
        "revision": mapping.revision,
        "period_start": period.start,
        "period_end": period.end,
        "currency": mapping.currency,
    }
    document = hashlib.sha256(raw).digest()

    def arrival(type_: str, record: dict[str, Any], column: str, contract_id: str) -> Arrival:
        fact_id = f"{column}/{first}/{mapping.revision}/{contract_id}"
        if len(fact_id) > LONGEST_ID:
            raise bad_value(
                column, fact_id, f"an id has at most {LONGEST_ID} characters; name the channel shorter"
            )
        return Arrival(
            type=type_,
            source=mapping.source,
            fact_id=fact_id,
            occurred_at=period.end,
            payload=codec.encode(type_, shared | record | {"contract_id": contract_id}),
            origin=place.origin,
            document=document,
        )

    for channel, index in columns.spend.items():
        contracts = routes.campaigns("SPEND", mapping.marketplace_id, mapping.account_id, channel)
        amount = _amount(row[index], mapping, channel) if contracts else None
        for contract_id in contracts if amount is not None else ():
            spent = {
                "account_id": mapping.account_id,
                "campaign_id": channel,
                "reporting": "SNAPSHOT",
                "amount": amount,
            }
            yield arrival("ads.SpendReported.v1", spent, f"spend/{channel}", contract_id)
    contracts = routes.series("GMV", mapping.marketplace_id, "", "WEEK")
    total = _amount(row[columns.revenue], mapping, mapping.revenue_column) if contracts else None
    for contract_id in contracts if total is not None else ():
        sold: dict[str, Any] = {
            "view": "",
            "basis": mapping.basis,
            "granularity": "WEEK",
            "total": total,
            "units": 0,
            "as_of": period.end,
            "slices": [],
        }
        yield arrival("retail.GmvReported.v2", sold, "revenue", contract_id)


def _amount(text: str, mapping: SeriesMapping, where: str) -> int | None:
    if not text.strip():
        return None
    if not _decimal(text):
        raise bad_value(where, text, "a decimal number expected, such as 7607.13")
    return rounded_micros(Decimal(text), mapping.digits, mapping.rounding, where)


def _fields(raw: bytes) -> list[str]:
    try:
        return next(csv.reader([text_of(raw)], strict=True))
    except csv.Error as error:
        raise Unusable("bad_value", f"not a row of CSV: {error}") from None
