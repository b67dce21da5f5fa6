"""What each command does: open the store, ask or tell, show the answer."""

import os
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path

import msgspec

from application.deadlines import due
from domain.agreed import in_force
from domain.assets import PERMIT, STRICTNESS
from domain.assets import may_reuse as reuse_answer
from domain.limits import EARLIEST, FIRST_DAY, LAST_DAY, LATEST
from domain.period import micros_of
from domain.terms_check import check_use
from ops import answers, show
from ops.cli import now
from ops.failures import Misused
from ops.history import events_of
from ops.ingest import ingest_paths
from ops.logging import configure_late
from ops.settings import Settings, settings
from ops.sign import sign_file
from ops.store import Store, opened
from projections.benchmarks import INDEPENDENT_ROAS, JOINT_ROAS
from projections.commitments import COMMITMENTS
from projections.contracts import CONTRACTS, CONTRACTS_TABLE
from projections.funding import FUNDING
from projections.reader import Moment, NotFound, Seen


def here() -> Settings:
    """The settings of this process."""
    return settings(os.environ)


configure_late()


def emit(answer: object) -> None:
    """Write an answer as JSON."""
    print(msgspec.json.format(msgspec.json.encode(answer), indent=2).decode())


def init() -> int:
    """Make the store, or find it made."""
    chosen = here()
    with opened(chosen, create=True) as store:
        place = chosen.home if chosen.embedded else "the database"
        show.line(f"A store is ready in {place}, at position {store.ledger.head().position}.")
    return 0


def sign(file: Path) -> int:
    """Sign the contract or the amendment of a file."""
    with opened(here()) as store:
        answer = sign_file(store, file, now())
        store.tick(now())
    show.line(answer.sentence)
    return answer.exit_status


def ingest(paths: list[Path], *, as_json: bool) -> int:
    """Take in files through the one door, then let the clock speak."""
    if not paths:
        raise Misused("ingest: name at least one file or folder")
    with opened(here()) as store:
        taken = ingest_paths(store, paths, now, show.no_bar if as_json else show.bar)
        ticked = store.tick(now())
        taken.outcome.derived.update(ticked.derived)
    if as_json:
        emit(taken.as_answer())
    else:
        show.ingested(taken)
    return taken.exit_status


def status(contract: str | None, effective: date | None, known_at: datetime | None, *, as_json: bool) -> int:
    """Show where commitments stand."""
    with opened(here()) as store:
        moment = moment_of(store, effective, known_at)
        contracts = list(seen_of(store, contract, moment))
        found = [status_answer(store, seen) for seen in contracts]
        waiting = len(due((seen.state for seen in contracts), now())) if moment.live else 0
    if as_json:
        emit(found)
    else:
        show.status(found, waiting)
    return 0


def funding(contract: str, effective: date | None, known_at: datetime | None, *, as_json: bool) -> int:
    """Show the money of a contract."""
    with opened(here()) as store:
        answer = funding_answer(store, store.reader.see(contract, moment_of(store, effective, known_at)))
    if as_json:
        emit(answer)
    else:
        show.funding(answer)
    return 0


def may_reuse(
    asset: str, channel: str, territory: str, on: date | None, known_at: datetime | None, *, as_json: bool
) -> int:
    """Answer the reuse question; permit is 0, deny and unknown are 1."""
    with opened(here()) as store:
        answer = reuse(store, asset, channel, territory, moment_of(store, on, known_at))
    if as_json:
        emit(answer)
    else:
        show.reuse(answer)
    return 0 if answer.answer == PERMIT else 1


def history(contract: str, known_at: datetime | None, *, as_json: bool) -> int:
    """Show every event of a contract."""
    with opened(here()) as store:
        events = events_of(store.ledger, contract, moment_of(store, None, known_at))
        if not events:
            raise NotFound(f"contract: {contract!r}: no contract of this id was signed by then")
    if as_json:
        emit(events)
    else:
        show.history(events)
    return 0


def rebuild(names: list[str]) -> int:
    """Rebuild read models from the ledger."""
    with opened(here()) as store, show.bar("Rebuilding") as progress:
        try:
            position = store.runner.rebuild(names, progress)
        except LookupError as error:
            raise Misused(str(error)) from None
    show.line(f"Rebuilt {', '.join(names) or 'every read model'} up to position {position}.")
    return 0


def tick() -> int:
    """Record what time alone has made due."""
    with opened(here()) as store:
        outcome = store.tick(now())
    show.ticked(outcome)
    return 0


def moment_of(store: Store, effective: date | None, known_at: datetime | None) -> Moment:
    """The moment that two options ask about."""
    if effective and not FIRST_DAY <= effective <= LAST_DAY:
        raise Misused(f"--effective: '{effective}': a day from {FIRST_DAY} to {LAST_DAY}")
    if known_at is None:
        return store.reader.moment(effective)
    if known_at.tzinfo is None:
        raise Misused(f"--known-at: '{known_at.isoformat()}': name its zone, such as {known_at.isoformat()}Z")
    instant = micros_of(known_at)
    if not EARLIEST <= instant <= LATEST:
        raise Misused(f"--known-at: '{known_at.isoformat()}': an instant of the years 2000 to 2099")
    return store.reader.moment(effective, instant)


def seen_of(store: Store, contract: str | None, moment: Moment) -> Iterable[Seen]:
    """One contract, or every contract."""
    return [store.reader.see(contract, moment)] if contract else store.reader.see_all(moment)


def status_answer(store: Store, seen: Seen) -> answers.Status:
    """Where the commitments of one contract stand."""
    contract = store.reader.rows(CONTRACTS, CONTRACTS_TABLE, seen)[0]
    commitments = store.reader.rows(COMMITMENTS, COMMITMENTS.tables[0], seen)
    return answers.status(contract, commitments, seen.known_at)


def funding_answer(store: Store, seen: Seen) -> answers.FundingAnswer:
    """The money of one contract."""
    row = store.reader.rows(FUNDING, FUNDING.tables[0], seen)[0]
    benchmarks = [
        answers.Benchmark(each.name, answers.rate(each.value_ppm) or "", each.source, each.date)
        for each in (JOINT_ROAS, INDEPENDENT_ROAS)
    ]
    return answers.funding(row, seen.known_at, benchmarks)


def reuse(store: Store, asset: str, channel: str, territory: str, moment: Moment) -> answers.Reuse:
    """The reuse question, by the terms in force on the day; of several contracts that know the asset, the strictest."""
    channel, territory = channel.lower(), territory.upper()
    check_use("--", [channel], [territory], None, None)
    found = []
    for seen in store.reader.contracts_of_asset(asset, moment):
        state, on = seen.state, seen.effective
        ip = in_force(state.versions, on).terms.ip
        found.append((seen, reuse_answer(state.assets, state.licences, ip, asset, channel, territory, on)))
    seen, decided = max(found, key=lambda each: STRICTNESS[each[1].answer])
    return answers.Reuse(
        asset_id=asset,
        contract_id=seen.contract_id,
        channel=channel,
        territory=territory,
        on=seen.effective.isoformat(),
        answer=decided.answer,
        clause=decided.clause,
        reason=decided.reason,
        decided_by=decided.asset_id,
        licence_id=decided.licence_id,
        position=seen.position,
        known_at=answers.instant(seen.known_at) or "",
    )
