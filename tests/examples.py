"""One valid example for each schema and version, used by every test; tests vary them with `dataclasses.replace`."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from domain.events import (
    AmendmentSigned,
    AssetCreated,
    AttributedSalesReported,
    BreachNoticed,
    ContractSigned,
    DeadlinePassed,
    GmvReported,
    LicenceGranted,
    MetricReported,
    PrepaymentReceived,
    RebateIssued,
    SpendReported,
)
from domain.money import MICROS
from domain.period import days, micros_of
from domain.terms import Terms
from store.mapper import event_from

ZONE = "America/Los_Angeles"
US = "ATVPDKIKX0DER"
CONTRACT = "summer-1"

DAY_ONE = days(date(2026, 6, 15), date(2026, 6, 15), ZONE)


def at(day: date, hour: int = 12, zone: str = ZONE) -> int:
    """The instant of a local hour."""
    return micros_of(datetime(day.year, day.month, day.day, hour, tzinfo=ZoneInfo(zone)))


def usd(amount: int) -> int:
    """Whole dollars in micros."""
    return amount * MICROS


def _feed(metric: str, source: str, **more: Any) -> dict[str, Any]:
    return {
        "metric": metric,
        "source": source,
        "marketplace_id": US,
        "account_id": "",
        "campaign_ids": [],
        "view": "",
        "granularity": "DAY",
    } | more


TERMS: dict[str, Any] = {
    "programme": "seasonal-campaign-co-op",
    "modules": ["JOINT_ADVERTISING", "JOINT_CONTENT"],
    "category": "home-and-garden",
    "currency": "USD",
    "window": {"zone": ZONE, "first_day": date(2026, 6, 15), "last_day": date(2026, 6, 24)},
    "attribution_days": 14,
    "prepayment": {
        "amount": usd(50_000),
        "purpose": "off-site advertising",
        "unspent": "REFUNDED",
        "clause": "4.1",
    },
    "rebate": {
        "base": "COMMISSION",
        "effect": "VISITS",
        "tiering": "CUMULATIVE",
        "tiers": [{"threshold": 1_000, "rate": 100_000}, {"threshold": 5_000, "rate": 200_000}],
        "cap_rate": 150_000,
        "cap_base": "COMMISSION",
        "clause": "5.2",
    },
    "commitments": [
        {
            "commitment_id": "season-gmv",
            "metric": "GMV",
            "basis": "ORDERED_REVENUE",
            "comparator": "AT_LEAST",
            "target": usd(1_000),
            "asins": [],
            "window": None,
            "straddle": "NOT_COUNTED",
            "maturity_days": 28,
            "maturity": [{"age_days": 0, "low": 900_000, "high": 1_010_000}],
            "season": [],
            "consequence": "ELIGIBILITY_LOSS",
            "clause": "6.1",
        }
    ],
    "ip": {
        "owner": "PLATFORM",
        "rules": [
            {
                "effect": "PERMISSION",
                "channels": ["marketplace"],
                "territories": ["US"],
                "first_day": None,
                "last_day": None,
                "clause": "9.2",
            }
        ],
        "clause": "9.1",
    },
    "data_rights": {
        "data": ["search terms"],
        "granularity": "campaign, daily",
        "retention_days": 400,
        "permitted_use": ["campaign planning"],
        "clause": "10.1",
    },
    "breach_clauses": [
        {
            "trigger": "AD_GROUPS_CHANGED",
            "cure_days": 10,
            "exit_cost": usd(5_000),
            "consequence": "ELIGIBILITY_LOSS",
            "clause": "12.3",
            "description": "Ad groups are not changed without the platform.",
        }
    ],
    "feeds": [
        _feed("GMV", "retail.sales"),
        _feed("SPEND", "ads.stream"),
        _feed("ATTRIBUTED_SALES", "ads.stream"),
        _feed("COMMISSION", "retail.sales"),
        _feed("VISITS", "retail.sales"),
    ],
}

_PERIOD = {"period_start": DAY_ONE.start, "period_end": DAY_ONE.end}
_ADS = {
    "contract_id": CONTRACT,
    "source": "ads.stream",
    "marketplace_id": US,
    "account_id": "ENTITY1",
    "campaign_id": "158410630682987",
    "reporting": "DELTA",
    "revision": 0,
    **_PERIOD,
    "currency": "USD",
}
_FOUND = {"contract_id": CONTRACT, "terms_version": 1, "effective": date(2026, 6, 25), "currency": "USD"}
_VERDICT = {
    "contract_id": CONTRACT,
    "commitment_id": "season-gmv",
    "terms_version": 1,
    "effective": date(2026, 6, 25),
    "unit": "USD",
    "target": usd(1_000),
    "actual": usd(1_200),
}

EXAMPLES: dict[str, dict[str, Any]] = {
    "contracts.ContractSigned.v1": {
        "contract_id": CONTRACT,
        "title": "US summer promotion",
        "seller_id": "seller-7",
        "counterparty": "amazon",
        "signed_on": date(2026, 5, 20),
        "terms_version": 1,
        "effective_from": date(2026, 5, 20),
        "terms": TERMS,
    },
    "contracts.AmendmentSigned.v1": {
        "contract_id": CONTRACT,
        "amendment_id": "amendment-1",
        "signed_on": date(2026, 6, 18),
        "terms_version": 2,
        "effective_from": date(2026, 6, 20),
        "reason": "lower target after a late start",
        "terms": TERMS | {"commitments": [TERMS["commitments"][0] | {"target": usd(800)}]},
    },
    "contracts.BreachNoticed.v1": {
        "contract_id": CONTRACT,
        "breach_id": "breach-1",
        "trigger": "AD_GROUPS_CHANGED",
        "clause": "12.3",
        "noticed_on": date(2026, 6, 19),
        "noticed_by": "PLATFORM",
        "description": "two ad groups were paused",
    },
    "finance.PrepaymentReceived.v1": {
        "contract_id": CONTRACT,
        "payment_id": "payment-1",
        "received_on": date(2026, 6, 1),
        "currency": "USD",
        "amount": usd(50_000),
    },
    "finance.RebateIssued.v1": {
        "contract_id": CONTRACT,
        "rebate_id": "rebate-1",
        "issued_on": date(2026, 6, 24),
        "currency": "USD",
        "amount": usd(20),
        "document_id": "credit-note-9",
    },
    "ads.SpendReported.v1": _ADS | {"amount": 12_345_000},
    "ads.AttributedSalesReported.v1": _ADS
    | {"windows": [{"days": 7, "amount": usd(40)}, {"days": 14, "amount": usd(50)}]},
    "retail.GmvReported.v1": {
        "contract_id": CONTRACT,
        "source": "retail.sales",
        "marketplace_id": US,
        "basis": "ORDERED_REVENUE",
        **_PERIOD,
        "currency": "USD",
        "amount": usd(120),
        "units": 6,
        "as_of": DAY_ONE.end,
    },
    "retail.GmvReported.v2": {
        "contract_id": CONTRACT,
        "source": "retail.sales",
        "marketplace_id": US,
        "view": "",
        "basis": "ORDERED_REVENUE",
        "granularity": "DAY",
        **_PERIOD,
        "currency": "USD",
        "total": usd(120),
        "units": 6,
        "as_of": DAY_ONE.end,
        "revision": 1,
        "slices": [
            {"asin": "B123456789", "amount": usd(100), "units": 5},
            {"asin": "B987654321", "amount": usd(20), "units": 1},
        ],
    },
    "retail.MetricReported.v1": {
        "contract_id": CONTRACT,
        "source": "retail.sales",
        "marketplace_id": US,
        "metric": "VISITS",
        "granularity": "DAY",
        "reporting": "SNAPSHOT",
        "revision": 1,
        **_PERIOD,
        "unit": "count",
        "value": 1_500,
    },
    "content.AssetCreated.v1": {
        "contract_id": CONTRACT,
        "asset_id": "video-1",
        "title": "Summer on the terrace",
        "kind": "VIDEO",
        "created_on": date(2026, 6, 10),
        "owner": "BY_CONTRACT",
        "derived_from": [],
    },
    "content.LicenceGranted.v1": {
        "contract_id": CONTRACT,
        "licence_id": "licence-1",
        "asset_id": "video-1",
        "effect": "PERMISSION",
        "channels": ["social"],
        "territories": ["DE"],
        "first_day": date(2026, 7, 1),
        "last_day": date(2026, 12, 31),
        "clause": "9.4",
    },
    "clock.DeadlinePassed.v1": {
        "contract_id": CONTRACT,
        "kind": "WINDOW_CLOSED",
        "subject": "season-gmv",
        "instant": days(date(2026, 6, 24), date(2026, 6, 24), ZONE).end,
    },
    "derived.CommitmentMet.v1": _VERDICT,
    "derived.CommitmentMissed.v1": _VERDICT | {"actual": usd(900), "shortfall": usd(100)},
    "derived.VerdictReversed.v1": _VERDICT | {"actual": usd(900), "before": "MET", "after": "MISSED"},
    "derived.RebateAccrued.v1": _FOUND | {"accrued": usd(30), "delta": usd(10), "lost_to_cap": usd(5)},
    "derived.RebateAboveCapFound.v1": _FOUND | {"issued": usd(40), "cap": usd(30), "excess": usd(10)},
    "derived.CapExcessCleared.v1": _FOUND | {"issued": usd(40), "cap": usd(45)},
    "derived.PrepaymentOverdrawn.v1": {
        "contract_id": CONTRACT,
        "effective": date(2026, 6, 25),
        "currency": "USD",
        "prepaid": usd(50_000),
        "drawn": usd(50_100),
        "overdrawn": usd(100),
    },
    "derived.OverdraftCleared.v1": {
        "contract_id": CONTRACT,
        "effective": date(2026, 6, 25),
        "currency": "USD",
        "prepaid": usd(60_000),
        "drawn": usd(50_100),
    },
}


def _event(type_: str) -> Any:
    return event_from(type_, EXAMPLES[type_])


SIGNED: ContractSigned = _event("contracts.ContractSigned.v1")
AMENDED: AmendmentSigned = _event("contracts.AmendmentSigned.v1")
NOTICED: BreachNoticed = _event("contracts.BreachNoticed.v1")
PREPAID: PrepaymentReceived = _event("finance.PrepaymentReceived.v1")
REBATE: RebateIssued = _event("finance.RebateIssued.v1")
SPEND: SpendReported = _event("ads.SpendReported.v1")
SALES: AttributedSalesReported = _event("ads.AttributedSalesReported.v1")
GMV: GmvReported = _event("retail.GmvReported.v2")
VISITS: MetricReported = _event("retail.MetricReported.v1")
ASSET: AssetCreated = _event("content.AssetCreated.v1")
LICENCE: LicenceGranted = _event("content.LicenceGranted.v1")
CLOSED: DeadlinePassed = _event("clock.DeadlinePassed.v1")


def signed(**changes: Any) -> ContractSigned:
    """The example contract with other terms (fields of the first commitment by `commitment=`)."""
    return replace(SIGNED, terms=terms(**changes))


def terms(*, commitment: Mapping[str, Any] | None = None, **changes: Any) -> Terms:
    """The example's terms with some fields changed."""
    changed = replace(SIGNED.terms, **changes)
    if commitment is not None:
        changed.commitments = [replace(SIGNED.terms.commitments[0], **commitment)]
    return changed


def gmv(day: date, dollars: int, revision: int = 1, **changes: Any) -> GmvReported:
    """What the source of record reports for one local day."""
    period = days(day, day, ZONE)
    fields: dict[str, Any] = {
        "period_start": period.start,
        "period_end": period.end,
        "as_of": period.end,
        "revision": revision,
        "total": usd(dollars),
        "slices": [],
    }
    return replace(GMV, **(fields | changes))


def metric(name: str, day: date, value: int, revision: int = 1) -> MetricReported:
    """A daily count, or a commission in whole dollars."""
    period = days(day, day, ZONE)
    money = name == "COMMISSION"
    return replace(
        VISITS,
        metric=name,
        period_start=period.start,
        period_end=period.end,
        revision=revision,
        unit="USD" if money else "count",
        value=usd(value) if money else value,
    )


def spend(day: date, dollars: int, **changes: Any) -> SpendReported:
    """An adjustment of spend for one local day."""
    period = days(day, day, ZONE)
    return replace(SPEND, period_start=period.start, period_end=period.end, amount=usd(dollars), **changes)
