"""What every test may ask for: a ledger and read models, on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from store.ledger import Ledger
from store.open import open_ledger, open_views
from store.views import Views


@pytest.fixture
def database_url(tmp_path):
    return f"sqlite:///{tmp_path / 'copact.db'}"


@pytest.fixture
def ledger(database_url: str) -> Iterator[Ledger]:
    """An empty ledger."""
    with open_ledger(database_url) as opened:
        yield opened


@pytest.fixture
def views(database_url: str) -> Iterator[Views]:
    """Read models in the same database as the ledger."""
    with open_views(database_url) as opened:
        yield opened
