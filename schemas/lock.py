"""The writer and checker of LOCK: `python -m schemas.lock --check` or `--append`.

LOCK has one line per schema file, in the format of `sha256sum`, so that `sha256sum -c LOCK` reads it too.
Lines are only ever appended: the number of its line is the id of a schema.
"""

import re
import sys
from hashlib import sha256
from pathlib import Path

HOME = Path(__file__).parent
FORM = re.compile(r"([0-9a-f]{64})  ([a-z]+/[A-Z][A-Za-z0-9]*\.v[1-9][0-9]*\.avsc)")
USAGE = "usage: python -m schemas.lock --check | --append"


def problems(home: Path) -> list[str]:
    """What is wrong with the LOCK of a folder of schemas, one sentence each; empty where all is well."""
    found: list[str] = []
    digests: dict[str, str] = {}
    for number, line in enumerate(_lines(home), start=1):
        form = FORM.fullmatch(line)
        if not form:
            found.append(f"LOCK line {number} is not '<sha256>  <publisher>/<Fact>.v<N>.avsc'.")
        elif form[2] in digests:
            found.append(f"LOCK line {number} names {form[2]} again; a schema has one line, which is its id.")
        else:
            digests[form[2]] = form[1]
            found += _wrong_file(home, form[2], form[1])
    missing = [place for place in _files(home) if place not in digests]
    found += [f"{place} is not in LOCK; add it with: python -m schemas.lock --append" for place in missing]
    return found + _wrong_order(list(digests) + missing)


def append(home: Path) -> list[str]:
    """Add the files that LOCK does not have, and return nothing; or else return what forbids it."""
    locked = {line[66:] for line in _lines(home)}
    new = [place for place in _files(home) if place not in locked]
    forbidding = [problem for problem in problems(home) if "is not in LOCK" not in problem]
    if new and not forbidding:
        with (home / "LOCK").open("a", encoding="ascii", newline="\n") as lock:
            lock.writelines(f"{_digest(home / place)}  {place}\n" for place in new)
    return forbidding


def main(arguments: list[str]) -> int:
    """The command: 0 when all is well, 1 with one sentence per problem on stderr, 2 for wrong usage."""
    if arguments not in (["--check"], ["--append"]):
        sys.stderr.write(f"{USAGE}\n")
        return 2
    found = problems(HOME) if arguments == ["--check"] else append(HOME)
    sys.stderr.writelines(f"{problem}\n" for problem in found)
    return 1 if found else 0


def _lines(home: Path) -> list[str]:
    lock = home / "LOCK"
    return lock.read_text(encoding="ascii").splitlines() if lock.exists() else []


def _files(home: Path) -> list[str]:
    """Every schema file, by publisher, name and version, the version as a number."""
    places = [path.relative_to(home).as_posix() for path in home.glob("*/*.avsc")]
    return sorted(places, key=_name_and_version)


def _name_and_version(place: str) -> tuple[str, int]:
    name, _, version = place.removesuffix(".avsc").rpartition(".v")
    return name, int(version) if version.isdecimal() else 0


def _wrong_file(home: Path, place: str, digest: str) -> list[str]:
    if not (home / place).exists():
        return [f"{place} is in LOCK but is gone; a published version is never removed."]
    if _digest(home / place) != digest:
        return [f"{place} was changed; a published version is never edited: write the next one beside it."]
    return []


def _wrong_order(places: list[str]) -> list[str]:
    found = []
    reached: dict[str, int] = {}
    for place in places:
        name, version = _name_and_version(place)
        if version != reached.get(name, 0) + 1:
            found.append(
                f"{place} does not follow v{reached.get(name, 0)}; versions count up from 1 without gaps."
            )
        reached[name] = version
    return found


def _digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
