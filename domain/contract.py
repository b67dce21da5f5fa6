"""The contract: one aggregate, one stream, one numbered history, and how each event changes what is known.

`evolve` never refuses: what may come in is `domain.checks`, what follows is `domain.findings`, and `domain.decide`
puts the three together. State is plain and mutable because it is never shared: whoever folds owns a copy.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import assert_never

from domain.agreed import Agreed, agreed
from domain.commitment import MET, MISSED
from domain.events import (
    AmendmentSigned,
    AssetCreated,
    AttributedSalesReported,
    BreachNoticed,
    CapExcessCleared,
    CommitmentMet,
    CommitmentMissed,
    ContractSigned,
    DeadlinePassed,
    Event,
    GmvReported,
    LicenceGranted,
    MetricReported,
    OverdraftCleared,
    PrepaymentOverdrawn,
    PrepaymentReceived,
    RebateAboveCapFound,
    RebateAccrued,
    RebateIssued,
    SpendReported,
    VerdictReversed,
)
from domain.reports import Report, Series, SeriesKey
from domain.terms import Terms


@dataclass(slots=True)
class Recorded:
    """What derived events have recorded so far, so that a finding is recorded once. No figure reads this."""

    verdicts: dict[str, str] = field(default_factory=dict)
    overdrawn: bool = False
    above_cap: bool = False
    accrued: int = 0


@dataclass(slots=True)
class Contract:
    """A contract as its events so far make it; `version` counts them. Before it is signed, `signed` is None."""

    version: int = 0
    signed: ContractSigned | None = None
    versions: list[Agreed] = field(default_factory=list)
    amendments: dict[str, AmendmentSigned] = field(default_factory=dict)
    series: dict[SeriesKey, Series] = field(default_factory=dict)
    overlapping: bool = False
    payments: dict[str, PrepaymentReceived] = field(default_factory=dict)
    issues: dict[str, RebateIssued] = field(default_factory=dict)
    assets: dict[str, AssetCreated] = field(default_factory=dict)
    licences: dict[str, LicenceGranted] = field(default_factory=dict)
    notices: dict[str, BreachNoticed] = field(default_factory=dict)
    deadlines: set[tuple[str, str, int]] = field(default_factory=set)
    recorded: Recorded = field(default_factory=Recorded)

    def copy(self) -> "Contract":
        """A copy that can move on by itself; events and terms are never changed and stay shared."""
        recorded = self.recorded
        return Contract(
            self.version,
            self.signed,
            [each.copy() for each in self.versions],
            self.amendments.copy(),
            {key: series.copy() for key, series in self.series.items()},
            self.overlapping,
            self.payments.copy(),
            self.issues.copy(),
            self.assets.copy(),
            self.licences.copy(),
            self.notices.copy(),
            self.deadlines.copy(),
            Recorded(recorded.verdicts.copy(), recorded.overdrawn, recorded.above_cap, recorded.accrued),
        )


def evolve(state: Contract, event: Event, reports: Sequence[Report] = ()) -> Contract:
    """Fold an event into the state it follows; owns its argument, changes and returns it.

    `reports` are the event's own figures (`reports_of`), where the caller has made them already.
    """
    state.version += 1
    match event:
        case SpendReported() | GmvReported() | MetricReported() | AttributedSalesReported():
            for report in reports or reports_of(event):
                _take_in(state, report)
        case PrepaymentReceived():
            state.payments[event.payment_id] = event
        case RebateIssued():
            state.issues[event.rebate_id] = event
        case ContractSigned():
            state.signed = event
            _add_terms(state, event.terms_version, event.effective_from, event.terms)
        case AmendmentSigned():
            state.amendments[event.amendment_id] = event
            _add_terms(state, event.terms_version, event.effective_from, event.terms)
        case AssetCreated():
            state.assets[event.asset_id] = event
        case LicenceGranted():
            state.licences[event.licence_id] = event
        case BreachNoticed():
            state.notices[event.breach_id] = event
        case DeadlinePassed():
            state.deadlines.add((event.kind, event.subject, event.instant))
        case CommitmentMet():
            state.recorded.verdicts[event.commitment_id] = MET
        case CommitmentMissed():
            state.recorded.verdicts[event.commitment_id] = MISSED
        case VerdictReversed():
            state.recorded.verdicts[event.commitment_id] = event.after
        case RebateAccrued():
            state.recorded.accrued = event.accrued
        case RebateAboveCapFound():
            state.recorded.above_cap = True
        case CapExcessCleared():
            state.recorded.above_cap = False
        case PrepaymentOverdrawn():
            state.recorded.overdrawn = True
        case OverdraftCleared():
            state.recorded.overdrawn = False
        case _:
            assert_never(event)
    return state


def reports_of(fact: SpendReported | GmvReported | MetricReported | AttributedSalesReported) -> list[Report]:
    """The figures that a fact reports: one, or one for each attribution window."""
    span = (fact.period_start, fact.period_end)
    match fact:
        case SpendReported():
            key = SeriesKey(
                "SPEND", "", fact.source, fact.marketplace_id, "", "", fact.account_id, fact.campaign_id
            )
            return [Report(key, fact.reporting, span, fact.revision, fact.amount, ())]
        case GmvReported():
            key = SeriesKey(
                "GMV", fact.basis, fact.source, fact.marketplace_id, fact.view, fact.granularity, "", ""
            )
            slices = tuple(sorted((piece.asin, piece.amount) for piece in fact.slices))
            return [Report(key, "SNAPSHOT", span, fact.revision, fact.total, slices)]
        case MetricReported():
            key = SeriesKey(fact.metric, "", fact.source, fact.marketplace_id, "", fact.granularity, "", "")
            return [Report(key, fact.reporting, span, fact.revision, fact.value, ())]
        case AttributedSalesReported():
            return [
                Report(
                    SeriesKey(
                        "ATTRIBUTED_SALES",
                        str(window.days),
                        fact.source,
                        fact.marketplace_id,
                        "",
                        "",
                        fact.account_id,
                        fact.campaign_id,
                    ),
                    fact.reporting,
                    span,
                    fact.revision,
                    window.amount,
                    (),
                )
                for window in fact.windows
            ]


def _take_in(state: Contract, report: Report) -> None:
    key, span = report.key, report.span
    series = state.series.get(key)
    if series is None:
        series = state.series[key] = Series(report.reporting)
    known = series.figures.get(span)
    before = None if known is None else (known[1], series.slices.get(span, ()))
    if not series.accept(span, report.revision, report.value, report.slices):
        return
    state.overlapping = state.overlapping or series.overlapping
    after = (series.figures[span][1], report.slices)
    for each in state.versions:
        each.follow(key, span, before, after)


def _add_terms(state: Contract, version: int, effective_from: date, terms: Terms) -> None:
    state.versions.append(agreed(version, effective_from, terms, state.series))
    state.versions.sort(key=lambda each: (each.effective_from, each.version))
