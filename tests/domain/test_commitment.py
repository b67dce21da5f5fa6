"""The Minimum Performance Commitment, in the contract's own events."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from domain.agreed import in_force, in_force_at
from domain.commitment import Assessment, assess
from domain.contract import Contract
from domain.deadlines import expected
from domain.events import CommitmentMet, CommitmentMissed, Fact, Finding, GmvReported, VerdictReversed
from domain.terms import MaturityFactor, SeasonWeight, Window
from tests.examples import AMENDED, CLOSED, CONTRACT, GMV, SIGNED, ZONE, at, gmv, signed, terms, usd
from tests.spec import given, history

FIRST, LAST = date(2026, 6, 15), date(2026, 6, 24)
AFTER = at(date(2026, 6, 25))


def each_day(dollars: int, until: date = LAST) -> list[Fact]:
    """A report for every day of the window up to a day."""
    return [gmv(FIRST + timedelta(n), dollars) for n in range((until - FIRST).days + 1)]


def assessed(state: Contract, on: date) -> Assessment:
    """The example's commitment as of a day, by the first terms."""
    terms = state.versions[0].terms
    return assess(terms.commitments[0], terms, 1, state.series, on)


def found(kind: Callable[..., Finding], actual: int, on: date, **more: Any) -> Finding:
    """A finding about the example's commitment."""
    return kind(CONTRACT, "season-gmv", 1, on, "USD", usd(1_000), usd(actual), *more.values())


def test_met_when_the_target_is_reached_before_the_window_ends() -> None:
    """The report that reaches the target is followed by CommitmentMet."""
    day = date(2026, 6, 17)
    given(SIGNED, *each_day(400, date(2026, 6, 16)), now=at(day)).when(gmv(day, 200)).then(
        found(CommitmentMet, 1_000, day)
    )


def test_missed_when_the_last_report_of_a_closed_window_leaves_a_gap() -> None:
    """After the window, the report that completes it short of the target is followed by CommitmentMissed."""
    given(SIGNED, *each_day(90, date(2026, 6, 23)), now=AFTER).when(gmv(LAST, 90)).then(
        found(CommitmentMissed, 900, date(2026, 6, 25), shortfall=usd(100))
    )


def test_a_closed_window_with_a_missing_report_is_not_missed_yet() -> None:
    """Silence is not zero: without the report of one day nothing is decided, and the status says so."""
    days = each_day(90)
    given(SIGNED, *days[:4], *days[5:], now=AFTER).when(CLOSED).then()
    state = history([SIGNED, *days[:4], *days[5:]], AFTER)
    assessment = assessed(state, date(2026, 6, 25))
    assert (assessment.status, assessment.verdict) == ("at_risk", "provisional")
    assert assessment.needed_per_day is None
    assert "has not reported all of it" in assessment.reason
    assert assessment.watermark == at(date(2026, 6, 19), 0)


def test_the_deadline_decides_where_no_report_comes_after_the_window() -> None:
    """With every day reported during its own day's evening, the clock alone brings the verdict."""
    facts = [SIGNED, *each_day(90)]
    state = given(*facts, now=at(date(2026, 6, 23), 23))
    assert not state.state.recorded.verdicts
    state.when(CLOSED, AFTER).then(found(CommitmentMissed, 900, date(2026, 6, 25), shortfall=usd(100)))


def test_a_restatement_turns_a_verdict() -> None:
    """A met commitment that a restatement brings below the target is reversed, and met again when it recovers."""
    late = at(date(2026, 7, 10))
    after = given(SIGNED, *each_day(110), now=late)
    after.when(gmv(FIRST, 5, revision=2)).then(
        found(VerdictReversed, 995, date(2026, 7, 10), before="MET", after="MISSED")
    )
    again = given(SIGNED, *each_day(110), gmv(FIRST, 5, revision=2), now=late)
    again.when(gmv(FIRST, 10, revision=3)).then(
        found(VerdictReversed, 1_000, date(2026, 7, 10), before="MISSED", after="MET")
    )


def test_an_older_revision_that_arrives_late_changes_nothing() -> None:
    """The highest revision of a period counts, whenever it came."""
    state = given(SIGNED, *each_day(110), now=AFTER)
    state.when(gmv(FIRST, 1, revision=0)).then()
    assert assessed(history([SIGNED, gmv(FIRST, 7, 3), gmv(FIRST, 9, 2)], AFTER), FIRST).actual == usd(7)


