"""The rules between the fields of a contract's terms; each names its field by path, as the contract file has it."""

import re
from collections.abc import Sequence
from datetime import date
from functools import cache
from zoneinfo import available_timezones

from domain.limits import LARGEST, LARGEST_FACTOR, MOST_DAYS, check_day, check_number
from domain.money import MICROS
from domain.rebate import STEPPED_PAIRS
from domain.refusals import BadTerms, OutOfRange
from domain.terms import Commitment, Feed, RebateTerms, Terms, Window

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
CURRENCY = re.compile(r"[A-Z]{3}")
CHANNEL = re.compile(r"[a-z0-9][a-z0-9-]{0,99}")
TERRITORY = re.compile(r"[A-Z]{2}")

MOST_COMMITMENTS, MOST_FEEDS, MOST_SEASONS = 100, 1_000, 100
"""How many of each one contract may state."""

CAMPAIGN_METRICS = frozenset({"SPEND", "ATTRIBUTED_SALES"})
"""Metrics whose feeds name an account and campaigns; the others name one series each."""


def check_terms(terms: Terms) -> None:
    """Raise `BadTerms` for the first rule that the terms break."""
    if not CURRENCY.fullmatch(terms.currency):
        raise BadTerms("terms.currency", terms.currency, "an ISO 4217 code of three capital letters")
    _window("terms.window", terms.window)
    check_number("terms.attribution_days", terms.attribution_days, MOST_DAYS, least=1)
    if terms.prepayment:
        check_number("terms.prepayment.amount", terms.prepayment.amount, LARGEST, least=1)
    check_number("terms.commitments", len(terms.commitments), MOST_COMMITMENTS)
    check_number("terms.feeds", len(terms.feeds), MOST_FEEDS)
    if terms.rebate:
        _rebate(terms.rebate, terms)
    _unique("terms.commitments", "commitment_id", [c.commitment_id for c in terms.commitments])
    for number, commitment in enumerate(terms.commitments):
        _commitment(f"terms.commitments[{number}]", commitment, terms)
    for number, rule in enumerate(terms.ip.rules):
        path = f"terms.ip.rules[{number}]."
        check_use(path, rule.channels, rule.territories, rule.first_day, rule.last_day)
    if terms.data_rights and terms.data_rights.retention_days is not None:
        check_number("terms.data_rights.retention_days", terms.data_rights.retention_days, MOST_DAYS)
    for number, clause in enumerate(terms.breach_clauses):
        path = f"terms.breach_clauses[{number}]"
        check_number(f"{path}.cure_days", clause.cure_days, MOST_DAYS)
        check_number(f"{path}.exit_cost", clause.exit_cost, LARGEST)
    _feeds(terms.feeds)


def check_use(
    path: str, channels: list[str], territories: list[str], first_day: date | None, last_day: date | None
) -> None:
    """The bounds of a permission or prohibition, written as questions will be asked."""
    for channel in channels:
        if not CHANNEL.fullmatch(channel):
            raise OutOfRange(
                f"{path}channels", channel, "lower case letters, digits and hyphens, such as social"
            )
    for territory in territories:
        if not TERRITORY.fullmatch(territory):
            raise OutOfRange(f"{path}territories", territory, "ISO 3166-1 alpha-2 in capitals, such as DE")
    check_day(f"{path}first_day", first_day)
    check_day(f"{path}last_day", last_day)
    if first_day and last_day and last_day < first_day:
        raise OutOfRange(f"{path}last_day", str(last_day), "not before first_day")


def _window(path: str, window: Window) -> None:
    if not is_zone(window.zone):
        raise BadTerms(f"{path}.zone", window.zone, "a zone of the IANA time zone database")
    _days(path, window.first_day, window.last_day)


def _days(path: str, first_day: date, last_day: date) -> None:
    check_day(f"{path}.first_day", first_day)
    check_day(f"{path}.last_day", last_day)
    if last_day < first_day:
        raise BadTerms(f"{path}.last_day", str(last_day), "not before first_day")
    if (last_day - first_day).days > MOST_DAYS:
        raise BadTerms(f"{path}.last_day", str(last_day), f"at most {MOST_DAYS} days after first_day")


def is_zone(name: str) -> bool:
    """Whether the IANA time zone database has a zone of this name that means the same on every machine."""
    return name in _zones()


@cache
def _zones() -> set[str]:
    return available_timezones() - {"localtime", "posixrules", "Factory"}


def _rebate(rebate: RebateTerms, terms: Terms) -> None:
    path = "terms.rebate"
    if not rebate.tiers:
        raise BadTerms(f"{path}.tiers", [], "at least one tier")
    thresholds = [tier.threshold for tier in rebate.tiers]
    if thresholds != sorted(set(thresholds)) or not 0 <= thresholds[0] <= thresholds[-1] <= LARGEST:
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
    check_number(f"{path}.target", commitment.target, LARGEST, least=1)
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
    _expectations(path, commitment)


def _expectations(path: str, commitment: Commitment) -> None:
    """What the terms say about restatements and seasons."""
    check_number(f"{path}.maturity_days", commitment.maturity_days, MOST_DAYS)
    ages = [factor.age_days for factor in commitment.maturity]
    if ages != sorted(set(ages)):
        raise BadTerms(f"{path}.maturity", ages, "age_days ascending")
    for number, factor in enumerate(commitment.maturity):
        check_number(f"{path}.maturity[{number}].age_days", factor.age_days, MOST_DAYS)
        check_number(f"{path}.maturity[{number}].high", factor.high, LARGEST_FACTOR, least=1)
        check_number(f"{path}.maturity[{number}].low", factor.low, factor.high, least=1)
    check_number(f"{path}.season", len(commitment.season), MOST_SEASONS)
    for number, season in enumerate(commitment.season):
        _days(f"{path}.season[{number}]", season.first_day, season.last_day)
        check_number(f"{path}.season[{number}].weight", season.weight, LARGEST_FACTOR)


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
