"""The contract file: the readable form of ContractSigned, or of AmendmentSigned where it has an `amendment_id`.

What is checked here is the shape, that time zones exist and that the currency is one of ISO 4217: a contract keeps its
currency for ever, so a slip such as UDS is worth catching before it is signed. The rules between fields are the
domain's. All errors of a file are told together, each with its line and path.
"""

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from connectors import yaml_text
from connectors.errors import InputError, InputErrors
from domain.terms_check import is_zone
from schemas import readable
from schemas.errors import ContractFileErrors, Unreadable, abridged
from schemas.readable import Node

CONTRACT: Final = "contracts.ContractSigned.v1"
AMENDMENT: Final = "contracts.AmendmentSigned.v1"

_STEP = re.compile(r"([^.\[\]]+)|\[([0-9]+)\]")


@dataclass(frozen=True, slots=True)
class SignedDocument:
    """A contract or amendment as a file says it: the type of the fact, its record, the SHA-256 of the file."""

    type: str
    record: dict[str, Any]
    digest: bytes
    tree: Node

    def line_of(self, path: str) -> int:
        """The line of a field such as `terms.commitments[0].target`, or of what it would stand in."""
        return self._node(path).line

    def written(self, path: str) -> str | None:
        """The text of a field as the file has it; None where it is left out or has parts."""
        node = self._node(path)
        return node.value if isinstance(node.value, str) else None

    def _node(self, path: str) -> Node:
        node = self.tree
        for name, index in _STEP.findall(path):
            if isinstance(node.value, dict) and name in node.value:
                node = node.value[name]
            elif isinstance(node.value, list) and index and int(index) < len(node.value):
                node = node.value[int(index)]
            else:
                break
        return node


def read(path: Path) -> SignedDocument:
    """The contract or amendment in a file.

    Raises InputError where there is no YAML to read, and its kind InputErrors with every error otherwise.
    """
    tree, raw = yaml_text.read(path)
    if not isinstance(tree.value, dict):
        raise InputError(
            f"{path.name}:{tree.line}: a contract file is a mapping of fields, such as contract_id: …"
        )
    type_ = AMENDMENT if "amendment_id" in tree.value else CONTRACT
    errors: list[Unreadable] = []
    record: dict[str, Any] = {}
    try:
        record = readable.to_record(type_, tree)
    except ContractFileErrors as found:
        errors = list(found.errors)
    errors += _unknown_names(tree)
    if errors:
        errors.sort(key=lambda error: error.line)
        raise InputErrors([_line(path.name, error) for error in errors])
    return SignedDocument(type_, record, hashlib.sha256(raw).digest(), tree)


@cache
def currencies() -> frozenset[str]:
    """The current codes of ISO 4217 (`data/currencies.txt`)."""
    return frozenset(files("connectors").joinpath("data/currencies.txt").read_text(encoding="ascii").split())


def _line(name: str, error: Unreadable) -> str:
    value = "" if error.value is None else f" {abridged(error.value)}:"
    return f"{name}:{error.line}: {error.path}:{value} {error.rule}"


def _unknown_names(tree: Node) -> list[Unreadable]:
    """Zones and currencies that are well written and do not exist."""
    found: list[Unreadable] = []
    terms = _child(tree, "terms")
    currency = _child(terms, "currency")
    if currency and isinstance(currency.value, str) and currency.value not in currencies():
        rule = "not a current code of ISO 4217, such as USD"
        found.append(Unreadable("terms.currency", currency.line, currency.value, rule))
    commitments = _child(terms, "commitments")
    windows = {"terms.window": _child(terms, "window")}
    if commitments and isinstance(commitments.value, list):
        for number, commitment in enumerate(commitments.value):
            windows[f"terms.commitments[{number}].window"] = _child(commitment, "window")
    for path, window in windows.items():
        zone = _child(window, "zone")
        if zone and isinstance(zone.value, str) and not is_zone(zone.value):
            rule = "not a zone of the IANA time zone database, such as America/Los_Angeles"
            found.append(Unreadable(f"{path}.zone", zone.line, zone.value, rule))
    return found


def _child(node: Node | None, name: str) -> Node | None:
    return node.value.get(name) if node and isinstance(node.value, dict) else None
