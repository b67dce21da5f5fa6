"""Arbitrary records of any schema, made from its shape, for properties that hold for all of them."""

from datetime import date
from typing import Any

from hypothesis import strategies as st

from schemas import catalogue
from schemas.shapes import Array, Enum, Field, Fixed, Optional, Record, Scalar, Shape, shape_of

EVENTS = [schema.type for schema in catalogue.ALL if schema.publisher != "envelope"]
"""Every version of everything but the header."""

CURRENT = [type_ for type_ in EVENTS if catalogue.current(type_.rpartition(".v")[0]).type == type_]

LONGS = st.integers(-(2**63), 2**63 - 1)
INSTANTS = st.integers(-62_135_596_800_000_000, 253_402_300_799_999_999)
"""Microseconds of the years 1 to 9999, the ones that have a readable form."""

CONTRACT_JSON: dict[str, Any] = {
    "contract_id": "summer-1",
    "title": "Summer",
    "seller_id": "acme",
    "counterparty": "Marketplace LLC",
    "signed_on": "2026-05-01",
    "terms_version": 1,
    "effective_from": "2026-06-15",
    "terms": {
        "programme": "seasonal-campaign-co-op",
        "category": "Home and Garden",
        "currency": "USD",
        "window": {"zone": "America/Los_Angeles", "first_day": "2026-06-15", "last_day": "2026-06-24"},
    },
}
"""The least that a contract file says, in the readable form."""


def records(type_: str) -> st.SearchStrategy[dict[str, Any]]:
    """Records of a type."""
    return _values(shape_of(type_), None)


def _values(shape: Shape, field: Field | None) -> st.SearchStrategy[Any]:
    match shape:
        case Scalar("string"):
            return st.text(max_size=8)
        case Scalar("date"):
            return st.dates(min_value=date(1, 1, 1))
        case Scalar("int"):
            return st.integers(-(2**31), 2**31 - 1)
        case Scalar():
            return INSTANTS if field and field.unit and field.unit.name == "instant" else LONGS
        case Enum(symbols=symbols):
            return st.sampled_from(symbols)
        case Fixed(size=size):
            return st.binary(min_size=size, max_size=size)
        case Array(items):
            return st.lists(_values(items, None), max_size=3)
        case Optional(inner):
            return st.none() | _values(inner, field)
        case Record(fields=fields):
            return st.fixed_dictionaries({part.name: _values(part.shape, part) for part in fields})
    raise TypeError(shape)
