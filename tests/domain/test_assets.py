"""May we reuse this asset there, then?"""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from domain.assets import Answer, may_reuse
from domain.events import Fact
from domain.terms import UsageRule
from tests.examples import ASSET, LICENCE, SIGNED, signed
from tests.spec import history

ON = date(2026, 8, 1)


def ask(
    *facts: Fact, channel: str = "social", territory: str = "DE", on: date = ON, asset: str = "video-1"
) -> Answer:
    """The answer of a contract with these facts."""
    contract, *rest = facts
    state = history([contract, *rest], 1_790_000_000_000_000)
    ip = state.versions[0].terms.ip
    return may_reuse(state.assets, state.licences, ip, asset, channel, territory, on)


def owned(owner: str, **more: Any) -> Fact:
    """The example contract with another IP clause."""
    return signed(ip=replace(SIGNED.terms.ip, owner=owner, **more))


@pytest.mark.parametrize(
    ("owner", "answer"),
    [("SELLER", "permit"), ("PLATFORM", "deny"), ("JOINT", "unknown"), ("UNSTATED", "unknown")],
)
def test_the_owner_decides_where_nothing_else_is_said(owner: str, answer: str) -> None:
    """The clause names the owner; one that is unstated stays visible as unknown, always with the clause."""
    found = ask(owned(owner, rules=[]), ASSET)
    assert (found.answer, found.clause) == (answer, "9.1")


def test_a_rule_of_the_clause_permits_within_its_bounds() -> None:
    """The platform owns it, yet the clause permits the marketplace in the US, and only there."""
    assert ask(SIGNED, ASSET, channel="marketplace", territory="US").clause == "9.2"
    assert ask(SIGNED, ASSET, channel="marketplace", territory="US").answer == "permit"
    assert ask(SIGNED, ASSET, channel="marketplace", territory="DE").answer == "deny"


@pytest.mark.parametrize(
    ("on", "answer"),
    [
        (date(2026, 6, 30), "deny"),
        (date(2026, 7, 1), "permit"),
        (date(2026, 12, 31), "permit"),
        (date(2027, 1, 1), "deny"),
    ],
)
def test_both_days_of_a_licence_are_included(on: date, answer: str) -> None:
    """A licence from 1 July to 31 December permits on both of these days and on neither neighbour."""
    assert ask(SIGNED, ASSET, LICENCE, on=on).answer == answer


def test_a_prohibition_beats_a_permission() -> None:
    """Where one clause permits and another prohibits, the prohibition holds."""
    ban = UsageRule("PROHIBITION", [], ["DE"], None, None, "9.7")
    contract = owned("SELLER", rules=[ban])
    found = ask(contract, ASSET, LICENCE)
    assert (found.answer, found.clause) == ("deny", "9.7")


def test_a_cut_is_as_restricted_as_what_it_comes_from() -> None:
    """A seller's cut of the platform's video may not be reused; the answer names the ancestor."""
    cut = replace(ASSET, asset_id="cut-1", owner="SELLER", derived_from=["video-1"])
    found = ask(SIGNED, ASSET, cut, asset="cut-1")
    assert (found.answer, found.asset_id) == ("deny", "video-1")


def test_an_unknown_ancestor_makes_the_answer_unknown() -> None:
    """What is not on record cannot be permitted."""
    cut = replace(ASSET, asset_id="cut-1", owner="SELLER", derived_from=["lost-1"])
    assert ask(SIGNED, cut, asset="cut-1").answer == "unknown"
    assert ask(SIGNED, ASSET, asset="nowhere").answer == "unknown"


def test_a_circle_of_derivations_ends() -> None:
    """Two assets that name each other as origin still get an answer."""
    one = replace(ASSET, asset_id="a", derived_from=["b"])
    two = replace(ASSET, asset_id="b", derived_from=["a"])
    assert ask(SIGNED, one, two, asset="a").answer == "deny"
