"""The Minimum Performance Commitment: what was promised, how far it is, whether it will be missed.

`assess` answers for any day and is the only source of a verdict. `standing` answers met, missed or open from the
running tally alone, so that each fact can be checked for a flip at a constant cost; both agree (held by a property).
"""

from dataclasses import dataclass
from datetime import date, timedelta

from domain.money import MICROS, fitting, ratio_ppm, toward_zero
from domain.period import DAY, ONE_DAY, Period, day_end, day_start, local_day
from domain.reports import Measure, Reading, Series, SeriesKey, Tally, read
from domain.terms import Commitment, SeasonWeight, Terms, Window

MONEY_METRICS = frozenset({"GMV", "COMMISSION", "SPEND", "ATTRIBUTED_SALES"})

OPEN, MET, MISSED = "OPEN", "MET", "MISSED"


def measure_of(commitment: Commitment, terms: Terms) -> Measure:
    """The number that decides a commitment."""
    window = terms.window_of(commitment)
    return Measure(
        metric=commitment.metric,
        qualifier=commitment.basis or "",
        window=window.period(),
        feeds=[feed for feed in terms.feeds if feed.metric == commitment.metric],
        asins=commitment.asins,
        straddle=commitment.straddle,
    )


def unit_of(metric: str, currency: str) -> str:
    """The unit of a metric's figures: the currency (then they are micros), or "count"."""
    return currency if metric in MONEY_METRICS else "count"


@dataclass(slots=True)
class Assessment:
    """A commitment as of the end of a local day; figures are micros or counts, as `unit` says.

    `status` is one of not_started, on_track, at_risk, met, missed, unknown; `verdict` one of provisional (the window is
    open or its reports are not complete), maturing (complete, the source may still restate), final. `pace_index_ppm`
    is (actual / target) / (elapsed share of the window up to the watermark); `needed_per_day` what each remaining day
    must bring. What nobody has reported is None, never zero. `watermark` is an instant, None before the first report.
    `reason` says why a figure is missing or odd.
    """

    commitment_id: str
    metric: str
    basis: str | None
    unit: str
    comparator: str
    target: int
    actual: int | None
    shortfall: int | None
    status: str
    verdict: str
    pace_index_ppm: int | None
    needed_per_day: int | None
    low: int | None
    mid: int | None
    high: int | None
    watermark: int | None
    not_counted: int
    consequence: str
    clause: str
    terms_version: int
    reason: str


def standing(commitment: Commitment, value: int, closed_and_complete: bool) -> str:
    """OPEN, MET or MISSED, from the value so far and whether nothing more is to come."""
    if commitment.comparator == "AT_LEAST":
        if value >= commitment.target:
            return MET
        return MISSED if closed_and_complete else OPEN
    if value > commitment.target:
        return MISSED
    return MET if closed_and_complete else OPEN


def shortfall_of(commitment: Commitment, value: int) -> int:
    """What is missing to the target; for a commitment of "at most", what is too much."""
    gap = commitment.target - value if commitment.comparator == "AT_LEAST" else value - commitment.target
    return max(0, gap)


def running_standing(commitment: Commitment, window: Window, measure: Measure, tally: Tally, on: date) -> str:
    """The standing as of the end of local day `on`, from the running tally."""
    if not tally.covered:
        return OPEN
    closed_and_complete = on >= window.last_day and tally.covered >= measure.complete
    return standing(commitment, tally.value, closed_and_complete)


def assess(
    commitment: Commitment, terms: Terms, version: int, all_series: dict[SeriesKey, Series], on: date
) -> Assessment:
    """A commitment as of the end of local day `on`, from the periods that ended by then."""
    zone = terms.window_of(commitment).zone
    measure = measure_of(commitment, terms)
    cutoff = day_end(on, zone)
    reading = read(measure, all_series, cutoff)
    closed = cutoff >= measure.window.end
    complete = closed and reading.watermark >= measure.window.end
    low, mid, high = _forecast(commitment, zone, measure.window, reading, on)
    status, reason = _status(commitment, measure, reading, cutoff, complete, mid)
    pace, needed = _pace(commitment, zone, measure, reading)
    running = status in ("on_track", "at_risk") and not closed
    if status in ("on_track", "at_risk") and closed:
        reason = "the window has closed and the source of record has not reported all of it"
    return Assessment(
        commitment_id=commitment.commitment_id,
        metric=commitment.metric,
        basis=commitment.basis,
        unit=unit_of(commitment.metric, terms.currency),
        comparator=commitment.comparator,
        target=commitment.target,
        actual=reading.value if reading.reported else None,
        shortfall=shortfall_of(commitment, reading.value) if reading.reported else None,
        status=status,
        verdict=_verdict(commitment, zone, measure.window, complete, on),
        pace_index_ppm=pace,
        needed_per_day=needed if running else None,
        low=low,
        mid=mid,
        high=high,
        watermark=reading.watermark if reading.reported else None,
        not_counted=reading.not_counted,
        consequence=commitment.consequence,
        clause=commitment.clause,
        terms_version=version,
        reason=reason,
    )


