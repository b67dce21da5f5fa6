"""Numbers of other people's files as exact integers: micros for money, plain integers for counts. No float."""

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal, Inexact, InvalidOperation
from typing import Final

from connectors.errors import bad_value

ROUNDINGS: Final = {"HALF_EVEN": ROUND_HALF_EVEN, "HALF_UP": ROUND_HALF_UP, "DOWN": ROUND_DOWN}
"""The roundings that a mapping may name."""

LARGEST_POWER: Final = 12
"""The highest power of ten in an amount: what is larger does not fit into 64 bits of micros."""

MOST_DIGITS: Final = 100
"""How many digits a number may be written with."""


def micros(value: object, place: str) -> int:
    """A JSON number in the major unit as micros, exactly; raises Unusable where it is none or has more decimals."""
    number = _number(value, place)
    try:
        return int(number.quantize(Decimal("0.000001"), context=_exact()).scaleb(6, context=_exact()))
    except Inexact:
        raise bad_value(place, _shown(number), "at most 6 decimals are exact here") from None


def rounded_micros(value: Decimal, digits: int, rounding: str | None, place: str) -> int:
    """An amount rounded to `digits` decimals as the mapping says, in micros; without a rounding nothing is lost."""
    number = _number(value, place)
    context = Context(prec=200, rounding=ROUNDINGS[rounding]) if rounding else _exact()
    try:
        return int(number.quantize(Decimal(1).scaleb(-digits), context=context).scaleb(6, context=_exact()))
    except Inexact:
        rule = f"more than {digits} decimals, and the mapping names no rounding"
        raise bad_value(place, _shown(number), rule) from None


def count(value: object, place: str) -> int:
    """A JSON integer of at most 64 bits; raises Unusable."""
    if (
        isinstance(value, Decimal)
        and value.is_finite()
        and abs(value.adjusted()) < 20
        and value == int(value)
    ):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not -(1 << 63) <= value < 1 << 63:
        raise bad_value(place, _shown(value), "a whole number of at most 64 bits expected")
    return value


def _number(value: object, place: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise bad_value(place, _shown(value), "a number expected")
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise bad_value(place, None, "no such number") from None
    if not number.is_finite() or len(number.as_tuple().digits) > MOST_DIGITS:
        raise bad_value(place, _shown(number), f"a number of at most {MOST_DIGITS} digits expected")
    if number and number.adjusted() > LARGEST_POWER:
        raise bad_value(place, _shown(number), "too large")
    return number or Decimal(0)


def _exact() -> Context:
    return Context(prec=200, traps=[Inexact])


def _shown(value: object) -> object:
    return str(value) if isinstance(value, Decimal) else value
