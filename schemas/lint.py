"""What a schema file must be so that other teams can rely on it, as sentences about those that are not.

A pure function over parsed JSON; no Avro library is asked. What a rule protects stands beside it.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

Tree = Mapping[str, Any]

# What tells a natural person stays out of an immutable history: ids stand for people.
PERSONAL_WORDS: Final = frozenset(
    {
        "address",
        "birth",
        "birthday",
        "contact",
        "email",
        "employee",
        "fax",
        "iban",
        "mail",
        "mobile",
        "passport",
    }
    | {"person", "phone", "postcode", "signatory", "ssn", "street", "surname", "username", "zip"}
)
PERSONAL_NAMES: Final = re.compile(r"(first|last|full|given|family|middle|person|user|contact)_name")

# An amount without its unit has cost others a factor of a hundred.
MONEY: Final = frozenset(
    {"accrued", "actual", "amount", "balance", "cap", "cost", "delta", "drawn", "excess", "exit_cost", "fee"}
    | {
        "issued",
        "lost_to_cap",
        "overdrawn",
        "prepaid",
        "price",
        "shortfall",
        "spend",
        "target",
        "threshold",
        "total",
    }
)
RATES: Final = re.compile(r"(.*_)?(rate|weight|share)|low|high")
INSTANTS: Final = re.compile(r"as_of|instant|.*_(at|start|end)")
UNITS: Final = frozenset({"micros", "ppm", "instant"})

INTEGERS: Final = ("int", "long")
NAMED: Final = ("record", "enum", "fixed")
MAX_SYMBOLS: Final = 64
NO_STREAM: Final = frozenset({"envelope"})
"""Publishers whose records are not events of a contract."""


def lint(type_: str, tree: Tree) -> list[str]:
    """What is wrong with the schema of a type such as "retail.GmvReported.v2", one sentence each."""
    publisher, name, _ = type_.split(".")
    found = list(_head(publisher, name, tree))
    found += _Inspection(f"copact.{publisher}").record(tree, name, ())
    return [f"{type_}: {sentence}" for sentence in found]


def lint_family(trees: Mapping[str, Tree]) -> list[str]:
    """What is wrong between schemas: a full name must mean one thing in all that are current."""
    meanings: dict[str, tuple[str, Tree]] = {}
    found = []
    for type_, tree in trees.items():
        for full, definition in _definitions(tree, ""):
            other, meaning = meanings.setdefault(full, (type_, definition))
            if meaning != definition:
                found.append(f"{type_}: {full} is not the same as in {other}; one full name has one meaning.")
    return found


def _head(publisher: str, name: str, tree: Tree) -> Iterator[str]:
    if tree.get("type") != "record":
        yield "the schema must be a record."
    if tree.get("name") != name:
        yield f"the record is named {tree.get('name')!r}; it must be named like its file, {name}."
    if tree.get("namespace") != f"copact.{publisher}":
        yield f"the namespace must be copact.{publisher}."
    if publisher in NO_STREAM:
        return
    if tree.get("copact.stream") != "contract-{contract_id}":
        yield 'copact.stream must be "contract-{contract_id}".'
    first = (tree.get("fields") or [{}])[0]
    if (first.get("name"), first.get("type")) != ("contract_id", "string"):
        yield "the first field must be contract_id, a string."


class _Inspection:
    """One pass over one schema, which remembers the names that it has met."""

    def __init__(self, namespace: str) -> None:
        self.namespace = namespace
        self.known: dict[str, Tree] = {}
        self.open: list[str] = []

    def record(self, tree: Tree, path: str, around: tuple[Tree, ...]) -> Iterator[str]:
        self.open.append(tree.get("name", ""))
        yield from self._named(tree, path)
        fields = tree.get("fields", [])
        names = [field.get("name", "") for field in fields]
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield f"{path} has the field {name} twice."
        for field in fields:
            place = f"{path}.{field.get('name', '')}"
            yield from _field(field, place)
            yield from _unit(field, place, (tree, *around))
            yield from self.type(field.get("type"), place, (tree, *around))
        self.open.pop()

    def type(self, tree: Any, path: str, around: tuple[Tree, ...]) -> Iterator[str]:
        if isinstance(tree, str):
            yield from self._reference(tree, path)
        elif isinstance(tree, list):
            yield from self._union(tree, path, around)
        elif not isinstance(tree, dict) or "type" not in tree:
            yield f"{path} has no type."
        elif tree["type"] == "record":
            yield from self.record(tree, path, around)
        elif tree["type"] in NAMED:
            yield from self._named(tree, path)
        elif tree["type"] == "array":
            if self._is_empty(tree["items"]):
                yield f"{path} has items of no bytes; a declared count could then be any number."
            yield from self.type(tree["items"], path, around)
        else:
            yield from self._primitive(tree, path)

    def _reference(self, name: str, path: str) -> Iterator[str]:
        if name in ("string", *INTEGERS):
            return
        if name.rpartition(".")[2] in self.open:
            yield f"{path} contains itself; recursion lets a few bytes exhaust a reader's stack."
        elif name in ("float", "double"):
            yield f"{path} is a {name}; figures are integers, never floating point."
        elif name.rpartition(".")[2] not in self.known:
            yield f"{path} has the type {name}; only string, int, long and named types are used."

    def _union(self, branches: list[Any], path: str, around: tuple[Tree, ...]) -> Iterator[str]:
        optional = len(branches) == 2 and branches[0] == "null"
        records = all(isinstance(branch, dict) and branch.get("type") == "record" for branch in branches)
        if not optional and not records:
            yield f"{path} must be null and one type, in this order, or a choice of records."
        for branch in branches:
            if branch != "null":
                yield from self.type(branch, path, around)

    def _primitive(self, tree: Tree, path: str) -> Iterator[str]:
        logical = tree.get("logicalType")
        if logical == "decimal":
            yield f"{path} is a decimal; its scale is invisible to fingerprints: use a long in micros."
        elif logical is not None and (logical, tree["type"]) != ("date", "int"):
            yield f"{path} has the logical type {logical}; only date is used, other times are long microseconds."
        yield from self._reference(tree["type"], path)

    def _named(self, tree: Tree, path: str) -> Iterator[str]:
        name = tree.get("name", "")
        if not re.fullmatch(r"[A-Z][A-Za-z0-9]*", name):
            yield f"{path}: the name {name!r} must be written in CapWords."
        if re.search(r"[vV][0-9]+$", name) or re.search(r"\.v[0-9]", tree.get("namespace", "")):
            yield f"{path}: the full name of {name} carries a version; versions stand in the file name only."
        if name in self.known:
            yield f"{path}: {name} is defined twice in this schema."
        if tree.get("namespace", self.namespace) != self.namespace:
            yield f"{path}: {name} must be in the namespace {self.namespace}."
        if not str(tree.get("doc", "")).strip():
            yield f"{path}: {name} has no doc."
        if tree["type"] == "enum":
            yield from _symbols(tree, path)
        self.known[name] = tree

    def _is_empty(self, items: Any) -> bool:
        tree = self.known.get(items, items) if isinstance(items, str) else items
        if tree == "null":
            return True
        if not isinstance(tree, dict):
            return False
        if tree["type"] == "record":
            return all(self._is_empty(field["type"]) for field in tree["fields"])
        return tree["type"] == "null" or (tree["type"] == "fixed" and not tree["size"])


def _field(field: Tree, path: str) -> Iterator[str]:
    name = field.get("name", "")
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name):
        yield f"{path}: field names are written in snake_case."
    if PERSONAL_WORDS.intersection(name.split("_")) or PERSONAL_NAMES.fullmatch(name):
        yield f"{path} sounds like personal data; facts carry opaque ids only."
    if not str(field.get("doc", "")).strip():
        yield f"{path} has no doc."


def _unit(field: Tree, path: str, around: tuple[Tree, ...]) -> Iterator[str]:
    name, unit = field.get("name", ""), field.get("copact.unit")
    if _is_integer(field.get("type")):
        for needed, applies in (
            ("micros", name in MONEY),
            ("ppm", RATES.fullmatch(name)),
            ("instant", INSTANTS.fullmatch(name)),
        ):
            if applies and unit != needed:
                yield f'{path} must say "copact.unit": "{needed}".'
    if unit is None:
        if "copact.unit.if" in field or "copact.unit.unless" in field:
            yield f"{path} has a condition but no copact.unit."
        return
    if unit not in UNITS:
        yield f"{path} has the unit {unit!r}; units are {', '.join(sorted(UNITS))}."
    if field.get("type") not in ("long", ["null", "long"]):
        yield f"{path} has a unit, so its type must be long."
    yield from _condition(field, path, around)


def _condition(field: Tree, path: str, around: tuple[Tree, ...]) -> Iterator[str]:
    conditions = [field[key] for key in ("copact.unit.if", "copact.unit.unless") if key in field]
    if len(conditions) > 1 or any(len(condition) != 1 for condition in conditions):
        yield f"{path}: a unit depends on one field at most."
        return
    for deciding, values in (entry for condition in conditions for entry in condition.items()):
        named = [other for record in around for other in record["fields"] if other.get("name") == deciding]
        before = [other.get("name") for other in around[0]["fields"]]
        if not named:
            yield f"{path}: its unit depends on {deciding}, which is not a field here or around it."
            continue
        if deciding in before and before.index(deciding) > before.index(field["name"]):
            yield f"{path}: its unit depends on {deciding}, which must stand before it."
        kind = named[0]["type"]
        symbols = kind.get("symbols", []) if isinstance(kind, dict) else values
        for value in values:
            if value not in symbols:
                yield f"{path}: its unit depends on {deciding} being {value}, which it never is."


def _symbols(tree: Tree, path: str) -> Iterator[str]:
    for symbol in tree["symbols"]:
        if not re.fullmatch(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*", symbol):
            yield f"{path}: the symbol {symbol} of {tree['name']} must be written in UPPER_CASE."
    if len(tree["symbols"]) > MAX_SYMBOLS:
        yield f"{path}: {tree['name']} has more than {MAX_SYMBOLS} symbols, so its index takes two bytes."


def _is_integer(tree: Any) -> bool:
    """Whether a type is a plain integer; a date is not."""
    return tree in INTEGERS or (isinstance(tree, list) and any(branch in INTEGERS for branch in tree))


def _definitions(tree: Any, namespace: str) -> Iterator[tuple[str, Tree]]:
    """Every named type below the top of a schema, by full name."""
    if isinstance(tree, list):
        for branch in tree:
            yield from _definitions(branch, namespace)
    elif isinstance(tree, dict):
        inner = tree.get("namespace", namespace)
        if tree.get("type") in NAMED:
            yield f"{inner}.{tree['name']}", tree
        for part in ("type", "items"):
            yield from _definitions(tree.get(part), inner)
        for field in tree.get("fields", ()):
            yield from _definitions(field["type"], inner)