def test_the_last_local_day_of_the_window_counts_and_the_next_does_not() -> None:
    """The window is the local days from the first to the last, both included, in the contract's zone."""
    state = history([SIGNED, gmv(LAST, 10), gmv(LAST + timedelta(1), 500)], at(date(2026, 6, 27)))
    assert assessed(state, date(2026, 6, 27)).actual == usd(10)


def test_only_periods_that_have_ended_by_the_day_count() -> None:
    """As of a day, a report for a later day is not yet known to the figure."""
    state = history([SIGNED, *each_day(10)], AFTER)
    assert assessed(state, date(2026, 6, 17)).actual == usd(30)


def test_status_before_during_and_without_reports() -> None:
    """Not started before the window; unknown while nobody has reported; at risk below the pace; on track above."""
    empty = history([SIGNED], AFTER)
    assert assessed(empty, date(2026, 6, 14)).status == "not_started"
    assert assessed(empty, date(2026, 6, 16)).status == "unknown"
    assert "has not reported" in assessed(empty, date(2026, 6, 16)).reason
    assert assessed(history([SIGNED, gmv(FIRST, 99)], AFTER), FIRST).status == "at_risk"
    assert assessed(history([SIGNED, gmv(FIRST, 100)], AFTER), FIRST).status == "on_track"


def test_pace_forecast_and_needed_per_day() -> None:
    """Three of ten days at 80: index 0.8, forecast 800, and (1,000 - 240) / 7 each remaining day, rounded up."""
    assessment = assessed(history([SIGNED, *each_day(80, date(2026, 6, 17))], AFTER), date(2026, 6, 17))
    assert assessment.pace_index_ppm == 800_000
    assert (assessment.mid, assessment.shortfall) == (usd(800), usd(760))
    assert assessment.needed_per_day == 108_571_429
    assert (assessment.low, assessment.high) == (usd(720), usd(808))


def test_the_pace_stops_at_a_gap() -> None:
    """A missing second day: the forecast uses the first day only, and silence is never counted as zero."""
    state = history([SIGNED, gmv(FIRST, 100), gmv(FIRST + timedelta(2), 400)], AFTER)
    assessment = assessed(state, date(2026, 6, 17))
    assert (assessment.actual, assessment.mid) == (usd(500), usd(1_000))


def test_needed_per_day_looks_at_the_days_not_reported() -> None:
    """All but 16 and 24 June are reported, 400 are missing: each of the two open days must bring 200."""
    days = [fact for number, fact in enumerate(each_day(75, date(2026, 6, 23))) if number != 1]
    assessment = assessed(history([SIGNED, *days], AFTER), date(2026, 6, 23))
    assert (assessment.actual, assessment.needed_per_day) == (usd(600), usd(200))


def test_season_weights_shift_the_forecast() -> None:
    """A day that weighs three counts three days: 10 days weigh 12, the first three weigh 5 of them."""
    heavy = [SeasonWeight(date(2026, 6, 16), date(2026, 6, 16), 3_000_000)]
    state = history([signed(commitment={"season": heavy}), *each_day(100, date(2026, 6, 17))], AFTER)
    assert assessed(state, date(2026, 6, 17)).mid == usd(720)


def test_maturity_factors_end_with_the_maturity() -> None:
    """Figures older than the maturity are final, so the band closes."""
    factors = [MaturityFactor(0, 900_000, 1_100_000), MaturityFactor(7, 950_000, 1_050_000)]
    state = history([signed(commitment={"maturity": factors}), *each_day(90)], AFTER)
    young, old = assessed(state, LAST), assessed(state, LAST + timedelta(38))
    assert young.low == usd(90) * 3 * 95 // 100 + usd(90) * 7 * 90 // 100
    assert (old.low, old.mid, old.high) == (usd(900),) * 3
    assert (young.verdict, old.verdict) == ("maturing", "final")


def test_a_straddling_period_counts_as_the_terms_say() -> None:
    """A week that begins two days before the window: left out and shown, in proportion, or whole."""
    week = gmv(date(2026, 6, 13), 70, granularity="WEEK", period_end=at(date(2026, 6, 20), 0), slices=[])
    weekly = [replace(feed, granularity="WEEK") for feed in SIGNED.terms.feeds]
    for straddle, actual, left_out in (("NOT_COUNTED", 0, 70), ("PRORATE", 50, 0), ("WHOLE", 70, 0)):
        contract = signed(commitment={"straddle": straddle}, feeds=weekly)
        assessment = assessed(history([contract, week], AFTER), date(2026, 6, 20))
        assert (assessment.actual, assessment.not_counted) == (usd(actual), usd(left_out))


