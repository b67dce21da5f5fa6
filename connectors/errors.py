"""What can be wrong with an input: the whole of it, or one of its records."""

from collections.abc import Sequence


class InputError(Exception):
    """A file that cannot be read at all; the text is one sentence that names the file, or one line for each error."""


class ContractFileError(InputError):
    """A contract file with errors: `problems` has one line for each, by line of the file."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = list(problems)


class Unusable(Exception):
    """One record that cannot become a fact; `code` is stable, the text names field, value and rule."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


def bad_value(place: str, value: object, rule: str) -> Unusable:
    """A field whose value breaks a rule."""
    text = ascii(value)
    return Unusable("bad_value", f"{place}: {text if len(text) <= 80 else f'{text[:77]}...'}: {rule}")
