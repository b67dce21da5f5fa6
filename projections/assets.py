"""May we reuse this video in Germany? Every co-created asset with its owner and what is said about its use."""

import json
from datetime import date

from domain.agreed import in_force
from domain.assets import Grant, grants, may_reuse, owner_of
from domain.contract import Contract
from projections.projection import STAMP, Projection, Row, Rows, stamp
from store.views import Table

ELSEWHERE = "*"
"""A channel or territory that no clause names: what holds where nothing special is said."""

TABLE = Table(
    name="assets",
    key=("asset_id",),
    columns={
        **STAMP,
        "asset_id": str,
        "title": str,
        "kind": str,
        "created_on": str,
        "owner": str,
        "clause": str,
        "derived_from": str,
        "permissions": str,
        "prohibitions": str,
        "elsewhere": str,
        "elsewhere_clause": str,
        "elsewhere_reason": str,
        "terms_version": int,
    },
)


def rows(state: Contract, effective: date, position: int) -> Rows:
    """A row for each asset; `elsewhere` answers for any use that no permission or prohibition names."""
    agreed = in_force(state.versions, effective)
    ip = agreed.terms.ip
    first = stamp(state, effective, position)
    found: list[Row] = []
    for asset_id, asset in sorted(state.assets.items()):
        said = grants(asset, state.licences, ip)
        answer = may_reuse(state.assets, state.licences, ip, asset_id, ELSEWHERE, ELSEWHERE, effective)
        found.append(
            first
            | {
                "asset_id": asset_id,
                "title": asset.title,
                "kind": asset.kind,
                "created_on": asset.created_on.isoformat(),
                "owner": owner_of(asset, ip),
                "clause": ip.clause if asset.owner == "BY_CONTRACT" else "",
                "derived_from": json.dumps(asset.derived_from),
                "permissions": _as_json(said, "PERMISSION"),
                "prohibitions": _as_json(said, "PROHIBITION"),
                "elsewhere": answer.answer,
                "elsewhere_clause": answer.clause,
                "elsewhere_reason": answer.reason,
                "terms_version": agreed.version,
            }
        )
    return {TABLE.name: found}


def _as_json(said: list[Grant], effect: str) -> str:
    return json.dumps(
        [
            {
                "channels": grant.channels,
                "territories": grant.territories,
                "first_day": grant.first_day and grant.first_day.isoformat(),
                "last_day": grant.last_day and grant.last_day.isoformat(),
                "clause": grant.clause,
                "licence_id": grant.licence_id,
            }
            for grant in said
            if grant.effect == effect
        ]
    )


ASSETS = Projection("assets", "May we reuse this asset there, then?", (TABLE,), rows)
