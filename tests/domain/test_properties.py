"""What holds for any history: order does not matter, running figures are true, findings are what `assess` says."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from domain import commitment, funding
from domain.contract import Contract, evolve
from domain.deadlines import expected
from domain.decide import decide
from domain.events import DeadlinePassed, Event, Fact
from domain.period import day_end, local_day
from domain.refusals import NotAccepted
from domain.reports import read, tally_of
from tests.examples import (
    AMENDED,
    ASSET,
    LICENCE,
    PREPAID,
    REBATE,
    SALES,
    SIGNED,
    ZONE,
    at,
    gmv,
    metric,
    signed,
    spend,
    usd,
)

FIRST = date(2026, 6, 15)
DAYS = st.integers(-1, 11).map(lambda n: FIRST + timedelta(n))
DOLLARS = st.integers(-50, 300)
NOW = at(date(2026, 7, 30))

CONTRACTS = st.sampled_from(
    [
        SIGNED,
        signed(commitment={"comparator": "AT_MOST"}),
        signed(commitment={"straddle": "PRORATE", "target": usd(700)}),
        signed(commitment={"asins": ["B123456789"]}),
        signed(commitment={"target": usd(250)}),
        signed(commitment={"target": usd(100), "comparator": "AT_MOST"}),
    ]
)

MOVES = st.one_of(
    st.builds(gmv, DAYS, DOLLARS, st.integers(1, 3)),
    st.builds(
        lambda day, dollars, length: gmv(day, dollars, period_end=day_end(day + timedelta(length), ZONE)),
        DAYS,
        DOLLARS,
        st.integers(1, 3),
    ),
    st.builds(spend, DAYS, DOLLARS),
    st.builds(
        metric, st.sampled_from(["VISITS", "COMMISSION"]), DAYS, st.integers(0, 3_000), st.integers(1, 3)
    ),
    st.builds(lambda n: replace(PREPAID, payment_id=f"p{n}", amount=usd(100 * n)), st.integers(1, 4)),
    st.builds(lambda n: replace(REBATE, rebate_id=f"r{n}", amount=usd(10 * n)), st.integers(1, 4)),
    st.builds(
        lambda n: replace(
            AMENDED,
            amendment_id=f"a{n}",
            terms_version=n + 1,
            effective_from=FIRST + timedelta(n),
            terms=signed(commitment={"target": usd(300 * n)}).terms,
        ),
        st.integers(1, 3),
    ),
    st.sampled_from([ASSET, LICENCE, SALES]),
)


def compatible(facts: list[Fact]) -> list[Fact]:
    """The facts without those that contradict an earlier one: contradictions are parked, whatever the order."""
    state, kept = take(SIGNED, []), []
    for fact in facts:
        try:
            events = decide(state, fact, NOW)
        except NotAccepted:
            continue
        if events:
            kept.append(fact)
            for event in events:
                evolve(state, event)
    return kept


def take(contract: Fact, facts: list[Fact], now: int = NOW) -> Contract:
    """A contract after facts and what follows from them."""
    state = Contract()
    for fact in [contract, *facts]:
        for event in decide(state, fact, now):
            evolve(state, event)
    return state


def figures(state: Contract, on: date) -> tuple[list[commitment.Assessment], funding.Funding]:
    """Everything that operations would read."""
    agreed = state.versions[0]
    for each in state.versions:
        agreed = each if each.effective_from <= on else agreed
    terms = agreed.terms
    assessments = [
        commitment.assess(each, terms, agreed.version, state.series, on) for each in terms.commitments
    ]
    return assessments, funding.assess(state, on)


@settings(max_examples=150, deadline=None)
@given(CONTRACTS, st.lists(MOVES, max_size=14), st.randoms(use_true_random=False))
def test_any_order_gives_the_same_figures(contract: Fact, moves: list[Fact], random: Random) -> None:
    """Whatever the order of arrival, every figure of every day is the same."""
    facts = compatible(moves)
    shuffled = facts.copy()
    random.shuffle(shuffled)
    one, other = take(contract, facts), take(contract, shuffled)
    for on in (date(2026, 6, 14), date(2026, 6, 18), date(2026, 6, 24), date(2026, 8, 30)):
        assert figures(one, on) == figures(other, on)


@settings(max_examples=150, deadline=None)
@given(CONTRACTS, st.lists(MOVES, max_size=14))
def test_running_figures_are_the_figures_computed_anew(contract: Fact, moves: list[Fact]) -> None:
    """Tallies that moved with each fact equal those made from the periods, and, without overlaps, what is read."""
    state = take(contract, compatible(moves))
    for agreed in state.versions:
        for name, measure in agreed.measures.items():
            computed = tally_of(measure, state.series)
            assert agreed.tallies[name]._replace(latest_end=computed.latest_end) == computed
            if not state.overlapping:
                assert agreed.tallies[name].value == read(measure, state.series, NOW).value


@settings(max_examples=150, deadline=None)
@given(CONTRACTS, st.lists(st.tuples(MOVES, st.integers(0, 40)), max_size=14))
def test_findings_are_what_assess_says_at_their_moment(contract: Fact, moves: list[tuple[Fact, int]]) -> None:
    """After each fact, what is recorded as met, missed, overdrawn or above the cap is what an assessment finds."""
    state = take(contract, [], at(FIRST))
    now = at(FIRST)
    for fact, hours in moves:
        now += hours * 3_600_000_000
        try:
            events = decide(state, fact, now)
        except NotAccepted:
            continue
        for event in events:
            evolve(state, event)
        if events:
            check_recorded(state, now)


def check_recorded(state: Contract, now: int) -> None:
    """The recorded findings agree with assessments as of the local day of `now`."""
    on = local_day(now, ZONE)
    assessments, money = figures(state, on)
    for assessment in assessments:
        expected_verdict = assessment.status.upper() if assessment.status in ("met", "missed") else "OPEN"
        assert state.recorded.verdicts.get(assessment.commitment_id, "OPEN") == expected_verdict
    assert state.recorded.overdrawn == bool(money.balance and money.balance.overdrawn)
    if state.issues and money.rebate and money.rebate.above_cap is not None:
        assert state.recorded.above_cap == bool(money.rebate.above_cap)


@settings(max_examples=60, deadline=None)
@given(st.lists(MOVES, max_size=10))
def test_folding_again_gives_the_same_state(moves: list[Fact]) -> None:
    """Two folds of one history are equal, and a copy moves on without touching its origin."""
    facts = compatible(moves)
    events: list[Event] = []
    state = Contract()
    for fact in [SIGNED, *facts]:
        before = state.copy()
        decided = decide(state, fact, NOW)
        assert state == before
        events += decided
        for event in decided:
            evolve(state, event)
    again = Contract()
    for event in events:
        evolve(again, event)
    assert again == state


@settings(max_examples=60, deadline=None)
@given(st.lists(MOVES, min_size=1, max_size=10), st.data())
def test_a_copy_and_its_origin_part_ways(moves: list[Fact], data: st.DataObject) -> None:
    """Whichever of the two moves on, the other one stays what it was."""
    facts = compatible(moves)
    at_first = take(SIGNED, facts)
    origin, witness = take(SIGNED, facts), take(SIGNED, facts)
    copied = origin.copy()
    moving, staying = (origin, copied) if data.draw(st.booleans()) else (copied, origin)
    for fact in compatible(
        [*facts, spend(FIRST, 7), gmv(FIRST, 11, revision=9), gmv(FIRST + timedelta(3), 5, 9)]
    ):
        for event in decide(moving, fact, NOW):
            evolve(moving, event)
    assert staying == at_first == witness


@settings(max_examples=60, deadline=None)
@given(st.lists(MOVES, max_size=10))
def test_every_deadline_has_its_effect_once(moves: list[Fact]) -> None:
    """Ticking until nothing is due ends, records each deadline once, and changes no figure."""
    state = take(SIGNED, compatible(moves))
    before = figures(state, date(2026, 7, 30))
    due = sorted(each for each in expected(state) if each[2] <= NOW)
    for deadline in due + due:
        fact = DeadlinePassed("summer-1", *deadline)
        for event in decide(state, fact, NOW):
            evolve(state, event)
    assert state.deadlines == set(due)
    assert figures(state, date(2026, 7, 30)) == before
