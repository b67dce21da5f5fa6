"""Rules for the whole tree that no other tool checks: sizes, names, floats, places, and lists that must agree."""

import ast
import re
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hatchling.builders.wheel import WheelBuilder
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGES: list[str] = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]

MADE = {"__pycache__", "build", "dist"}
TOP = [path for path in ROOT.iterdir() if not path.name.startswith(".") or path.name in (".ci", ".gitignore")]
FILES = sorted(
    path
    for top in TOP
    for path in (top, *top.rglob("*"))
    if path.is_file() and not MADE.intersection(path.relative_to(ROOT).parts)
)
MODULES = [path for path in FILES if path.suffix == ".py"]

LINES_OF_A_MODULE = 500
LINES_OF_A_FUNCTION = 70
SAYS_NOTHING = {"base", "common", "core", "helper", "helpers", "misc", "shared", "tools", "util", "utils"}
WITHOUT_FLOATS = ("domain", "schemas", "store")


def name(path: Path) -> str:
    """The path as people write it."""
    return path.relative_to(ROOT).as_posix()


def too_long(source: str) -> Iterator[str]:
    """The functions of a module that do not fit on a page."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > LINES_OF_A_FUNCTION:
                yield f"{node.name} has {lines} lines"


def floats(source: str) -> Iterator[str]:
    """The places of a module where a float is written or made."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Constant(value=float() | complex()):
                yield f"line {node.lineno}: the literal {node.value!r}"
            case ast.Call(func=ast.Name(id="float")):
                yield f"line {node.lineno}: float()"


def divisions(source: str) -> Iterator[str]:
    """The places of a module where `/` makes a float of two integers."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div):
            yield f"line {node.lineno}: /"


def imported(source: str) -> Iterator[str]:
    """The top-level names of what a module imports."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                yield from (alias.name.partition(".")[0] for alias in names)
            case ast.ImportFrom(module=str(module)):
                yield module.partition(".")[0]


PLACES = re.compile(
    r"(?<![\w.:/*<])/(?:home|root|Users|work|srv|mnt|tmp)/\w"  # a folder of one machine
    r"|\b(?:pypi|pythonhosted|npmjs)\.(?:org|com)\b|--(?:extra-)?index-url|--find-links"  # where packages come from
)


def test_the_checkers_find_what_they_look_for() -> None:
    """Each rule of this module fails on the smallest text that breaks it, and lets its neighbour pass."""
    assert list(too_long("def f():\n" + "    1\n" * LINES_OF_A_FUNCTION)) == ["f has 71 lines"]
    assert list(too_long("def f():\n" + "    1\n" * (LINES_OF_A_FUNCTION - 1))) == []
    assert list(floats("a = 1\nb = 1.5\nc = float(a)")) == ["line 2: the literal 1.5", "line 3: float()"]
    assert list(divisions("a = 3 / 2\nb = 3 // 2")) == ["line 1: /"]
    assert list(divisions("b = 3 // 2\nb /= 2")) == ["line 2: /"]
    assert list(imported("import a.b\nfrom c.d import e")) == ["a", "c"]
    assert PLACES.search("see /home" + "/me/notes")
    assert PLACES.search("https://files.python" + "hosted.org/x")
    assert not PLACES.search("sqlite:///copact.db ./work/a a/tmp/b http://schemas.example/root/x")


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_module_has_one_duty(path: Path) -> None:
    """A module fits in 500 lines, each function on a page of 70, and its name says what it is about."""
    source = path.read_text(encoding="utf-8")
    assert source.count("\n") <= LINES_OF_A_MODULE
    assert list(too_long(source)) == []
    assert path.stem not in SAYS_NOTHING


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_no_float_comes_near_money(path: Path) -> None:
    """Domain, schemas and store know integers only, and the domain does not even divide by `/`."""
    package = path.relative_to(ROOT).parts[0]
    if package in WITHOUT_FLOATS:
        assert list(floats(path.read_text(encoding="utf-8"))) == []
    if package == "domain":
        assert list(divisions(path.read_text(encoding="utf-8"))) == []


