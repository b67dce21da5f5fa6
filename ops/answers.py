"""What the reading commands answer with `--json`: stable keys, exact figures as text.

The JSON Schemas in `ops/schemas/` are generated from these types (`python -m ops.json_schemas`).
"""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec

from domain.money import decimal_text
from domain.period import moment_of
from projections.projection import Row


class Money(msgspec.Struct, frozen=True):
    """An exact amount: decimal text in the major unit, and the ISO 4217 code."""

    amount: str
    currency: str


class Quantity(msgspec.Struct, frozen=True):
    """A count of something."""

    value: int
    unit: str


_MONEY = {
    "type": "object",
    "required": ["amount", "currency"],
    "additionalProperties": False,
    "properties": {
        "amount": {"type": "string", "pattern": r"^-?\d+\.\d{2,6}$"},
        "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
    },
}
_QUANTITY = {
    "type": "object",
    "required": ["value", "unit"],
    "additionalProperties": False,
    "properties": {"value": {"type": "integer"}, "unit": {"type": "string"}},
}

Figure = Annotated[Any, msgspec.Meta(extra_json_schema={"oneOf": [_MONEY, _QUANTITY]})]
"""An amount or a count."""

MaybeFigure = Annotated[Any, msgspec.Meta(extra_json_schema={"oneOf": [_MONEY, _QUANTITY, {"type": "null"}]})]
"""An amount, a count, or null where it is unknown or makes no sense."""


class Forecast(msgspec.Struct, frozen=True):
    """The value at the end of the window, as low, middle and high; null where nothing can be said."""

    low: MaybeFigure
    mid: MaybeFigure
    high: MaybeFigure


class Commitment(msgspec.Struct, frozen=True):
    """A commitment as of the effective day. Rates are decimal text; instants are RFC 3339 in UTC."""

    commitment_id: str
    metric: str
    basis: str | None
    comparator: str
    target: Figure
    actual: MaybeFigure
    shortfall: MaybeFigure
    status: str
    verdict: str
    pace_index: str | None
    needed_per_day: MaybeFigure
    forecast: Forecast
    watermark: str | None
    clause: str
    terms_version: int
    consequence: str
    not_counted: Figure
    reason: str


class Status(msgspec.Struct, frozen=True):
    """One contract: where it stands, what is known up to which position, and each of its commitments."""

    contract_id: str
    title: str
    state: str
    position: int
    effective: str
    known_at: str
    commitments: list[Commitment]


def figure(value: int | None, unit: str) -> Any:
    """A figure of a unit: money for a currency, else a quantity; null where it is unknown."""
    if value is None:
        return None
    return Quantity(value, unit) if unit == "count" else Money(decimal_text(value), unit)


def money(micros: int | None, currency: str) -> Money | None:
    """Micros as money; null where unknown."""
    return None if micros is None else Money(decimal_text(micros), currency)


def rate(ppm: int | None) -> str | None:
    """Parts per million as decimal text: 1500000 is "1.50"."""
    return None if ppm is None else decimal_text(ppm)


def instant(micros: int | None) -> str | None:
    """An instant as RFC 3339 in UTC."""
    return None if micros is None else moment_of(micros).isoformat().replace("+00:00", "Z")


def status(contract: Row, commitments: Sequence[Row], known_at: int) -> Status:
    """The answer of `copact status` for one contract, from its rows."""
    return Status(
        contract_id=contract["contract_id"],
        title=contract["title"],
        state=contract["state"],
        position=contract["position"],
        effective=contract["effective"],
        known_at=instant(known_at) or "",
        commitments=[commitment(row) for row in commitments],
    )


def commitment(row: Row) -> Commitment:
    """One commitment from its row."""
    unit = row["unit"]
    return Commitment(
        commitment_id=row["commitment_id"],
        metric=row["metric"].lower(),
        basis=row["basis"] and row["basis"].lower(),
        comparator=row["comparator"].lower(),
        target=figure(row["target"], unit),
        actual=figure(row["actual"], unit),
        shortfall=figure(row["shortfall"], unit),
        status=row["status"],
        verdict=row["verdict"],
        pace_index=rate(row["pace_index_ppm"]),
        needed_per_day=figure(row["needed_per_day"], unit),
        forecast=Forecast(*(figure(row[name], unit) for name in ("low", "mid", "high"))),
        watermark=instant(row["watermark"]),
        clause=row["clause"],
        terms_version=row["terms_version"],
        consequence=row["consequence"].lower(),
        not_counted=figure(row["not_counted"], unit),
        reason=row["reason"],
    )