def test_scope_counts_only_the_products_in_it() -> None:
    """A commitment on two ASINs reads their slices; a report without slices answers nothing."""
    scoped = signed(commitment={"asins": ["B123456789"]})
    sliced = gmv(FIRST, 120, slices=GMV.slices)
    assert assessed(history([scoped, sliced], AFTER), FIRST).actual == usd(100)
    assert assessed(history([scoped, gmv(FIRST, 120)], AFTER), FIRST).status == "unknown"


def test_at_most_is_missed_as_soon_as_it_is_exceeded() -> None:
    """A commitment of "at most" is missed by the report that exceeds it, and met when the window closes below."""
    limit = signed(commitment={"comparator": "AT_MOST"})
    given(limit, gmv(FIRST, 900), now=at(date(2026, 6, 17))).when(gmv(date(2026, 6, 16), 101)).then(
        found(CommitmentMissed, 1_001, date(2026, 6, 17), shortfall=usd(1))
    )
    given(limit, *each_day(50, date(2026, 6, 23)), now=AFTER).when(gmv(LAST, 50)).then(
        found(CommitmentMet, 500, date(2026, 6, 25))
    )


def test_a_second_source_is_not_counted() -> None:
    """Only the source of record that a feed names counts; another one is on record but adds nothing."""
    other = replace(gmv(FIRST, 500), source="retail.realtime")
    assert assessed(history([SIGNED, gmv(FIRST, 100), other], AFTER), FIRST).actual == usd(100)


def test_overlapping_periods_of_one_source_count_once() -> None:
    """A day inside a longer period of the same source: the shorter one counts and the row says so."""
    two_days = gmv(FIRST, 300, period_end=at(date(2026, 6, 17), 0))
    for facts in ([gmv(FIRST, 100), two_days], [two_days, gmv(FIRST, 100)]):
        assessment = assessed(history([SIGNED, *facts], AFTER), date(2026, 6, 17))
        assert assessment.actual == usd(100)
        assert "overlap" in assessment.reason


def test_a_verdict_is_not_held_up_by_what_does_not_count() -> None:
    """A longer period that overlaps, or a report for a day to come, never hides that a met commitment has fallen."""
    low = signed(commitment={"target": usd(250)})
    today = at(date(2026, 6, 19))
    longer = gmv(FIRST, 300, period_end=at(date(2026, 6, 18), 0))
    to_come = gmv(date(2026, 6, 23), 300)
    for other in (longer, to_come):
        given(low, gmv(FIRST, 300), other, now=today).when(gmv(FIRST, 100, revision=2)).then(
            VerdictReversed(
                CONTRACT, "season-gmv", 1, date(2026, 6, 19), "USD", usd(250), usd(100), "MET", "OPEN"
            )
        )


def test_an_amendment_counts_from_its_day_and_decides_anew() -> None:
    """The lower target holds from its first day on; an earlier day keeps the earlier terms."""
    reports = each_day(85)
    state = given(SIGNED, *reports, now=AFTER)
    assert state.state.recorded.verdicts == {"season-gmv": "MISSED"}
    state.when(AMENDED).then(
        VerdictReversed(
            CONTRACT, "season-gmv", 2, date(2026, 6, 25), "USD", usd(800), usd(850), "MISSED", "MET"
        )
    )


def test_a_later_period_does_not_change_an_earlier_day() -> None:
    """Overlaps are settled among the periods that had ended by the day."""
    longer = gmv(FIRST, 300, period_end=at(date(2026, 6, 18), 0))
    facts: list[Fact] = [SIGNED, longer, gmv(date(2026, 6, 17), 100, period_end=at(date(2026, 6, 19), 0))]
    assert assessed(history(facts, AFTER), date(2026, 6, 17)).actual == usd(300)
    assert assessed(history(facts, AFTER), date(2026, 6, 18)).actual == usd(100)


