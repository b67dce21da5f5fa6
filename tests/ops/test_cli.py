"""The command as a person and as a program use it: answers, exit statuses, and one sentence for each mistake."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from ops import json_schemas
from ops.cli import run

CONTRACT = """
contract_id: summer-1
title: US summer promotion
seller_id: seller-7
counterparty: amazon
signed_on: 2026-05-20
terms_version: 1
effective_from: 2026-05-20
terms:
  programme: seasonal-campaign-co-op
  category: home-and-garden
  currency: USD
  window: {zone: America/Los_Angeles, first_day: 2026-06-15, last_day: 2026-06-24}
  commitments:
    - commitment_id: season-gmv
      metric: gmv
      basis: ordered_revenue
      comparator: at_least
      target: 1000.00
      clause: "6.1"
  feeds:
    - {metric: gmv, source: retail.sales, marketplace_id: ATVPDKIKX0DER}
"""

GMV: dict[str, Any] = {
    "specversion": "1.0",
    "id": "gmv-1",
    "source": "retail",
    "type": "copact.retail.GmvReported.v2",
    "subject": "contract-summer-1",
    "time": "2026-06-16T12:00:00Z",
    "data": {
        "contract_id": "summer-1",
        "source": "retail.sales",
        "marketplace_id": "ATVPDKIKX0DER",
        "view": "",
        "basis": "ordered_revenue",
        "granularity": "day",
        "period_start": "2026-06-15T07:00:00Z",
        "period_end": "2026-06-16T07:00:00Z",
        "currency": "USD",
        "total": "120.00",
        "units": 6,
        "as_of": "2026-06-16T07:00:00Z",
        "revision": 1,
        "slices": [],
    },
}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder as the working directory and a home inside it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COPACT_HOME", str(tmp_path / "home"))
    return tmp_path


@pytest.fixture
def signed(home: Path) -> Path:
    """A store in which one contract is signed."""
    (home / "contract.yaml").write_text(CONTRACT)
    assert run(["init"]) == 0
    assert run(["sign", "contract.yaml"]) == 0
    return home


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    """What a command answers as JSON, checked against its schema."""
    capsys.readouterr()
    run([*arguments, "--json"])
    found = json.loads(capsys.readouterr().out)
    Draft202012Validator(json.loads(json_schemas.schema(arguments[0]))).validate(found)
    return found


def test_sign_ingest_status(signed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """From a contract file and a fact to the status of the commitment."""
    (signed / "facts.jsonl").write_text(json.dumps(GMV) + "\n")
    assert run(["ingest", "facts.jsonl"]) == 0
    [found] = answer(capsys, "status")
    assert {"contract_id", "title", "state", "position", "effective", "known_at", "commitments"} == set(found)
    [commitment] = found["commitments"]
    assert commitment["actual"] == {"amount": "120.00", "currency": "USD"}
    assert commitment["target"] == {"amount": "1000.00", "currency": "USD"}
    types = [each["type"] for each in answer(capsys, "history", "summer-1")]
    assert types[0] == "contracts.ContractSigned.v1"
    assert "retail.GmvReported.v2" in types


def test_the_same_file_again_changes_nothing(signed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file taken in before is said to hold nothing new, and the ledger stays where it is."""
    (signed / "facts.jsonl").write_text(json.dumps(GMV) + "\n")
    run(["ingest", "facts.jsonl"])
    before = answer(capsys, "history", "summer-1")
    assert answer(capsys, "ingest", "facts.jsonl")["unchanged"] == ["facts.jsonl"]
    assert answer(capsys, "history", "summer-1") == before


@pytest.mark.usefixtures("signed")
def test_answers_agree_with_their_schemas(capsys: pytest.CaptureFixture[str]) -> None:
    """Funding and the reuse question, with what is open as null."""
    funding = answer(capsys, "funding", "summer-1")
    assert funding["rebate"] is None
    assert funding["roas"] is None
    assert [each["value"] for each in funding["benchmarks"]] == ["4.80", "2.90"]


def test_schemas_are_those_of_the_answers() -> None:
    """The schema files in the tree are what the types give."""
    for command in json_schemas.ANSWERS:
        kept = json_schemas.FOLDER.joinpath(f"{command}.schema.json").read_text()
        assert kept == json_schemas.schema(command)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (CONTRACT.replace("1000.00", "a lot"), "contract.yaml:19: terms.commitments[0].target"),
        (
            CONTRACT.replace("target: 1000.00", "target: -5"),
            "contract.yaml:19: terms.commitments[0].target: '-5'",
        ),
        (
            CONTRACT.replace("2026-06-24", "9999-12-31"),
            "contract.yaml:13: terms.window.last_day: '9999-12-31'",
        ),
        (CONTRACT.replace("America/Los_Angeles", "Mars/Olympus"), "contract.yaml:13: terms.window.zone"),
        (CONTRACT.replace("metric: gmv, source", "metric: visits, source"), "terms.commitments[0].metric"),
        (CONTRACT.replace("at_least", "at_lest"), "at_least"),
        (CONTRACT.replace("currency: USD", "currency: USD\n  curency: EUR"), "curency"),
        ("just text", "contract.yaml"),
        ("a: [1", "contract.yaml:"),
    ],
)
def test_a_malformed_contract_names_line_path_and_rule(
    home: Path, capsys: pytest.CaptureFixture[str], text: str, sentence: str
) -> None:
    """Nothing is written, the exit status is not zero, and the sentence says where."""
    (home / "contract.yaml").write_text(text)
    run(["init"])
    assert run(["sign", "contract.yaml"]) in (1, 2)
    assert sentence in capsys.readouterr().err
    assert answer(capsys, "status") == []


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('{"specversion": "1.0", "id": "half', "truncated"),
        (json.dumps(GMV | {"type": "copact.retail.GmvReported.v9"}), "unknown_schema"),
        (json.dumps(GMV | {"data": GMV["data"] | {"currency": "EUR"}}), "currency_mismatch"),
        (json.dumps(GMV | {"data": GMV["data"] | {"total": "1.2345678"}}), None),
        (
            json.dumps(GMV | {"data": GMV["data"] | {"contract_id": "x y"}, "subject": "contract-x y"}),
            "bad_id",
        ),
        (
            json.dumps(GMV | {"data": GMV["data"] | {"contract_id": "nobody"}, "subject": "contract-nobody"}),
            "unknown_contract",
        ),
    ],
)
def test_a_bad_line_gets_one_sentence_and_the_rest_goes_on(
    signed: Path, capsys: pytest.CaptureFixture[str], line: str, code: str | None
) -> None:
    """One bad line among good ones: exit status 1, a code and a sentence, and the others are accepted."""
    (signed / "facts.jsonl").write_text(f"{line}\n{json.dumps(GMV | {'id': 'good'})}\n")
    found = answer(capsys, "ingest", "facts.jsonl")
    assert found["accepted"] == 1
    [wrong] = found["answers"]
    assert wrong["disposition"] in ("parked", "refused")
    assert wrong["detail"]
    if code:
        assert wrong["code"] == code


