"""What the catalogue says about schemas, and what importing it costs."""

import subprocess
import sys
from pathlib import Path

import pytest

from schemas import catalogue
from schemas.errors import SchemaChanged, UnknownSchema

FIRST_IDS = [
    "contracts.ContractSigned.v1",
    "contracts.AmendmentSigned.v1",
    "contracts.BreachNoticed.v1",
    "finance.PrepaymentReceived.v1",
    "finance.RebateIssued.v1",
    "ads.SpendReported.v1",
    "ads.AttributedSalesReported.v1",
    "retail.GmvReported.v1",
    "retail.GmvReported.v2",
    "retail.MetricReported.v1",
    "content.AssetCreated.v1",
    "content.LicenceGranted.v1",
    "clock.DeadlinePassed.v1",
    "derived.CommitmentMet.v1",
    "derived.CommitmentMissed.v1",
    "derived.VerdictReversed.v1",
    "derived.RebateAccrued.v1",
    "derived.RebateAboveCapFound.v1",
    "derived.CapExcessCleared.v1",
    "derived.PrepaymentOverdrawn.v1",
    "derived.OverdraftCleared.v1",
    "envelope.Header.v1",
]


def test_an_id_never_moves() -> None:
    """The ids that were given out first belong to the same schemas for ever."""
    assert [schema.type for schema in catalogue.ALL[: len(FIRST_IDS)]] == FIRST_IDS


def test_ids_count_from_one_and_lead_back() -> None:
    """Every schema is found by its id, its type and, when newest, its name."""
    for number, schema in enumerate(catalogue.ALL, start=1):
        assert schema.schema_id == number
        assert catalogue.by_id(number) is schema
        assert catalogue.by_type(schema.type) is schema


def test_current_is_the_highest_version() -> None:
    """Of several versions the newest is current, and all are listed oldest first."""
    assert catalogue.current("retail.GmvReported").type == "retail.GmvReported.v2"
    assert [schema.version for schema in catalogue.versions("retail.GmvReported")] == [1, 2]


@pytest.mark.parametrize("type_", ["retail.GmvReported.v3", "retail.GmvReported", "", "../LOCK"])
def test_an_unknown_type_is_said_to_be_unknown(type_: str) -> None:
    """A type that is not in LOCK raises, whatever it looks like."""
    with pytest.raises(UnknownSchema):
        catalogue.by_type(type_)


@pytest.mark.parametrize("schema_id", [0, -1, len(catalogue.ALL) + 1])
def test_an_unknown_id_is_said_to_be_unknown(schema_id: int) -> None:
    """An id outside the lines of LOCK raises; minus one is not the last."""
    with pytest.raises(UnknownSchema):
        catalogue.by_id(schema_id)


def test_an_unknown_name_is_said_to_be_unknown() -> None:
    """A name that has no version raises."""
    with pytest.raises(UnknownSchema):
        catalogue.current("finance.Nothing")


def test_facts_have_a_topic_and_the_rest_has_none() -> None:
    """Each publisher has one topic; what the tracker writes itself arrives on none."""
    assert catalogue.by_type("ads.SpendReported.v1").topic == "copact.facts.ads.v1"
    for publisher in ("derived", "clock", "envelope"):
        assert {schema.topic for schema in catalogue.ALL if schema.publisher == publisher} == {""}


def test_a_changed_file_is_not_read(tmp_path: Path) -> None:
    """The text of a schema is checked against its digest each time it is read."""
    place = tmp_path / "finance" / "RebateIssued.v1.avsc"
    place.parent.mkdir()
    schema = catalogue.by_type("finance.RebateIssued.v1")
    place.write_text(schema.text.replace("micros", "minor"))
    changed = catalogue.Schema(schema.name, 1, schema.schema_id, schema.sha256, place)
    with pytest.raises(SchemaChanged, match="never edited"):
        _ = changed.text


def test_importing_the_catalogue_is_cheap() -> None:
    """The catalogue opens no schema and loads no codec: commands that decode nothing start quickly."""
    code = "import sys, schemas.catalogue; print({'json', 'fastavro', 'hashlib'} & set(sys.modules))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout == "set()\n"


@pytest.mark.parametrize(
    "line", ["", "abc  finance/RebateIssued.v1.avsc", f"{'0' * 64}  finance/RebateIssued.v1.json"]
)
def test_a_broken_lock_is_not_read(line: str) -> None:
    """A line of another form stops the start, and is named."""
    with pytest.raises(ValueError, match="LOCK line 1 "):
        catalogue.read_lock([line])
