"""Spans of time: half-open instants in UTC, made from local days in a named zone.

Instants are integers of microseconds since 1970-01-01T00:00Z. A span of days names its first and last day, both
included; the instants made from it are half-open: from the start of the first day up to, not including, the start
of the day after the last one. A local day has 23 or 25 hours where clocks change.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DAY = 86_400_000_000
"""Microseconds in 24 hours."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """A half-open span of instants: `start` belongs to it, `end` does not."""

    start: int
    end: int

    @property
    def length(self) -> int:
        """Microseconds from start to end."""
        return self.end - self.start

    def contains(self, start: int, end: int) -> bool:
        """Whether the whole of [start, end) lies inside."""
        return self.start <= start and end <= self.end

    def overlap(self, start: int, end: int) -> int:
        """Microseconds of [start, end) that lie inside."""
        return max(0, min(self.end, end) - max(self.start, start))


def micros_of(moment: datetime) -> int:
    """The instant of an aware datetime, exactly."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def moment_of(instant: int) -> datetime:
    """The aware datetime (UTC) of an instant."""
    return EPOCH + timedelta(microseconds=instant)


@lru_cache(maxsize=65_536)
def day_start(day: date, zone: str) -> int:
    """The first instant of a local day; where midnight is skipped by the clock change, the first one after it."""
    local = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
    return micros_of(local.astimezone(UTC))


@lru_cache(maxsize=65_536)
def day_end(day: date, zone: str) -> int:
    """The first instant that no longer belongs to a local day."""
    return day_start(day + ONE_DAY, zone)


@lru_cache(maxsize=65_536)
def local_day(instant: int, zone: str) -> date:
    """The local day to which an instant belongs."""
    return moment_of(instant).astimezone(ZoneInfo(zone)).date()


def days(first_day: date, last_day: date, zone: str) -> Period:
    """The instants of a span of local days, both days included."""
    return Period(day_start(first_day, zone), day_end(last_day, zone))
