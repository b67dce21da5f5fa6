"""What follows from what is known now, where nothing has recorded it yet: the events that the domain derives."""

from datetime import date

from domain import funding, rebate
from domain.agreed import Agreed, commitment_measure, day_at, in_force
from domain.commitment import MET, MISSED, OPEN, assess, running_standing, shortfall_of, unit_of
from domain.contract import Contract
from domain.events import (
    CapExcessCleared,
    CommitmentMet,
    CommitmentMissed,
    DeadlinePassed,
    Fact,
    Finding,
    OverdraftCleared,
    PrepaymentOverdrawn,
    RebateAboveCapFound,
    RebateAccrued,
    VerdictReversed,
)
from domain.period import day_end
from domain.prepayment import balance_of, prepaid_by
from domain.terms import Commitment

RULES = 1
"""Version of these rules; it stands in the header of every event that they derive."""


def findings(state: Contract, now: int, cause: Fact) -> list[Finding]:
    """What has newly become so at the instant `now`, after `cause` was folded in; changes nothing."""
    if state.signed is None:
        return []
    on = day_at(state.versions, now)
    agreed = in_force(state.versions, on)
    found: list[Finding] = []
    for commitment in agreed.terms.commitments:
        _flip(found, state, agreed, commitment, on)
    _overdraft(found, state, agreed, on)
    if state.issues or isinstance(cause, DeadlinePassed):
        _rebate(
            found,
            state,
            agreed,
            on,
            closing=isinstance(cause, DeadlinePassed) and cause.kind == "REBATE_CLOSED",
        )
    return found


def _flip(found: list[Finding], state: Contract, agreed: Agreed, commitment: Commitment, on: date) -> None:
    before = state.recorded.verdicts.get(commitment.commitment_id, OPEN)
    name = commitment_measure(commitment.commitment_id)
    tally, window = agreed.tallies[name], agreed.terms.window_of(commitment)
    running = not state.overlapping and tally.latest_end <= day_end(on, window.zone)
    if running and before == running_standing(commitment, window, agreed.measures[name], tally, on):
        return
    assessment = assess(commitment, agreed.terms, agreed.version, state.series, on)
    value, status = assessment.actual or 0, assessment.status.upper()
    after = status if status in (MET, MISSED) else OPEN
    if after == before:
        return
    contract_id = _id(state)
    unit = unit_of(commitment.metric, agreed.terms.currency)
    shared = (contract_id, commitment.commitment_id, agreed.version, on, unit, commitment.target, value)
    if before != OPEN:
        found.append(VerdictReversed(*shared, before, after))
    elif after == MET:
        found.append(CommitmentMet(*shared))
    else:
        found.append(CommitmentMissed(*shared, shortfall_of(commitment, value)))


def _overdraft(found: list[Finding], state: Contract, agreed: Agreed, on: date) -> None:
    if not agreed.terms.prepayment and not state.payments:
        return
    cutoff = day_end(on, agreed.terms.window.zone)
    drawn = funding.running_value(state, agreed, "SPEND", cutoff) or 0
    if not drawn and not state.recorded.overdrawn:
        return
    balance = balance_of(prepaid_by(state.payments, on), drawn)
    if bool(balance.overdrawn) == state.recorded.overdrawn:
        return
    shared = (_id(state), on, agreed.terms.currency, balance.prepaid, drawn)
    if balance.overdrawn:
        found.append(PrepaymentOverdrawn(*shared, balance.overdrawn))
    else:
        found.append(OverdraftCleared(*shared))


def _rebate(found: list[Finding], state: Contract, agreed: Agreed, on: date, *, closing: bool) -> None:
    terms = agreed.terms.rebate
    if terms is None:
        return
    cutoff = day_end(on, agreed.terms.window.zone)
    amounts = funding.amounts_by_name(
        state, agreed, on, lambda name: funding.running_value(state, agreed, name, cutoff)
    )
    now = rebate.assess(terms, amounts, rebate.issued_by(state.issues, on))
    shared = (_id(state), agreed.version, on, agreed.terms.currency)
    if now.cap is not None and bool(now.above_cap) != state.recorded.above_cap:
        if now.above_cap:
            found.append(RebateAboveCapFound(*shared, now.issued, now.cap, now.above_cap))
        else:
            found.append(CapExcessCleared(*shared, now.issued, now.cap))
    if closing and now.accrued is not None and now.accrued != state.recorded.accrued:
        delta = now.accrued - state.recorded.accrued
        found.append(RebateAccrued(*shared, now.accrued, delta, now.lost_to_cap or 0))


def _id(state: Contract) -> str:
    return state.signed.contract_id if state.signed else ""