def test_the_domain_imports_the_standard_library_only() -> None:
    """Nothing that is installed, and no other package of ours, is imported by the domain."""
    allowed = sys.stdlib_module_names | {"domain"}
    for path in (ROOT / "domain").rglob("*.py"):
        assert set(imported(path.read_text(encoding="utf-8"))) <= allowed, name(path)


def test_no_place_of_one_machine_is_named() -> None:
    """No file names a folder of the machine it was written on, nor where its packages were fetched from."""
    found = {}
    for path in FILES:
        text = path.read_bytes().decode(errors="replace")
        if path != Path(__file__) and (match := PLACES.search(text)):
            found[name(path)] = match[0]
    assert found == {}


def test_every_list_of_packages_agrees() -> None:
    """The folders with an __init__.py are the packages, typed, and every tool is told all of them."""
    tools = PROJECT["tool"]
    folders = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks"}
    assert folders == set(PACKAGES)
    assert set(PACKAGES) == set(tools["importlinter"]["root_packages"])
    assert set(PACKAGES) == set(tools["coverage"]["run"]["source"])
    assert set(PACKAGES) <= set(tools["mypy"]["files"])
    assert set(PACKAGES) <= set(tools["ruff"]["lint"]["isort"]["known-first-party"])
    assert [package for package in PACKAGES if not (ROOT / package / "py.typed").exists()] == []
    assert not set(PACKAGES) & sys.stdlib_module_names


def test_an_exception_to_a_rule_has_its_reason() -> None:
    """Every rule of ruff that is switched off says why on the same line."""
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    switched_off = [line for line in lines if re.fullmatch(r'    "[A-Z]+[0-9]*",.*', line)]
    assert len(switched_off) >= len(PROJECT["tool"]["ruff"]["lint"]["ignore"])
    assert [line for line in switched_off if not re.search(r",  # \w", line)] == []


def pins(lock: str) -> dict[str, Requirement]:
    """What a lock file pins, by canonical name; refuses a line that has no hash."""
    text = (ROOT / lock).read_text(encoding="utf-8").replace("\\\n", " ")
    pinned: dict[str, Requirement] = {}
    for line in text.splitlines():
        requirement, *hashes = line.split("--hash=sha256:")
        assert hashes, f"{lock}: {line} has no hash"
        pinned[canonicalize_name(Requirement(requirement).name)] = Requirement(requirement)
    return pinned


def test_the_locks_pin_what_the_project_asks_for() -> None:
    """Both lock files hold a version that fits each requirement, and the smaller one is part of the larger."""
    groups = PROJECT["dependency-groups"]
    runtime, everything = pins("requirements.lock"), pins("requirements-dev.lock")
    build = PROJECT["build-system"]["requires"]
    for lock, wanted in (
        (runtime, [*PROJECT["project"]["dependencies"], *groups["build"], *build]),
        (everything, groups["dev"]),
    ):
        for requirement in map(Requirement, wanted):
            [pin] = lock[canonicalize_name(requirement.name)].specifier
            assert requirement.specifier.contains(pin.version), f"{requirement} is locked to {pin}"
    assert {key: str(pin) for key, pin in runtime.items()} == {key: str(everything[key]) for key in runtime}


def test_the_wheel_holds_every_file_of_the_packages(tmp_path: Path) -> None:
    """Schemas, the lock, data, licences and py.typed are installed with the code, and nothing else is."""
    [wheel] = WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    with zipfile.ZipFile(wheel) as archive:
        held = {path for path in archive.namelist() if ".dist-info/" not in path}
        assert any(path.endswith("/licenses/LICENSE") for path in archive.namelist())
    assert held == {name(path) for path in FILES if path.relative_to(ROOT).parts[0] in PACKAGES}


def test_decisions_are_numbered_and_complete() -> None:
    """The records of decisions count up from 1 without gaps, and each has its three parts, on about half a page."""
    records = sorted((ROOT / "docs" / "adr").glob("*.md"))
    assert [path.name[:4] for path in records] == [f"{n:04}" for n in range(1, len(records) + 1)]
    for path in records:
        text = path.read_text(encoding="utf-8")
        assert re.match(rf"# {int(path.name[:4])}\. \S", text), path.name
        assert re.findall(r"^## (.*)$", text, re.MULTILINE) == ["Context", "Decision", "Consequence"], (
            path.name
        )
        assert text.count("\n") <= 60, path.name
