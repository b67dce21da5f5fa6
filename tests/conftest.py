"""What any test may ask for: an empty ledger and read models, on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from store.ledger import Ledger
from store.open import open_ledger, open_views
from store.views import Views
from tests.postgres import postgres_server, postgres_url

__all__ = ["postgres_server", "postgres_url"]


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'copact.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def ledger(database_url: str) -> Iterator[Ledger]:
    """An empty ledger."""
    with open_ledger(database_url) as opened:
        yield opened


@pytest.fixture
def views(database_url: str) -> Iterator[Views]:
    """Read models that are not made yet."""
    with open_views(database_url) as opened:
        yield opened
