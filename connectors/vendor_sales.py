"""Amazon's vendor sales report (SP-API GET_VENDOR_SALES_REPORT) to GmvReported, and to MetricReported for units.

One record is one aggregate period. Views, selling programmes and report periods are never added up: the view of the
facts is `<distributorView>.<sellingProgram>`. Ordered figures exist in the MANUFACTURING view only. What is null or
left out is not available, which is not zero. Days are local days of the marketplace. The report's `lastUpdatedDate` is
the revision; two reports of the same day with different figures are a conflict for a person to decide.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from application.arrival import Arrival
from connectors.errors import InputError, Unusable, bad_value
from connectors.figures import count, micros
from connectors.instants import day
from connectors.jsontext import elements, members, text_of
from connectors.marketplaces import zones
from connectors.records import Place, read_or_park
from connectors.routing import Routes
from domain.period import days, micros_of
from schemas import codec
from schemas.errors import Unencodable

SOURCE: Final = "amazon.vendor-sales"
"""How feeds name this source."""

REPORT: Final = "GET_VENDOR_SALES_REPORT"
UNITS_VIEW: Final = "MANUFACTURING.RETAIL"
"""The view whose ordered units are reported as the metric UNITS, which has no view of its own."""

PERIODS: Final = ("DAY", "WEEK", "MONTH", "QUARTER", "YEAR")
BASES: Final = {
    "ORDERED_REVENUE": ("orderedRevenue", "orderedUnits"),
    "SHIPPED_REVENUE": ("shippedRevenue", "shippedUnits"),
}
"""The amount and the units of each basis."""


@dataclass(frozen=True, slots=True)
class Report:
    """One downloaded report: what it says about itself, and its periods with their text."""

    marketplace_id: str
    view: str
    granularity: str
    updated: date
    digest: bytes
    periods: Sequence[tuple[Any, str]]
    products: Mapping[tuple[Any, Any], Sequence[Mapping[str, Any]]]

    @property
    def bases(self) -> list[str]:
        """The bases that this view has."""
        return [
            basis for basis in BASES if basis != "ORDERED_REVENUE" or self.view.startswith("MANUFACTURING.")
        ]

    @property
    def as_of(self) -> int:
        """The start of the day, in UTC, on which the report was last updated."""
        return micros_of(datetime(self.updated.year, self.updated.month, self.updated.day, tzinfo=UTC))

    @property
    def revision(self) -> int:
        """The same day as a number that rises."""
        return int(f"{self.updated:%Y%m%d}")


def report_of(raw: bytes, name: str) -> Report:
    """The report in a document; raises InputError where it is none."""
    try:
        return _report(raw)
    except Unusable as error:
        raise InputError(f"{name}: {error}") from None


def _report(raw: bytes) -> Report:
    text = text_of(raw)
    parts = {key: (value, start) for key, value, start, _ in members(text)}
    if "errorDetails" in parts:
        raise Unusable(
            "bad_value", f"Amazon made no report: {' '.join(str(parts['errorDetails'][0]).split())[:300]}"
        )
    head = _object(parts.get("reportSpecification", (None, 0))[0], "reportSpecification")
    options = _object(head.get("reportOptions"), "reportSpecification.reportOptions")
    _one_of(head.get("reportType"), (REPORT,), "reportSpecification.reportType")
    where = "reportSpecification.reportOptions"
    view = _one_of(
        options.get("distributorView"),
        ("MANUFACTURING", "SOURCING"),
        f"{where}.distributorView",
    )
    program = options.get("sellingProgram")
    if not isinstance(program, str) or not program.isascii() or not program.isalpha() or len(program) > 20:
        raise bad_value(f"{where}.sellingProgram", program, "a programme such as RETAIL expected")
    marketplaces = head.get("marketplaceIds")
    if not isinstance(marketplaces, list) or len(marketplaces) != 1 or str(marketplaces[0]) not in zones():
        raise bad_value(
            "reportSpecification.marketplaceIds", marketplaces, "the id of one known marketplace expected"
        )
    aggregate, start = parts.get("salesAggregate", (None, 0))
    products = parts.get("salesByAsin", (None, 0))[0] or []
    if not isinstance(aggregate, list) or not isinstance(products, list):
        raise Unusable("bad_value", "salesAggregate, salesByAsin: lists expected")
    by_period: dict[tuple[Any, Any], list[Mapping[str, Any]]] = {}
    for number, product in enumerate(products):
        line = _object(product, f"salesByAsin[{number}]")
        by_period.setdefault((str(line.get("startDate")), str(line.get("endDate"))), []).append(line)
    return Report(
        marketplace_id=marketplaces[0],
        view=f"{view}.{program}",
        granularity=_one_of(options.get("reportPeriod"), PERIODS, f"{where}.reportPeriod"),
        updated=day(head.get("lastUpdatedDate"), "reportSpecification.lastUpdatedDate"),
        digest=hashlib.sha256(raw).digest(),
        periods=[(value, text[at:end]) for value, at, end in elements(text, start)],
        products=by_period,
    )


def arrivals_of(report: Report, index: int, place: Place, routes: Routes) -> list[Arrival]:
    """The facts in one period of a report, for each contract; none where it belongs to no contract."""
    period, text = report.periods[index]
    where = f"salesAggregate[{index}]"
    return read_or_park(
        place,
        text.encode(),
        lambda: list(_arrivals(report, _object(period, where), where, place, routes)),
        SOURCE,
    )


def _arrivals(
    report: Report, period: Mapping[str, Any], where: str, place: Place, routes: Routes
) -> Iterator[Arrival]:
    gmv = routes.series("GMV", report.marketplace_id, report.view, report.granularity)
    units = routes.series("UNITS", report.marketplace_id, "", report.granularity)
    if report.view != UNITS_VIEW:
        units = []
    if not gmv and not units:
        return
    first, last = (
        day(period.get("startDate"), f"{where}.startDate"),
        day(period.get("endDate"), f"{where}.endDate"),
    )
    if last < first:
        raise bad_value(f"{where}.endDate", str(last), "not before startDate")
    span = days(first, last, zones()[report.marketplace_id])
    shared = {
        "source": SOURCE,
        "marketplace_id": report.marketplace_id,
        "granularity": report.granularity,
        "revision": report.revision,
        "period_start": span.start,
        "period_end": span.end,
    }
    key = f"{report.marketplace_id}/{report.view}/{report.granularity}/{first}/{report.revision}"
    for basis in report.bases if gmv else ():
        sold = _gmv(report, period, where, basis)
        if sold is None:
            continue
        for contract_id in gmv:
            record = shared | sold | {"contract_id": contract_id, "view": report.view, "as_of": report.as_of}
            yield _arrival("retail.GmvReported.v2", record, f"{basis}/{key}/{contract_id}", report, place)
    ordered = period.get("orderedUnits")
    if ordered is not None:
        value = count(ordered, f"{where}.orderedUnits")
        for contract_id in units:
            record = shared | {
                "contract_id": contract_id,
                "metric": "UNITS",
                "reporting": "SNAPSHOT",
                "unit": "count",
                "value": value,
            }
            yield _arrival("retail.MetricReported.v1", record, f"UNITS/{key}/{contract_id}", report, place)


def _arrival(type_: str, record: Mapping[str, Any], fact_id: str, report: Report, place: Place) -> Arrival:
    try:
        payload = codec.encode(type_, record)
    except Unencodable as error:
        raise Unusable("too_large", str(error)) from None
    return Arrival(
        type=type_,
        source=SOURCE,
        fact_id=fact_id,
        occurred_at=report.as_of,
        payload=payload,
        origin=place.origin,
        document=report.digest,
    )


def _gmv(report: Report, period: Mapping[str, Any], where: str, basis: str) -> dict[str, Any] | None:
    """The figure of a period, whole and by product; None where the report does not have it."""
    total = _amount(period, where, basis)
    if total is None:
        return None
    amount, currency = total
    slices: dict[str, dict[str, Any]] = {}
    for product in report.products.get((str(period.get("startDate")), str(period.get("endDate"))), ()):
        asin = product.get("asin")
        if not isinstance(asin, str) or not 0 < len(asin) <= 20 or not asin.isalnum() or not asin.isascii():
            raise bad_value("salesByAsin.asin", asin, "an ASIN expected")
        if asin in slices:
            raise bad_value("salesByAsin.asin", asin, "the product stands twice in one period")
        part = _amount(product, f"salesByAsin ({asin})", basis)
        if part is None:
            continue
        if part[1] != currency:
            raise bad_value(f"salesByAsin ({asin})", part[1], f"the period's total is in {currency}")
        slices[asin] = {
            "asin": asin,
            "amount": part[0],
            "units": _units(product, f"salesByAsin ({asin})", basis),
        }
    return {
        "basis": basis,
        "currency": currency,
        "total": amount,
        "units": _units(period, where, basis),
        "slices": [slices[asin] for asin in sorted(slices)],
    }


def _amount(line: Mapping[str, Any], where: str, basis: str) -> tuple[int, str] | None:
    name = BASES[basis][0]
    money = line.get(name)
    if money is None:
        return None
    parts = _object(money, f"{where}.{name}")
    currency = parts.get("currencyCode")
    if not isinstance(currency, str) or len(currency) > 10 or not currency.isprintable():
        raise bad_value(f"{where}.{name}.currencyCode", currency, "an ISO 4217 code expected")
    return micros(parts.get("amount"), f"{where}.{name}.amount"), currency


def _units(line: Mapping[str, Any], where: str, basis: str) -> int:
    """Units of a basis; 0 where the report has the amount alone, since the fact has no word for unknown units."""
    name = BASES[basis][1]
    value = line.get(name)
    return 0 if value is None else count(value, f"{where}.{name}")


def _object(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise Unusable("bad_value", f"{where}: a JSON object expected")
    return value


def _one_of(value: Any, choices: Sequence[str], where: str) -> str:
    if value not in choices:
        raise bad_value(where, value, f"{' or '.join(choices)} expected")
    return str(value)
