"""Shall we miss it? Every commitment in force: status, verdict, pace, forecast, what each day must bring."""

from dataclasses import asdict
from datetime import date

from domain.agreed import in_force
from domain.commitment import assess
from domain.contract import Contract
from projections.projection import STAMP, Projection, Rows, stamp
from store.views import Table

TABLE = Table(
    name="commitments",
    key=("commitment_id",),
    columns={
        **STAMP,
        "commitment_id": str,
        "metric": str,
        "basis": str,
        "unit": str,
        "comparator": str,
        "target": int,
        "actual": int,
        "shortfall": int,
        "status": str,
        "verdict": str,
        "pace_index_ppm": int,
        "needed_per_day": int,
        "low": int,
        "mid": int,
        "high": int,
        "watermark": int,
        "not_counted": int,
        "consequence": str,
        "clause": str,
        "terms_version": int,
        "reason": str,
    },
)


def rows(state: Contract, effective: date, position: int) -> Rows:
    """A row for each commitment of the terms in force; none where the contract states none."""
    agreed = in_force(state.versions, effective)
    first = stamp(state, effective, position)
    return {
        TABLE.name: [
            first | asdict(assess(each, agreed.terms, agreed.version, state.series, effective))
            for each in agreed.terms.commitments
        ]
    }


COMMITMENTS = Projection("commitments", "Shall we miss it?", (TABLE,), rows)
