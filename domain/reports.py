"""What sources reported, period by period: the newest figure of each, or the sum of adjustments.

A *series* is what one source says about one metric of one account or view. A snapshot series keeps, for each period,
the figure of the highest revision; a delta series adds what comes. A *measure* is one number that the terms ask for:
which series count (the feeds), which window, which products. A *tally* is the running value of a measure, kept so that
deciding on the hundred-thousandth fact costs what the hundredth did; `read` computes the same from the periods.

Figures are micros for money and plain counts otherwise; instants are microseconds UTC; spans are half-open.
"""

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import NamedTuple

from domain.money import toward_zero
from domain.period import Period
from domain.refusals import ReportingMixed, RevisionConflict
from domain.terms import Feed

Span = tuple[int, int]
"""A half-open period, (start, end), as instants."""

Slices = tuple[tuple[str, int], ...]
"""A figure by product: (ASIN, figure)."""


Figure = tuple[int, Slices]
"""The figure of a period, whole and by product."""


class SeriesKey(NamedTuple):
    """Which figure of which source: `qualifier` is the GMV basis, or the attribution window in days."""

    metric: str
    qualifier: str
    source: str
    marketplace_id: str
    view: str
    granularity: str
    account_id: str
    campaign_id: str


@dataclass(slots=True)
class Series:
    """The figures of one series; `spans` is sorted, `figures` holds (revision, value) by span."""

    reporting: str
    spans: list[Span] = field(default_factory=list)
    figures: dict[Span, tuple[int, int]] = field(default_factory=dict)
    slices: dict[Span, Slices] = field(default_factory=dict)
    overlapping: bool = False

    def copy(self) -> "Series":
        """A copy that can move on by itself."""
        return Series(
            self.reporting, self.spans.copy(), self.figures.copy(), self.slices.copy(), self.overlapping
        )

    def accept(self, span: Span, revision: int, value: int, slices: Slices) -> bool:
        """Take a report in; say whether it changed the figure of its period."""
        known = self.figures.get(span)
        if known is None:
            self._place(span)
        elif self.reporting == "DELTA":
            value += known[1]
        elif revision <= known[0]:
            return False
        self.figures[span] = (revision, value)
        if slices or span in self.slices:
            self.slices[span] = slices
        return True

    def _place(self, span: Span) -> None:
        spans = self.spans
        if not spans or span[0] >= spans[-1][1]:
            spans.append(span)
            return
        at = bisect_left(spans, span)
        if (at and spans[at - 1][1] > span[0]) or (at < len(spans) and spans[at][0] < span[1]):
            self.overlapping = True
        spans.insert(at, span)

    def counted(self, cutoff: int) -> list[Span]:
        """The periods ended by an instant that count, in order: of overlapping ones of a source, the shorter.

        Adjustments add up whatever their periods are, so all of a delta series count.
        """
        ended = [span for span in self.spans if span[1] <= cutoff]
        if not self.overlapping or self.reporting == "DELTA":
            return ended
        taken: list[Span] = []
        for span in sorted(ended, key=lambda s: (s[1] - s[0], s)):
            at = bisect_left(taken, span)
            clear_before = at == 0 or taken[at - 1][1] <= span[0]
            clear_after = at == len(taken) or span[1] <= taken[at][0]
            if clear_before and clear_after:
                taken.insert(at, span)
        return taken


class Report(NamedTuple):
    """One figure as a fact reports it, ready for its series."""

    key: SeriesKey
    reporting: str
    span: Span
    revision: int
    value: int
    slices: Slices


def check_report(series: Series | None, report: Report) -> None:
    """Raise a conflict where a report contradicts what its source said before."""
    if series is None:
        return
    if series.reporting != report.reporting:
        raise ReportingMixed(
            "reporting",
            report.reporting,
            f"{report.key.source} has reported this as {series.reporting} before; one series has one way",
        )
    if report.reporting == "DELTA":
        return
    known = series.figures.get(report.span)
    if known and known[0] == report.revision:
        same = known[1] == report.value and series.slices.get(report.span, ()) == report.slices
        if not same:
            raise RevisionConflict(
                "revision",
                report.revision,
                f"this revision is on record with the figure {known[1]}, not {report.value}",
            )