@pytest.mark.usefixtures("signed")
@pytest.mark.parametrize(
    ("arguments", "exit_status", "sentence"),
    [
        (["ingest", "nowhere.jsonl"], 2, "nowhere.jsonl"),
        (["sign", "nowhere.yaml"], 2, "nowhere.yaml"),
        (["status", "nobody"], 1, "nobody"),
        (["funding", "nobody"], 1, "nobody"),
        (["history", "nobody"], 1, "nobody"),
        (["may-reuse", "no-asset", "--channel", "social", "--territory", "DE"], 1, "no-asset"),
        (["rebuild", "profit"], 2, "profit"),
        (["status", "--effective", "tomorrow"], 2, "tomorrow"),
        (["status", "--effective", "9999-12-31"], 2, "9999-12-31"),
        (["status", "--known-at", "9999-12-31T23:59:59-12:00"], 2, "9999"),
        (["may-reuse", "video-1", "--channel", "social", "--territory", "Germany"], 1, "GERMANY"),
        (["status", "--known-at", "2026-01-01T00:00:00"], 2, "zone"),
        (["frobnicate"], 2, "frobnicate"),
    ],
)
def test_wrong_use_is_one_sentence(
    capsys: pytest.CaptureFixture[str], arguments: list[str], exit_status: int, sentence: str
) -> None:
    """No traceback: one line on standard error that names what was wrong."""
    capsys.readouterr()
    assert run(arguments) == exit_status
    assert sentence in capsys.readouterr().err


@pytest.mark.usefixtures("home")
def test_a_hostile_title_does_not_reach_the_terminal(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Control characters of a contract file are shown escaped."""
    (home / "contract.yaml").write_text(CONTRACT.replace("US summer promotion", '"red \\e[31m title"'))
    assert run(["init"]) == 0
    assert run(["sign", "contract.yaml"]) == 0
    capsys.readouterr()
    assert run(["status"]) == 0
    shown = capsys.readouterr().out
    assert "\x1b" not in shown
    assert "red" in shown


def test_a_refused_file_can_be_corrected(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that breaks a rule leaves nothing behind, so that the corrected one is signed."""
    assert run(["init"]) == 0
    (home / "contract.yaml").write_text(CONTRACT.replace("seller-7", "no spaces please"))
    assert run(["sign", "contract.yaml"]) == 1
    assert "contract.yaml:4: seller_id" in capsys.readouterr().err
    (home / "contract.yaml").write_text(CONTRACT)
    assert run(["sign", "contract.yaml"]) == 0
    assert run(["sign", "contract.yaml"]) == 0
    assert "signed already" in capsys.readouterr().out
    (home / "contract.yaml").write_text(CONTRACT.replace("US summer", "Another"))
    assert run(["sign", "contract.yaml"]) == 1
    assert run(["sign", "contract.yaml"]) == 1
    assert "signed already" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("COPACT_DATABASE_URL", "mysql://user:s3cret@host/db", "neither sqlite"),
        ("COPACT_DATABASE_URL", "postgresql://user:s3cret@127.0.0.1:1/db", "connection"),
        ("COPACT_DATABASE_URL", "sqlite:///nowhere.db", "copact init"),
    ],
)
def test_a_database_that_is_not_there(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str, sentence: str
) -> None:
    """One sentence, no password, and nothing made by reading."""
    monkeypatch.setenv(name, value)
    assert run(["status"]) in (1, 2)
    shown = capsys.readouterr().err
    assert sentence in shown
    assert "s3cret" not in shown
    assert len(shown.splitlines()) == 1
    assert not Path("nowhere.db").exists()


def test_without_a_store_the_next_step_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """Reading before `init` says how to make a store, and makes none."""
    assert run(["status"]) == 2
    assert "copact init" in capsys.readouterr().err


def test_an_unknown_setting_is_an_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A typing mistake in a setting is not silently ignored."""
    monkeypatch.setenv("COPACT_DATABSE_URL", "x")
    assert run(["status"]) == 2
    assert "COPACT_DATABSE_URL" in capsys.readouterr().err
