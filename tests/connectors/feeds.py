"""What the tests of connectors share: feeds, the demo's data, and arrivals as decoded facts."""

from importlib.resources import files
from pathlib import Path
from typing import Any

from application.arrival import Arrival
from connectors.inputs import open_input
from connectors.records import Place
from connectors.routing import Feeds
from domain.terms import Feed
from schemas import codec

DATA = Path(str(files("ops"))) / "demo" / "data"
EXPECTED = Path(__file__).parent / "data" / "expected.json"
US, JP = "ATVPDKIKX0DER", "A1VC38T7YXB528"
PLACE = Place("facts.jsonl", bytes(32), 3)


def feed(metric: str, source: str, marketplace_id: str = US, **more: Any) -> Feed:
    """A feed that takes every account and campaign, daily."""
    fields = {"account_id": "", "campaign_ids": [], "view": "", "granularity": "DAY"} | more
    return Feed(metric=metric, source=source, marketplace_id=marketplace_id, **fields)


def for_contract(contract_id: str, *feeds: Feed, currency: str = "USD") -> Feeds:
    """The feeds of one contract."""
    return [(contract_id, currency, each) for each in feeds]


def arrivals(path: Path, feeds: Feeds = ()) -> list[Arrival]:
    """Everything that a file gives."""
    return [arrival for record in open_input(path, feeds).records() for arrival in record.arrivals]


def fact(arrival: Arrival) -> dict[str, Any]:
    """The record of an arrival that has no problem."""
    assert arrival.problem is None, arrival.problem
    return codec.decode(arrival.type, arrival.payload)


def problems(found: list[Arrival]) -> list[tuple[str, str]]:
    """What could not be read: code and sentence."""
    return [arrival.problem for arrival in found if arrival.problem]
