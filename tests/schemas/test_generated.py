"""Files that are generated from the schemas and kept beside them: equal to what the generator gives, and right."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from schemas import catalogue, jsonschema, reference
from schemas.codec import MAX_PAYLOAD
from schemas.readable import to_readable
from schemas.walk import MAX_ITEMS
from tests.schemas.records import CONTRACT_JSON, CURRENT, records

SCHEMA: dict[str, Any] = jsonschema.json_schema(jsonschema.CONTRACT_FILE)
VALIDATOR = Draft202012Validator(SCHEMA)


def with_terms(**more: Any) -> dict[str, Any]:
    """The smallest contract, with more in its terms."""
    return CONTRACT_JSON | {"terms": CONTRACT_JSON["terms"] | more}


def rebate(**more: Any) -> dict[str, Any]:
    """A contract with a rebate."""
    terms = {"base": "commission", "effect": "visits", "tiers": [], "cap_rate": "15 %"}
    return with_terms(rebate=terms | more)


def commitment(**more: Any) -> dict[str, Any]:
    """A contract with a commitment."""
    return with_terms(commitments=[{"commitment_id": "c", "comparator": "at_least"} | more])


def test_the_contract_file_schema_is_the_generated_one() -> None:
    """contract-file.schema.json is what `python -m schemas.jsonschema` prints."""
    kept = (catalogue.HOME / "contract-file.schema.json").read_text(encoding="utf-8")
    assert kept == jsonschema.contract_file()


def test_the_reference_is_the_generated_one() -> None:
    """docs/schemas.md is what `python -m schemas.reference` prints."""
    kept = (Path(__file__).parents[2] / "docs" / "schemas.md").read_text(encoding="utf-8")
    assert kept == reference.reference()


def test_the_reference_states_the_limits() -> None:
    """Publishers read the limits that the codec keeps."""
    assert f"{MAX_PAYLOAD:,} bytes" in reference.reference()
    assert f"{MAX_ITEMS:,} items" in reference.reference()


def test_the_reference_names_every_field() -> None:
    """Each field of each current schema stands in the reference with its meaning."""
    text = reference.reference()
    for type_ in CURRENT:
        for field in json.loads(catalogue.by_type(type_).text)["fields"]:
            assert f"| `{field['name']}` |" in text
            assert field["doc"] in text


@pytest.mark.parametrize("type_", CURRENT)
def test_each_json_schema_is_one(type_: str) -> None:
    """What is generated is a JSON Schema of the dialect it names."""
    Draft202012Validator.check_schema(jsonschema.json_schema(type_))


@pytest.mark.parametrize("type_", CURRENT)
def test_the_readable_form_fits_its_json_schema(type_: str) -> None:
    """Whatever a record holds, its readable form is valid."""
    validator = Draft202012Validator(jsonschema.json_schema(type_))

    @settings(max_examples=20, deadline=None)
    @given(records(type_))
    def check(record: dict[str, Any]) -> None:
        validator.validate(json.loads(json.dumps(to_readable(type_, record))))

    check()


@pytest.mark.parametrize(
    "contract",
    [
        CONTRACT_JSON,
        with_terms(prepayment={"amount": 50000, "purpose": "ads"}),
        with_terms(prepayment={"amount": 50000.5, "purpose": "ads"}),
        with_terms(prepayment={"amount": "50000.00", "purpose": "ads", "unspent": "rolled_over"}),
        rebate(tiers=[{"threshold": 1000, "rate": "10 %"}]),
        rebate(effect="gmv", tiers=[{"threshold": "1000.50", "rate": 0.1}]),
        commitment(metric="gmv", target="1000.50"),
        commitment(metric="units", target=1000),
    ],
)
def test_a_good_contract_is_valid(contract: dict[str, Any]) -> None:
    """Only what has no default must be given, and amounts may be text or numbers."""
    VALIDATOR.validate(contract)


@pytest.mark.parametrize(
    "contract",
    [
        {key: value for key, value in CONTRACT_JSON.items() if key != "title"},
        CONTRACT_JSON | {"titel": "Summer"},
        CONTRACT_JSON | {"signed_on": "1 May 2026"},
        CONTRACT_JSON | {"terms_version": "1.0"},
        with_terms(modules=["JOINT_ADVERTISING"]),
        with_terms(prepayment={"amount": "50,000.00", "purpose": "ads"}),
        with_terms(prepayment={"amount": "1.0000001", "purpose": "ads"}),
        rebate(cap_rate="15"),
        rebate(cap_rate="0.0000001"),
        rebate(tiers=[{"threshold": "1000.50", "rate": "10 %"}]),
        commitment(metric="units", target="1000.50"),
    ],
)
def test_a_bad_contract_is_not_valid(contract: dict[str, Any]) -> None:
    """What the reader of contract files refuses, an editor marks before."""
    assert not VALIDATOR.is_valid(contract)


def test_defaults_are_shown_as_they_are_written() -> None:
    """A default stands in the schema in readable form."""
    terms = SCHEMA["$defs"]["Terms"]["properties"]
    assert terms["ip"]["default"] == {"owner": "unstated", "rules": [], "clause": ""}
    assert SCHEMA["$defs"]["Commitment"]["properties"]["straddle"]["default"] == "not_counted"
    assert Decimal(terms["attribution_days"]["default"]) == 14
