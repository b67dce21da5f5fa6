"""Given, when, then: a specification of the contract in its own events.

    given(SIGNED, gmv(day, 900)).when(gmv(day, 100), at(day)).then(CommitmentMet(...))

`given` folds facts as the door would have, each with what it caused; no state is ever built by hand.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from domain.contract import Contract, evolve
from domain.decide import decide
from domain.events import Event, Fact
from domain.refusals import NotAccepted


@dataclass
class Given:
    """A contract with a history, at an instant."""

    state: Contract
    now: int

    def when(self, fact: Fact, now: int | None = None) -> "When":
        """Decide on a fact; the instant stays where it is unless another is given."""
        try:
            return When(decide(self.state, fact, now or self.now), None)
        except NotAccepted as error:
            return When([], error)


@dataclass
class When:
    """What a decision gave."""

    events: list[Event]
    error: NotAccepted | None

    def then(self, *findings: Event) -> None:
        """The fact was accepted and exactly these findings follow it."""
        assert self.error is None, self.error
        assert self.events, "the fact said nothing new"
        assert list(findings) == self.events[1:]

    def then_nothing_new(self) -> None:
        """The fact says what is on record already."""
        assert self.error is None, self.error
        assert self.events == []

    def then_not_accepted(self, reason: type[NotAccepted], text: str = "") -> None:
        """The fact was refused or conflicts, for this reason, with this text in its sentence."""
        assert isinstance(self.error, reason), self.error or self.events
        assert text in str(self.error)


def given(*facts: Fact, now: int) -> Given:
    """A contract after these facts, all decided at the instant `now`."""
    return Given(history(facts, now), now)


def history(facts: Iterable[Fact], now: int) -> Contract:
    """The state after facts and all that they caused."""
    state = Contract()
    for fact in facts:
        for event in decide(state, fact, now):
            evolve(state, event)
    return state
