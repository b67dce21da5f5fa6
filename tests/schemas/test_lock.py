"""LOCK: appended to, never edited."""

from pathlib import Path
from shutil import copytree

import pytest

from schemas import catalogue, lock


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A copy of the schemas that a test may change."""
    copytree(
        catalogue.HOME, tmp_path / "schemas", ignore=lambda _, names: [n for n in names if n.endswith(".py")]
    )
    return tmp_path / "schemas"


def test_the_lock_of_this_tree_holds() -> None:
    """Every published file is as it was published, and every file is published."""
    assert lock.problems(catalogue.HOME) == []


def test_an_edited_file_is_named_with_the_rule(home: Path) -> None:
    """A changed file is refused by check and by append, and LOCK stays as it is."""
    place = home / "finance" / "RebateIssued.v1.avsc"
    place.write_text(place.read_text().replace("rebate", "refund"))
    before = (home / "LOCK").read_text()
    problem = (
        "finance/RebateIssued.v1.avsc was changed; a published version is never edited: "
        "write the next one beside it."
    )
    assert lock.problems(home) == [problem]
    assert lock.append(home) == [problem]
    assert (home / "LOCK").read_text() == before


def test_a_new_version_is_appended(home: Path) -> None:
    """New files get the next lines, in order of name and version, and nothing before them moves."""
    before = (home / "LOCK").read_text()
    text = (home / "finance" / "RebateIssued.v1.avsc").read_text()
    for version in (10, 2, 3, 4, 5, 6, 7, 8, 9):
        (home / "finance" / f"RebateIssued.v{version}.avsc").write_text(text)
    assert len(lock.problems(home)) == 9
    assert lock.append(home) == []
    assert lock.problems(home) == []
    after = (home / "LOCK").read_text()
    assert after.startswith(before)
    new = catalogue.read_lock(after.splitlines())[len(catalogue.ALL) :]
    assert [schema.type for schema in new] == [f"finance.RebateIssued.v{version}" for version in range(2, 11)]


def test_appending_twice_changes_nothing(home: Path) -> None:
    """Where nothing is new, LOCK is not touched."""
    before = (home / "LOCK").read_text()
    assert lock.append(home) == []
    assert (home / "LOCK").read_text() == before


def test_the_first_lock_is_written_from_nothing(home: Path) -> None:
    """Without a LOCK every file is new."""
    (home / "LOCK").unlink()
    assert lock.append(home) == []
    assert lock.problems(home) == []


def test_a_file_that_is_gone_is_missed(home: Path) -> None:
    """A published version is never removed."""
    (home / "ads" / "SpendReported.v1.avsc").unlink()
    assert lock.problems(home) == [
        "ads/SpendReported.v1.avsc is in LOCK but is gone; a published version is never removed."
    ]


def test_versions_have_no_gaps(home: Path) -> None:
    """A version 3 without a version 2 is refused before it gets an id."""
    text = (home / "finance" / "RebateIssued.v1.avsc").read_text()
    (home / "finance" / "RebateIssued.v3.avsc").write_text(text)
    assert lock.append(home) == [
        "finance/RebateIssued.v3.avsc does not follow v1; versions count up from 1 without gaps."
    ]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", "is not '<sha256>"),
        ("# a remark", "is not '<sha256>"),
        (f"{'0' * 64}  ../other/File.v1.avsc", "is not '<sha256>"),
        (f"{'0' * 64}  finance/RebateIssued.avsc", "is not '<sha256>"),
        (f"{'0' * 64}  finance/RebateIssued.v1.avsc", "names finance/RebateIssued.v1.avsc again"),
    ],
)
def test_a_line_of_another_form_is_refused(home: Path, line: str, words: str) -> None:
    """A line that is not a digest and a schema, or a second line for one, is named by its number."""
    with (home / "LOCK").open("a") as text:
        text.write(f"{line}\n")
    assert any(words in problem and str(len(catalogue.ALL) + 1) in problem for problem in lock.problems(home))


def test_the_command_answers_with_its_status(capsys: pytest.CaptureFixture[str]) -> None:
    """Checking this tree gives 0; an unknown argument gives 2 and the usage."""
    assert lock.main(["--check"]) == 0
    assert lock.main(["--write"]) == 2
    assert capsys.readouterr().err == f"{lock.USAGE}\n"
