"""Whether a contract takes a fact: the rules of the door, never run again on replay.

`check` answers True for something new and False where the fact says exactly what is on record already; it raises
`Refused` for what breaks a rule for ever and `Conflicting` for what contradicts the record.
"""

from collections.abc import Sequence

from domain.commitment import MONEY_METRICS
from domain.contract import Contract, reports_of
from domain.deadlines import expected
from domain.events import (
    AmendmentSigned,
    AssetCreated,
    AttributedSalesReported,
    BreachNoticed,
    ContractSigned,
    DeadlinePassed,
    Fact,
    GmvReported,
    LicenceGranted,
    MetricReported,
    PrepaymentReceived,
    RebateIssued,
    SpendReported,
)
from domain.limits import EARLIEST, LARGEST, LARGEST_SUM, LATEST, NOTICEABLE, check_day, check_number
from domain.money import decimal_text
from domain.period import DAY
from domain.refusals import (
    BadId,
    BadTerms,
    CurrencyMismatch,
    EmptyPeriod,
    NotPositive,
    OtherContent,
    OutOfRange,
    UnknownContract,
)
from domain.reports import Report, check_report
from domain.terms_check import CURRENCY, ID, check_terms, check_use

MOST_VERSIONS = 10_000
"""The highest version of a contract's terms."""

LONGEST = 400 * DAY
"""No reported period is longer: reports go up to a year."""

Figures = SpendReported | GmvReported | MetricReported | AttributedSalesReported


def check(state: Contract, fact: Fact, now: int, reports: Sequence[Report] = ()) -> bool:
    """Whether `fact` is new to the contract at the instant `now` (microseconds UTC).

    `reports` are the fact's own figures (`reports_of`), where the caller has made them already.
    """
    if not state.version:
        return _check_first(fact)
    match fact:
        case SpendReported() | GmvReported() | MetricReported() | AttributedSalesReported():
            return _check_figures(state, fact, reports or reports_of(fact))
        case ContractSigned():
            _check_signed(fact)
            return _is_new("contract_id", fact.contract_id, state.signed, fact)
        case AmendmentSigned():
            return _check_amendment(state, fact)
        case PrepaymentReceived():
            _check_money(state, fact.currency, fact.amount, [each.amount for each in state.payments.values()])
            check_day("received_on", fact.received_on)
            return _is_new("payment_id", fact.payment_id, state.payments.get(fact.payment_id), fact)
        case RebateIssued():
            _check_money(state, fact.currency, fact.amount, [each.amount for each in state.issues.values()])
            check_day("issued_on", fact.issued_on)
            return _is_new("rebate_id", fact.rebate_id, state.issues.get(fact.rebate_id), fact)
        case AssetCreated():
            check_day("created_on", fact.created_on)
            for parent in fact.derived_from:
                check_id("derived_from", parent)
            return _is_new("asset_id", fact.asset_id, state.assets.get(fact.asset_id), fact)
        case LicenceGranted():
            check_id("asset_id", fact.asset_id)
            check_use("", fact.channels, fact.territories, fact.first_day, fact.last_day)
            return _is_new("licence_id", fact.licence_id, state.licences.get(fact.licence_id), fact)
        case BreachNoticed():
            check_day("noticed_on", fact.noticed_on)
            return _is_new("breach_id", fact.breach_id, state.notices.get(fact.breach_id), fact)
        case DeadlinePassed():
            deadline = (fact.kind, fact.subject, fact.instant)
            return fact.instant <= now and deadline in expected(state) and deadline not in state.deadlines


def _check_first(fact: Fact) -> bool:
    check_id("contract_id", fact.contract_id)
    if not isinstance(fact, ContractSigned):
        raise UnknownContract("contract_id", fact.contract_id, "no contract of this id has been signed yet")
    _check_signed(fact)
    return True


def _check_signed(fact: ContractSigned) -> None:
    check_id("seller_id", fact.seller_id)
    _check_version(fact)
    check_terms(fact.terms)


def _check_amendment(state: Contract, fact: AmendmentSigned) -> bool:
    if not _is_new("amendment_id", fact.amendment_id, state.amendments.get(fact.amendment_id), fact):
        return False
    _check_version(fact)
    if any(each.version == fact.terms_version for each in state.versions):
        raise OtherContent(
            "terms_version", fact.terms_version, "this version of the terms is on record already"
        )
    currency = state.versions[0].terms.currency
    if fact.terms.currency != currency:
        raise BadTerms(
            "terms.currency", fact.terms.currency, f"an amendment keeps the contract's currency, {currency}"
        )
    check_terms(fact.terms)
    return True


