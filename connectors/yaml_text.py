"""YAML as a tree of text with line numbers: nothing is turned into a number, a date or a truth value.

Only the plain part of YAML is read: one document of mappings, lists and scalars. Anchors, aliases, tags and keys that
stand twice are refused with the line, because each lets a file mean something else than it shows.
"""

from pathlib import Path
from typing import Final

import yaml

from connectors.errors import InputError
from schemas.readable import Node

LARGEST_FILE: Final = 524_288
"""The most bytes of a file that people write."""

DEEPEST: Final = 32
"""How deeply mappings and lists may lie in each other."""

NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})


def read(path: Path) -> tuple[Node, bytes]:
    """The document of a file and the bytes of the file; raises InputError naming the line."""
    try:
        if path.is_dir():
            raise InputError(f"{path}: a folder, not a file")
        with path.open("rb") as file:
            raw = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {(error.strerror or str(error)).lower()}") from None
    except ValueError as error:
        raise InputError(f"{path!s}: cannot be read: {error}") from None
    if len(raw) > LARGEST_FILE:
        raise InputError(
            f"{path}: longer than {LARGEST_FILE} bytes, which is the most for a file that people write"
        )
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise InputError(f"{path.name}:{line}: not UTF-8 text (byte 0x{raw[error.start]:02x})") from None
    return parse(text, path.name), raw


def parse(text: str, name: str) -> Node:
    """The document in a text; raises InputError naming file and line."""
    builder = _Builder(name)
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise InputError(f"{name}:{line}: not YAML: {error.problem or error.context}") from None
    except yaml.YAMLError as error:
        raise InputError(f"{name}: not YAML: {str(error).splitlines()[0]}") from None
    if builder.root is None:
        raise InputError(f"{name}: there is nothing in the file")
    return builder.root


class _Builder:
    """Puts nodes together from the events of the parser."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.root: Node | None = None
        self._open: list[Node] = []
        self._keys: list[tuple[str, int] | None] = []

    def take(self, event: yaml.Event) -> None:
        """Take in the next event."""
        line = event.start_mark.line + 1 if event.start_mark else 1
        match event:
            case yaml.AliasEvent():
                raise InputError(
                    f"{self.name}:{line}: *{event.anchor}: aliases are not read; write the value out"
                )
            case yaml.DocumentStartEvent() if self.root is not None:
                raise InputError(f"{self.name}:{line}: a second document; one file holds one")
            case yaml.CollectionStartEvent() | yaml.ScalarEvent():
                self._refuse_properties(event, line)
        match event:
            case yaml.ScalarEvent():
                if self._awaits_key():
                    self._key(event.value, line)
                else:
                    null = event.style is None and event.value in NULLS
                    self._put(Node(None if null else event.value, line))
            case yaml.MappingStartEvent():
                self._start(Node({}, line))
            case yaml.SequenceStartEvent():
                self._start(Node([], line))
            case yaml.CollectionEndEvent():
                self._open.pop()
                self._keys.pop()

    def _refuse_properties(self, event: yaml.CollectionStartEvent | yaml.ScalarEvent, line: int) -> None:
        if event.anchor is not None:
            raise InputError(
                f"{self.name}:{line}: &{event.anchor}: anchors are not read; write the value out"
            )
        if event.tag is not None:
            raise InputError(f"{self.name}:{line}: {event.tag}: tags are not read; every value is text")

    def _awaits_key(self) -> bool:
        return bool(self._open) and isinstance(self._open[-1].value, dict) and self._keys[-1] is None

    def _key(self, key: str, line: int) -> None:
        known = self._open[-1].value
        if isinstance(known, dict) and key in known:
            raise InputError(f"{self.name}:{line}: {key}: stands twice, first on line {known[key].line}")
        self._keys[-1] = (key, line)

    def _start(self, node: Node) -> None:
        if self._awaits_key():
            raise InputError(f"{self.name}:{node.line}: a key is a word, not a list or a mapping")
        if len(self._open) == DEEPEST:
            raise InputError(f"{self.name}:{node.line}: nested more than {DEEPEST} levels deep")
        self._put(node)
        self._open.append(node)
        self._keys.append(None)

    def _put(self, node: Node) -> None:
        if not self._open:
            self.root = node
            return
        parent = self._open[-1].value
        if isinstance(parent, list):
            parent.append(node)
        elif isinstance(parent, dict) and (key := self._keys[-1]):
            node.line = key[1]
            parent[key[0]] = node
            self._keys[-1] = None
