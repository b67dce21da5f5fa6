"""Every reason why a contract does not take a fact, with the sentence its publisher reads.

`Refused` breaks a rule for ever: the same bytes can never be accepted. `Conflicting` contradicts what is on record:
the fact is parked until a person decides. What really happened (spend beyond the prepayment, a rebate above the cap,
a figure outside the window) is neither; it is accepted and found.
"""

from typing import ClassVar


class NotAccepted(Exception):
    """A fact was not accepted; `code` is stable, the text names field, value and rule."""

    code: ClassVar[str]

    def __init__(self, field: str, value: object, rule: str) -> None:
        super().__init__(f"{field}: {value!r}: {rule}")
        self.field, self.value, self.rule = field, value, rule


class Refused(NotAccepted):
    """The fact breaks a rule for ever."""


class Conflicting(NotAccepted):
    """The fact contradicts what is on record; a person must decide."""


class BadId(Refused):
    code = "bad_id"


class CurrencyMismatch(Refused):
    code = "currency_mismatch"


class NotPositive(Refused):
    code = "not_positive"


class OutOfRange(Refused):
    code = "out_of_range"


class EmptyPeriod(Refused):
    code = "empty_period"


class BadTerms(Refused):
    code = "bad_terms"


class NotFromTheClock(Refused):
    code = "not_from_the_clock"


class UnknownContract(Conflicting):
    code = "unknown_contract"


class OtherContent(Conflicting):
    """The same business id came with another content."""

    code = "other_content"


class RevisionConflict(Conflicting):
    """The same revision of a figure came with another value."""

    code = "revision_conflict"


class ReportingMixed(Conflicting):
    """One source reports a figure both by adjustments and by restatement."""

    code = "reporting_mixed"
