"""Opening a ledger or read models by address: `sqlite:///relative.db`, `sqlite:////absolute.db`, `postgresql://…`."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from store.database import Database
from store.errors import Unusable
from store.ledger import Ledger
from store.sqlite import MEMORY, SQLite
from store.views import Views

Opened = TypeVar("Opened")


def open_ledger(url: str) -> Ledger:
    """The ledger at an address, made where the database has none.

    Raises `Unusable` for an address or a database that cannot be trusted with one, and `Unavailable`.
    """
    return _opened(url, Ledger)


def open_views(url: str) -> Views:
    """The read models at an address. Raises as `open_ledger` does."""
    return _opened(url, Views)


def scratch() -> Views:
    """Read models in memory, for a replay: the only way to have anything that is not kept."""
    return Views(SQLite(MEMORY))


def _opened(url: str, kind: Callable[[Database], Opened]) -> Opened:
    database = _database(url)
    try:
        return kind(database)
    except BaseException:
        database.close()
        raise


def _database(url: str) -> Database:
    scheme, _, path = url.partition(":")
    if scheme == "sqlite" and path.startswith("///"):
        path = path.removeprefix("///")
        if not path or MEMORY in path or "mode=memory" in path:
            raise Unusable(f"database: {url!r}: memory keeps nothing; name a file")
        return SQLite(str(Path(path).absolute()))
    if scheme in ("postgresql", "postgres"):
        from store.postgres import Postgres

        return Postgres(url)
    raise Unusable(f"database: {url!r}: neither sqlite:///FILE nor postgresql://USER@HOST/DATABASE")
