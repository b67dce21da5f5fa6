"""The instants at which something follows from the terms although nobody reports anything."""

from domain.agreed import Agreed
from domain.commitment import final_day
from domain.contract import Contract
from domain.period import day_end, day_start

Deadline = tuple[str, str, int]
"""(kind, subject, instant): subject is the commitment, licence or terms version, or empty."""


def expected(state: Contract) -> set[Deadline]:
    """Every deadline of a contract by the terms as known now, past and future.

    Each version of the terms has those that fall while it is in force.
    """
    deadlines: set[Deadline] = set()
    versions = state.versions
    for number, each in enumerate(versions):
        until = versions[number + 1].starts if number + 1 < len(versions) else None
        if number:
            deadlines.add(("TERMS_EFFECTIVE", str(each.version), each.starts))
        for deadline in _of_terms(each):
            if (not number or each.starts <= deadline[2]) and (until is None or deadline[2] < until):
                deadlines.add(deadline)
    for licence in state.licences.values():
        if licence.last_day is not None and versions:
            zone = versions[-1].terms.window.zone
            deadlines.add(("LICENCE_ENDED", licence.licence_id, day_end(licence.last_day, zone)))
    return deadlines


def _of_terms(agreed: Agreed) -> set[Deadline]:
    terms = agreed.terms
    end = settled = terms.window.period().end
    deadlines: set[Deadline] = set()
    for commitment in terms.commitments:
        window = terms.window_of(commitment)
        matured = day_start(final_day(commitment, window.zone, window.period()), window.zone)
        deadlines.add(("WINDOW_CLOSED", commitment.commitment_id, window.period().end))
        deadlines.add(("MATURED", commitment.commitment_id, matured))
        settled = max(settled, matured)
    if terms.rebate:
        deadlines |= {("REBATE_CLOSED", "accrual", end), ("REBATE_CLOSED", "settlement", settled)}
    return deadlines
