"""A weekly series with its mapping: exact where it can be, rounded only as the mapping says."""

import shutil
from pathlib import Path

import pytest

from connectors.errors import InputError
from connectors.inputs import describes_another, open_input
from domain.period import local_day
from tests.connectors.feeds import DATA, arrivals, fact, feed, for_contract, problems

DE = "A1PA6795UKMFR9"
SOURCE = "robyn.simulated-weekly"
FEEDS = for_contract(
    "media-1", feed("SPEND", SOURCE, DE), feed("GMV", SOURCE, DE, granularity="WEEK"), currency="EUR"
)
MAPPING = """\
source: robyn.simulated-weekly
marketplace_id: A1PA6795UKMFR9
account_id: rheinland-media
zone: Europe/Berlin
currency: EUR
digits: 2
first_row: 2016-03-14
last_row: 2016-03-28
date_column: DATE
revenue_column: revenue
basis: net_product_sales
spend_columns:
  tv: tv_S
"""
ROWS = '"DATE","revenue","events","tv_S"\n2016-03-14,100.5,"na",7\n2016-03-21,,"na",0\n2016-03-28,-3,"a, b",1e2\n'


def series(tmp_path: Path, rows: str = ROWS, mapping: str = MAPPING) -> Path:
    """A series with its mapping beside it."""
    path = tmp_path / "weeks.csv"
    path.write_text(rows)
    (tmp_path / "weeks.csv.source.yaml").write_text(mapping)
    return path


def test_the_published_series_is_rounded_to_cents() -> None:
    """The first week of 2015 gives five channels and the revenue, each half to even, in local weeks of Berlin."""
    path = DATA / "media-2015" / "dt_simulated_weekly.csv"
    records = list(open_input(path, FEEDS).records())
    assert (len(records), sum(len(record.arrivals) for record in records)) == (208, 208 * 6)
    facts = [fact(each) for each in records[0].arrivals]
    assert [(each.get("campaign_id"), each.get("amount", each.get("total"))) for each in facts] == [
        ("tv", 22_358_350_000),
        ("out-of-home", 0),
        ("print", 12_728_490_000),
        ("search", 0),
        ("social", 7_607_130_000),
        (None, 2_754_371_670_000),
    ]
    assert {(each["currency"], each["revision"]) for each in facts} == {("EUR", 1)}
    assert {str(local_day(each["period_start"], "Europe/Berlin")) for each in facts} == {"2015-11-23"}
    assert records[0].line == 2


def test_weeks_are_local_and_empty_is_not_zero(tmp_path: Path) -> None:
    """The week of the clock change has 167 hours; an empty field gives no fact; zero and negative figures do."""
    facts = [fact(each) for each in arrivals(series(tmp_path), FEEDS)]
    assert [(each.get("amount"), each.get("total")) for each in facts] == [
        (7_000_000, None),
        (None, 100_500_000),
        (0, None),
        (100_000_000, None),
        (None, -3_000_000),
    ]
    hours = [(each["period_end"] - each["period_start"]) // 3_600_000_000 for each in facts]
    assert hours == [168, 168, 167, 168, 168]


def test_a_rounding_that_is_not_named_is_not_done(tmp_path: Path) -> None:
    """A third decimal stops the row under a mapping of cents, and passes where the mapping names how to round."""
    rows = ROWS.replace("100.5", "100.505")
    found = arrivals(series(tmp_path, rows), FEEDS)
    assert problems(found) == [
        (
            "bad_value",
            "weeks.csv:2: revenue: '100.505': more than 2 decimals, and the mapping names no rounding",
        )
    ]
    assert found[0].payload == b'2016-03-14,100.505,"na",7'
    assert len(found) == 4
    found = arrivals(series(tmp_path, rows, MAPPING + "rounding: half_up\n"), FEEDS)
    assert fact(found[1])["total"] == 100_510_000


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("2016-03-22,1,na,1", "DATE: '2016-03-22': a first day of a week from 2016-03-14 to 2016-03-28"),
        ("2016-04-04,1,na,1", "a first day of a week"),
        ("03/21/2016,1,na,1", "a day expected"),
        ("2016-03-21,1,na", "a row of 4 fields expected, 3 are there"),
        ('2016-03-21,"1,5",na,1', "revenue: '1,5': a decimal number expected"),
        ("2016-03-21,1,na,NaN", "tv: 'NaN': a decimal number"),
        ("2016-03-21,1e99,na,1", "revenue: '1E+99': too large"),
        ('2016-03-21,"1,na,1', "not a row of CSV"),
    ],
)
def test_a_row_that_cannot_be_read_is_told(tmp_path: Path, row: str, sentence: str) -> None:
    """The row is named by its line, and the rows around it are read."""
    found = arrivals(series(tmp_path, ROWS.replace('2016-03-21,,"na",0', row)), FEEDS)
    [(_, text)] = problems(found)
    assert text.startswith("weeks.csv:3: ")
    assert sentence in text
    assert len(found) == 5


