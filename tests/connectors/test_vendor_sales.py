"""Amazon's vendor sales report: the published example gives exactly these facts."""

import json
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import InputError
from connectors.inputs import open_input
from domain.period import days
from domain.terms import Feed
from tests.connectors.feeds import DATA, US, arrivals, fact, feed, for_contract, problems

REPORT = DATA / "vendor-2021" / "vendorSalesReport.example1.json"


def gmv_feed(**more: Any) -> Feed:
    """A feed of the example's view and weeks."""
    return feed(
        "GMV", "amazon.vendor-sales", **({"view": "MANUFACTURING.RETAIL", "granularity": "WEEK"} | more)
    )


FEEDS = for_contract("vendor-2021", gmv_feed())


def changed(tmp_path: Path, change: Any) -> Path:
    """The published report with something changed."""
    report = json.loads(REPORT.read_text())
    change(report)
    path = tmp_path / "report.json"
    path.write_text(json.dumps(report))
    return path


def test_the_published_report_gives_its_facts() -> None:
    """Two weeks, each on both bases, with slices by product, local weeks of Los Angeles, and the report's revision."""
    found = arrivals(REPORT, FEEDS)
    first = fact(found[0])
    week = days(date(2021, 6, 6), date(2021, 6, 12), "America/Los_Angeles")
    assert first == {
        "contract_id": "vendor-2021",
        "source": "amazon.vendor-sales",
        "marketplace_id": US,
        "view": "MANUFACTURING.RETAIL",
        "basis": "ORDERED_REVENUE",
        "granularity": "WEEK",
        "period_start": week.start,
        "period_end": week.end,
        "currency": "USD",
        "total": 1_500_000_000,
        "units": 75,
        "as_of": 1_624_147_200_000_000,
        "revision": 20210620,
        "slices": [
            {"asin": "B123456789", "amount": 1_000_000_000, "units": 25},
            {"asin": "B987654321", "amount": 500_000_000, "units": 50},
        ],
    }
    assert [(fact(each)["basis"], fact(each)["total"]) for each in found] == [
        ("ORDERED_REVENUE", 1_500_000_000),
        ("SHIPPED_REVENUE", 200_000_000),
        ("ORDERED_REVENUE", 0),
        ("SHIPPED_REVENUE", 0),
    ]
    assert found[0].fact_id == (
        "ORDERED_REVENUE/ATVPDKIKX0DER/MANUFACTURING.RETAIL/WEEK/2021-06-06/20210620/vendor-2021"
    )
    assert {each.document for each in found} == {sha256(REPORT.read_bytes()).digest()}


def test_units_come_where_a_feed_asks_for_them() -> None:
    """A feed of UNITS gets the ordered units of the retail view."""
    feeds = for_contract("c-1", feed("UNITS", "amazon.vendor-sales", granularity="WEEK"))
    assert [(fact(each)["metric"], fact(each)["value"]) for each in arrivals(REPORT, feeds)] == [
        ("UNITS", 75),
        ("UNITS", 0),
    ]


def test_units_are_those_of_the_retail_view(tmp_path: Path) -> None:
    """The metric UNITS has no view, so no other view or programme is read for it: they would be added up."""
    feeds = for_contract("c-1", feed("UNITS", "amazon.vendor-sales", granularity="WEEK"))
    for other in ({"distributorView": "SOURCING"}, {"sellingProgram": "FRESH"}):
        path = changed(
            tmp_path, lambda r, other=other: r["reportSpecification"]["reportOptions"].update(other)
        )
        assert arrivals(path, feeds) == []


def test_the_order_of_products_does_not_matter(tmp_path: Path) -> None:
    """The same report with its products in another order is the same fact, to the byte."""
    found = arrivals(changed(tmp_path, lambda r: r["salesByAsin"].reverse()), FEEDS)
    assert [each.payload for each in found] == [each.payload for each in arrivals(REPORT, FEEDS)]


@pytest.mark.parametrize(
    "other", [{"view": "SOURCING.RETAIL"}, {"granularity": "DAY"}, {"marketplace_id": "A1PA6795UKMFR9"}]
)
def test_a_report_goes_only_where_a_feed_names_it(other: dict[str, str]) -> None:
    """Another view, granularity or marketplace is another figure: the periods are for no contract."""
    records = list(open_input(REPORT, for_contract("c-1", gmv_feed(**other))).records())
    assert [(record.line, record.arrivals) for record in records] == [(1, []), (2, [])]


def test_a_report_goes_to_every_contract_that_names_it() -> None:
    """Two contracts with the same feed get a fact each, with ids of their own."""
    feeds = [*for_contract("c-2", gmv_feed()), *for_contract("c-1", gmv_feed(), gmv_feed())]
    found = arrivals(REPORT, feeds)
    assert [fact(each)["contract_id"] for each in found] == ["c-1", "c-2"] * 4
    assert len({each.fact_id for each in found}) == 8


