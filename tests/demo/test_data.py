"""The data of the demonstration: every input is read, every generated fact is labelled and the same on each run."""

import json
from datetime import date, timedelta

import pytest

from connectors import contract_file, facts_jsonl
from connectors.inputs import open_input
from connectors.routing import Feeds
from ops.demo import summer
from store.mapper import event_from
from tests.connectors.feeds import DATA, PLACE, fact

FOLDERS = ["media-2015", "stream-2025", "us-summer-2026", "vendor-2021"]


def feeds_of(name: str) -> Feeds:
    """The feeds of one contract of the demonstration."""
    document = contract_file.read(DATA / name / "contract.yaml")
    terms = event_from(document.type, document.record).terms  # type: ignore[union-attr]
    return [(name, terms.currency, feed) for feed in terms.feeds]


def test_every_file_has_an_origin() -> None:
    """Each folder says where each of its files comes from and under which licence."""
    assert sorted(path.name for path in DATA.iterdir()) == FOLDERS
    for folder in DATA.iterdir():
        origin = (folder / "ORIGIN.md").read_text(encoding="utf-8")
        for path in folder.iterdir():
            assert f"`{path.name}`" in origin or path.name == "ORIGIN.md", path


@pytest.mark.parametrize("name", ["media-2015", "stream-2025", "vendor-2021"])
def test_every_input_is_read(name: str) -> None:
    """No record of the demo's files is broken, and what was generated says so in its source."""
    feeds = feeds_of(name)
    inputs = [path for path in sorted((DATA / name).iterdir()) if path.suffix in (".json", ".jsonl", ".csv")]
    assert inputs[0].name == "contract-facts.generated.jsonl"
    for path in inputs:
        source = open_input(path, feeds)
        for record in source.records():
            for arrival in record.arrivals:
                assert fact(arrival)["contract_id"] == name
                assert source.routed or arrival.source.endswith(".generated")


def test_the_summer_is_the_same_on_every_run() -> None:
    """The same seed gives the same facts, another seed others."""
    first = list(summer.days())
    assert json.dumps(first, default=str) == json.dumps(list(summer.days()), default=str)
    assert first != list(summer.days(seed=1))


def test_the_summer_comes_day_by_day() -> None:
    """Every day from 20 May to 20 July comes once, in order, and says nothing of a day that has not ended."""
    found = list(summer.days())
    assert [day for day, _ in found] == [date(2026, 5, 20) + timedelta(days=n) for n in range(62)]
    for day, events in found:
        for event in events:
            assert event["time"].startswith(day.isoformat())
            assert event["data"].get("period_end", "") <= event["time"]


def test_every_fact_of_the_summer_can_be_taken_in() -> None:
    """Each is a CloudEvent of its own id, labelled as generated, for the contract; each figure is one a feed names."""
    named = {(feed.metric, feed.source, feed.marketplace_id) for _, _, feed in feeds_of(summer.CONTRACT)}
    ids = set()
    for _, events in summer.days():
        for event in events:
            [arrival] = facts_jsonl.arrivals_of(json.dumps(event).encode(), PLACE)
            record = fact(arrival)
            assert record["contract_id"] == summer.CONTRACT
            assert arrival.source.endswith(".generated")
            ids.add((arrival.source, arrival.fact_id))
            if "source" in record:
                kinds = {
                    "ads.SpendReported.v1": "SPEND",
                    "ads.AttributedSalesReported.v1": "ATTRIBUTED_SALES",
                }
                metric = record.get("metric") or kinds.get(arrival.type, "GMV")
                assert (metric, record["source"], record["marketplace_id"]) in named
    assert len(ids) == sum(len(events) for _, events in summer.days())


def test_the_sales_of_a_day_are_restated_one_and_seven_days_later() -> None:
    """The first figure comes on the next morning, the second a day later, the third a week after the first."""
    came = {event["id"]: day for day, events in summer.days() for event in events}
    for age, revision in ((1, 1), (2, 2), (8, 3)):
        assert came[f"{summer.CONTRACT}/gmv-2026-06-15-r{revision}"] == date(2026, 6, 15 + age)
        assert came[f"{summer.CONTRACT}/sales-summer-video-2026-06-15-r{revision}"] == date(2026, 6, 15 + age)


def test_the_restatement_of_the_summer_stands_out() -> None:
    """On 10 July the week of 22 June comes again with a fourth revision and lower sales; no other day has one."""
    fourth = {
        event["data"]["period_start"][:10]: day
        for day, events in summer.days()
        for event in events
        if event["data"].get("revision") == 4
    }
    assert fourth == {f"2026-06-{day}": date(2026, 7, 10) for day in range(22, 29)}
