"""Contract files: the readable form becomes the record, and every error is told with its line and path."""

from hashlib import sha256
from pathlib import Path

import pytest

from connectors.contract_file import read
from connectors.errors import InputError, InputErrors
from domain.terms_check import check_terms
from store.mapper import event_from
from tests.connectors.feeds import DATA

SUMMER = DATA / "us-summer-2026" / "contract.yaml"
TEXT = SUMMER.read_text(encoding="utf-8")


def file(tmp_path: Path, text: str | bytes) -> Path:
    """A contract file with this content."""
    path = tmp_path / "contract.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def line(part: str) -> int:
    """The line of the example on which something first stands."""
    return TEXT[: TEXT.index(part)].count("\n") + 1


@pytest.mark.parametrize("name", ["us-summer-2026", "vendor-2021", "stream-2025", "media-2015"])
def test_the_contracts_of_the_demo_can_be_signed(name: str) -> None:
    """Each file of the demo is a contract whose terms the domain takes."""
    path = DATA / name / "contract.yaml"
    document = read(path)
    assert (document.type, document.record["contract_id"]) == ("contracts.ContractSigned.v1", name)
    assert document.digest == sha256(path.read_bytes()).digest()
    check_terms(event_from(document.type, document.record).terms)  # type: ignore[union-attr]


def test_values_are_read_exactly() -> None:
    """Money becomes micros and rates parts per million; a clause such as 6.10 would stay the text it is."""
    terms = read(SUMMER).record["terms"]
    assert terms["prepayment"]["amount"] == 50_000_000_000
    assert [(tier["threshold"], tier["rate"]) for tier in terms["rebate"]["tiers"]][2] == (300_000, 140_000)
    assert terms["commitments"][0]["season"][0]["weight"] == 3_000_000
    assert terms["commitments"][1]["target"] == 2_800
    assert terms["commitments"][2]["clause"] == "4.2"


def test_numbers_without_quotes_stay_text(tmp_path: Path) -> None:
    """A clause 4.10 is not 4.1, a title `no` is not false, and a day is the day that is written."""
    text = TEXT.replace('clause: "4.1"', "clause: 4.10").replace(
        "title: US summer promotion 2026", "title: no"
    )
    record = read(file(tmp_path, text)).record
    assert (record["title"], record["terms"]["commitments"][0]["clause"]) == ("no", "4.10")


@pytest.mark.parametrize("nothing", ["", "~", "null"])
def test_a_part_that_is_left_empty_is_not_there(tmp_path: Path, nothing: str) -> None:
    """An empty value is null, as YAML has it; the same word in quotes is text."""
    text = (
        TEXT[: TEXT.index("  data_rights:")]
        + f"  data_rights: {nothing}\n\n"
        + TEXT[TEXT.index("  breach_clauses:") :]
    )
    quoted = text.replace("title: US summer promotion 2026", f'title: "{nothing}"')
    record = read(file(tmp_path, quoted)).record
    assert (record["terms"]["data_rights"], record["title"]) == (None, nothing)


def test_an_amendment_is_told_by_its_id(tmp_path: Path) -> None:
    """With amendment_id and reason instead of the parties, the file is an amendment."""
    text = TEXT.replace("title: US summer promotion 2026", "amendment_id: a-1").replace(
        "seller_id: northwind-home\ncounterparty: Marketplace US", "reason: a late start"
    )
    document = read(file(tmp_path, text))
    assert (document.type, document.record["amendment_id"]) == ("contracts.AmendmentSigned.v1", "a-1")


def test_every_error_is_told_with_line_and_path(tmp_path: Path) -> None:
    """Types, unknown words, zones, currencies and missing fields are told together, by line of the file."""
    text = (
        TEXT.replace('target: "400000.00"', "target: abc")
        .replace(
            "Los_Angeles, first_day: 2026-06-15, last_day: 2026-08-31", "Los_Angles, first_day: 2026-06-15"
        )
        .replace("currency: USD", "currency: UDS")
        .replace("unspent: forfeited", "unspend: forfeited")
        .replace("seller_id: northwind-home", "seller_id: [a]")
    )
    with pytest.raises(InputErrors) as refused:
        read(file(tmp_path, text))
    starts = [
        f"contract.yaml:{line('seller_id')}: seller_id: a single value expected",
        f"contract.yaml:{line('currency: USD')}: terms.currency: 'UDS': not a current code of ISO 4217",
        f"contract.yaml:{line('window:')}: terms.window.last_day: missing",
        f"contract.yaml:{line('window:')}: terms.window.zone: 'America/Los_Angles': not a zone",
        f"contract.yaml:{line('unspent')}: terms.prepayment.unspend: no such field; did you mean unspent?",
        f"contract.yaml:{line('target:')}: terms.commitments[0].target: 'abc': an amount",
    ]
    for problem, start in zip(refused.value.problems, starts, strict=True):
        assert problem.startswith(start)