def _status(
    commitment: Commitment, measure: Measure, reading: Reading, cutoff: int, complete: bool, mid: int | None
) -> tuple[str, str]:
    reason = "periods of one source overlap; the shorter one counts" if reading.overlapping else ""
    if cutoff <= measure.window.start:
        return "not_started", reason
    if not reading.reported:
        return "unknown", "the source of record has not reported any period of the window"
    reached = standing(commitment, reading.value, complete)
    if reached != OPEN:
        return reached.lower(), reason
    if mid is None:
        return "unknown", "the first period of the window has not been reported"
    short = mid < commitment.target if commitment.comparator == "AT_LEAST" else mid > commitment.target
    return "at_risk" if short else "on_track", reason


def _verdict(commitment: Commitment, zone: str, window: Period, complete: bool, on: date) -> str:
    if not complete:
        return "provisional"
    return "maturing" if on < final_day(commitment, zone, window) else "final"


def final_day(commitment: Commitment, zone: str, window: Period) -> date:
    """The local day from which the source no longer restates the last period of the window."""
    return local_day(window.end - 1, zone) + timedelta(days=commitment.maturity_days)


def _pace(
    commitment: Commitment, zone: str, measure: Measure, reading: Reading
) -> tuple[int | None, int | None]:
    """The pace index up to the watermark, and what each day that is not reported yet must bring."""
    window = measure.window
    total = _weight(window, commitment.season, zone, window.end)
    elapsed = _weight(window, commitment.season, zone, reading.watermark)
    pace = ratio_ppm(reading.elapsed * total, commitment.target * elapsed)
    left = (measure.complete - reading.covered) // measure.expected
    gap = commitment.target - reading.value
    if left <= 0 or commitment.comparator != "AT_LEAST":
        return pace, None
    return pace, fitting(max(0, -(-gap * DAY // left)))


def _forecast(
    commitment: Commitment, zone: str, window: Period, reading: Reading, on: date
) -> tuple[int | None, int | None, int | None]:
    """Low, middle and high value at the end of the window.

    The middle is the actual value up to the watermark, divided by the elapsed share of the window (days weighted by
    the season of the terms). Low and high apply to each period the factor that the terms give to figures of its age;
    what straddles the window and is not counted widens the high side.
    """
    elapsed = _weight(window, commitment.season, zone, reading.watermark)
    if not elapsed:
        return None, None, None
    total = _weight(window, commitment.season, zone, window.end)
    low = high = 0
    for (_, end), value in reading.parts:
        if end <= reading.watermark:
            low_factor, high_factor = _maturity(commitment, (on - local_day(end - 1, zone)).days)
            low += value * low_factor
            high += value * high_factor
    return (
        fitting(toward_zero(low * total, elapsed * MICROS)),
        fitting(toward_zero(reading.elapsed * total, elapsed)),
        fitting(toward_zero(high * total, elapsed * MICROS) + max(0, reading.not_counted)),
    )


def _maturity(commitment: Commitment, age_days: int) -> tuple[int, int]:
    if age_days >= commitment.maturity_days or not commitment.maturity:
        return MICROS, MICROS
    factor = commitment.maturity[0]
    for candidate in commitment.maturity:
        if candidate.age_days <= age_days:
            factor = candidate
    return factor.low, factor.high


def _weight(window: Period, season: list[SeasonWeight], zone: str, until: int) -> int:
    """Microseconds of the window up to `until`, each local day weighted by its season (parts per million)."""
    until = min(until, window.end)
    weight = (until - window.start) * MICROS
    for span in season:
        day = span.first_day
        while day <= span.last_day:
            inside = window.overlap(day_start(day, zone), min(day_end(day, zone), until))
            weight += max(0, inside) * (span.weight - MICROS)
            day += ONE_DAY
    return max(0, weight)
