"""A decision: what a fact makes happen to a contract, or why it is not accepted."""

from domain.checks import Figures, check
from domain.contract import Contract, evolve, reports_of
from domain.events import Event, Fact
from domain.findings import findings


def decide(state: Contract, fact: Fact, now: int) -> list[Event]:
    """The events that `fact` causes at the instant `now`: itself and what follows, or none if it says nothing new.

    Changes nothing. Raises `Refused` or `Conflicting` (`domain.refusals`).
    """
    return accept(state.copy(), fact, now)


def accept(state: Contract, fact: Fact, now: int) -> list[Event]:
    """Decide on a state that the caller owns, and fold the events into it; raises before it changes anything."""
    reports = reports_of(fact) if isinstance(fact, Figures) else ()
    if not check(state, fact, now, reports):
        return []
    evolve(state, fact, reports)
    found = findings(state, now, fact)
    for finding in found:
        evolve(state, finding)
    return [fact, *found]
