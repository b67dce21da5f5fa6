"""Live, rebuilt and replayed rows are equal, on both databases, whatever the batches were."""

from dataclasses import replace
from datetime import date, timedelta
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from application.intake import Intake
from domain.events import Fact
from projections.commitments import COMMITMENTS
from projections.reader import NotFound, Reader
from projections.runner import PROJECTIONS, Runner, replay
from store.ledger import Ledger, Unavailable
from store.open import open_ledger, scratch
from store.views import Overtaken, Views
from tests.arrivals import arrival, arrivals
from tests.examples import (
    AMENDED,
    ASSET,
    CONTRACT,
    LICENCE,
    NOTICED,
    PREPAID,
    SALES,
    SIGNED,
    VISITS,
    at,
    gmv,
    metric,
    spend,
    usd,
)

FIRST = date(2026, 6, 15)
NOW = at(date(2026, 6, 20))

FACTS: list[Fact] = [
    SIGNED,
    PREPAID,
    *(gmv(FIRST + timedelta(n), 95) for n in range(5)),
    *(spend(FIRST + timedelta(n), 40) for n in range(5)),
    metric("COMMISSION", FIRST, 200),
    SALES,
    VISITS,
    AMENDED,
    ASSET,
    LICENCE,
    NOTICED,
    replace(SIGNED, contract_id="other-1"),
    replace(gmv(FIRST, 10), contract_id="other-1"),
]


def dump(views: Views) -> dict[str, list[dict[str, Any]]]:
    """Every row of every read model, in a fixed order."""
    return {
        table.name: sorted(views.rows(table.name), key=repr) for each in PROJECTIONS for table in each.tables
    }


def test_live_rebuilt_and_replayed_rows_are_equal(ledger: Ledger, views: Views) -> None:
    """The rows kept up batch by batch, those rebuilt beside them and those of a replay are the same."""
    intake, runner = Intake(ledger), Runner(ledger, views)
    for number, fact in enumerate(arrivals(FACTS)):
        intake.take([fact], NOW + number * 3_600_000_000)
        runner.follow()
    live = dump(views)
    assert len(live["contracts"]) == 2
    assert len(live["commitments"]) == 2
    runner.rebuild()
    assert dump(views) == live
    with scratch() as replayed:
        replay(ledger, replayed, ledger.head().position)
        assert dump(replayed) == live


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.permutations(FACTS[1:]), st.lists(st.integers(1, 9), min_size=4, max_size=4), st.data())
def test_any_order_duplication_and_batching_gives_the_same_rows(
    order: list[Fact], sizes: list[int], data: st.DataObject
) -> None:
    """However facts are ordered, repeated and cut into batches, what operations read is the same at the end.

    Positions and the record of findings may differ: they say what was known when.
    """
    repeated = [*order, *data.draw(st.lists(st.sampled_from(FACTS), max_size=5))]
    assert _figures([SIGNED, *repeated], sizes) == _figures(FACTS, [len(FACTS)])


def _figures(facts: list[Any], sizes: list[int]) -> dict[str, list[dict[str, Any]]]:
    with (
        TemporaryDirectory() as folder,
        open_ledger(f"sqlite:///{folder}/copact.db") as ledger,
        scratch() as views,
    ):
        intake, runner = Intake(ledger), Runner(ledger, views)
        waiting = [arrival(fact) for fact in facts]
        while waiting:
            for size in sizes:
                intake.take(waiting[:size], NOW)
                runner.follow()
                waiting = waiting[size:]
        return {
            name: [{key: value for key, value in row.items() if key != "position"} for row in rows]
            for name, rows in dump(views).items()
        }


def test_one_projection_is_rebuilt_beside_the_others(ledger: Ledger, views: Views) -> None:
    """A damaged table is made anew from the ledger; the others are left as they are."""
    Intake(ledger).take(arrivals(FACTS), NOW)
    runner = Runner(ledger, views)
    runner.follow()
    good = dump(views)
    views.replace({"commitments": {}}, [], views.position(), views.position())
    assert dump(views)["commitments"] == []
    runner.rebuild(["commitments"])
    assert dump(views) == good


def test_an_unknown_projection_is_named(ledger: Ledger, views: Views) -> None:
    """Rebuilding what does not exist says what does."""
    with pytest.raises(LookupError, match="commitments, funding, assets, contracts"):
        Runner(ledger, views).rebuild(["profit"])


