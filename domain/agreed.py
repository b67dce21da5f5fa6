"""One version of the terms with the running figures that it asks for, and which version is in force."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from domain import commitment
from domain.period import day_start, local_day
from domain.reports import Figure, Measure, Series, SeriesKey, Span, Tally, tally_of
from domain.terms import Terms
from domain.terms_check import gmv_basis

SPEND, SALES = "SPEND", "ATTRIBUTED_SALES"


@dataclass(slots=True)
class Agreed:
    """Terms as signed, `starts` being the instant from which they are in force.

    `measures` and `tallies` go by the same names: campaign figures by their metric (SPEND, COMMISSION, GMV …),
    commitments by `commitment:<id>`. `routes` remembers which of them a series feeds.
    """

    version: int
    effective_from: date
    starts: int
    terms: Terms
    measures: dict[str, Measure]
    tallies: dict[str, Tally]
    routes: dict[SeriesKey, list[str]] = field(default_factory=dict)

    def copy(self) -> "Agreed":
        """A copy whose running figures can move on; terms and measures are never changed and stay shared."""
        return Agreed(
            self.version,
            self.effective_from,
            self.starts,
            self.terms,
            self.measures,
            self.tallies.copy(),
            self.routes.copy(),
        )

    def follow(self, key: SeriesKey, span: Span, before: Figure | None, after: Figure) -> None:
        """Bring the running figures up to date after a series changed its figure of a period."""
        names = self.routes.get(key)
        if names is None:
            names = [name for name, measure in self.measures.items() if measure.takes(key)]
            self.routes[key] = names
        for name in names:
            measure = self.measures[name]
            old = None if before is None else measure.scoped(*before)
            self.tallies[name] = self.tallies[name].moved(measure, span, old, measure.scoped(*after))


def agreed(version: int, effective_from: date, terms: Terms, all_series: dict[SeriesKey, Series]) -> Agreed:
    """A version of the terms with its figures computed from all that is on record."""
    measures = campaign_measures(terms)
    for each in terms.commitments:
        measures[commitment_measure(each.commitment_id)] = commitment.measure_of(each, terms)
    tallies = {name: tally_of(measure, all_series) for name, measure in measures.items()}
    return Agreed(
        version, effective_from, day_start(effective_from, terms.window.zone), terms, measures, tallies
    )


def commitment_measure(commitment_id: str) -> str:
    """The name under which a commitment's measure is kept."""
    return f"commitment:{commitment_id}"


def campaign_measures(terms: Terms) -> dict[str, Measure]:
    """The figures of the whole campaign that funding and rebate need, by metric."""
    wanted = {SPEND, SALES}
    if terms.rebate:
        wanted |= {terms.rebate.base, terms.rebate.effect, terms.rebate.cap_base} - {"PREPAYMENT", "UNSTATED"}
    qualifiers = {SALES: str(terms.attribution_days), "GMV": gmv_basis(terms) or ""}
    return {
        metric: Measure(
            metric=metric,
            qualifier=qualifiers.get(metric, ""),
            window=terms.window.period(),
            feeds=[feed for feed in terms.feeds if feed.metric == metric],
        )
        for metric in sorted(wanted)
    }


def in_force(versions: Sequence[Agreed], on: date) -> Agreed:
    """The version in force on a day: the highest (effective_from, version) by then; before the first, the first.

    `versions` is sorted by (effective_from, version) and not empty.
    """
    found = versions[0]
    for each in versions:
        if each.effective_from <= on:
            found = each
    return found


def day_at(versions: Sequence[Agreed], instant: int) -> date:
    """The local day to which an instant belongs for a contract, by the zone of the terms then in force."""
    return local_day(instant, in_force_at(versions, instant).terms.window.zone)


def in_force_at(versions: Sequence[Agreed], now: int) -> Agreed:
    """The version in force at an instant."""
    found = versions[0]
    for each in versions:
        if each.starts <= now:
            found = each
    return found