def test_a_straddling_period_is_coverage_though_it_does_not_count() -> None:
    """Weeks over a window that begins within one: its figure is left out, yet the window becomes complete."""
    weekly = [replace(feed, granularity="WEEK") for feed in SIGNED.terms.feeds]
    contract = signed(feeds=weekly)
    weeks = [
        gmv(start, dollars, granularity="WEEK", period_end=at(start + timedelta(7), 0))
        for start, dollars in ((date(2026, 6, 13), 70), (date(2026, 6, 20), 900))
    ]
    state = history([contract, *weeks], at(date(2026, 6, 30)))
    assessment = assessed(state, date(2026, 7, 30))
    assert (assessment.status, assessment.verdict) == ("missed", "final")
    assert (assessment.actual, assessment.not_counted) == (0, usd(970))
    assert state.recorded.verdicts == {"season-gmv": "MISSED"}


def test_a_window_in_another_zone_is_judged_by_the_contracts_day() -> None:
    """Findings and figures use one day, the contract's, wherever a commitment's own window lies."""
    tokyo = Window("Asia/Tokyo", FIRST, date(2026, 6, 18))
    contract = signed(commitment={"window": tokyo, "target": usd(10)})
    day = gmv(
        date(2026, 6, 17),
        20,
        period_start=at(date(2026, 6, 18), 0, "Asia/Tokyo"),
        period_end=at(date(2026, 6, 19), 0, "Asia/Tokyo"),
    )
    now = at(date(2026, 6, 17), 20)
    state = history([contract, day], now)
    assert state.recorded.verdicts.get("season-gmv", "OPEN") == "OPEN"
    assert assessed(state, date(2026, 6, 17)).status == "unknown"
    given(contract, day, now=at(date(2026, 6, 18), 20)).when(gmv(FIRST, 1)).then()
    assert history([contract, day], at(date(2026, 6, 18), 20)).recorded.verdicts == {"season-gmv": "MET"}


def test_an_amendment_that_comes_later_leaves_the_deadlines_of_the_terms_in_force() -> None:
    """Terms signed for September do not take away the close of the window in June."""
    longer = Window(ZONE, FIRST, date(2026, 10, 31))
    later = replace(AMENDED, effective_from=date(2026, 9, 1), terms=terms(window=longer))
    kinds = {
        (kind, subject)
        for kind, subject, instant in expected(history([SIGNED, later], AFTER))
        if instant < at(date(2026, 9, 1), 0)
    }
    assert ("WINDOW_CLOSED", "season-gmv") in kinds
    assert ("REBATE_CLOSED", "accrual") in kinds


def test_an_amendment_is_in_force_on_its_first_day() -> None:
    """The day named by `effective_from` belongs to the new terms, the day before to the old ones."""
    versions = history([SIGNED, AMENDED], AFTER).versions
    assert [in_force(versions, date(2026, 6, day)).version for day in (19, 20)] == [1, 2]
    assert [in_force_at(versions, at(date(2026, 6, day), 0)).version for day in (20, 21)] == [2, 2]
    assert in_force_at(versions, at(date(2026, 6, 20), 0) - 1).version == 1


def test_a_silent_marketplace_keeps_the_commitment_open() -> None:
    """With two sources of record, coverage reaches as far as the slower one: one's silence is not the other's zero."""
    second = replace(SIGNED.terms.feeds[0], marketplace_id="A2EUQ1WTGCTBG2")
    both = signed(feeds=[*SIGNED.terms.feeds, second])
    state = history([both, *each_day(60)], AFTER)
    assert assessed(state, date(2026, 6, 25)).status == "unknown"
    assert not state.recorded.verdicts
    other = [
        replace(fact, marketplace_id="A2EUQ1WTGCTBG2")
        for fact in each_day(30)
        if isinstance(fact, GmvReported)
    ]
    assert history([both, *each_day(60), *other], AFTER).recorded.verdicts == {"season-gmv": "MISSED"}


def test_a_period_that_ends_after_the_day_is_not_known_on_it() -> None:
    """A period must have ended by the end of the local day, to the microsecond."""
    end = at(date(2026, 6, 16), 0)
    for late, actual in ((0, usd(10)), (1, None)):
        state = history([SIGNED, gmv(FIRST, 10, period_end=end + late)], AFTER)
        assert assessed(state, FIRST).actual == actual


def test_a_commitment_has_its_own_window() -> None:
    """A kick-off commitment looks at its own days only."""
    window = Window(ZONE, FIRST, FIRST + timedelta(1))
    contract = signed(commitment={"window": window, "target": usd(150)})
    given(contract, gmv(FIRST, 90), now=at(date(2026, 6, 17))).when(gmv(FIRST + timedelta(1), 50)).then(
        CommitmentMissed(CONTRACT, "season-gmv", 1, date(2026, 6, 17), "USD", usd(150), usd(140), usd(10))
    )
