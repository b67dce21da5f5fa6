"""What the parties signed, in the shape of the contract file, and which version of it is in force on a day.

Field names, order and meaning are those of `schemas/contracts/ContractSigned.v1.avsc`, where each field is documented.
Amounts are micros of `Terms.currency`, rates are parts per million, days are local days of the window's zone and
both ends of a span of days are included.
"""

from dataclasses import dataclass
from datetime import date

from domain.period import Period, days


@dataclass(slots=True)
class Window:
    zone: str
    first_day: date
    last_day: date

    def period(self) -> Period:
        """The window as half-open instants."""
        return days(self.first_day, self.last_day, self.zone)


@dataclass(slots=True)
class PrepaymentTerms:
    amount: int
    purpose: str
    unspent: str
    clause: str


@dataclass(slots=True)
class Tier:
    threshold: int
    rate: int


@dataclass(slots=True)
class RebateTerms:
    base: str
    effect: str
    tiering: str
    tiers: list[Tier]
    cap_rate: int
    cap_base: str
    clause: str


@dataclass(slots=True)
class MaturityFactor:
    age_days: int
    low: int
    high: int


@dataclass(slots=True)
class SeasonWeight:
    first_day: date
    last_day: date
    weight: int


@dataclass(slots=True)
class Commitment:
    commitment_id: str
    metric: str
    basis: str | None
    comparator: str
    target: int
    asins: list[str]
    window: Window | None
    straddle: str
    maturity_days: int
    maturity: list[MaturityFactor]
    season: list[SeasonWeight]
    consequence: str
    clause: str


@dataclass(slots=True)
class UsageRule:
    effect: str
    channels: list[str]
    territories: list[str]
    first_day: date | None
    last_day: date | None
    clause: str


@dataclass(slots=True)
class IpClause:
    owner: str
    rules: list[UsageRule]
    clause: str


@dataclass(slots=True)
class DataRights:
    data: list[str]
    granularity: str
    retention_days: int | None
    permitted_use: list[str]
    clause: str


@dataclass(slots=True)
class BreachClause:
    trigger: str
    cure_days: int
    exit_cost: int
    consequence: str
    clause: str
    description: str


@dataclass(slots=True)
class Feed:
    metric: str
    source: str
    marketplace_id: str
    account_id: str
    campaign_ids: list[str]
    view: str
    granularity: str


@dataclass(slots=True)
class Terms:
    programme: str
    modules: list[str]
    category: str
    currency: str
    window: Window
    attribution_days: int
    prepayment: PrepaymentTerms | None
    rebate: RebateTerms | None
    commitments: list[Commitment]
    ip: IpClause
    data_rights: DataRights | None
    breach_clauses: list[BreachClause]
    feeds: list[Feed]

    def window_of(self, commitment: Commitment) -> Window:
        """The window of a commitment: its own, or else the contract's."""
        return commitment.window or self.window
