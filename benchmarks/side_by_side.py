"""Two ways of doing the same, alternating batch by batch, so that a neighbour's load falls on both alike."""

from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median
from time import perf_counter


@dataclass(slots=True)
class Stopwatch:
    """Seconds and items of one way, by pass."""

    seconds: list[float] = field(default_factory=list)
    items: list[int] = field(default_factory=list)

    def add(self, seconds: float, items: int) -> None:
        """Add to the pass under way."""
        self.seconds[-1] += seconds
        self.items[-1] += items

    def begin(self) -> None:
        """Begin another pass."""
        self.seconds.append(0.0)
        self.items.append(0)

    def rates(self) -> list[float]:
        """Items per second, by pass."""
        return [items / seconds for items, seconds in zip(self.items, self.seconds, strict=True)]


def timed(watch: Stopwatch, items: int, action: Callable[[], object]) -> None:
    """Run and add to a watch."""
    begun = perf_counter()
    action()
    watch.add(perf_counter() - begun, items)


def report(name: str, subject: Stopwatch, other: Stopwatch, goal: float, *, unit: str = "facts") -> None:
    """Print the ratio of two rates: median and range over the passes, and whether it reaches its goal."""
    ratios = [one / two for one, two in zip(subject.rates(), other.rates(), strict=True)]
    middle = median(ratios)
    word = "reached" if middle >= goal else "MISSED"
    print(
        f"{name:<44} {middle:7.2f} ({min(ratios):.2f} to {max(ratios):.2f})  goal {goal:g} {word:<8}"
        f" {median(subject.rates()):>9,.0f} {unit}/s beside {median(other.rates()):,.0f}",
        flush=True,
    )
