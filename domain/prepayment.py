"""The prepayment: what the seller paid in advance, what advertising has drawn, what is left or over."""

from dataclasses import dataclass
from datetime import date

from domain.events import PrepaymentReceived


@dataclass(slots=True)
class Balance:
    """A prepayment as of a day, in micros: the over-draw is kept apart and never makes the balance negative."""

    prepaid: int
    drawn: int
    balance: int
    overdrawn: int


def prepaid_by(payments: dict[str, PrepaymentReceived], on: date) -> int:
    """Micros received on or before a day."""
    return sum(payment.amount for payment in payments.values() if payment.received_on <= on)


def balance_of(prepaid: int, drawn: int) -> Balance:
    """What is left of `prepaid` after `drawn` (both micros)."""
    return Balance(prepaid, drawn, max(0, prepaid - drawn), max(0, drawn - prepaid))
