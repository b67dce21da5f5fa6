"""What did we sign, what is in force, who says that we broke it? Contracts, their amendments, their breach notices."""

import json
from dataclasses import asdict
from datetime import date, timedelta

from domain.agreed import in_force
from domain.contract import Contract
from domain.events import BreachNoticed
from domain.terms import BreachClause, Terms
from projections.projection import STAMP, Projection, Row, Rows, stamp
from store.views import Table

CONTRACTS_TABLE = Table(
    name="contracts",
    key=(),
    columns={
        **STAMP,
        "title": str,
        "seller_id": str,
        "counterparty": str,
        "state": str,
        "programme": str,
        "category": str,
        "currency": str,
        "zone": str,
        "first_day": str,
        "last_day": str,
        "signed_on": str,
        "terms_version": int,
        "terms_effective_from": str,
        "amendments": int,
        "breaches": int,
        "commitments": int,
        "ip_owner": str,
        "ip_clause": str,
        "data_rights": str,
    },
)

AMENDMENTS_TABLE = Table(
    name="amendments",
    key=("terms_version",),
    columns={
        **STAMP,
        "terms_version": int,
        "amendment_id": str,
        "signed_on": str,
        "effective_from": str,
        "reason": str,
        "in_force": bool,
    },
)

BREACHES_TABLE = Table(
    name="breaches",
    key=("breach_id",),
    columns={
        **STAMP,
        "breach_id": str,
        "cause": str,
        "clause": str,
        "noticed_on": str,
        "noticed_by": str,
        "description": str,
        "cure_until": str,
        "exit_cost": int,
        "consequence": str,
    },
)


def rows(state: Contract, effective: date, position: int) -> Rows:
    """The contract, a row for each version after the first, a row for each breach notice."""
    first = stamp(state, effective, position)
    return {
        CONTRACTS_TABLE.name: [first | _contract(state, effective)],
        AMENDMENTS_TABLE.name: [first | row for row in _amendments(state, effective)],
        BREACHES_TABLE.name: [first | _breach(state, each) for _, each in sorted(state.notices.items())],
    }


def _contract(state: Contract, effective: date) -> Row:
    signed, agreed = state.signed, in_force(state.versions, effective)
    terms = agreed.terms
    return {
        "title": signed.title if signed else "",
        "seller_id": signed.seller_id if signed else "",
        "counterparty": signed.counterparty if signed else "",
        "state": life(terms, effective),
        "programme": terms.programme,
        "category": terms.category,
        "currency": terms.currency,
        "zone": terms.window.zone,
        "first_day": terms.window.first_day.isoformat(),
        "last_day": terms.window.last_day.isoformat(),
        "signed_on": signed.signed_on.isoformat() if signed else None,
        "terms_version": agreed.version,
        "terms_effective_from": agreed.effective_from.isoformat(),
        "amendments": len(state.amendments),
        "breaches": len(state.notices),
        "commitments": len(terms.commitments),
        "ip_owner": terms.ip.owner,
        "ip_clause": terms.ip.clause,
        "data_rights": json.dumps(asdict(terms.data_rights)) if terms.data_rights else None,
    }


def life(terms: Terms, on: date) -> str:
    """Where a contract stands in its campaign: upcoming, active or ended."""
    if on < terms.window.first_day:
        return "upcoming"
    return "active" if on <= terms.window.last_day else "ended"


def _amendments(state: Contract, effective: date) -> list[Row]:
    current = in_force(state.versions, effective).version
    return [
        {
            "terms_version": each.terms_version,
            "amendment_id": each.amendment_id,
            "signed_on": each.signed_on.isoformat(),
            "effective_from": each.effective_from.isoformat(),
            "reason": each.reason,
            "in_force": each.terms_version == current,
        }
        for each in sorted(state.amendments.values(), key=lambda each: each.terms_version)
    ]


def _breach(state: Contract, notice: BreachNoticed) -> Row:
    """A notice with what the terms in force on its day say about it."""
    terms = in_force(state.versions, notice.noticed_on).terms
    clause = clause_for(terms, notice)
    return {
        "breach_id": notice.breach_id,
        "cause": notice.trigger,
        "clause": notice.clause,
        "noticed_on": notice.noticed_on.isoformat(),
        "noticed_by": notice.noticed_by,
        "description": notice.description,
        "cure_until": (notice.noticed_on + timedelta(clause.cure_days)).isoformat() if clause else None,
        "exit_cost": clause.exit_cost if clause else None,
        "consequence": clause.consequence if clause else None,
    }


def clause_for(terms: Terms, notice: BreachNoticed) -> BreachClause | None:
    """The breach clause that a notice names, or else the first one for its trigger."""
    named = [each for each in terms.breach_clauses if notice.clause and each.clause == notice.clause]
    same = [each for each in terms.breach_clauses if each.trigger == notice.trigger]
    return next(iter(named + same), None)


CONTRACTS = Projection(
    "contracts",
    "What is in force, and who says it was broken?",
    (CONTRACTS_TABLE, AMENDMENTS_TABLE, BREACHES_TABLE),
    rows,
)
