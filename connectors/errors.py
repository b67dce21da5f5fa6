"""What can be wrong with an input: the whole of it, or one of its records."""

from collections.abc import Sequence

LONGEST = 1_000
"""The most characters of one line that is told."""


def plain(text: str) -> str:
    """One line that can be shown and stored, whatever the file put into it: odd characters escaped, not too long."""
    line = "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text[:LONGEST])
    return line if len(text) <= LONGEST else f"{line}…"


class InputError(Exception):
    """A file that cannot be read at all; the text is one sentence that names the file."""

    def __init__(self, sentence: str) -> None:
        super().__init__(plain(sentence))


class InputErrors(InputError):
    """A file that people write, with errors: `problems` has a line for each, and the text is all of them."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = [plain(problem) for problem in problems]
        Exception.__init__(self, "\n".join(self.problems))


class Unusable(Exception):
    """One record that cannot become a fact; `code` is stable, the text names field, value and rule."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


def bad_value(place: str, value: object, rule: str) -> Unusable:
    """A field whose value breaks a rule."""
    text = ascii(value)
    return Unusable("bad_value", f"{place}: {text if len(text) <= 80 else f'{text[:77]}...'}: {rule}")
