"""What can be wrong with a schema, with bytes, with a record to encode, or with a readable document."""

from collections.abc import Sequence


class UnknownSchema(LookupError):
    """Raised for a type name, name or id that the catalogue does not hold."""


class SchemaChanged(Exception):
    """Raised when a schema file differs from the text that LOCK names: a published version is never edited."""


class Undecodable(Exception):
    """Bytes that are not one record of their schema.

    `code` is one of truncated, trailing_bytes, too_large, bad_value, unknown_schema; the text is one
    sentence.
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class Unencodable(Exception):
    """A record that does not fit its schema: `field` is a dotted path, `rule` says what was expected."""

    def __init__(self, field: str, value: object, rule: str) -> None:
        super().__init__(f"{field}: {abridged(value)}: {rule}")
        self.field, self.value, self.rule = field, value, rule


class BadState(ValueError):
    """Raised for stored bytes that are not a header and a payload."""


class Unreadable(Exception):
    """One error in a readable document: `path` is dotted, `line` counts from 1 (0 where lines are unknown)."""

    def __init__(self, path: str, line: int, value: object, rule: str) -> None:
        where = f"line {line}: " if line else ""
        what = "" if value is None else f" {abridged(value)}:"
        super().__init__(f"{where}{path}:{what} {rule}" if path else f"{where}{rule}")
        self.path, self.line, self.value, self.rule = path, line, value, rule


class ContractFileErrors(Exception):
    """Everything that is wrong with a readable document, in the order of its lines."""

    def __init__(self, errors: Sequence[Unreadable]) -> None:
        self.errors = sorted(errors, key=lambda error: error.line)
        super().__init__("\n".join(str(error) for error in self.errors))


def abridged(value: object) -> str:
    """A value as it may stand in a message: escaped, and cut after 80 characters."""
    text = ascii(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
