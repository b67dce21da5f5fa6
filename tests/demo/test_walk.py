"""`copact demo` from an empty folder: four contracts, the answers it promises, a second run that changes nothing."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ops.cli import run


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the demonstration ran once, as a person runs it."""
    folder = tmp_path_factory.mktemp("demo")
    copact(folder, "demo")
    return folder


def copact(folder: Path, *arguments: str) -> str:
    """What a command says on standard output, run in a process of its own."""
    environment = os.environ | {"COPACT_HOME": str(folder / "home"), "COLUMNS": "100"}
    program = [sys.executable, "-c", "from ops.cli import main; main()", *arguments]
    ran = subprocess.run(program, cwd=folder, env=environment, capture_output=True, text=True, check=True)
    return ran.stdout


def answer(folder: Path, *arguments: str) -> Any:
    """What a command answers as JSON."""
    return json.loads(copact(folder, *arguments, "--json"))


def test_every_status_and_answer_is_seen(home: Path) -> None:
    """On track, at risk, met, missed and none stated; permit, deny and unknown; provisional to final."""
    found = {each["contract_id"]: each for each in answer(home, "status")}
    assert sorted(found) == ["media-2015", "stream-2025", "us-summer-2026", "vendor-2021"]
    stands = {
        commitment["commitment_id"]: (commitment["status"], commitment["verdict"])
        for each in found.values()
        for commitment in each["commitments"]
    }
    assert stands["season-gmv"] == ("at_risk", "provisional")
    assert stands["new-customers"] == ("on_track", "provisional")
    assert stands["kick-off"] == ("missed", "maturing")
    assert stands["year-1"] == ("met", "final")
    assert found["stream-2025"]["commitments"] == []
    assert {each["effective"] for each in found.values()} == {"2026-07-20"}


def test_the_restatement_turned_a_verdict_that_was_known(home: Path) -> None:
    """The kick-off was met as known on 5 July; the reversal is an event of 10 July."""
    [then] = answer(home, "status", "us-summer-2026", "--known-at", "2026-07-05T00:00:00Z")
    assert {each["commitment_id"]: each["status"] for each in then["commitments"]}["kick-off"] == "met"
    derived = [
        (each["type"].split(".")[1], each["recorded_at"][:10])
        for each in answer(home, "history", "us-summer-2026")
        if each["type"].startswith("derived.")
    ]
    assert derived == [("CommitmentMet", "2026-06-29"), ("VerdictReversed", "2026-07-10")]


def test_the_money_of_the_source_document(home: Path) -> None:
    """USD 50,000 prepaid, a cap of 15 %, ROAS beside 4.8 and 2.9."""
    money = answer(home, "funding", "us-summer-2026")
    assert money["prepayment"]["received"] == {"amount": "50000.00", "currency": "USD"}
    assert money["rebate"]["cap_rate"] == "0.15"
    assert [each["value"] for each in money["benchmarks"]] == ["4.80", "2.90"]


def test_a_second_run_changes_nothing(home: Path) -> None:
    """It says that there is nothing new, and the ledger's events, receipts and answers stay as they are."""
    before = (answer(home, "status"), answer(home, "history", "us-summer-2026"))
    assert "Nothing new" in copact(home, "demo")
    assert (answer(home, "status"), answer(home, "history", "us-summer-2026")) == before


def test_a_store_with_other_contracts_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The demonstration does not mix with anybody's own contracts."""
    monkeypatch.setenv("COPACT_HOME", str(tmp_path / "home"))
    example = Path("ops/demo/data/vendor-2021/contract.yaml").read_text(encoding="utf-8")
    (tmp_path / "own.yaml").write_text(example.replace("vendor-2021", "our-own"), encoding="utf-8")
    assert run(["init"]) == 0
    assert run(["sign", str(tmp_path / "own.yaml")]) == 0
    assert run(["demo"]) == 1
    assert "our-own" in capsys.readouterr().err
