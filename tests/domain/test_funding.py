"""Prepayment, rebate and return on ad spend, in the contract's own events."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from domain.events import (
    CapExcessCleared,
    DeadlinePassed,
    Fact,
    OverdraftCleared,
    PrepaymentOverdrawn,
    RebateAboveCapFound,
    RebateAccrued,
)
from domain.funding import assess
from domain.period import days
from domain.rebate import raw_rebate
from domain.terms import RebateTerms, Tier
from tests.examples import (
    CONTRACT,
    PREPAID,
    REBATE,
    SALES,
    SIGNED,
    SPEND,
    ZONE,
    at,
    metric,
    signed,
    spend,
    terms,
    usd,
)
from tests.spec import given, history

FIRST, LAST = date(2026, 6, 15), date(2026, 6, 24)
NOON = at(LAST)
END = days(FIRST, LAST, ZONE).end
AFTER = at(date(2026, 6, 26))
PAID = replace(PREPAID, amount=usd(100))


def test_spend_beyond_the_prepayment_is_accepted_and_found() -> None:
    """What really happened is never refused: the over-draw is recorded beside the balance."""
    given(SIGNED, PAID, spend(FIRST, 90), now=NOON).when(spend(FIRST, 30)).then(
        PrepaymentOverdrawn(CONTRACT, LAST, "USD", usd(100), usd(120), usd(20))
    )
    balance = assess(history([SIGNED, PAID, spend(FIRST, 120)], NOON), LAST).balance
    assert balance is not None
    assert (balance.balance, balance.overdrawn) == (0, usd(20))


def test_spend_before_the_prepayment_is_flagged_and_cleared() -> None:
    """Spend that arrives before the money is an over-draw until the prepayment comes in."""
    early = given(SIGNED, spend(FIRST, 30), now=NOON)
    assert early.state.recorded.overdrawn
    early.when(PAID).then(OverdraftCleared(CONTRACT, LAST, "USD", usd(100), usd(30)))


def test_adjustments_add_up_and_may_be_negative() -> None:
    """A delta source is summed: an invalid-traffic adjustment gives money back to the balance."""
    state = history([SIGNED, PAID, spend(FIRST, 40), spend(FIRST, -15)], NOON)
    assert assess(state, LAST).spend == usd(25)


def test_restating_spend_replaces() -> None:
    """A snapshot source replaces its figure of a period instead of adding to it."""
    once = spend(FIRST, 40, reporting="SNAPSHOT", revision=1)
    again = spend(FIRST, 35, reporting="SNAPSHOT", revision=2)
    assert assess(history([SIGNED, once, again], NOON), LAST).spend == usd(35)


def test_without_a_prepayment_there_is_no_overdraft() -> None:
    """A contract that agreed none and received none has no balance, and spend is no over-draw."""
    none = signed(prepayment=None)
    given(none, now=NOON).when(spend(FIRST, 100)).then()
    assert assess(history([none, spend(FIRST, 100)], NOON), LAST).balance is None


def test_a_payment_dated_ahead_counts_from_its_day() -> None:
    """A publisher in another zone may be a day ahead: the payment is accepted and is not there before its day."""
    tomorrow = replace(PAID, received_on=LAST + timedelta(1))
    state = history([SIGNED, tomorrow], NOON)
    for on, prepaid in ((LAST, 0), (LAST + timedelta(1), usd(100))):
        balance = assess(state, on).balance
        assert balance is not None
        assert balance.prepaid == prepaid


def test_a_negative_rebate_is_not_capped() -> None:
    """Returns beyond sales: the cap limits what is paid back, it does not make a clawback larger."""
    facts: list[Fact] = [SIGNED, metric("COMMISSION", FIRST, -100), metric("VISITS", FIRST, 1_000)]
    rebate = assess(history(facts, NOON), LAST).rebate
    assert rebate is not None
    assert (rebate.raw, rebate.cap, rebate.accrued, rebate.lost_to_cap) == (-usd(10), 0, -usd(10), 0)


def test_payments_and_spend_count_from_their_day() -> None:
    """As of an earlier day, later money is not there yet."""
    state = history([SIGNED, PAID, spend(FIRST, 10), spend(FIRST + timedelta(2), 20)], NOON)
    before = assess(state, date(2026, 5, 31)).balance
    assert before is not None
    assert before.prepaid == 0
    assert assess(state, FIRST + timedelta(1)).spend == usd(10)


def test_roas_is_attributed_sales_over_spend_in_the_terms_window() -> None:
    """Attribution windows are nested, so exactly one counts: 50 of sales within 14 days on 10 of spend is 5."""
    facts: list[Fact] = [SIGNED, spend(FIRST, 10), SALES]
    assert assess(history(facts, NOON), LAST).roas_ppm == 5_000_000
    weekly = signed(attribution_days=7)
    assert assess(history([weekly, *facts[1:]], NOON), LAST).roas_ppm == 4_000_000


def test_a_missing_input_is_unknown_not_zero() -> None:
    """Without attributed sales there is no return on ad spend; without commission there is no rebate."""
    money = assess(history([SIGNED, spend(FIRST, 10)], NOON), LAST)
    assert money.roas_ppm is None
    assert money.attributed_sales is None
    assert money.rebate is not None
    assert (money.rebate.base, money.rebate.raw, money.rebate.accrued, money.rebate.cap) == (None,) * 4


def rebate_facts(visits: int) -> list[Fact]:
    """Commission of 200 and some visits on the first day."""
    return [SIGNED, metric("COMMISSION", FIRST, 200), metric("VISITS", FIRST, visits)]


def test_the_rate_follows_the_traffic_really_led() -> None:
    """Below the first tier nothing is due; a tier reached re-rates the whole commission."""
    for visits, due in ((999, 0), (1_000, 20), (4_999, 20)):
        rebate = assess(history(rebate_facts(visits), NOON), LAST).rebate
        assert rebate is not None
        assert rebate.accrued == usd(due)


def test_the_cap_cuts_and_says_how_much_it_cost() -> None:
    """20 % of 200 would be 40; the cap of 15 % leaves 30, and 10 are lost to it."""
    rebate = assess(history(rebate_facts(5_000), NOON), LAST).rebate
    assert rebate is not None
    assert (rebate.raw, rebate.cap, rebate.accrued, rebate.lost_to_cap) == (
        usd(40),
        usd(30),
        usd(30),
        usd(10),
    )


def test_an_unstated_cap_base_leaves_the_cap_unknown() -> None:
    """The source document does not say of what the 15 % are: then nothing is cut off and the cap stays unknown."""
    agreed = terms().rebate
    assert agreed is not None
    open_base = replace(agreed, cap_base="UNSTATED")
    rebate = assess(history([signed(rebate=open_base), *rebate_facts(5_000)[1:]], NOON), LAST).rebate
    assert rebate is not None
    assert (rebate.cap, rebate.accrued, rebate.lost_to_cap) == (None, usd(40), 0)


def test_a_rebate_above_the_cap_is_never_silent() -> None:
    """The issue is a fact and stays; the excess is found, and cleared when more commission lifts the cap."""
    above = given(*rebate_facts(5_000), now=NOON)
    above.when(replace(REBATE, amount=usd(31))).then(
        RebateAboveCapFound(CONTRACT, 1, LAST, "USD", usd(31), usd(30), usd(1))
    )
    given(*rebate_facts(5_000), replace(REBATE, amount=usd(31)), now=NOON).when(
        metric("COMMISSION", FIRST + timedelta(1), 10)
    ).then(CapExcessCleared(CONTRACT, 1, LAST, "USD", usd(31), 31_500_000))


def test_the_accrual_is_recorded_at_the_close_and_moved_at_the_settlement() -> None:
    """The close records what is due; the settlement records only the difference that restatements made."""
    close = DeadlinePassed(CONTRACT, "REBATE_CLOSED", "accrual", END)
    given(*rebate_facts(1_000), now=AFTER).when(close).then(
        RebateAccrued(CONTRACT, 1, date(2026, 6, 26), "USD", usd(20), usd(20), 0)
    )
    later = at(date(2026, 9, 1))
    settle = DeadlinePassed(
        CONTRACT, "REBATE_CLOSED", "settlement", days(date(2026, 7, 21), date(2026, 7, 21), ZONE).end
    )
    lower = replace(metric("COMMISSION", FIRST, 150), revision=2)
    given(*rebate_facts(1_000), close, lower, now=later).when(settle).then(
        RebateAccrued(CONTRACT, 1, date(2026, 9, 1), "USD", usd(15), -usd(5), 0)
    )


@pytest.mark.parametrize(("tiering", "expected"), [("STEPPED", 350), ("CUMULATIVE", 500)])
def test_golden_tiers(tiering: str, expected: int) -> None:
    """Dynamics 365 rebate management deals: 2,000 at 10 % to 1,000 and 25 % above."""
    tiers = [Tier(0, 100_000), Tier(usd(1_000), 250_000)]
    rebate = RebateTerms("SPEND", "SPEND", tiering, tiers, 1_000_000, "SPEND", "")
    assert raw_rebate(rebate, usd(2_000), usd(2_000)) == usd(expected)


def test_spend_of_another_account_is_not_drawn() -> None:
    """A feed that names its account and campaigns takes nothing from others."""
    feeds = [
        replace(feed, account_id="ENTITY1", campaign_ids=["158410630682987"])
        if feed.metric == "SPEND"
        else feed
        for feed in terms().feeds
    ]
    facts: list[Fact] = [
        signed(feeds=feeds),
        SPEND,
        replace(SPEND, account_id="ENTITY2"),
        replace(SPEND, campaign_id="other"),
    ]
    assert assess(history(facts, NOON), LAST).spend == SPEND.amount
