"""What Avro's own resolution cannot say when an old record is read as its next version.

Each step is named after the version it reads. It gets the record in the shape of the next version, with
renamed fields in place and defaults filled in, and may change and return it.
"""

from collections.abc import Callable
from typing import Any, Final

Record = dict[str, Any]

HOUR: Final = 3_600_000_000
DAY: Final = 24 * HOUR
BELOW: Final = 2**62


def gmv_reported_v1(record: Record) -> Record:
    """Version 1 had neither revision nor granularity.

    Of two figures the later as_of counted, so the revision rises with as_of; all of them stand below every revision
    that a publisher counts from zero, since whoever has moved on to version 2 restates what version 1 said. The
    granularity follows from the length of the period, give or take the hour by which clocks are changed.
    """
    record["revision"] = max(record["as_of"] - BELOW, -2 * BELOW)
    record["granularity"] = granularity_of(record["period_end"] - record["period_start"])
    return record


def granularity_of(length: int) -> str:
    """The symbol for a period of so many microseconds."""
    if length == HOUR:
        return "HOUR"
    if DAY - HOUR <= length <= DAY + HOUR:
        return "DAY"
    if 7 * DAY - HOUR <= length <= 7 * DAY + HOUR:
        return "WEEK"
    if 28 * DAY - HOUR <= length <= 31 * DAY + HOUR:
        return "MONTH"
    return "OTHER"


STEPS: Final[dict[str, Callable[[Record], Record]]] = {
    "retail.GmvReported.v1": gmv_reported_v1,
}
"""By type read; versions that are not here need nothing but Avro's resolution."""
