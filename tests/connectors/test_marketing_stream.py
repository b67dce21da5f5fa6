"""Amazon Marketing Stream: adjustments become facts, and their totals are those worked out by hand."""

import json
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.inputs import open_input
from connectors.marketplaces import zones
from domain.period import local_day
from tests.connectors.feeds import DATA, EXPECTED, JP, US, arrivals, fact, feed, for_contract, problems

STREAM = DATA / "stream-2025"
SOURCE = "amazon.marketing-stream"
TRAFFIC: dict[str, Any] = json.loads((STREAM / "sp-traffic.jsonl").read_text().splitlines()[0])
CONVERSION: dict[str, Any] = json.loads((STREAM / "sp-conversion.jsonl").read_text().splitlines()[0])
FEEDS = [
    *for_contract("us-1", feed("SPEND", SOURCE), feed("ATTRIBUTED_SALES", SOURCE)),
    *for_contract("jp-1", feed("SPEND", SOURCE, JP), currency="JPY"),
]


def sent(tmp_path: Path, *messages: Any) -> Path:
    """Messages as lines of a file."""
    path = tmp_path / "stream.jsonl"
    path.write_text("".join(json.dumps(message) + "\n" for message in messages))
    return path


def test_totals_are_those_worked_out_by_hand() -> None:
    """Repeats dropped, then summed by marketplace, currency and local day: spend, and sales within 7 and 14 days."""
    found = [
        each
        for name in ("sns-wrapped.json", "sp-traffic.jsonl", "sp-conversion.jsonl")
        for each in arrivals(STREAM / name, FEEDS)
    ]
    assert len(found) == 15
    once = {(each.source, each.fact_id): each for each in found}
    assert len(once) == 12
    sums: dict[str, dict[str, int]] = {name: defaultdict(int) for name in json.loads(EXPECTED.read_text())}
    for each in once.values():
        record = fact(each)
        day = local_day(record["period_start"], zones()[record["marketplace_id"]])
        key = f"{record['marketplace_id']}|{record['currency']}|{day}"
        if "amount" in record:
            sums["spend"][key] += record["amount"]
        for window in record.get("windows", ()):
            if (name := f"attributed_sales_{window['days']}d") in sums:
                sums[name][key] += window["amount"]
    assert sums == {
        name: {key: int(Decimal(amount) * 1_000_000) for key, amount in totals.items()}
        for name, totals in json.loads(EXPECTED.read_text()).items()
    }


def test_a_message_becomes_an_hour_of_spend() -> None:
    """The hour begins where the message says; ids, source and origin say where the fact comes from."""
    [record, *_] = open_input(STREAM / "sp-traffic.jsonl", FEEDS).records()
    [arrival] = record.arrivals
    assert fact(arrival) == {
        "contract_id": "us-1",
        "source": SOURCE,
        "marketplace_id": US,
        "account_id": "ENTITY2SYNTHETIC1",
        "campaign_id": "158410630682987",
        "reporting": "DELTA",
        "revision": 0,
        "period_start": 1_761_976_800_000_000,
        "period_end": 1_761_980_400_000_000,
        "currency": "USD",
        "amount": 12_340_000,
    }
    assert (arrival.source, arrival.fact_id) == (f"{SOURCE}/sp-traffic", "sp-traffic/a1/us-1")
    assert arrival.occurred_at == 1_761_976_800_000_000


def test_a_wrapped_message_is_the_same_fact() -> None:
    """SNS around a message changes neither id nor bytes of the fact, so the second one is a duplicate."""
    [wrapped] = arrivals(STREAM / "sns-wrapped.json", FEEDS)
    raw = arrivals(STREAM / "sp-traffic.jsonl", FEEDS)[0]
    assert (wrapped.source, wrapped.fact_id, wrapped.payload) == (raw.source, raw.fact_id, raw.payload)


def test_an_array_of_messages_is_read(tmp_path: Path) -> None:
    """A file may hold one JSON array, over lines or on one."""
    for indent in (None, 1):
        path = tmp_path / "stream.json"
        path.write_text(json.dumps([TRAFFIC, CONVERSION], indent=indent))
        records = list(open_input(path, FEEDS).records())
        assert [record.line for record in records] == [1, 2]
        assert [fact(record.arrivals[0])["contract_id"] for record in records] == ["us-1", "us-1"]


