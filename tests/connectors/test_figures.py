"""Amounts of other people's files become exact micros, or are refused."""

from decimal import Decimal

import pytest

from connectors.errors import Unusable
from connectors.figures import count, micros, rounded_micros
from connectors.instants import day, instant


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Decimal("0.00125"), 1_250),
        (Decimal("-7.5"), -7_500_000),
        (1500, 1_500_000_000),
        (Decimal("1E+3"), 1_000_000_000),
        (Decimal("0.10000000"), 100_000),
        (Decimal("-0.0"), 0),
        (Decimal("0E-400"), 0),
    ],
)
def test_a_number_becomes_exact_micros(value: Decimal | int, expected: int) -> None:
    """However it is written, an amount of at most six decimals keeps its value."""
    assert micros(value, "cost") == expected


@pytest.mark.parametrize(
    "value",
    [
        Decimal("0.0000001"),
        Decimal("1e999999999"),
        Decimal("1e-999999999"),
        pytest.param(10**4_000, id="4001 digits"),
        "12",
        None,
        True,
        Decimal("NaN"),
    ],
)
def test_what_is_no_exact_amount_is_refused(value: object) -> None:
    """More decimals, numbers without end, text, null and truth values are refused, and the field is named."""
    with pytest.raises(Unusable, match=r"^cost: "):
        micros(value, "cost")


@pytest.mark.parametrize(
    ("rounding", "expected"), [("HALF_EVEN", 120_000), ("HALF_UP", 130_000), ("DOWN", 120_000)]
)
def test_a_named_rounding_is_done(rounding: str, expected: int) -> None:
    """A half cent goes where the mapping says."""
    assert rounded_micros(Decimal("0.125"), 2, rounding, "spend") == expected


def test_an_unnamed_rounding_is_not_done() -> None:
    """Without a rounding, an amount with more decimals is refused, and one without passes."""
    assert rounded_micros(Decimal("0.120"), 2, None, "spend") == 120_000
    with pytest.raises(Unusable, match="names no rounding"):
        rounded_micros(Decimal("0.125"), 2, None, "spend")


def test_a_count_is_whole() -> None:
    """75.0 is a whole number of JSON; 75.5, text, true and more than 64 bits are none."""
    assert count(Decimal("75.0"), "units") == 75
    for value in (Decimal("75.5"), "75", True, 2**63, Decimal("1e30")):
        with pytest.raises(Unusable, match=r"^units: "):
            count(value, "units")


def test_an_instant_needs_an_offset() -> None:
    """Z and an offset are one instant; local time, no such day and a seventh decimal are refused."""
    assert (
        instant("2025-11-02T01:00:00-07:00", "t") == instant("2025-11-02T08:00:00Z", "t") == 1762070400000000
    )
    for text in ("2025-11-02T08:00:00", "2025-02-30T08:00:00Z", "2025-11-02T08:00:00.1234567Z", 5, None):
        with pytest.raises(Unusable, match=r"^t: "):
            instant(text, "t")


def test_a_day_is_a_day_of_the_calendar() -> None:
    """29 February exists in leap years only, and other ways to write a day are refused."""
    assert day("2024-02-29", "d").day == 29
    for text in ("2023-02-29", "20230228", "2023-2-8", None):
        with pytest.raises(Unusable, match=r"^d: "):
            day(text, "d")
