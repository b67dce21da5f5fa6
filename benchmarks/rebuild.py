"""Rebuilding all read models: beside a raw read with one final write, and beside one event per transaction."""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from benchmarks.side_by_side import Stopwatch, report, timed
from domain.contract import Contract, evolve
from projections.runner import PROJECTIONS, Clock, Runner, render
from schemas.header import payload_of
from store.fold import to_blob
from store.ledger import Ledger
from store.mapper import event_of_stored
from store.views import Views

if TYPE_CHECKING:
    from collections.abc import Callable

PASSES = 5
CHUNK = 5_000
ONE_BY_ONE = 300
"""Events of each pass that the slow way follows one by one."""


@dataclass(slots=True)
class Floor:
    """What a rebuild must at least do: read every row, write the final rows."""

    ledger: Ledger
    views: Views
    changes: Any
    blobs: list[Any]

    def run(self) -> None:
        """Read all, write once."""
        position, head = 0, self.ledger.head().position
        while position < head:
            position = self.ledger.read(position, CHUNK)[-1][0]
        self.views.replace(self.changes, self.blobs, self.views.position(), head)


def run(name: str, ledger: Ledger, views: Views, slow_views: Views, goals: tuple[float, float]) -> None:
    """Measure on one ledger; `slow_views` are read models of their own for the slow way."""
    runner = Runner(ledger, views)
    runner.rebuild()
    events = ledger.head().position
    floor = _floor(ledger, views)
    ours, below, slow = Stopwatch(), Stopwatch(), Stopwatch()
    one_by_one = _OneByOne(ledger, slow_views)
    for number in range(PASSES):
        for watch in (ours, below, slow):
            watch.begin()
        actions: list[Callable[[], None]] = [
            partial(timed, ours, events, runner.rebuild),
            partial(timed, below, events, floor.run),
            partial(timed, slow, ONE_BY_ONE, partial(one_by_one.follow, ONE_BY_ONE)),
        ]
        for action in actions if number % 2 else reversed(actions):
            action()
    report(f"{name}: rebuild / raw read and one final write", ours, below, goals[0], unit="events")
    report(f"{name}: rebuild / one event per transaction", ours, slow, goals[1], unit="events")


def _floor(ledger: Ledger, views: Views) -> Floor:
    states: Any = {}
    for position, stream, _, topic, state in _rows(ledger):
        known = states.get(stream)
        contract = known[0] if known else Contract()
        states[stream] = (evolve(contract, event_of_stored(topic, payload_of(state))), position)
    changes = render(PROJECTIONS, states, states, Clock(ledger, 1, ledger.head().position))
    blobs = [(stream, state.version, last, to_blob(state)) for stream, (state, last) in states.items()]
    return Floor(ledger, views, changes, blobs)


def _rows(ledger: Ledger) -> Any:
    position = 0
    while rows := ledger.read(position, CHUNK):
        yield from rows
        position = rows[-1][0]


class _OneByOne:
    """The loop that frameworks run: read an event, fold it, write its rows and the position, commit."""

    def __init__(self, ledger: Ledger, views: Views) -> None:
        self._runner = Runner(_Narrow(ledger), views)  # type: ignore[arg-type]
        self._narrow = self._runner._ledger  # noqa: SLF001  # the runner is ours, and the head moves on for it

    def follow(self, count: int) -> None:
        """Follow some more events."""
        for _ in range(count):
            self._narrow.upto += 1  # type: ignore[attr-defined]
            self._runner.follow()


class _Narrow:
    """A ledger that shows one event more at a time."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger, self.upto = ledger, 0

    def head(self) -> Any:
        """The head as far as shown."""
        return self._ledger.head()._replace(position=self.upto)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)
