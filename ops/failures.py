"""What may go wrong for a person at the command line, and with which exit status.

Anything else is an error of ours: it shows itself with its traceback.
"""

import re

from connectors.errors import InputError
from domain.refusals import NotAccepted
from ops.settings import BadSetting
from ops.store import NoStore
from projections.reader import NotFound
from store.ledger import LedgerError, Unusable


class Wrong(Exception):
    """Something a person asked for cannot be done; the text is the sentence that they read."""


class Misused(Wrong):
    """The command was used in a way that makes no sense."""


EXPECTED = (Wrong, NotFound, InputError, BadSetting, NoStore, LedgerError, NotAccepted, OSError)
"""Errors that are told in one sentence."""


def sentence(error: BaseException) -> str:
    """What a person reads: one line, without the password of an address."""
    text = f"{error.filename or 'output'}: {error.strerror}" if isinstance(error, OSError) else str(error)
    lines = text.splitlines() if isinstance(error, InputError) else [" ".join(text.split())]
    return "\n".join(PASSWORD.sub(r"\1***@", line) for line in lines)


PASSWORD = re.compile(r"(://[^:/@\s]*:)[^@\s]*@")
"""The part of an address that is nobody's business."""


def status_of(error: BaseException) -> int:
    """2 for wrong usage and for what cannot be read at all, else 1."""
    return 2 if isinstance(error, Misused | BadSetting | NoStore | InputError | Unusable) else 1
