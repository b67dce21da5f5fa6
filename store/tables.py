"""The tables of a ledger, the same in both databases.

No row is ever removed, and only these change: `head`, the current receipt of a fact, `released` of what was held, the
offset of a source, and `folds`, which could be lost without harm.
"""

from store.database import Table

FORMAT = "1"
"""What the tables mean; a ledger of another format is not opened."""

EVENTS = Table(
    "events",
    ("position",),
    {"position": int, "originator_id": str, "originator_version": int, "topic": str, "state": bytes},
    optional=(),
)

FACTS = Table("facts", ("key",), {"key": bytes, "digest": bytes, "receipt": int}, optional=())
"""One row for each distinct fact; `receipt` is its current one."""

RECEIPTS = Table(
    "receipts",
    ("receipt",),
    {
        "receipt": int,
        "key": bytes,
        "source": str,
        "fact_id": str,
        "disposition": str,
        "code": str,
        "detail": str,
        "position": int,
        "batch": int,
        "supersedes": int,
    },
    optional=("position", "supersedes"),
)
"""One row for each arrival, and one more for each change of its disposition, which supersedes the row before."""

HELD = Table(
    "held",
    ("receipt",),
    {
        "receipt": int,
        "key": bytes,
        "stream": str,
        "type": str,
        "envelope": bytes,
        "payload": bytes,
        "code": str,
        "released": int,
    },
    optional=("released",),
)
"""What was parked or refused, kept for ever; `released` is the receipt that ended the parking."""

OFFSETS = Table("offsets", ("source",), {"source": str, "next": int}, optional=())

BATCHES = Table(
    "batches",
    ("batch",),
    {"batch": int, "first_position": int, "first_receipt": int, "recorded_at": int, "token": bytes},
    optional=(),
)

HEAD = Table(
    "head",
    ("one",),
    {"one": int, "position": int, "receipt": int, "batch": int, "recorded_at": int},
    optional=(),
)
"""One row: the last numbers given. Whoever appends locks it."""

FOLDS = Table(
    "folds", ("stream",), {"stream": str, "version": int, "shape": str, "state": bytes}, optional=()
)

META = Table("meta", ("key",), {"key": str, "value": str}, optional=())

TABLES = (EVENTS, FACTS, RECEIPTS, HELD, OFFSETS, BATCHES, HEAD, FOLDS, META)

STATEMENTS = (
    "CREATE UNIQUE INDEX events_stream ON events (originator_id, originator_version)",
    "CREATE UNIQUE INDEX receipts_supersedes ON receipts (supersedes) WHERE supersedes IS NOT NULL",
    "CREATE INDEX held_waiting ON held (stream, receipt) WHERE released IS NULL",
    "CREATE INDEX batches_position ON batches (first_position)",
    "CREATE UNIQUE INDEX batches_instant ON batches (recorded_at)",
    "CREATE UNIQUE INDEX batches_token ON batches (token)",
    # The names under which the library's recorders on SQLite and on PostgreSQL know a position.
    """
    CREATE VIEW stored_events AS
    SELECT position AS rowid, position AS notification_id, originator_id, originator_version, topic, state FROM events
    """,
    "INSERT INTO head VALUES (1, 0, 0, 0, 0)",
    "INSERT INTO meta VALUES ('format', '1')",
)
"""What a new ledger needs besides the tables."""