@pytest.mark.parametrize(
    "message",
    [
        {"Type": "SubscriptionConfirmation", "TopicArn": "arn:x", "SubscribeURL": "https://sns.example/"},
        TRAFFIC | {"dataset_id": "budget-usage"},
        TRAFFIC | {"marketplace_id": "A2EUQ1WTGCTBG2"},
        TRAFFIC | {"marketplace_id": "A2EUQ1WTGCTBG2", "cost": "broken"},
    ],
)
def test_what_belongs_to_no_contract_is_a_record_without_facts(
    tmp_path: Path, message: dict[str, Any]
) -> None:
    """Subscriptions, other datasets and other marketplaces are counted by the caller, and nothing is parked."""
    [record, other] = open_input(sent(tmp_path, message, TRAFFIC), FEEDS).records()
    assert record.arrivals == []
    assert len(other.arrivals) == 1


@pytest.mark.parametrize(
    ("more", "matches"),
    [
        ({"account_id": "ENTITY2SYNTHETIC1"}, True),
        ({"account_id": "ENTITY3"}, False),
        ({"campaign_ids": ["1", "158410630682987"]}, True),
        ({"campaign_ids": ["1"]}, False),
    ],
)
def test_accounts_and_campaigns_of_a_feed_decide(
    tmp_path: Path, more: dict[str, Any], *, matches: bool
) -> None:
    """An empty account or list of campaigns means any; a campaign sent as an integer is the same campaign."""
    message = TRAFFIC | {"campaign_id": int(TRAFFIC["campaign_id"])}
    found = arrivals(sent(tmp_path, message), for_contract("us-1", feed("SPEND", SOURCE, **more)))
    assert [fact(each)["campaign_id"] for each in found] == ["158410630682987"] * matches


def test_windows_that_are_not_known_are_left_out(tmp_path: Path) -> None:
    """Null and missing windows are no zeros; new fields are ignored."""
    message = {key: value for key, value in CONVERSION.items() if key != "attributed_sales_1d"}
    message |= {"attributed_sales_30d": None, "a_new_field": {"x": 1}}
    [arrival] = arrivals(sent(tmp_path, message), FEEDS)
    assert fact(arrival)["windows"] == [{"days": 7, "amount": 20_000_000}, {"days": 14, "amount": 20_000_000}]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"cost": None}, "stream.jsonl:1: cost: None: a number expected"),
        ({"cost": 1e-9}, "at most 6 decimals"),
        ({"time_window_start": "2025-11-01T00:00:00"}, "an instant with Z or an offset"),
        ({"idempotency_id": "x" * 200}, "too long"),
        ({"idempotency_id": ""}, "idempotency_id: ''"),
        ({"currency": "\ud800"}, "currency: '\\ud800': text of at most"),
        ({"dataset_id": 1.5}, "dataset_id"),
    ],
)
def test_a_message_that_cannot_be_read_is_told(tmp_path: Path, change: dict[str, Any], sentence: str) -> None:
    """Place, field, value and rule are named, the line is kept as it came, and the next one is read."""
    path = sent(tmp_path, TRAFFIC | change, TRAFFIC)
    bad, good = arrivals(path, FEEDS)
    assert bad.problem
    assert sentence in bad.problem[1]
    assert bad.payload == path.read_bytes().splitlines()[0]
    assert (bad.fact_id, bad.source) == ("", SOURCE)
    assert fact(good)["amount"] == 12_340_000


def test_an_empty_notification_is_told(tmp_path: Path) -> None:
    """A notification whose message is no JSON says so, as a whole and inside."""
    wrapped = {"Type": "Notification", "TopicArn": "arn:x", "Message": "{half"}
    found = arrivals(sent(tmp_path, wrapped, wrapped | {"Message": 5}, TRAFFIC), FEEDS)
    assert [sentence.split(": ")[1] for _, sentence in problems(found)] == ["Message", "Type"]
    assert len(found) == 3