def test_a_file_without_its_last_rows_is_told(tmp_path: Path) -> None:
    """The mapping says which weeks there are, so a file that was cut off does not pass for whole."""
    found = arrivals(series(tmp_path, ROWS[: ROWS.index("2016-03-28")]), FEEDS)
    assert problems(found) == [
        ("truncated", "weeks.csv:4: the file has 2 rows; from 2016-03-14 to 2016-03-28 there are 3")
    ]


def test_a_series_belongs_to_contracts_with_its_feeds(tmp_path: Path) -> None:
    """Without a feed that names the source, rows belong to no contract."""
    feeds = for_contract("media-1", feed("SPEND", "another-source", DE))
    assert [record.arrivals for record in open_input(series(tmp_path), feeds).records()] == [[], [], []]


@pytest.mark.parametrize(
    ("mapping", "errors"),
    [
        (MAPPING.replace("tv_S", "tv_X"), ["the column 'tv_X' of the mapping: missing in the header"]),
        (
            MAPPING.replace("Europe/Berlin", "Europe/Bonn"),
            ["weeks.csv.source.yaml:4: zone: 'Europe/Bonn': a zone"],
        ),
        (MAPPING.replace("EUR", "EUX"), [":5: currency: 'EUX': a current code of ISO 4217"]),
        (MAPPING.replace("digits: 2", "digits: 12"), [":6: digits: '12': 0 to 6 expected"]),
        (MAPPING + "rounding: up\n", [":14: rounding: 'up': one of half_even, half_up, down"]),
        (MAPPING.replace("2016-03-28", "2016-03-29"), [":8: last_row: '2016-03-29': whole weeks after"]),
        (MAPPING.replace("2016-03-28", "2016"), [":8: last_row: '2016': a day expected"]),
        (
            MAPPING.replace("zone: Europe/Berlin", "zones: X"),
            [":4: zones: 'X': no such field", ":1: zone: missing"],
        ),
        (MAPPING.replace("  tv: tv_S", "  t v: tv_S"), [":13: spend_columns.t v: the id of a channel"]),
        ("- a\n", ["weeks.csv.source.yaml:1: a mapping of the fields"]),
    ],
    ids=["column", "zone", "currency", "digits", "rounding", "weeks", "day", "names", "channel", "list"],
)
def test_a_mapping_with_errors_is_refused(tmp_path: Path, mapping: str, errors: list[str]) -> None:
    """All errors of a mapping are told, each with its line."""
    with pytest.raises(InputError) as refused:
        open_input(series(tmp_path, mapping=mapping), FEEDS)
    assert len(str(refused.value).splitlines()) == len(errors)
    for error in errors:
        assert error in str(refused.value)


def test_a_mapping_is_no_input_by_itself(tmp_path: Path) -> None:
    """Naming the mapping says which file to name; a CSV without one says what is missing."""
    path = series(tmp_path)
    mapping = tmp_path / "weeks.csv.source.yaml"
    assert (describes_another(mapping), describes_another(path)) == (True, False)
    with pytest.raises(InputError, match=r"describes weeks\.csv and is read with it"):
        open_input(mapping, FEEDS)
    mapping.unlink()
    with pytest.raises(InputError, match=r"a CSV file needs weeks\.csv\.source\.yaml beside it"):
        open_input(path, FEEDS)


def test_the_demo_series_is_the_published_one(tmp_path: Path) -> None:
    """A copy under another folder is the same input: its digest is that of the content."""
    folder = DATA / "media-2015"
    for file in folder.iterdir():
        shutil.copy(file, tmp_path)
    name = "dt_simulated_weekly.csv"
    assert open_input(tmp_path / name, FEEDS).digest == open_input(folder / name, FEEDS).digest