class Benchmark(msgspec.Struct, frozen=True):
    """A published mean to compare with, its source and date."""

    name: str
    value: str
    source: str
    date: str


class Prepayment(msgspec.Struct, frozen=True):
    """Money paid in advance: what was drawn, what is left; the over-draw is kept apart."""

    agreed: Money | None
    received: Money | None
    drawn: Money | None
    balance: Money | None
    overdrawn: Money | None
    unspent: str | None
    clause: str | None


class Rebate(msgspec.Struct, frozen=True):
    """What the platform returns: null where the terms or the reports leave a figure open."""

    base_name: str
    base: MaybeFigure
    effect_name: str
    effect: MaybeFigure
    rate: str | None
    raw: Money | None
    cap_rate: str
    cap_base_name: str
    cap: Money | None
    accrued: Money | None
    lost_to_cap: Money | None
    issued: Money | None
    above_cap: Money | None
    cap_left: Money | None
    clause: str


class FundingAnswer(msgspec.Struct, frozen=True):
    """The money of one contract as of the effective day."""

    contract_id: str
    position: int
    effective: str
    known_at: str
    terms_version: int
    prepayment: Prepayment
    spend: Money | None
    attributed_sales: Money | None
    roas: str | None
    benchmarks: list[Benchmark]
    rebate: Rebate | None


def funding(row: Row, known_at: int, benchmarks: Sequence[Benchmark]) -> FundingAnswer:
    """The answer of `copact funding`, from the contract's row."""
    currency = row["currency"]

    def cash(name: str) -> Money | None:
        return money(row[name], currency)

    unspent = row["unspent"]
    return FundingAnswer(
        contract_id=row["contract_id"],
        position=row["position"],
        effective=row["effective"],
        known_at=instant(known_at) or "",
        terms_version=row["terms_version"],
        prepayment=Prepayment(
            agreed=cash("agreed_prepayment"),
            received=cash("prepaid"),
            drawn=cash("drawn"),
            balance=cash("balance"),
            overdrawn=cash("overdrawn"),
            unspent=unspent and unspent.lower(),
            clause=row["prepayment_clause"],
        ),
        spend=cash("spend"),
        attributed_sales=cash("attributed_sales"),
        roas=rate(row["roas_ppm"]),
        benchmarks=list(benchmarks),
        rebate=_rebate(row, currency) if row.get("rebate_base_name") else None,
    )


COUNTED = frozenset({"VISITS", "CLICKS", "UNITS"})
"""Rebate effects that are counts, not money."""


def _rebate(row: Row, currency: str) -> Rebate:
    def named(name: str) -> Any:
        unit = "count" if row[f"rebate_{name}_name"] in COUNTED else currency
        return figure(row[f"rebate_{name}"], unit)

    def cash(name: str) -> Money | None:
        return money(row[f"rebate_{name}"], currency)

    return Rebate(
        base_name=row["rebate_base_name"].lower(),
        base=named("base"),
        effect_name=row["rebate_effect_name"].lower(),
        effect=named("effect"),
        rate=rate(row["rebate_rate_ppm"]),
        raw=cash("raw"),
        cap_rate=rate(row["rebate_cap_rate_ppm"]) or "",
        cap_base_name=row["rebate_cap_base_name"].lower(),
        cap=cash("cap"),
        accrued=cash("accrued"),
        lost_to_cap=cash("lost_to_cap"),
        issued=cash("issued"),
        above_cap=cash("above_cap"),
        cap_left=cash("cap_left"),
        clause=row["rebate_clause"],
    )


class Reuse(msgspec.Struct, frozen=True):
    """May an asset be reused there, then? `decided_by` is the asset or ancestor whose clause decides."""

    asset_id: str
    contract_id: str
    channel: str
    territory: str
    on: str
    answer: str
    clause: str
    reason: str
    decided_by: str
    licence_id: str
    position: int
    known_at: str


class HistoryEvent(msgspec.Struct, frozen=True):
    """One stored event: where it stands, who said it, when it happened and when it was recorded."""

    position: int
    version: int
    type: str
    occurred_at: str
    recorded_at: str
    source: str
    fact_id: str
    causation: str
    sha256: str
    data: dict[str, Any]


class Dispositions(msgspec.Struct, frozen=True):
    """What became of what came in: one current disposition each, and the sentences of those not accepted."""

    accepted: int
    duplicate: int
    parked: int
    refused: int
    for_no_contract: int
    released: int
    derived: dict[str, int]
    position: int
    unchanged: list[str]
    unreadable: list[str]
    stopped: list[str]
    answers: list[dict[str, str]]
