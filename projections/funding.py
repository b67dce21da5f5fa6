"""What is left, what is due? Prepayment, rebate against its cap, and return on ad spend of each contract."""

from datetime import date

from domain.agreed import in_force
from domain.contract import Contract
from domain.funding import assess
from projections.projection import STAMP, Projection, Rows, stamp
from store.views import Table

TABLE = Table(
    name="funding",
    key=(),
    columns={
        **STAMP,
        "currency": str,
        "terms_version": int,
        "prepaid": int,
        "drawn": int,
        "balance": int,
        "overdrawn": int,
        "agreed_prepayment": int,
        "unspent": str,
        "prepayment_clause": str,
        "spend": int,
        "attributed_sales": int,
        "roas_ppm": int,
        "rebate_base_name": str,
        "rebate_base": int,
        "rebate_effect_name": str,
        "rebate_effect": int,
        "rebate_rate_ppm": int,
        "rebate_raw": int,
        "rebate_cap_rate_ppm": int,
        "rebate_cap_base_name": str,
        "rebate_cap": int,
        "rebate_accrued": int,
        "rebate_lost_to_cap": int,
        "rebate_issued": int,
        "rebate_above_cap": int,
        "rebate_cap_left": int,
        "rebate_clause": str,
    },
)


def rows(state: Contract, effective: date, position: int) -> Rows:
    """One row for each contract; what the terms or the reports leave open is None."""
    terms = in_force(state.versions, effective).terms
    money = assess(state, effective)
    balance = money.balance
    row = stamp(state, effective, position) | {
        "currency": money.currency,
        "terms_version": money.terms_version,
        "prepaid": balance.prepaid if balance else None,
        "drawn": money.spend,
        "balance": balance.balance if balance else None,
        "overdrawn": balance.overdrawn if balance else None,
        "agreed_prepayment": terms.prepayment.amount if terms.prepayment else None,
        "unspent": terms.prepayment.unspent if terms.prepayment else None,
        "prepayment_clause": terms.prepayment.clause if terms.prepayment else None,
        "spend": money.spend,
        "attributed_sales": money.attributed_sales,
        "roas_ppm": money.roas_ppm,
    }
    rebate, agreed = money.rebate, terms.rebate
    if rebate and agreed:
        row |= {
            "rebate_base_name": agreed.base,
            "rebate_base": rebate.base,
            "rebate_effect_name": agreed.effect,
            "rebate_effect": rebate.effect,
            "rebate_rate_ppm": rebate.rate,
            "rebate_raw": rebate.raw,
            "rebate_cap_rate_ppm": agreed.cap_rate,
            "rebate_cap_base_name": agreed.cap_base,
            "rebate_cap": rebate.cap,
            "rebate_accrued": rebate.accrued,
            "rebate_lost_to_cap": rebate.lost_to_cap,
            "rebate_issued": rebate.issued,
            "rebate_above_cap": rebate.above_cap,
            "rebate_cap_left": None if rebate.cap is None else max(0, rebate.cap - rebate.issued),
            "rebate_clause": agreed.clause,
        }
    return {TABLE.name: [row]}


FUNDING = Projection("funding", "What is left, what is due?", (TABLE,), rows)