def test_a_second_follower_is_overtaken_not_mixed(ledger: Ledger, views: Views) -> None:
    """Two followers of one read model: the slower one is refused and changes nothing."""
    Intake(ledger).take(arrivals(FACTS), NOW)
    Runner(ledger, views).follow()
    with pytest.raises(Overtaken):
        views.apply({}, {}, 0, 5)
    assert views.position() == ledger.head().position


def test_a_follower_that_was_overtaken_goes_on_from_what_is_stored(ledger: Ledger, views: Views) -> None:
    """After another one moved the rows on, it forgets what it had folded, and follows rightly again."""
    intake = Intake(ledger)
    facts = arrivals(FACTS)
    slow, fast = Runner(ledger, views), Runner(ledger, views)
    intake.take(facts[:6], NOW)
    slow.follow()
    intake.take(facts[6:12], NOW)
    Runner(_Behind(ledger, fast), views).follow()  # type: ignore[arg-type]
    assert views.position() == ledger.head().position
    intake.take(facts[12:], NOW)
    slow.follow()
    followed = dump(views)
    slow.rebuild()
    assert dump(views) == followed


def test_a_batch_that_could_not_be_written_is_folded_once(ledger: Ledger, views: Views) -> None:
    """Where the database was away, the same follower goes on without counting the batch twice."""
    Intake(ledger).take(arrivals(FACTS), NOW)
    runner = Runner(ledger, _Away(views))  # type: ignore[arg-type]
    with pytest.raises(Unavailable):
        runner.follow()
    runner.follow()
    followed = dump(views)
    runner.rebuild()
    assert dump(views) == followed


class _Away:
    """Read models that are not there for the first batch."""

    def __init__(self, views: Views) -> None:
        self._views, self._there = views, False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._views, name)

    def apply(self, *arguments: Any) -> None:
        if self._there:
            return self._views.apply(*arguments)
        self._there = True
        raise Unavailable("the connection was lost")


class _Behind:
    """A ledger during whose reading another follower is faster."""

    def __init__(self, ledger: Ledger, faster: Runner) -> None:
        self._ledger, self._faster = ledger, faster

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)

    def read(self, *arguments: Any, **named: Any) -> Any:
        rows = self._ledger.read(*arguments, **named)
        self._faster.follow()
        return rows


@pytest.fixture
def reader(ledger: Ledger, views: Views) -> Reader:
    """A ledger whose facts came one each hour from noon, with its read models."""
    intake = Intake(ledger)
    for number, fact in enumerate(arrivals([SIGNED, gmv(FIRST, 95), gmv(FIRST, 60, revision=2)])):
        intake.take([fact], at(FIRST + timedelta(1)) + number * 3_600_000_000)
    Runner(ledger, views).follow()
    return Reader(ledger, views)


def actual(reader: Reader, **asked: Any) -> int | None:
    """The commitment's actual value at a moment."""
    seen = reader.see(CONTRACT, reader.moment(**asked))
    [row] = reader.rows(COMMITMENTS, COMMITMENTS.tables[0], seen)
    value: int | None = row["actual"]
    return value


def test_a_figure_as_it_was_known(reader: Reader) -> None:
    """Before the restatement came in, the first figure was known; now the second is."""
    restated = at(FIRST + timedelta(1)) + 2 * 3_600_000_000
    assert actual(reader) == usd(60)
    assert actual(reader, known_at=restated) == usd(60)
    assert actual(reader, known_at=restated - 1) == usd(95)


def test_a_figure_as_of_a_business_day(reader: Reader) -> None:
    """As of the day before the first period ended, nothing counts yet."""
    assert actual(reader, effective=FIRST - timedelta(1)) is None
    assert actual(reader, effective=FIRST) == usd(60)


def test_a_contract_that_was_not_known_then(reader: Reader) -> None:
    """Asking about a moment before the signature was recorded says so."""
    with pytest.raises(NotFound, match=CONTRACT):
        reader.see(CONTRACT, reader.moment(known_at=at(FIRST)))


def test_kept_rows_and_rendered_rows_agree(reader: Reader, views: Views) -> None:
    """The row that the runner keeps is the row that a reader renders for the same question."""
    seen = reader.see(CONTRACT, reader.moment())
    for each in PROJECTIONS:
        for table in each.tables:
            kept = views.rows(table.name, {"contract_id": CONTRACT})
            rendered = each.rows(seen.state, seen.effective, seen.position)[table.name]
            assert kept == [{column: row.get(column) for column in table.columns} for row in rendered]
