"""Old versions, read for ever as the current one."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from schemas import catalogue, codec
from schemas.catalogue import ALL, current
from schemas.codec import Undecodable
from schemas.upcasters import DAY, HOUR, STEPS, granularity_of

GMV_V1 = "retail.GmvReported.v1"

GOLDEN = bytes.fromhex(
    "1073756d6d65722d312676656e646f722d73616c65732d7265706f72741a41545650444b494b583044455204"
    "80f0d4ffab91aa0680f08fddaf96aa0606555344e0c19fcb055480f0c0f5baa5aa06"
)
"""A day of GMV as version 1 wrote it; these bytes never change."""

READ: dict[str, Any] = {
    "contract_id": "summer-1",
    "source": "vendor-sales-report",
    "marketplace_id": "ATVPDKIKX0DER",
    "view": "",
    "basis": "ORDERED_REVENUE",
    "granularity": "DAY",
    "period_start": 1_781_506_800_000_000,
    "period_end": 1_781_593_200_000_000,
    "currency": "USD",
    "total": 749_990_000,
    "units": 42,
    "as_of": 1_781_852_400_000_000,
    "revision": 1_781_852_400_000_000 - 2**62,
    "slices": [],
}


@pytest.mark.parametrize("stored", [False, True])
def test_a_gmv_report_of_version_1_is_read_as_version_2(stored: bool) -> None:
    """The golden bytes of version 1 give today's record: renamed, filled in, and in today's order of fields."""
    record = codec.decoder(GMV_V1, stored=stored)(GOLDEN)
    assert record == READ
    assert list(record) == list(READ)


def test_two_old_records_share_nothing() -> None:
    """A default that is a list is a list of its own in each record, so that folding one does not change another."""
    first, second = codec.decode(GMV_V1, GOLDEN), codec.decode(GMV_V1, GOLDEN)
    first["slices"].append("changed")
    assert second == READ


def test_an_old_version_is_read_as_strictly_as_the_current_one() -> None:
    """Being old excuses no byte."""
    for damaged in (GOLDEN[:-1], GOLDEN + b"\x00", GOLDEN[:-1] + b"\x86"):
        with pytest.raises(Undecodable):
            codec.decode(GMV_V1, damaged)


@pytest.mark.parametrize(
    ("length", "granularity"),
    [
        (0, "OTHER"),
        (HOUR - 1, "OTHER"),
        (HOUR, "HOUR"),
        (HOUR + 1, "OTHER"),
        (23 * HOUR - 1, "OTHER"),
        (23 * HOUR, "DAY"),
        (DAY, "DAY"),
        (25 * HOUR, "DAY"),
        (25 * HOUR + 1, "OTHER"),
        (7 * DAY - HOUR - 1, "OTHER"),
        (7 * DAY - HOUR, "WEEK"),
        (7 * DAY + HOUR, "WEEK"),
        (7 * DAY + HOUR + 1, "OTHER"),
        (28 * DAY - HOUR - 1, "OTHER"),
        (28 * DAY - HOUR, "MONTH"),
        (31 * DAY + HOUR, "MONTH"),
        (31 * DAY + HOUR + 1, "OTHER"),
        (92 * DAY, "OTHER"),
        (-DAY, "OTHER"),
    ],
)
def test_the_granularity_of_an_old_report_follows_from_its_length(length: int, granularity: str) -> None:
    """Days and weeks may be an hour longer or shorter, where clocks change."""
    assert granularity_of(length) == granularity


def test_every_step_reads_a_version_that_is_not_current() -> None:
    """A step for a current or unknown version would never run."""
    old = {schema.type for schema in ALL if schema is not current(schema.name)}
    assert set(STEPS) <= old


def field(name: str, type_: Any = "long", **more: Any) -> dict[str, Any]:
    """A field of a made-up fact."""
    return {"name": name, "type": type_, "doc": "A field."} | more


def test_three_versions_are_climbed_step_by_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first of three versions is lifted to the second, then to the third, each step in its own shape."""
    part = {"type": "record", "name": "Part", "doc": "A part.", "fields": [field("kept")]}
    versions = []
    for number, fields in enumerate(
        [
            [field("first"), field("parts", {"type": "array", "items": part})],
            [field("second", aliases=["first"]), field("parts", {"type": "array", "items": part})],
            [
                field("parts", {"type": "array", "items": part}),
                field("third", aliases=["second"]),
                field("part", ["null", "Part"], default=None),
            ],
        ],
        start=1,
    ):
        path = tmp_path / f"Chain.v{number}.avsc"
        tree = {
            "type": "record",
            "name": "Chain",
            "namespace": "copact.retail",
            "doc": "D.",
            "fields": fields,
        }
        path.write_text(json.dumps(tree))
        versions.append(
            catalogue.Schema("retail.Chain", number, number, sha256(path.read_bytes()).digest(), path)
        )
        monkeypatch.setitem(catalogue._BY_TYPE, versions[-1].type, versions[-1])
    monkeypatch.setitem(catalogue._VERSIONS, "retail.Chain", tuple(versions))
    monkeypatch.setitem(STEPS, "retail.Chain.v1", lambda record: record | {"second": record["second"] * 10})
    monkeypatch.setitem(
        STEPS, "retail.Chain.v2", lambda record: record | {"part": {"kept": record["third"] + 1}}
    )
    payload = codec.encode("retail.Chain.v1", {"first": 4, "parts": [{"kept": 7}]})
    assert list(codec.decode("retail.Chain.v1", payload).items()) == [
        ("parts", [{"kept": 7}]),
        ("third", 40),
        ("part", {"kept": 41}),
    ]