def test_the_zone_of_a_commitment_is_looked_up(tmp_path: Path) -> None:
    """A commitment's own window has its own zone, and its own line."""
    part = "window: {zone: America/Los_Angeles, first_day: 2026-06-15, last_day: 2026-06-28}"
    text = TEXT.replace(part, part.replace("America/Los_Angeles", "../secret"))
    with pytest.raises(InputErrors) as refused:
        read(file(tmp_path, text))
    path = "terms.commitments[2].window.zone: '../secret'"
    rule = "not a zone of the IANA time zone database, such as America/Los_Angeles"
    assert refused.value.problems == [f"contract.yaml:{line(part)}: {path}: {rule}"]


def test_the_line_of_a_field_is_found() -> None:
    """A rule of the domain names a path; its line is that of the field, or of what the field would stand in."""
    document = read(SUMMER)
    assert document.line_of("terms.commitments[0].target") == line('target: "400000.00"')
    assert document.line_of("terms.rebate.tiers[2].rate") == line("threshold: 300000")
    assert document.line_of("terms.commitments[0].window.zone") == line("commitment_id: season-gmv")
    assert document.line_of("terms.commitments[9]") == line("  commitments:")
    assert document.line_of("nothing") == line("contract_id")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a: 1\na: 2\n", "contract.yaml:2: a: stands twice, first on line 1"),
        ("a:\n  b: 1\n  c: 2\n  b: 3\n", "contract.yaml:4: b: stands twice, first on line 2"),
        ('"\\ud800\\n": 1\n"\\ud800\\n": 2\n', "contract.yaml:2: \\ud800\\n: stands twice"),
        ("a: &x 1\nb: *x\n", "contract.yaml:1: &x: anchors are not read"),
        ("a: [1]\nb: *x\n", "contract.yaml:2: *x: aliases are not read"),
        (
            "a: !!python/object:os.system x\n",
            "contract.yaml:1: tag:yaml.org,2002:python/object:os.system: tags",
        ),
        ("a: !x {}\n", "contract.yaml:1: !x: tags are not read"),
        ("a: 1\n---\nb: 2\n", "contract.yaml:2: a second document; one file holds one"),
        ("? [a, b]\n: 1\n", "contract.yaml:1: a key is a word"),
        ("a: [1\nb: 2\n", "contract.yaml:2: not YAML: "),
        ("a: 'x\n", "not YAML: "),
        ("a: \x07\n", "contract.yaml: not YAML: "),
        ("\tb: 1\n", "contract.yaml:1: not YAML: "),
        ("a: " + "[" * 40 + "]" * 40 + "\n", "contract.yaml:1: nested more than 32 levels deep"),
        ("", "contract.yaml: there is nothing in the file"),
        ("# only a comment\n", "contract.yaml: there is nothing in the file"),
        ("- a\n", "contract.yaml:1: a contract file is a mapping of fields"),
        ("just text\n", "contract.yaml:1: a contract file is a mapping"),
        (b"a: \xff\n", "contract.yaml:1: not UTF-8 text"),
        ("a" * 600_000, "longer than 524288 bytes"),
    ],
)
def test_what_is_no_plain_yaml_is_refused(tmp_path: Path, text: str | bytes, sentence: str) -> None:
    """Anything by which a file could mean something else than it shows is refused with its line."""
    with pytest.raises(InputError) as refused:
        read(file(tmp_path, text))
    assert sentence in str(refused.value)


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    """A missing file and a folder are told by name."""
    with pytest.raises(InputError, match="cannot be read: no such file"):
        read(tmp_path / "nothing.yaml")
    with pytest.raises(InputError, match="a folder, not a file"):
        read(tmp_path)


def test_windows_line_ends_and_a_byte_order_mark_are_read(tmp_path: Path) -> None:
    """The same contract saved by another editor gives the same record."""
    other = file(tmp_path, b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode())
    assert read(other).record == read(SUMMER).record
