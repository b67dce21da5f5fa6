"""Whether a contract takes a fact: the rules of the door, never run again on replay.

`check` answers True for something new and False where the fact says exactly what is on record already; it raises
`Refused` for what breaks a rule for ever and `Conflicting` for what contradicts the record.
"""

from datetime import date

from domain.agreed import in_force_at
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
from domain.period import DAY, local_day
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
from domain.reports import check_report
from domain.terms_check import CURRENCY, ID, check_terms

LARGEST = 10**17
"""The largest figure of one fact: 100 thousand million major units, or as many counts."""

EARLIEST, LATEST = 946_684_800_000_000, 4_102_444_800_000_000
"""The instants between which a period may lie: the years 2000 to 2099 in UTC."""

LONGEST = 400 * DAY
"""No reported period is longer: reports go up to a year."""

Figures = SpendReported | GmvReported | MetricReported | AttributedSalesReported


def check(state: Contract, fact: Fact, now: int) -> bool:
    """Whether `fact` is new to the contract at the instant `now` (microseconds UTC)."""
    if not state.version:
        return _check_first(fact)
    match fact:
        case SpendReported() | GmvReported() | MetricReported() | AttributedSalesReported():
            return _check_figures(state, fact)
        case ContractSigned():
            _check_signed(fact)
            return _is_new("contract_id", fact.contract_id, state.signed, fact)
        case AmendmentSigned():
            return _check_amendment(state, fact)
        case PrepaymentReceived():
            _check_money(state, fact.currency, fact.amount, "received_on", fact.received_on, now)
            return _is_new("payment_id", fact.payment_id, state.payments.get(fact.payment_id), fact)
        case RebateIssued():
            _check_money(state, fact.currency, fact.amount, "issued_on", fact.issued_on, now)
            return _is_new("rebate_id", fact.rebate_id, state.issues.get(fact.rebate_id), fact)
        case AssetCreated():
            for parent in fact.derived_from:
                _check_id("derived_from", parent)
            return _is_new("asset_id", fact.asset_id, state.assets.get(fact.asset_id), fact)
        case LicenceGranted():
            _check_id("asset_id", fact.asset_id)
            if fact.last_day is not None and fact.last_day < fact.first_day:
                raise OutOfRange("last_day", str(fact.last_day), "not before first_day")
            return _is_new("licence_id", fact.licence_id, state.licences.get(fact.licence_id), fact)
        case BreachNoticed():
            return _is_new("breach_id", fact.breach_id, state.notices.get(fact.breach_id), fact)
        case DeadlinePassed():
            deadline = (fact.kind, fact.subject, fact.instant)
            return fact.instant <= now and deadline in expected(state) and deadline not in state.deadlines


def _check_first(fact: Fact) -> bool:
    _check_id("contract_id", fact.contract_id)
    if not isinstance(fact, ContractSigned):
        raise UnknownContract("contract_id", fact.contract_id, "no contract of this id has been signed yet")
    _check_signed(fact)
    return True


def _check_signed(fact: ContractSigned) -> None:
    _check_id("seller_id", fact.seller_id)
    _check_version(fact.terms_version)
    check_terms(fact.terms)


def _check_amendment(state: Contract, fact: AmendmentSigned) -> bool:
    if not _is_new("amendment_id", fact.amendment_id, state.amendments.get(fact.amendment_id), fact):
        return False
    _check_version(fact.terms_version)
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


def _check_version(version: int) -> None:
    if version < 1:
        raise OutOfRange("terms_version", version, "1 or more")


def _check_figures(state: Contract, fact: Figures) -> bool:
    start, end = fact.period_start, fact.period_end
    if start >= end:
        raise EmptyPeriod("period_end", end, f"after period_start ({start}); a period is half-open")
    if start < EARLIEST or end > LATEST or end - start > LONGEST:
        raise OutOfRange(
            "period_start", start, "a period of at most 400 days between the years 2000 and 2099"
        )
    _check_unit(state, fact)
    new = False
    for report in reports_of(fact):
        if not -LARGEST <= report.value <= LARGEST:
            raise OutOfRange("amount", report.value, f"between -{LARGEST} and {LARGEST}")
        series = state.series.get(report.key)
        check_report(series, report)
        known = series.figures.get(report.span) if series else None
        new = new or report.reporting == "DELTA" or known is None or known[0] != report.revision
    return new


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


def _check_money(state: Contract, currency: str, amount: int, name: str, day: date, now: int) -> None:
    _check_currency(state, currency)
    if amount <= 0:
        raise NotPositive("amount", amount, "more than zero (micros); what goes back is a fact of its own")
    if amount > LARGEST:
        raise OutOfRange("amount", amount, f"at most {LARGEST}")
    today = local_day(now, in_force_at(state.versions, now).terms.window.zone)
    if day > today:
        raise OutOfRange(name, str(day), f"not after {today}, the day on which the fact came in")


def _check_id(name: str, value: str) -> None:
    if not ID.fullmatch(value):
        raise BadId(name, value, f"matches ^{ID.pattern}$")


def _is_new(name: str, value: str, known: Fact | None, fact: Fact) -> bool:
    _check_id(name, value)
    if known is None:
        return True
    if known != fact:
        raise OtherContent(name, value, "this id is on record with another content")
    return False
