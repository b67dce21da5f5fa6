"""What became of arrivals, for whoever brought them."""

from collections import Counter
from dataclasses import dataclass, field

ACCEPTED, DUPLICATE, PARKED, REFUSED = "accepted", "duplicate", "parked", "refused"


@dataclass(slots=True)
class Answer:
    """What became of one arrival; `detail` is the sentence its publisher reads, `known_as` what it repeats.

    `place` says where it came from, such as line 12.
    """

    source: str
    fact_id: str
    disposition: str
    code: str
    detail: str
    key: bytes = b""
    known_as: str = ""
    place: str = ""


@dataclass(slots=True)
class Outcome:
    """What became of some arrivals: counts by disposition, the answers that are not plain acceptance, the position.

    `moved` are facts that had been parked before, with their new disposition; `waiting` holds the keys of arrivals that
    still wait for their contract.
    """

    counts: Counter[str] = field(default_factory=Counter)
    answers: list[Answer] = field(default_factory=list)
    derived: Counter[str] = field(default_factory=Counter)
    position: int = 0
    waiting: set[bytes] = field(default_factory=set)
    moved: list[tuple[bytes, str]] = field(default_factory=list)

    @property
    def released(self) -> int:
        """How many facts that had been parked before were accepted."""
        return sum(disposition == ACCEPTED for _, disposition in self.moved)

    def add(self, other: "Outcome") -> None:
        """Take in what became of further arrivals; an arrival that waited here has its disposition corrected."""
        self.counts.update(other.counts)
        self.waiting |= other.waiting
        settled = {key for key, _ in other.moved} & self.waiting
        self.answers = [each for each in self.answers if each.key not in settled] + other.answers
        for key, disposition in other.moved:
            if key in settled:
                self.counts[PARKED] -= 1
                self.counts[disposition] += 1
        self.waiting -= settled
        self.moved.extend(each for each in other.moved if each[0] not in settled)
        self.derived.update(other.derived)
        self.position = max(self.position, other.position)
