"""What a store may answer instead of doing what it was asked; each text is a sentence for a person."""


class LedgerError(Exception):
    """The store did not do what it was asked, and nothing of it was stored, unless a subclass says otherwise."""


class VersionConflict(LedgerError):
    """Raised where a batch does not follow the last event of a stream: whoever decided it knew too little."""

    def __init__(self, stream: str) -> None:
        super().__init__(
            f"stream: {stream!r}: these events do not follow its last one; load it again and decide anew"
        )
        self.stream = stream


class FactConflict(LedgerError):
    """Raised where a fact that a batch takes for new, or for parked, was dealt with meanwhile."""


class Fenced(LedgerError):
    """Raised where the position of a source is not the one expected: another worker reads this source too."""

    def __init__(self, source: str, expected: int | None, found: int | None) -> None:
        super().__init__(
            f"source: {source!r}: expected at {expected}, found at {found}; another worker has moved it"
        )
        self.source, self.expected, self.found = source, expected, found


class TooLarge(LedgerError):
    """Raised where a batch or one event is larger than what may be stored, and later sent, at once."""


class Unavailable(LedgerError):
    """Raised where the database is locked, full or gone. It may work later.

    After an `append` it is open whether the batch is stored: `Ledger.committed` answers.
    """


class Unusable(LedgerError):
    """Raised where an address, a database or its settings cannot be trusted with a ledger."""


class Overtaken(LedgerError):
    """Raised where read models are not at the position expected: another follower has moved or rebuilt them."""


class Taken(LedgerError):
    """Raised where a table holds a row of the same key already."""

    def __init__(self, table: str, text: str) -> None:
        super().__init__(text)
        self.table = table
