"""Taking in files that were left in the middle."""

import json
from datetime import date
from pathlib import Path

import pytest

from ops.ingest import ingest_paths
from ops.settings import settings
from ops.show import no_bar
from ops.sign import sign_file
from ops.store import opened
from tests.examples import at
from tests.ops.test_cli import CONTRACT, GMV

LINES = 1_300


@pytest.fixture
def facts(tmp_path: Path) -> Path:
    """A file of more facts than one transaction holds, and a contract beside it."""
    (tmp_path / "contract.yaml").write_text(CONTRACT)
    lines = (
        json.dumps(GMV | {"id": f"fact-{number}", "data": GMV["data"] | {"revision": number}})
        for number in range(LINES)
    )
    path = tmp_path / "facts.jsonl"
    path.write_text("\n".join(lines))
    return path


class Stopping:
    """A clock in whose second batch the process is stopped."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> int:
        """Tell the time, once."""
        self.calls += 1
        if self.calls == 2:
            raise KeyboardInterrupt
        return now()


def now() -> int:
    """The scenario's instant."""
    return at(date(2026, 6, 16))


def test_a_file_is_taken_up_where_it_was_left(facts: Path) -> None:
    """After a stop in the middle nothing is lost, nothing comes twice, and what was stored is not read again."""
    with opened(settings({"COPACT_HOME": str(facts.parent / "home")}), create=True) as store:
        sign_file(store, facts.parent / "contract.yaml", now())
        with pytest.raises(KeyboardInterrupt):
            ingest_paths(store, [facts], Stopping(), no_bar)
        assert store.ledger.head().position == 501
        again = ingest_paths(store, [facts], now, no_bar)
        assert again.outcome.counts == {"accepted": LINES - 500}
        assert store.ledger.head().position == LINES + 1
        assert ingest_paths(store, [facts], now, no_bar).unchanged == ["facts.jsonl"]
