"""Exact amounts and rates: integers of a millionth, and nothing else.

Money is an integer of micros (10^-6 of the major unit of an ISO 4217 currency); a rate is an integer of parts per
million. Rounding to minor units belongs to statements, never to this module.
"""

MICROS = 1_000_000
"""Micros in one major unit, and parts in a whole."""


def portion(amount: int, rate_ppm: int) -> int:
    """`rate_ppm` parts per million of `amount` (micros), cut towards zero below one micro.

    Cutting towards zero makes a reversal the exact opposite of what it reverses.
    """
    return toward_zero(amount * rate_ppm, MICROS)


def toward_zero(numerator: int, denominator: int) -> int:
    """The quotient of two integers, cut towards zero (Python's own `//` cuts towards minus infinity)."""
    quotient = abs(numerator) // abs(denominator)
    return quotient if (numerator < 0) == (denominator < 0) else -quotient


def ratio_ppm(numerator: int, denominator: int) -> int | None:
    """`numerator / denominator` in parts per million, or None where nothing can be divided."""
    return fitting(toward_zero(numerator * MICROS, denominator)) if denominator else None


def fitting(value: int) -> int | None:
    """A derived figure, or None where it is too large to mean anything (or to be kept in 64 bits)."""
    return value if -(2**62) < value < 2**62 else None


def decimal_text(micros: int) -> str:
    """An integer of millionths as decimal text with at least two digits after the point: 1500000 is "1.50"."""
    sign, whole, part = "-" if micros < 0 else "", *divmod(abs(micros), MICROS)
    return f"{sign}{whole}.{f'{part:06d}'.rstrip('0').ljust(2, '0')}"
