"""The instants at which something follows from the terms although nobody reports anything."""

from domain.commitment import final_day
from domain.contract import Contract
from domain.period import day_end, day_start

Deadline = tuple[str, str, int]
"""(kind, subject, instant): subject is the commitment, licence or terms version, or empty."""


def expected(state: Contract) -> set[Deadline]:
    """Every deadline of a contract by the terms as known now, past and future."""
    deadlines: set[Deadline] = set()
    for each in state.versions[1:]:
        deadlines.add(("TERMS_EFFECTIVE", str(each.version), each.starts))
    for licence in state.licences.values():
        if licence.last_day is not None and state.versions:
            zone = state.versions[-1].terms.window.zone
            deadlines.add(("LICENCE_ENDED", licence.licence_id, day_end(licence.last_day, zone)))
    for each in state.versions[-1:]:
        terms = each.terms
        settled = terms.window.period().end
        for commitment in terms.commitments:
            window = terms.window_of(commitment)
            matured = day_start(final_day(commitment, window.zone, window.period()), window.zone)
            deadlines.add(("WINDOW_CLOSED", commitment.commitment_id, window.period().end))
            deadlines.add(("MATURED", commitment.commitment_id, matured))
            settled = max(settled, matured)
        if terms.rebate:
            deadlines.add(("REBATE_CLOSED", "accrual", terms.window.period().end))
            deadlines.add(("REBATE_CLOSED", "settlement", settled))
    return deadlines
