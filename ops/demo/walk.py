"""Signs the example contracts, takes in their facts through the one door, and shows what Copact answers.

The clock is the scenario's: the three historic contracts are taken in on one day of May 2026, the summer campaign day
by day until 20 July 2026. A second run finds everything taken in before.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import as_file, files
from pathlib import Path

from connectors import contract_file
from domain.period import micros_of
from ops import show
from ops.commands import funding_answer, here, reuse, status_answer
from ops.demo import summer
from ops.failures import Wrong
from ops.history import events_of
from ops.ingest import Taken, ingest_paths
from ops.sign import sign_file
from ops.store import Store, opened
from store.mapper import event_from

TAKEN_IN = datetime(2026, 5, 4, 15, tzinfo=UTC)
"""When the scenario takes in the historic contracts."""

TODAY = datetime(2026, 7, 20, 15, tzinfo=UTC)
"""Where the scenario's clock stands."""

SUMMER = "us-summer-2026"


@dataclass(frozen=True, slots=True)
class Example:
    """A contract of the demonstration and the reuse question that is asked of it."""

    contract_id: str
    origin: str
    asset: str
    channel: str
    territory: str


EXAMPLES = (
    Example(
        "media-2015", "simulated weekly series (MIT), the rest generated", "media-2015-jingle", "social", "DE"
    ),
    Example(
        "vendor-2021",
        "Amazon's published sample report, the rest generated",
        "vendor-2021-images",
        "social",
        "US",
    ),
    Example(
        "stream-2025",
        "synthetic Marketing Stream messages, the rest generated",
        "stream-2025-video",
        "marketplace",
        "US",
    ),
    Example(SUMMER, "the terms of the source document, facts generated", "summer-video", "social", "DE"),
)


def demo() -> int:
    """Run the demonstration in the store of the settings; refuses one that holds other contracts."""
    chosen = here()
    with opened(chosen, create=True) as store:
        others = _strangers(store)
        if others:
            raise Wrong(
                f"demo: the store holds other contracts ({', '.join(sorted(others)[:3])}); "
                "name an empty folder with COPACT_HOME"
            )
        before = store.ledger.head()
        for taken in _fill(store, chosen.home / "demo"):
            if taken.exit_status:
                show.ingested(taken)
                return 1
        _tell(store, before.position)
    return 0


def _strangers(store: Store) -> set[str]:
    """Contracts in the store that are not, word for word, those of the demonstration."""
    signed = {}
    with as_file(files("ops.demo").joinpath("data")) as data:
        for example in EXAMPLES:
            document = contract_file.read(data / example.contract_id / "contract.yaml")
            signed[example.contract_id] = event_from(document.type, document.record)
    seen = store.reader.see_all(store.reader.moment())
    return {each.contract_id for each in seen if each.state.signed != signed.get(each.contract_id)}


def _fill(store: Store, home: Path) -> Iterator[Taken]:
    signed = store.reader.contract_ids()
    with as_file(files("ops.demo").joinpath("data")) as data:
        for example in EXAMPLES:
            at = micros_of(
                datetime(2026, 5, 20, 15, tzinfo=UTC) if example.contract_id == SUMMER else TAKEN_IN
            )
            folder = data / example.contract_id
            if example.contract_id not in signed:
                signature = sign_file(store, folder / "contract.yaml", at)
                if signature.exit_status:
                    raise Wrong(f"demo: {signature.sentence}")
            if example.contract_id != SUMMER:
                yield ingest_paths(store, [folder], _standing_at(at), show.bar)
                store.tick(at)
    yield from _summer(store, home / SUMMER)
    store.tick(micros_of(TODAY))


def _summer(store: Store, folder: Path) -> Iterator[Taken]:
    """The summer campaign, each day's facts on their own day, from files that stay for playing on."""
    folder.mkdir(parents=True, exist_ok=True)
    days = list(summer.days())
    with show.bar(SUMMER) as progress:
        for number, (day, facts) in enumerate(days, 1):
            path = folder / f"{day.isoformat()}.jsonl"
            path.write_text(
                "".join(json.dumps(fact, ensure_ascii=False) + "\n" for fact in facts), encoding="utf-8"
            )
            now = _standing_at(micros_of(datetime(day.year, day.month, day.day, 15, tzinfo=UTC)))
            yield ingest_paths(store, [path], now, show.no_bar)
            store.tick(now())
            progress(number, len(days))


def _standing_at(instant: int) -> Callable[[], int]:
    """A clock that stands."""
    return lambda: instant


def _tell(store: Store, before: int) -> None:
    head = store.ledger.head()
    if head.position == before:
        show.line(f"Nothing new: all facts were taken in before, the ledger stays at position {before}.\n")
    else:
        show.line(
            f"Took in {head.position - before:,} events; the scenario's clock stands at {TODAY:%Y-%m-%d}.\n"
        )
    moment = store.reader.moment()
    for example in EXAMPLES:
        seen = store.reader.see(example.contract_id, moment)
        show.console.rule(f"{example.contract_id}: {example.origin}", align="left", style="dim")
        show.console.print(show.contract_block(status_answer(store, seen)))
        for event in events_of(store.ledger, example.contract_id, moment):
            if event.type.startswith("derived."):
                show.console.print(show.finding(event))
        show.console.print(show.funding_table(funding_answer(store, seen)))
        answer = reuse(store, example.asset, example.channel, example.territory, moment)
        show.console.print("  may we reuse it?", show.reuse_line(answer))
        show.line(
            f"  more: copact status {example.contract_id} · copact funding {example.contract_id} · "
            f"copact history {example.contract_id}\n"
            f"        copact may-reuse {example.asset} --channel {example.channel} "
            f"--territory {example.territory}\n"
        )
    show.line(
        f"The store stays in {here().home}; play on, for example:\n"
        f"   copact status {SUMMER} --known-at 2026-07-05T00:00:00Z   before the restatement was known\n"
        f"   copact status {SUMMER} --effective 2026-06-28            as of the kick-off's last day\n"
        "   copact status --json                                             for programs"
    )