@dataclass(slots=True)
class Measure:
    """One number that the terms ask for, and how it is taken from the reports; `feeds` are those of its metric."""

    metric: str
    qualifier: str
    window: Period
    feeds: list[Feed]
    asins: list[str] = field(default_factory=list)
    straddle: str = "NOT_COUNTED"

    @property
    def expected(self) -> int:
        """How many series the feeds name, where each feed names one (a feed of campaigns may name many)."""
        return len(self.feeds)

    @property
    def complete(self) -> int:
        """What a tally has covered when every source of record has reported the whole window."""
        return self.window.length * len(self.feeds)

    def takes(self, key: SeriesKey) -> bool:
        """Whether a series is the source of record of this measure: a feed names it."""
        if key.metric != self.metric or key.qualifier != self.qualifier:
            return False
        return any(_names(feed, key) for feed in self.feeds)

    def share(self, span: Span, value: int) -> int:
        """What a period's figure contributes: all inside the window, none outside, by the terms in between."""
        window = self.window
        if window.start <= span[0] and span[1] <= window.end:
            return value
        inside = window.overlap(*span)
        if not inside or self.straddle == "NOT_COUNTED":
            return 0
        return value if self.straddle == "WHOLE" else toward_zero(value * inside, span[1] - span[0])

    def covers(self, span: Span) -> int:
        """Microseconds of the window on which a period reports, whether or not its figure counts."""
        window = self.window
        if window.start <= span[0] and span[1] <= window.end:
            return span[1] - span[0]
        return window.overlap(*span)

    def leaves_out(self, span: Span) -> bool:
        """Whether a period straddles the edge of the window and is not counted by the terms."""
        return self.straddle == "NOT_COUNTED" and not self.window.contains(*span)

    def scoped(self, value: int, slices: Slices) -> int | None:
        """The part of a figure for the products in scope; None where the report does not break it down."""
        if not self.asins:
            return value
        if not slices and value:
            return None
        return sum(amount for asin, amount in slices if asin in self.asins)


def _names(feed: Feed, key: SeriesKey) -> bool:
    return (
        feed.metric == key.metric
        and feed.source == key.source
        and feed.marketplace_id == key.marketplace_id
        and feed.account_id in ("", key.account_id)
        and (not feed.campaign_ids or key.campaign_id in feed.campaign_ids)
        and (not key.granularity or (feed.view == key.view and feed.granularity == key.granularity))
    )


class Tally(NamedTuple):
    """The running value of a measure over everything reported so far, whenever it ends.

    `covered` is in microseconds, summed over the sources of record; `latest_end` is an instant.
    """

    value: int = 0
    covered: int = 0
    latest_end: int = 0

    def moved(self, measure: Measure, span: Span, before: int | None, after: int | None) -> "Tally":
        """The tally after a period's figure in scope changed; None counts nothing."""
        value, covered, latest_end = self
        window, (start, end) = measure.window, span
        if before is not None and after is not None and window.start <= start and end <= window.end:
            return Tally(value - before + after, covered, latest_end)
        if before is not None:
            value -= measure.share(span, before)
            covered -= measure.covers(span)
        if after is not None:
            value += measure.share(span, after)
            covered += measure.covers(span)
            latest_end = max(latest_end, span[1])
        return Tally(value, covered, latest_end)


def tally_of(measure: Measure, all_series: dict[SeriesKey, Series]) -> Tally:
    """The tally of a measure from the periods on record: for new terms, and to check the running one."""
    tally = Tally()
    for key, series in all_series.items():
        if measure.takes(key):
            for span, (_, value) in series.figures.items():
                tally = tally.moved(measure, span, None, measure.scoped(value, series.slices.get(span, ())))
    return tally


@dataclass(slots=True)
class Reading:
    """A measure as of an instant: the value of the periods ended by then, and how far the reports reach.

    `watermark` is the end of gapless coverage from the start of the window by every source of record (the start where
    there is none), `elapsed` the value of the periods up to it; `covered` is in microseconds, summed over the sources.
    `not_counted` is what straddles the edge of the window and was left out by the terms; it is coverage all the same.
    `reported` says whether there is any: silence is not zero. `parts` are the periods that counted, in order.
    """

    value: int
    elapsed: int
    covered: int
    watermark: int
    not_counted: int
    overlapping: bool
    reported: bool
    parts: list[tuple[Span, int]]


def read(measure: Measure, all_series: dict[SeriesKey, Series], cutoff: int) -> Reading:
    """The value of a measure from the periods that end at or before the instant `cutoff`."""
    parts: list[tuple[Span, int]] = []
    watermarks: list[int] = []
    covered, not_counted, overlapping = 0, 0, False
    for key, series in all_series.items():
        if not measure.takes(key):
            continue
        overlapping = overlapping or (series.overlapping and series.reporting == "SNAPSHOT")
        reached = measure.window.start
        for span in series.counted(cutoff):
            if not measure.window.overlap(*span):
                continue
            value = measure.scoped(series.figures[span][1], series.slices.get(span, ()))
            if value is None:
                continue
            covered += measure.covers(span)
            if measure.leaves_out(span):
                not_counted += value
            else:
                parts.append((span, measure.share(span, value)))
            if span[0] <= reached:
                reached = max(reached, span[1])
        watermarks.append(reached)
    parts.sort()
    silent = len(watermarks) < measure.expected
    watermark = measure.window.start if silent or not watermarks else min(watermarks)
    return Reading(
        value=sum(value for _, value in parts),
        elapsed=sum(value for span, value in parts if span[1] <= watermark),
        covered=covered,
        watermark=watermark,
        not_counted=not_counted,
        overlapping=overlapping,
        reported=covered > 0,
        parts=parts,
    )