def _check_version(fact: ContractSigned | AmendmentSigned) -> None:
    check_number("terms_version", fact.terms_version, MOST_VERSIONS, least=1)
    check_day("signed_on", fact.signed_on)
    check_day("effective_from", fact.effective_from)


def _check_figures(state: Contract, fact: Figures, reports: Sequence[Report]) -> bool:
    start, end = fact.period_start, fact.period_end
    if start >= end:
        raise EmptyPeriod("period_end", end, f"after period_start ({start}); a period is half-open")
    if start < EARLIEST or end > LATEST or end - start > LONGEST:
        raise OutOfRange(
            "period_start", start, "a period of at most 400 days between the years 2000 and 2099"
        )
    _check_unit(state, fact)
    _check_parts(fact)
    new = False
    for report in reports:
        check_number("amount", report.value, LARGEST, least=-LARGEST)
        series = state.series.get(report.key)
        check_report(series, report)
        if abs(report.value) > NOTICEABLE:
            _check_sums(state, report)
        known = series.figures.get(report.span) if series else None
        new = new or report.reporting == "DELTA" or known is None or known[0] != report.revision
    return new


def _check_parts(fact: Figures) -> None:
    """The parts of a figure: each product or attribution window once, and none too large."""
    if isinstance(fact, GmvReported):
        check_number("as_of", fact.as_of, LATEST, least=EARLIEST)
        if len({piece.asin for piece in fact.slices}) < len(fact.slices):
            raise OutOfRange("slices", len(fact.slices), "each ASIN once")
        for piece in fact.slices:
            check_number("slices.amount", piece.amount, LARGEST, least=-LARGEST)
    elif isinstance(fact, AttributedSalesReported):
        days = [window.days for window in fact.windows]
        if not days or len(set(days)) < len(days):
            raise OutOfRange("windows", days, "at least one window, each number of days once")


def _check_sums(state: Contract, report: Report) -> None:
    """Raise where a large figure would bring a sum out of what can be kept exactly in 64 bits."""
    series = state.series.get(report.key)
    sums = [figure for _, figure in series.figures.values()] if series else []
    tallies = [tally.value for each in state.versions for tally in each.tallies.values()]
    reach = abs(report.value) + max(map(abs, [sum(map(abs, sums)), *tallies]))
    if reach > LARGEST_SUM:
        raise OutOfRange("amount", report.value, f"sums of figures stay below {LARGEST_SUM}")


def _check_unit(state: Contract, fact: Figures) -> None:
    if not isinstance(fact, MetricReported):
        _check_currency(state, fact.currency)
    elif fact.metric in MONEY_METRICS:
        _check_currency(state, fact.unit)
    elif fact.unit != "count":
        raise CurrencyMismatch("unit", fact.unit, f"{fact.metric} is a count")


def _check_currency(state: Contract, currency: str) -> None:
    agreed = state.versions[0].terms.currency
    if currency == agreed:
        return
    if not CURRENCY.fullmatch(currency):
        raise CurrencyMismatch("currency", currency, "an ISO 4217 code of three capital letters")
    raise CurrencyMismatch(
        "currency", currency, f"the contract is in {agreed}; amounts are never converted silently"
    )


def _check_money(state: Contract, currency: str, amount: int, others: list[int]) -> None:
    _check_currency(state, currency)
    if amount <= 0:
        rule = "more than zero; what goes back is a fact of its own"
        raise NotPositive("amount", f"{decimal_text(amount)} {currency}", rule)
    check_number("amount", amount, LARGEST)
    if sum(others) + amount > LARGEST_SUM:
        raise OutOfRange("amount", amount, f"sums of amounts stay below {LARGEST_SUM}")


def check_id(name: str, value: str) -> None:
    """Raise `BadId` for what cannot be the id of a contract or of anything in it."""
    if not ID.fullmatch(value):
        raise BadId(name, value, f"matches ^{ID.pattern}$")


def _is_new(name: str, value: str, known: Fact | None, fact: Fact) -> bool:
    check_id(name, value)
    if known is None:
        return True
    if known != fact:
        raise OtherContent(name, value, "this id is on record with another content")
    return False