def test_the_sourcing_view_has_no_ordered_revenue(tmp_path: Path) -> None:
    """Only shipped revenue is read of the SOURCING view, whatever stands in it."""
    path = changed(
        tmp_path, lambda r: r["reportSpecification"]["reportOptions"].update(distributorView="SOURCING")
    )
    found = arrivals(path, for_contract("c-1", gmv_feed(view="SOURCING.RETAIL")))
    assert [fact(each)["basis"] for each in found] == ["SHIPPED_REVENUE"] * 2


def test_null_is_not_zero(tmp_path: Path) -> None:
    """An amount that is null gives no fact, and a product without one gives no slice."""

    def change(report: Any) -> None:
        report["salesAggregate"][0]["orderedRevenue"] = None
        report["salesByAsin"][0]["shippedRevenue"] = None

    found = arrivals(changed(tmp_path, change), FEEDS)
    assert [fact(each)["basis"] for each in found] == [
        "SHIPPED_REVENUE",
        "ORDERED_REVENUE",
        "SHIPPED_REVENUE",
    ]
    assert [piece["asin"] for piece in fact(found[0])["slices"]] == ["B987654321"]


def test_one_bad_period_does_not_stop_the_other(tmp_path: Path) -> None:
    """A period that cannot be read is told with its place, and its own text is kept."""
    path = changed(tmp_path, lambda r: r["salesAggregate"][0]["orderedRevenue"].update(amount=0.1234567))
    found = arrivals(path, FEEDS)
    assert problems(found) == [
        (
            "bad_value",
            "report.json:1: salesAggregate[0].orderedRevenue.amount: '0.1234567': at most 6 decimals are exact here",
        )
    ]
    assert b'"amount": 0.1234567' in found[0].payload
    assert [fact(each)["total"] for each in found[1:]] == [0, 0]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda r: r["salesByAsin"].append(r["salesByAsin"][0]), "the product stands twice"),
        (lambda r: r["salesAggregate"][0].update(startDate="2021-06-31"), "no such day"),
        (lambda r: r["salesAggregate"][0].update(endDate="2021-06-01"), "not before startDate"),
        (lambda r: r["salesByAsin"][0]["orderedRevenue"].update(currencyCode="EUR"), "total is in USD"),
        (lambda r: r["salesAggregate"][0].update(orderedUnits=7.5), "a whole number"),
        (lambda r: r["salesAggregate"].__setitem__(0, 7), "a JSON object expected"),
    ],
)
def test_a_period_that_makes_no_sense_is_told(tmp_path: Path, change: Any, sentence: str) -> None:
    """Each rule of a period has its sentence, and the second period is still read."""
    found = arrivals(changed(tmp_path, change), FEEDS)
    [(_, text)] = problems(found)
    assert sentence in text
    assert len(found) == 3


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda r: r["reportSpecification"].update(reportType="GET_SALES_AND_TRAFFIC_REPORT"), "reportType"),
        (
            lambda r: r["reportSpecification"].update(marketplaceIds=["X"]),
            "['X']: the id of one known marketplace",
        ),
        (
            lambda r: r["reportSpecification"].update(marketplaceIds=[{}]),
            "[{}]: the id of one known marketplace",
        ),
        (lambda r: r["reportSpecification"].update(lastUpdatedDate="June"), "lastUpdatedDate: 'June': a day"),
        (lambda r: r.pop("salesAggregate"), "lists expected"),
        (lambda r: r["reportSpecification"].pop("reportOptions"), "reportOptions: a JSON object"),
    ],
)
def test_a_report_that_does_not_say_what_it_is_is_refused(tmp_path: Path, change: Any, sentence: str) -> None:
    """Without type, view, marketplace or date nothing of a report can be placed."""
    with pytest.raises(InputError, match=r"report\.json: ") as error:
        open_input(changed(tmp_path, change), FEEDS)
    assert sentence in str(error.value)


def test_a_failed_report_is_refused_with_its_text(tmp_path: Path) -> None:
    """Amazon delivers a document with errorDetails where it could not make the report."""
    path = tmp_path / "report.json"
    path.write_text('{"errorDetails": "Report date range\\nis too long."}')
    with pytest.raises(InputError, match="Amazon made no report: Report date range is too long"):
        open_input(path, FEEDS)


def test_a_report_that_breaks_off_is_refused(tmp_path: Path) -> None:
    """Half a report is no report, and the sentence says where it ends."""
    path = tmp_path / "report.json"
    path.write_bytes(REPORT.read_bytes()[:1_000])
    with pytest.raises(InputError, match="breaks off at its end, at line 4"):
        open_input(path, FEEDS)
