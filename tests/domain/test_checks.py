"""What the door refuses for ever, what it parks, and what it only counts as known."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from domain import refusals
from domain.contract import Contract
from domain.decide import decide
from domain.events import Fact
from domain.refusals import NotAccepted
from domain.terms import Feed, SeasonWeight, Tier, Window
from tests.examples import (
    AMENDED,
    ASSET,
    CLOSED,
    GMV,
    LICENCE,
    NOTICED,
    PREPAID,
    REBATE,
    SALES,
    SIGNED,
    SPEND,
    VISITS,
    ZONE,
    at,
    terms,
)
from tests.spec import given

NOW = at(date(2026, 7, 1))


@pytest.mark.parametrize(
    "fact", [AMENDED, PREPAID, REBATE, SPEND, SALES, GMV, VISITS, ASSET, LICENCE, NOTICED, CLOSED]
)
def test_nothing_comes_before_the_signature(fact: Fact) -> None:
    """Every fact waits for its contract."""
    given(now=NOW).when(fact).then_not_accepted(refusals.UnknownContract, "summer-1")


@pytest.mark.parametrize(
    "fact", [SIGNED, AMENDED, PREPAID, REBATE, GMV, VISITS, ASSET, LICENCE, NOTICED, CLOSED]
)
def test_deciding_twice_gives_nothing_new(fact: Fact) -> None:
    """A fact with an id of its own, or a revision, that says what is on record causes no event."""
    given(SIGNED, *([] if fact is SIGNED else [fact]), now=NOW).when(fact).then_nothing_new()


@pytest.mark.parametrize(
    ("fact", "reason", "text"),
    [
        (replace(PREPAID, currency="EUR"), refusals.CurrencyMismatch, "USD"),
        (replace(PREPAID, currency="usd"), refusals.CurrencyMismatch, "three capital letters"),
        (replace(PREPAID, amount=-1_500_000), refusals.NotPositive, "-1.50 USD"),
        (replace(PREPAID, amount=0), refusals.NotPositive, "more than zero"),
        (replace(PREPAID, payment_id="pay ment"), refusals.BadId, "payment_id"),
        (replace(PREPAID, received_on=date(9999, 12, 31)), refusals.OutOfRange, "received_on"),
        (replace(PREPAID, amount=10**17), refusals.OutOfRange, "amount"),
        (replace(LICENCE, last_day=date(9999, 12, 31)), refusals.OutOfRange, "leave out what has no end"),
        (replace(LICENCE, territories=["de"]), refusals.OutOfRange, "territories"),
        (replace(LICENCE, channels=["Social"]), refusals.OutOfRange, "channels"),
        (replace(NOTICED, noticed_on=date(9999, 1, 1)), refusals.OutOfRange, "noticed_on"),
        (replace(SALES, windows=[]), refusals.OutOfRange, "windows"),
        (replace(SALES, windows=SALES.windows * 2), refusals.OutOfRange, "each number of days once"),
        (replace(GMV, slices=GMV.slices * 2), refusals.OutOfRange, "each ASIN once"),
        (replace(GMV, slices=[replace(GMV.slices[0], amount=2**62)]), refusals.OutOfRange, "slices.amount"),
        (replace(AMENDED, effective_from=date(1, 1, 1)), refusals.OutOfRange, "effective_from"),
        (replace(SPEND, currency="JPY"), refusals.CurrencyMismatch, "JPY"),
        (replace(SPEND, period_end=SPEND.period_start), refusals.EmptyPeriod, "half-open"),
        (replace(SPEND, period_start=0), refusals.OutOfRange, "2000"),
        (replace(SPEND, amount=10**18), refusals.OutOfRange, "amount"),
        (replace(VISITS, unit="USD"), refusals.CurrencyMismatch, "count"),
        (replace(VISITS, metric="COMMISSION", unit="count"), refusals.CurrencyMismatch, "count"),
        (replace(LICENCE, last_day=date(2026, 1, 1)), refusals.OutOfRange, "last_day"),
        (replace(ASSET, derived_from=["a b"]), refusals.BadId, "derived_from"),
        (replace(AMENDED, terms=terms(currency="EUR")), refusals.BadTerms, "keeps the contract's currency"),
        (replace(AMENDED, terms_version=0), refusals.OutOfRange, "terms_version"),
    ],
)
def test_what_breaks_a_rule_is_refused(fact: Fact, reason: type[NotAccepted], text: str) -> None:
    """The sentence names field, value and rule."""
    given(SIGNED, now=NOW).when(fact).then_not_accepted(reason, text)


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [
        (PREPAID, replace(PREPAID, amount=1), refusals.OtherContent),
        (REBATE, replace(REBATE, amount=1), refusals.OtherContent),
        (ASSET, replace(ASSET, title="another"), refusals.OtherContent),
        (LICENCE, replace(LICENCE, clause="x"), refusals.OtherContent),
        (NOTICED, replace(NOTICED, clause="x"), refusals.OtherContent),
        (AMENDED, replace(AMENDED, reason="x"), refusals.OtherContent),
        (AMENDED, replace(AMENDED, amendment_id="amendment-2"), refusals.OtherContent),
        (GMV, replace(GMV, total=1), refusals.RevisionConflict),
        (GMV, replace(GMV, slices=[]), refusals.RevisionConflict),
        (SPEND, replace(SPEND, reporting="SNAPSHOT"), refusals.ReportingMixed),
    ],
)
def test_what_contradicts_the_record_is_parked(first: Fact, second: Fact, reason: type[NotAccepted]) -> None:
    """A person decides between two facts of one id or one revision."""
    given(SIGNED, first, now=NOW).when(second).then_not_accepted(reason)


def test_a_second_signature_with_other_terms_is_parked() -> None:
    """Terms change by amendment only."""
    given(SIGNED, now=NOW).when(replace(SIGNED, title="x")).then_not_accepted(refusals.OtherContent)


def test_a_deadline_that_nothing_expects_is_nothing_new() -> None:
    """An instant that an amendment moved, or one that has not come, has no effect."""
    given(SIGNED, now=NOW).when(replace(CLOSED, instant=CLOSED.instant + 1)).then_nothing_new()
    given(SIGNED, now=CLOSED.instant - 1).when(CLOSED).then_nothing_new()


def test_sums_stay_within_what_can_be_kept() -> None:
    """The largest figures come in one by one, until their sum could no longer be kept exactly."""
    largest = [replace(SPEND, amount=10**16, period_end=SPEND.period_end + n) for n in range(115)]
    given(SIGNED, *largest, now=NOW).when(replace(SPEND, amount=10**16)).then_not_accepted(
        refusals.OutOfRange, "sums of figures"
    )


TWO = [SIGNED.terms.commitments[0]] * 2
COMMITMENT = SIGNED.terms.commitments[0]
REBATE_TERMS = SIGNED.terms.rebate
assert REBATE_TERMS is not None
PREPAYMENT = SIGNED.terms.prepayment
assert PREPAYMENT is not None


@pytest.mark.parametrize(
    ("changed", "path"),
    [
        ({"currency": "dollar"}, "terms.currency"),
        ({"window": Window("localtime", date(2026, 1, 1), date(2026, 1, 2))}, "terms.window.zone"),
        ({"window": Window(ZONE, date(2026, 1, 1), date(9999, 12, 31))}, "terms.window.last_day"),
        ({"window": Window(ZONE, date(2026, 1, 1), date(2046, 1, 1))}, "terms.window.last_day"),
        ({"commitments": [replace(COMMITMENT, target=2**63 - 1)]}, "terms.commitments[0].target"),
        (
            {"commitments": [replace(COMMITMENT, maturity_days=2**31 - 1)]},
            "terms.commitments[0].maturity_days",
        ),
        (
            {
                "commitments": [
                    replace(COMMITMENT, season=[SeasonWeight(date(2026, 1, 1), date(2026, 1, 1), 2**62)])
                ]
            },
            "terms.commitments[0].season[0].weight",
        ),
        ({"commitments": [COMMITMENT] * 101}, "terms.commitments"),
        ({"window": Window("Mars/Olympus", date(2026, 1, 1), date(2026, 1, 2))}, "terms.window.zone"),
        ({"window": Window(ZONE, date(2026, 1, 2), date(2026, 1, 1))}, "terms.window.last_day"),
        ({"attribution_days": 0}, "terms.attribution_days"),
        ({"prepayment": replace(PREPAYMENT, amount=0)}, "terms.prepayment.amount"),
        ({"rebate": replace(REBATE_TERMS, tiers=[])}, "terms.rebate.tiers"),
        ({"rebate": replace(REBATE_TERMS, tiers=[Tier(5, 1), Tier(5, 2)])}, "terms.rebate.tiers"),
        ({"rebate": replace(REBATE_TERMS, tiers=[Tier(0, 1_000_001)])}, "terms.rebate.tiers[0].rate"),
        ({"rebate": replace(REBATE_TERMS, cap_rate=-1)}, "terms.rebate.cap_rate"),
        ({"rebate": replace(REBATE_TERMS, tiering="STEPPED")}, "terms.rebate.tiering"),
        ({"commitments": TWO}, "terms.commitments[1].commitment_id"),
        ({"commitments": [replace(COMMITMENT, target=0)]}, "terms.commitments[0].target"),
        ({"commitments": [replace(COMMITMENT, basis=None)]}, "terms.commitments[0].basis"),
        ({"commitments": [replace(COMMITMENT, commitment_id="ä")]}, "terms.commitments[0].commitment_id"),
        ({"commitments": [replace(COMMITMENT, metric="CLICKS", basis=None)]}, "terms.commitments[0].metric"),
        (
            {
                "feeds": [
                    *SIGNED.terms.feeds,
                    Feed("GMV", "other", SIGNED.terms.feeds[0].marketplace_id, "", [], "", "DAY"),
                ]
            },
            "terms.feeds[5].source",
        ),
    ],
)
def test_terms_that_cannot_hold_name_their_field(changed: dict[str, Any], path: str) -> None:
    """The path is the one of the contract file, so that the file's line can be found."""
    with pytest.raises(refusals.Refused) as caught:
        decide(Contract(), replace(SIGNED, terms=terms(**changed)), NOW)
    assert caught.value.field == path
