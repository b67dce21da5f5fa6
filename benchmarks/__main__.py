"""`./run bench [ingest|rebuild|long|memory …]`: prints ratios, side by side in this process; without names, all."""

import os
import platform
import sqlite3
import sys
from collections.abc import Callable
from contextlib import ExitStack
from itertools import count
from tempfile import TemporaryDirectory

from benchmarks import ingest, long_stream, rebuild
from benchmarks.plain import plain_application
from store.open import open_ledger, open_views
from tests.postgres import fresh_database, running_server

Fresh = Callable[[], str]
"""Gives the address of another empty database."""

ALL = ("ingest", "rebuild", "long", "memory")

INGEST_GOALS = {"sqlite": (0.30, 8), "postgresql": (0.33, 25)}
REBUILD_GOALS = {"sqlite": (0.08, 4), "postgresql": (0.08, 40)}


def main() -> int:
    """Run the benchmarks named."""
    chosen = sys.argv[1:] or list(ALL)
    if unknown := set(chosen) - set(ALL):
        print(f"bench: {', '.join(sorted(unknown))}: there are {', '.join(ALL)}", file=sys.stderr)
        return 2
    print(
        f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version} (rollback journal, FULL), "
        "PostgreSQL from a wheel (fsync on); medians (ranges) of 5 passes",
        flush=True,
    )
    with TemporaryDirectory() as folder, running_server() as server, ExitStack() as stack:
        names = count()
        kinds: dict[str, Fresh] = {
            "sqlite": lambda: f"sqlite:///{folder}/{next(names)}.db",
            "postgresql": lambda: stack.enter_context(fresh_database(server)),
        }
        for name, fresh in kinds.items():
            if {"ingest", "rebuild"} & set(chosen):
                _both(name, fresh, chosen)
        if "long" in chosen:
            with open_ledger(kinds["sqlite"]()) as ledger:
                long_stream.run(ledger)
        if "memory" in chosen:
            with open_ledger(kinds["sqlite"]()) as ledger:
                long_stream.memory(ledger, 1_000_000)
    return 0


def _both(name: str, fresh: Fresh, chosen: list[str]) -> None:
    """Ingest, and then rebuild what was ingested."""
    with ExitStack() as stack:
        url = fresh()
        subject = stack.enter_context(open_ledger(url))
        floor = stack.enter_context(open_ledger(fresh()))
        store, close = plain_application(_environment(name, fresh()))
        stack.callback(close)
        ingest.run(name, subject, floor, store, INGEST_GOALS[name])
        if "rebuild" in chosen:
            views = stack.enter_context(open_views(url))
            slow = stack.enter_context(open_views(fresh()))
            rebuild.run(name, subject, views, slow, REBUILD_GOALS[name])


def _environment(name: str, url: str) -> dict[str, str]:
    """The library's own settings for a database."""
    if name == "sqlite":
        return {"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": url.removeprefix("sqlite:///")}
    from psycopg.conninfo import conninfo_to_dict

    found = conninfo_to_dict(url)
    names = {"dbname": "DBNAME", "host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD"}
    defaults = {"host": "", "port": "5432", "user": "postgres", "password": ""}
    values = {f"POSTGRES_{names[key]}": str(found.get(key) or defaults.get(key, "")) for key in names}
    return {"PERSISTENCE_MODULE": "eventsourcing.postgres"} | values


if __name__ == "__main__":
    sys.exit(main())
