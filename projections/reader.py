"""Answers for a reader: any contract, as of any business day, as known at any moment.

What is asked about now comes from the rows that the runner keeps; any other day, or an earlier knowledge, is rendered
from the folded events by the same projections. Reading changes nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from domain.agreed import day_at
from domain.contract import Contract
from projections.projection import Projection, Row
from store.fold import fold, from_blob
from store.ledger import Ledger
from store.views import Table, Views


class NotFound(LookupError):
    """Raised where nothing of that name was on record at the moment asked about."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What is asked about: `effective` a business day (None: the day of `known_at`), `known_at` an instant.

    `position` is the last event that was recorded by then.
    """

    effective: date | None
    known_at: int
    position: int
    live: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """A contract at a moment; `position` is that of its last event by then."""

    contract_id: str
    state: Contract
    effective: date
    known_at: int
    position: int


class Reader:
    """Reads one ledger and its read models."""

    def __init__(self, ledger: Ledger, views: Views) -> None:
        self._ledger, self._views = ledger, views

    def moment(self, effective: date | None = None, known_at: int | None = None) -> Moment:
        """The moment of a question; without `known_at`, that of the last event recorded, never the wall clock."""
        if known_at is None:
            position = self._ledger.head().position
            return Moment(
                effective, self._ledger.recorded_at(position) if position else 0, position, live=True
            )
        return Moment(effective, known_at, self._ledger.position_at(known_at), live=False)

    def contract_ids(self) -> list[str]:
        """Every contract on record, by id."""
        return [stream.removeprefix("contract-") for stream, _ in self._ledger.streams("contract-")]

    def see(self, contract_id: str, moment: Moment) -> Seen:
        """A contract as known at a moment; raises NotFound where it was not signed by then."""
        stream = f"contract-{contract_id}"
        kept = self._views.folded(stream) if moment.live else None
        if kept and kept.position > moment.position:
            kept = None
        state = from_blob(kept.blob) if kept else Contract()
        last = kept.position if kept else 0
        rows = list(self._ledger.stream(stream, after_version=state.version, upto=moment.position))
        state = fold(state, rows)
        if state.signed is None:
            raise NotFound(f"contract: {contract_id!r}: no contract of this id was signed by then")
        effective = moment.effective or day_at(state.versions, moment.known_at)
        return Seen(contract_id, state, effective, moment.known_at, rows[-1][0] if rows else last)

    def see_all(self, moment: Moment) -> Iterator[Seen]:
        """Every contract that was signed at a moment, one at a time."""
        for contract_id in self.contract_ids():
            try:
                yield self.see(contract_id, moment)
            except NotFound:
                continue

    def rows(self, projection: Projection, table: Table, seen: Seen) -> list[Row]:
        """The rows of a contract by key: the kept ones where they answer this very question, else rendered again."""
        kept = self._views.rows(table.name, {"contract_id": seen.contract_id})
        asked = (seen.effective.isoformat(), seen.position)
        if kept and all((row["effective"], row["position"]) == asked for row in kept):
            return kept
        rendered = projection.rows(seen.state, seen.effective, seen.position)[table.name]
        return sorted(rendered, key=lambda row: tuple(row[column] for column in table.key))

    def contracts_of_asset(self, asset_id: str, moment: Moment) -> list[Seen]:
        """The contracts whose registers hold an asset: ids are unique within a contract only. Raises NotFound."""
        rows = self._views.rows("assets", {"asset_id": asset_id}) if moment.live else []
        seen = [self.see(row["contract_id"], moment) for row in rows] or self.see_all(moment)
        found = [each for each in seen if asset_id in each.state.assets]
        if not found:
            raise NotFound(f"asset: {asset_id!r}: no asset of this id was on record by then")
        return found
