"""The rebate: what the platform returns for the effect it really had, and the cap it never exceeds silently.

raw = rate of the tier reached, times the base; cap = cap rate times the cap base; accrued = the smaller of the two.
A negative rebate (returns beyond sales) is not capped. Amounts are micros. A missing input makes the figure unknown
(None), never zero. Where the terms leave the cap base open, as the source document does, the cap is unknown and nothing
is cut off.
"""

from dataclasses import dataclass
from datetime import date

from domain.events import RebateIssued
from domain.money import portion
from domain.terms import RebateTerms

STEPPED_PAIRS = frozenset({("SPEND", "SPEND"), ("GMV", "GMV"), ("COMMISSION", "COMMISSION")})
"""(base, effect) for which each band of the base can earn its own rate."""


@dataclass(slots=True)
class Rebate:
    """A rebate as of a day; `rate` is parts per million, None where bands have several."""

    base: int | None
    effect: int | None
    rate: int | None
    raw: int | None
    cap: int | None
    accrued: int | None
    lost_to_cap: int | None
    issued: int
    above_cap: int | None


def issued_by(issues: dict[str, RebateIssued], on: date) -> int:
    """Micros issued on or before a day."""
    return sum(issue.amount for issue in issues.values() if issue.issued_on <= on)


def rate_reached(terms: RebateTerms, effect: int) -> int:
    """The rate (parts per million) of the highest tier whose threshold the effect has reached; 0 below the first."""
    rate = 0
    for tier in terms.tiers:
        if effect >= tier.threshold:
            rate = tier.rate
    return rate


def raw_rebate(terms: RebateTerms, base: int, effect: int) -> int:
    """The rebate before the cap.

    Cumulative tiers apply the rate reached to the whole base; stepped tiers apply each rate to its own band
    (Dynamics 365 rebate management: on 2,000 with 10 % up to 1,000 and 25 % above, stepped is 350, cumulative 500).
    """
    if terms.tiering == "CUMULATIVE":
        return portion(base, rate_reached(terms, effect))
    uppers = [tier.threshold for tier in terms.tiers[1:]]
    total = 0
    for tier, upper in zip(terms.tiers, [*uppers, None], strict=True):
        band = (base if upper is None else min(base, upper)) - tier.threshold
        total += portion(max(0, band), tier.rate)
    return total


def cap_of(terms: RebateTerms, amounts: dict[str, int | None]) -> int | None:
    """The most that may be paid back, or None where the terms or the reports leave it open; never below zero."""
    base = amounts.get(terms.cap_base)
    return None if base is None else max(0, portion(base, terms.cap_rate))


def assess(terms: RebateTerms, amounts: dict[str, int | None], issued: int) -> Rebate:
    """The rebate from the amounts of the campaign by name (SPEND, COMMISSION, VISITS, PREPAYMENT …)."""
    base, effect, cap = amounts.get(terms.base), amounts.get(terms.effect), cap_of(terms, amounts)
    raw = raw_rebate(terms, base, effect) if base is not None and effect is not None else None
    accrued = raw if raw is None or cap is None or raw <= 0 else min(raw, cap)
    return Rebate(
        base=base,
        effect=effect,
        rate=rate_reached(terms, effect) if effect is not None and terms.tiering == "CUMULATIVE" else None,
        raw=raw,
        cap=cap,
        accrued=accrued,
        lost_to_cap=None if raw is None or accrued is None else raw - accrued,
        issued=issued,
        above_cap=None if cap is None else max(0, issued - cap),
    )
