"""How far days, durations and figures may reach, so that no accepted fact overflows a calendar or a 64-bit column."""

from datetime import date

from domain.refusals import OutOfRange

FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2199, 12, 31)
"""The days between which everything in a contract lies. What has no end leaves its last day out."""

EARLIEST, LATEST = 946_684_800_000_000, 4_102_444_800_000_000
"""The instants between which everything that is reported happened: the years 2000 to 2099 in UTC."""

MOST_DAYS = 3_660
"""The longest duration in days: ten years."""

LARGEST = 10**16
"""The largest figure of one fact or term: ten thousand million major units in micros, or as many counts."""

LARGEST_SUM = 2**60
"""The largest sum of figures."""

LARGEST_FACTOR = 10**9
"""The largest weight or factor, in parts per million: a thousandfold."""

NOTICEABLE = 10**12
"""A figure below this can be added a million times before a sum has to be looked at."""


def check_day(path: str, day: date | None) -> None:
    """Raise `OutOfRange` for a day that no contract means."""
    if day is not None and not FIRST_DAY <= day <= LAST_DAY:
        raise OutOfRange(path, str(day), f"a day from {FIRST_DAY} to {LAST_DAY}; leave out what has no end")


def check_number(path: str, value: int, most: int, least: int = 0) -> None:
    """Raise `OutOfRange` for a number outside its bounds, both included."""
    if value < least:
        raise OutOfRange(
            path, value, {0: "not negative", 1: "more than zero"}.get(least, f"at least {least}")
        )
    if value > most:
        raise OutOfRange(path, value, f"at most {most}")
