"""Times of other people's files as instants: microseconds since 1970-01-01T00:00Z."""

import re
from datetime import date, datetime

from connectors.errors import bad_value
from domain.period import micros_of

_instant = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:[Zz]|[+-][0-9]{2}:[0-9]{2})"
).fullmatch
_day = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}").fullmatch


def instant(value: object, place: str) -> int:
    """RFC 3339 text with Z or an offset as an instant, exactly; raises Unusable."""
    if not isinstance(value, str) or not _instant(value):
        raise bad_value(
            place, value, "an instant with Z or an offset expected, such as 2026-07-01T00:00:00-07:00"
        )
    try:
        return micros_of(datetime.fromisoformat(value.upper()))
    except (ValueError, OverflowError):
        raise bad_value(place, value, "no such day, time or offset") from None


def day(value: object, place: str) -> date:
    """ISO 8601 text of a day; raises Unusable."""
    if not isinstance(value, str) or not _day(value):
        raise bad_value(place, value, "a day expected, such as 2026-07-01")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise bad_value(place, value, "no such day in the calendar") from None
