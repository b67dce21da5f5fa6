"""Every event of a contract: the facts that publishers send, the clock's, and those the domain derives.

One plain class per Avro schema of the same name; fields, order and meaning are documented there
(`schemas/<publisher>/<Name>.v<N>.avsc`). A fact that was accepted is the event.
"""

from dataclasses import dataclass
from datetime import date

from domain.terms import Terms

# Contract desk


@dataclass(slots=True)
class ContractSigned:
    contract_id: str
    title: str
    seller_id: str
    counterparty: str
    signed_on: date
    terms_version: int
    effective_from: date
    terms: Terms


@dataclass(slots=True)
class AmendmentSigned:
    contract_id: str
    amendment_id: str
    signed_on: date
    terms_version: int
    effective_from: date
    reason: str
    terms: Terms


@dataclass(slots=True)
class BreachNoticed:
    contract_id: str
    breach_id: str
    trigger: str
    clause: str
    noticed_on: date
    noticed_by: str
    description: str


# Finance


@dataclass(slots=True)
class PrepaymentReceived:
    contract_id: str
    payment_id: str
    received_on: date
    currency: str
    amount: int


@dataclass(slots=True)
class RebateIssued:
    contract_id: str
    rebate_id: str
    issued_on: date
    currency: str
    amount: int
    document_id: str


# Advertising


@dataclass(slots=True)
class SpendReported:
    contract_id: str
    source: str
    marketplace_id: str
    account_id: str
    campaign_id: str
    reporting: str
    revision: int
    period_start: int
    period_end: int
    currency: str
    amount: int


@dataclass(slots=True)
class AttributedWindow:
    days: int
    amount: int


@dataclass(slots=True)
class AttributedSalesReported:
    contract_id: str
    source: str
    marketplace_id: str
    account_id: str
    campaign_id: str
    reporting: str
    revision: int
    period_start: int
    period_end: int
    currency: str
    windows: list[AttributedWindow]


# Retail analytics


@dataclass(slots=True)
class GmvSlice:
    asin: str
    amount: int
    units: int


@dataclass(slots=True)
class GmvReported:
    contract_id: str
    source: str
    marketplace_id: str
    view: str
    basis: str
    granularity: str
    period_start: int
    period_end: int
    currency: str
    total: int
    units: int
    as_of: int
    revision: int
    slices: list[GmvSlice]


@dataclass(slots=True)
class MetricReported:
    contract_id: str
    source: str
    marketplace_id: str
    metric: str
    granularity: str
    reporting: str
    revision: int
    period_start: int
    period_end: int
    unit: str
    value: int


# Content desk


@dataclass(slots=True)
class AssetCreated:
    contract_id: str
    asset_id: str
    title: str
    kind: str
    created_on: date
    owner: str
    derived_from: list[str]


@dataclass(slots=True)
class LicenceGranted:
    contract_id: str
    licence_id: str
    asset_id: str
    effect: str
    channels: list[str]
    territories: list[str]
    first_day: date
    last_day: date | None
    clause: str


# The clock


@dataclass(slots=True)
class DeadlinePassed:
    contract_id: str
    kind: str
    subject: str
    instant: int


# Derived: they record what was found when; no figure reads them


@dataclass(slots=True)
class CommitmentMet:
    contract_id: str
    commitment_id: str
    terms_version: int
    effective: date
    unit: str
    target: int
    actual: int


@dataclass(slots=True)
class CommitmentMissed:
    contract_id: str
    commitment_id: str
    terms_version: int
    effective: date
    unit: str
    target: int
    actual: int
    shortfall: int


@dataclass(slots=True)
class VerdictReversed:
    contract_id: str
    commitment_id: str
    terms_version: int
    effective: date
    unit: str
    target: int
    actual: int
    before: str
    after: str


@dataclass(slots=True)
class RebateAccrued:
    contract_id: str
    terms_version: int
    effective: date
    currency: str
    accrued: int
    delta: int
    lost_to_cap: int


@dataclass(slots=True)
class RebateAboveCapFound:
    contract_id: str
    terms_version: int
    effective: date
    currency: str
    issued: int
    cap: int
    excess: int


@dataclass(slots=True)
class CapExcessCleared:
    contract_id: str
    terms_version: int
    effective: date
    currency: str
    issued: int
    cap: int


@dataclass(slots=True)
class PrepaymentOverdrawn:
    contract_id: str
    effective: date
    currency: str
    prepaid: int
    drawn: int
    overdrawn: int


@dataclass(slots=True)
class OverdraftCleared:
    contract_id: str
    effective: date
    currency: str
    prepaid: int
    drawn: int


Fact = (
    ContractSigned
    | AmendmentSigned
    | BreachNoticed
    | PrepaymentReceived
    | RebateIssued
    | SpendReported
    | AttributedSalesReported
    | GmvReported
    | MetricReported
    | AssetCreated
    | LicenceGranted
    | DeadlinePassed
)
"""What a publisher, the clock among them, may say."""

Finding = (
    CommitmentMet
    | CommitmentMissed
    | VerdictReversed
    | RebateAccrued
    | RebateAboveCapFound
    | CapExcessCleared
    | PrepaymentOverdrawn
    | OverdraftCleared
)
"""What the domain derives."""

Event = Fact | Finding
