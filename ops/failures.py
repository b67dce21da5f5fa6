"""What may go wrong for a person at the command line, and with which exit status.

Anything else is an error of ours: it shows itself with its traceback.
"""

from connectors.errors import InputError
from ops.settings import BadSetting
from ops.store import NoStore
from projections.reader import NotFound
from store.ledger import LedgerError


class Wrong(Exception):
    """Something a person asked for cannot be done; the text is the sentence that they read."""


class Misused(Wrong):
    """The command was used in a way that makes no sense."""


EXPECTED = (Wrong, NotFound, InputError, BadSetting, NoStore, LedgerError)
"""Errors that are told in one sentence."""


def status_of(error: BaseException) -> int:
    """2 for wrong usage and for what cannot be read at all, else 1."""
    return 2 if isinstance(error, Misused | BadSetting | NoStore | InputError) else 1
