"""Money of a campaign as of a day: prepayment, rebate and return on ad spend, from the figures that count."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from domain import rebate
from domain.agreed import SALES, SPEND, Agreed, in_force
from domain.contract import Contract
from domain.money import ratio_ppm
from domain.period import day_end
from domain.prepayment import Balance, balance_of, prepaid_by
from domain.rebate import Rebate
from domain.reports import read


@dataclass(slots=True)
class Funding:
    """Figures in micros of `currency`; None is unknown, and there is no balance where nothing is prepaid.

    `roas_ppm` is attributed sales over spend.
    """

    currency: str
    terms_version: int
    balance: Balance | None
    rebate: Rebate | None
    spend: int | None
    attributed_sales: int | None
    roas_ppm: int | None


def assess(state: Contract, on: date) -> Funding:
    """The money of a signed contract as of the end of local day `on`."""
    agreed = in_force(state.versions, on)
    cutoff = day_end(on, agreed.terms.window.zone)
    amounts = amounts_by_name(state, agreed, on, lambda name: value_at(state, agreed, name, cutoff))
    spend, sales = amounts[SPEND], amounts[SALES]
    terms = agreed.terms.rebate
    prepays = agreed.terms.prepayment or state.payments
    return Funding(
        currency=agreed.terms.currency,
        terms_version=agreed.version,
        balance=balance_of(prepaid_by(state.payments, on), spend or 0) if prepays else None,
        rebate=rebate.assess(terms, amounts, rebate.issued_by(state.issues, on)) if terms else None,
        spend=spend,
        attributed_sales=sales,
        roas_ppm=ratio_ppm(sales, spend) if sales is not None and spend else None,
    )


def amounts_by_name(
    state: Contract, agreed: Agreed, on: date, value: Callable[[str], int | None]
) -> dict[str, int | None]:
    """The amounts that rebate and return ask for; `value` gives a campaign figure, None where none is reported."""
    names = [name for name in agreed.measures if not name.startswith("commitment:")]
    prepaid = prepaid_by(state.payments, on)
    return {"PREPAYMENT": prepaid or None, **{name: value(name) for name in names}}


def value_at(state: Contract, agreed: Agreed, name: str, cutoff: int) -> int | None:
    """A measure from the periods ended by an instant; None where no period is reported."""
    reading = read(agreed.measures[name], state.series, cutoff)
    return reading.value if reading.reported else None


def running_value(state: Contract, agreed: Agreed, name: str, cutoff: int) -> int | None:
    """The same from the running tally where that is sure to agree, at a cost that does not grow with the history."""
    tally = agreed.tallies[name]
    if state.overlapping or tally.latest_end > cutoff:
        return value_at(state, agreed, name, cutoff)
    return tally.value if tally.covered else None
