"""Which addresses and which databases are trusted with a ledger."""

import sqlite3
from pathlib import Path

import psycopg
import pytest

from store.errors import Unavailable, Unusable
from store.open import open_ledger, open_views, scratch
from store.sqlite import make_safe, wal_is_sound
from tests.store.batches import Batch


@pytest.mark.parametrize(
    "url",
    [
        "",
        ":memory:",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite:///file:x?mode=memory",
        "mysql://root@localhost/x",
        "copact.db",
        "postgresql://localhost/x?colour=blue",
    ],
)
def test_an_address_that_keeps_nothing_or_means_nothing_is_refused(url: str) -> None:
    """Memory is never used by accident, and the sentence names what is wrong."""
    for opener in (open_ledger, open_views):
        with pytest.raises(Unusable, match=r"database|PostgreSQL"):
            opener(url)


def test_a_relative_address_is_below_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three slashes name a file from here, four one from the root, and nothing in a name is decoded."""
    monkeypatch.chdir(tmp_path)
    open_ledger("sqlite:///100%25 of it.db").close()
    assert (tmp_path / "100%25 of it.db").exists()


def test_a_place_that_cannot_hold_a_ledger_is_refused(tmp_path: Path) -> None:
    """A folder that is not there, a folder in the place of the file, a file that is something else."""
    (tmp_path / "text.db").write_text(
        "This is not a database, though it is long enough to be taken for one.\n" * 20
    )
    for name in ("missing/copact.db", ".", "text.db"):
        with pytest.raises(Unusable, match=str(tmp_path)):
            open_ledger(f"sqlite:///{tmp_path / name}")


def test_a_server_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    """Whoever starts later than we do is worth another try."""
    with pytest.raises(Unavailable):
        open_ledger(f"postgresql:///copact?host={tmp_path}")


def test_every_sqlite_connection_syncs_what_it_commits(tmp_path: Path) -> None:
    """Rollback journal, full synchronisation."""
    with open_ledger(f"sqlite:///{tmp_path / 'copact.db'}") as ledger:
        rows = ledger._database.rows
        assert (rows("PRAGMA journal_mode"), rows("PRAGMA synchronous")) == ([("persist",)], [(2,)])


@pytest.mark.parametrize(
    ("version", "sound"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 0), False),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((4, 0, 0), True),
    ],
)
def test_a_write_ahead_log_is_kept_only_where_it_is_sound(
    tmp_path: Path, version: tuple[int, int, int], sound: bool
) -> None:
    """On an SQLite with the defect a file in this mode is brought back to a rollback journal."""
    assert wal_is_sound(version) == sound
    connection = sqlite3.connect(tmp_path / "copact.db")
    connection.execute("PRAGMA journal_mode = WAL")
    make_safe(connection, version)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal" if sound else "persist",)
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    connection.close()


def test_a_write_ahead_log_in_use_by_another_program_is_refused(tmp_path: Path) -> None:
    """It cannot be brought back while someone has it open."""
    other = sqlite3.connect(tmp_path / "copact.db", isolation_level=None)
    other.execute("PRAGMA journal_mode = WAL")
    other.execute("CREATE TABLE t (a)")
    connection = sqlite3.connect(tmp_path / "copact.db", timeout=0)
    with pytest.raises(Unusable, match="write-ahead"):
        make_safe(connection, (3, 40, 1))
    connection.close()
    other.close()


def test_an_old_sqlite_is_refused(tmp_path: Path) -> None:
    """The oldest one that knows strict tables is 3.37."""
    connection = sqlite3.connect(tmp_path / "copact.db")
    with pytest.raises(Unusable, match=r"3\.37"):
        make_safe(connection, (3, 36, 0))
    make_safe(connection, (3, 37, 0))
    connection.close()


def test_a_server_that_does_not_sync_is_refused(postgres_url: str) -> None:
    """The sentence names the setting."""
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        name = connection.info.dbname
        connection.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
    with pytest.raises(Unusable, match="synchronous_commit"):
        open_ledger(postgres_url)


def test_the_events_stand_in_a_schema_of_their_own(postgres_url: str) -> None:
    """What else the database holds is left alone, and a settled ledger needs no right to make schemas."""
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("CREATE TABLE events (mine text)")
    with open_ledger(postgres_url) as ledger:
        ledger.append(Batch().accept("a", "contract-A", 1), now=1)
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        assert connection.execute("SELECT count(*) FROM copact.events").fetchone() == (1,)
        assert connection.execute("SELECT count(*) FROM public.events").fetchone() == (0,)


def test_ledger_and_read_models_may_share_a_database(database_url: str) -> None:
    """They keep out of each other's way, whichever comes first."""
    with open_views(database_url) as views, open_ledger(database_url) as ledger:
        views.create([], "fingerprint")
        ledger.append(Batch().accept("a", "contract-A", 1), now=1)
        assert (views.position(), ledger.head().position) == (0, 1)


def test_a_scratch_database_is_in_memory() -> None:
    """For replays; nothing else asks for it."""
    with scratch() as views:
        views.create([], "fingerprint")
        assert views.position() == 0
