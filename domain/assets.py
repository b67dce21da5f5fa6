"""Co-created content: who owns an asset, and whether it may be reused in a channel, a territory, on a day.

The answer is permit, deny or unknown, always with the clause that gives it. A clause that says nothing stays visible
as unknown. A derived asset is as restricted as the strictest asset it comes from.
"""

from dataclasses import dataclass
from datetime import date

from domain.events import AssetCreated, LicenceGranted
from domain.terms import IpClause

PERMIT, DENY, UNKNOWN = "permit", "deny", "unknown"

STRICTNESS = {PERMIT: 0, UNKNOWN: 1, DENY: 2}
"""Of several answers the strictest counts."""


@dataclass(slots=True)
class Answer:
    """May an asset be reused? `asset_id` is the asset (or ancestor) that decides, `licence_id` the licence, if any."""

    answer: str
    clause: str
    reason: str
    asset_id: str
    licence_id: str


@dataclass(slots=True)
class Grant:
    """One permission or prohibition, from a licence or from the contract's clause."""

    effect: str
    channels: list[str]
    territories: list[str]
    first_day: date | None
    last_day: date | None
    clause: str
    licence_id: str

    def covers(self, channel: str, territory: str, on: date) -> bool:
        """Whether it speaks about this use: an empty list means every channel or territory; both days included."""
        return (
            (not self.channels or channel in self.channels)
            and (not self.territories or territory in self.territories)
            and (self.first_day is None or self.first_day <= on)
            and (self.last_day is None or on <= self.last_day)
        )


def owner_of(asset: AssetCreated, ip: IpClause) -> str:
    """PLATFORM, SELLER, JOINT or UNSTATED: what the asset says, or else what the contract says."""
    return ip.owner if asset.owner == "BY_CONTRACT" else asset.owner


def grants(asset: AssetCreated, licences: dict[str, LicenceGranted], ip: IpClause) -> list[Grant]:
    """What is said about an asset: its licences by id, then the rules of the contract's clause."""
    own = [
        Grant(g.effect, g.channels, g.territories, g.first_day, g.last_day, g.clause, g.licence_id)
        for _, g in sorted(licences.items())
        if g.asset_id == asset.asset_id
    ]
    rules = [
        Grant(r.effect, r.channels, r.territories, r.first_day, r.last_day, r.clause or ip.clause, "")
        for r in ip.rules
    ]
    return own + rules if asset.owner == "BY_CONTRACT" else own


def may_reuse(
    assets: dict[str, AssetCreated],
    licences: dict[str, LicenceGranted],
    ip: IpClause,
    asset_id: str,
    channel: str,
    territory: str,
    on: date,
) -> Answer:
    """The answer for an asset and everything it is derived from: the strictest of them."""
    answers = [
        _answer_one(assets.get(each), each, licences, ip, channel, territory, on)
        for each in lineage(assets, asset_id)
    ]
    return max(answers, key=lambda answer: STRICTNESS[answer.answer])


def lineage(assets: dict[str, AssetCreated], asset_id: str) -> list[str]:
    """The asset and all it is derived from, itself first, each once (a cycle ends where it closes)."""
    seen: list[str] = []
    waiting = [asset_id]
    while waiting:
        current = waiting.pop(0)
        if current not in seen:
            seen.append(current)
            if current in assets:
                waiting.extend(assets[current].derived_from)
    return seen


def _answer_one(
    asset: AssetCreated | None,
    asset_id: str,
    licences: dict[str, LicenceGranted],
    ip: IpClause,
    channel: str,
    territory: str,
    on: date,
) -> Answer:
    if asset is None:
        return Answer(UNKNOWN, "", f"asset {asset_id} is not on record", asset_id, "")
    said = grants(asset, licences, ip)
    covering = [grant for grant in said if grant.covers(channel, territory, on)]
    for effect, answer in (("PROHIBITION", DENY), ("PERMISSION", PERMIT)):
        for grant in covering:
            if grant.effect == effect:
                by = f"licence {grant.licence_id}" if grant.licence_id else "the contract's IP clause"
                verb = "prohibits" if answer == DENY else "permits"
                return Answer(answer, grant.clause, f"{by} {verb} it", asset_id, grant.licence_id)
    owner = owner_of(asset, ip)
    clause = ip.clause if asset.owner == "BY_CONTRACT" else ""
    if owner == "SELLER":
        return Answer(PERMIT, clause, "the seller owns it", asset_id, "")
    if owner == "PLATFORM":
        return Answer(DENY, clause, "the platform owns it and no permission covers this use", asset_id, "")
    if owner == "JOINT":
        return Answer(UNKNOWN, clause, "both own it and no permission covers this use", asset_id, "")
    return Answer(UNKNOWN, clause, "no clause says who owns it", asset_id, "")
