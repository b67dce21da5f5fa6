"""The rules between the fields of a contract's terms; each names its field by path, as the contract file has it."""

import re
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from domain.money import MICROS
from domain.rebate import STEPPED_PAIRS
from domain.refusals import BadTerms
from domain.terms import Commitment, Feed, RebateTerms, Terms, Window

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
CURRENCY = re.compile(r"[A-Z]{3}")

CAMPAIGN_METRICS = frozenset({"SPEND", "ATTRIBUTED_SALES"})
"""Metrics whose feeds name an account and campaigns; the others name one series each."""


def check_terms(terms: Terms) -> None:
    """Raise `BadTerms` for the first rule that the terms break."""
    if not CURRENCY.fullmatch(terms.currency):
        raise BadTerms("terms.currency", terms.currency, "an ISO 4217 code of three capital letters")
    _window("terms.window", terms.window)
    if terms.attribution_days <= 0:
        raise BadTerms("terms.attribution_days", terms.attribution_days, "more than zero days")
    if terms.prepayment and terms.prepayment.amount <= 0:
        raise BadTerms("terms.prepayment.amount", terms.prepayment.amount, "more than zero")
    if terms.rebate:
        _rebate(terms.rebate, terms)
    _unique("terms.commitments", "commitment_id", [c.commitment_id for c in terms.commitments])
    for number, commitment in enumerate(terms.commitments):
        _commitment(f"terms.commitments[{number}]", commitment, terms)
    for number, rule in enumerate(terms.ip.rules):
        if rule.first_day and rule.last_day and rule.last_day < rule.first_day:
            raise BadTerms(f"terms.ip.rules[{number}].last_day", str(rule.last_day), "not before first_day")
    for number, clause in enumerate(terms.breach_clauses):
        path = f"terms.breach_clauses[{number}]"
        _at_least_zero(f"{path}.cure_days", clause.cure_days)
        _at_least_zero(f"{path}.exit_cost", clause.exit_cost)
    _feeds(terms.feeds)


def _window(path: str, window: Window) -> None:
    try:
        ZoneInfo(window.zone)
    except (KeyError, ValueError, OSError):
        raise BadTerms(f"{path}.zone", window.zone, "a zone of the IANA time zone database") from None
    if window.last_day < window.first_day:
        raise BadTerms(f"{path}.last_day", str(window.last_day), "not before first_day")


def _rebate(rebate: RebateTerms, terms: Terms) -> None:
    path = "terms.rebate"
    if not rebate.tiers:
        raise BadTerms(f"{path}.tiers", [], "at least one tier")
    thresholds = [tier.threshold for tier in rebate.tiers]
    if thresholds != sorted(set(thresholds)) or thresholds[0] < 0:
        raise BadTerms(f"{path}.tiers", thresholds, "thresholds from zero up, each above the one before")
    for number, tier in enumerate(rebate.tiers):
        _rate(f"{path}.tiers[{number}].rate", tier.rate)
    _rate(f"{path}.cap_rate", rebate.cap_rate)
    if rebate.tiering == "STEPPED" and (rebate.base, rebate.effect) not in STEPPED_PAIRS:
        raise BadTerms(
            f"{path}.tiering", "stepped", "stepped tiers need the same measure as base and as effect"
        )
    if "GMV" in (rebate.base, rebate.effect, rebate.cap_base) and not gmv_basis(terms):
        raise BadTerms(f"{path}.base", "gmv", "a rebate on GMV needs a GMV commitment, which names the basis")


def gmv_basis(terms: Terms) -> str | None:
    """The basis of GMV where the rebate asks for it: that of the first GMV commitment."""
    return next((c.basis for c in terms.commitments if c.metric == "GMV"), None)


def _commitment(path: str, commitment: Commitment, terms: Terms) -> None:
    if not ID.fullmatch(commitment.commitment_id):
        raise BadTerms(f"{path}.commitment_id", commitment.commitment_id, f"matches {ID.pattern}")
    if commitment.window:
        _window(f"{path}.window", commitment.window)
    if commitment.target <= 0:
        raise BadTerms(f"{path}.target", commitment.target, "more than zero")
    if (commitment.metric == "GMV") != (commitment.basis is not None):
        raise BadTerms(f"{path}.basis", commitment.basis, "stated for GMV, and for GMV only")
    if commitment.asins and commitment.metric != "GMV":
        raise BadTerms(f"{path}.asins", commitment.asins, "only GMV is reported by product")
    if not any(feed.metric == commitment.metric for feed in terms.feeds):
        raise BadTerms(
            f"{path}.metric",
            commitment.metric.lower(),
            "needs an entry of feeds: a figure has a source of record",
        )
    _at_least_zero(f"{path}.maturity_days", commitment.maturity_days)
    ages = [factor.age_days for factor in commitment.maturity]
    if ages != sorted(set(ages)):
        raise BadTerms(f"{path}.maturity", ages, "age_days ascending")
    for number, factor in enumerate(commitment.maturity):
        if not 0 < factor.low <= factor.high:
            raise BadTerms(f"{path}.maturity[{number}].low", factor.low, "more than zero and at most high")
    for number, season in enumerate(commitment.season):
        if season.last_day < season.first_day:
            raise BadTerms(f"{path}.season[{number}].last_day", str(season.last_day), "not before first_day")
        _at_least_zero(f"{path}.season[{number}].weight", season.weight)


def _feeds(feeds: Sequence[Feed]) -> None:
    for number, feed in enumerate(feeds):
        for other in feeds[:number]:
            if _both_count(feed, other):
                rule = f"one source of record: {other.source} already feeds this metric of this marketplace"
                raise BadTerms(f"terms.feeds[{number}].source", feed.source, rule)


def _both_count(one: Feed, other: Feed) -> bool:
    if (one.metric, one.marketplace_id) != (other.metric, other.marketplace_id):
        return False
    if one.metric not in CAMPAIGN_METRICS:
        return True
    same_account = one.account_id == other.account_id or "" in (one.account_id, other.account_id)
    same_campaigns = not one.campaign_ids or not other.campaign_ids
    return same_account and (same_campaigns or bool(set(one.campaign_ids) & set(other.campaign_ids)))


def _unique(path: str, name: str, ids: list[str]) -> None:
    for number, value in enumerate(ids):
        if value in ids[:number]:
            raise BadTerms(f"{path}[{number}].{name}", value, "used once")


def _rate(path: str, rate: int) -> None:
    if not 0 <= rate <= MICROS:
        raise BadTerms(path, rate, "from 0 % to 100 %")


def _at_least_zero(path: str, value: int) -> None:
    if value < 0:
        raise BadTerms(path, value, "not negative")
