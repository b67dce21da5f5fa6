"""Answers for people: tables that read well on a terminal of 80 columns or more."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from rich.console import Console, Group
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from application.intake import ACCEPTED, DUPLICATE, PARKED, REFUSED, Outcome
from ops import answers
from projections.runner import Progress, no_progress

if TYPE_CHECKING:
    from ops.ingest import Taken

MOST_REASONS = 20
"""How many sentences of facts that were not accepted are shown; the rest is counted."""

COLOURS = {
    "missed": "bold white on red",
    "at_risk": "bold red",
    "unknown": "yellow",
    "met": "green",
    "on_track": "green",
    "not_started": "dim",
    "permit": "bold green",
    "deny": "bold red",
}

console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)


def line(text: str) -> None:
    """One sentence."""
    console.print(text, markup=False, soft_wrap=True)


@contextmanager
def bar(title: str) -> Iterator[Progress]:
    """A progress bar on standard error, only where a person watches."""
    from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as RichProgress

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
    )
    with RichProgress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as progress:
        task = progress.add_task(escape(title), total=None)
        yield lambda reached, goal: progress.update(task, completed=reached, total=goal)


@contextmanager
def no_bar(_title: str) -> Iterator[Progress]:
    """Nothing to watch."""
    yield no_progress


def figure(value: Any) -> str:
    """A figure with its unit; amounts with the ISO code and two digits, a missing one as a dash."""
    if value is None:
        return "–"
    if isinstance(value, answers.Money):
        return f"{value.currency} {Decimal(value.amount):,.2f}"
    return f"{value.value:,}"


def word(text: str) -> Text:
    """A status as a coloured word."""
    return Text(text.replace("_", " "), style=COLOURS.get(text, ""))


def status(found: Sequence[answers.Status]) -> None:
    """Each contract with its commitments."""
    if not found:
        line("No contract has been signed. Sign one with `copact sign FILE`, or look at `copact demo`.")
    for answer in found:
        console.print(contract_block(answer))


def contract_block(answer: answers.Status) -> Group:
    """A contract's heading, its commitments, and what the knowledge rests on."""
    heading = Text.assemble((answer.contract_id, "bold"), f"  {answer.title}", (f"  {answer.state}", "dim"))
    if not answer.commitments:
        return Group(
            heading,
            Text("  Minimum Performance Commitment: none stated", style="dim"),
            _knowledge(answer),
            Text(),
        )
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("commitment", "status", "verdict"):
        table.add_column(name, no_wrap=True)
    for name in ("actual", "target", "short by", "pace", "per day", "forecast"):
        table.add_column(name, justify="right", no_wrap=True)
    for each in answer.commitments:
        table.add_row(
            f"  {each.commitment_id}",
            word(each.status),
            each.verdict,
            figure(each.actual),
            ("≥ " if each.comparator == "at_least" else "≤ ") + figure(each.target),
            figure(each.shortfall) if _is_short(each) else "",
            each.pace_index or "–",
            figure(each.needed_per_day),
            figure(each.forecast.mid),
        )
    notes = [
        Text(f"  {each.commitment_id}: {each.reason}", style="yellow")
        for each in answer.commitments
        if each.reason
    ]
    return Group(heading, table, *notes, _knowledge(answer), Text())


def _is_short(commitment: answers.Commitment) -> bool:
    shortfall = commitment.shortfall
    return bool(Decimal(shortfall.amount) if isinstance(shortfall, answers.Money) else shortfall.value)


def _knowledge(answer: answers.Status) -> Text:
    marks = sorted(each.watermark for each in answer.commitments if each.watermark)
    reach = f", reports reach {marks[0]}" if marks else ""
    return Text(
        f"  as of {answer.effective}, known at {answer.known_at}, position {answer.position}{reach}",
        style="dim",
    )


def funding(answer: answers.FundingAnswer) -> None:
    """Prepayment, rebate and return of one contract."""
    console.print(funding_block(answer))


def funding_block(answer: answers.FundingAnswer) -> Group:
    """The money of one contract, one line for each figure."""
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(style="dim")
    paid = answer.prepayment
    table.add_row(
        "Prepayment received", figure(paid.received), f"agreed {figure(paid.agreed)}{_clause(paid.clause)}"
    )
    table.add_row("  drawn by spend", figure(paid.drawn), "")
    table.add_row(
        "  balance", figure(paid.balance), f"at the end: {(paid.unspent or 'unstated').replace('_', ' ')}"
    )
    if paid.overdrawn and Decimal(paid.overdrawn.amount):
        table.add_row(Text("  overdrawn", style="bold red"), figure(paid.overdrawn), "accepted and flagged")
    if answer.rebate:
        _rebate_rows(table, answer.rebate)
    else:
        table.add_row("Rebate", "none stated", "")
    compared = ", ".join(f"{each.value} {each.name}" for each in answer.benchmarks)
    table.add_row("ROAS", answer.roas or "unknown", f"beside {compared}")
    heading = Text.assemble(
        (answer.contract_id, "bold"), (f"  as of {answer.effective}, position {answer.position}", "dim")
    )
    return Group(heading, table, Text())


def _rebate_rows(table: Table, rebate: answers.Rebate) -> None:
    rate = f"{Decimal(rebate.rate) * 100:f} %".replace(".00 %", " %") if rebate.rate else "tiers"
    base = (
        f"{rate} of {rebate.base_name} {figure(rebate.base)}, by {rebate.effect_name} {figure(rebate.effect)}"
    )
    table.add_row("Rebate accrued", figure(rebate.accrued), base + _clause(rebate.clause))
    cap = f"{Decimal(rebate.cap_rate) * 100:f} %".replace(".00 %", " %")
    table.add_row("  cap", figure(rebate.cap), f"{cap} of {rebate.cap_base_name}")
    table.add_row("  issued", figure(rebate.issued), f"left under the cap {figure(rebate.cap_left)}")
    if rebate.lost_to_cap and Decimal(rebate.lost_to_cap.amount):
        table.add_row("  lost to the cap", figure(rebate.lost_to_cap), "")
    if rebate.above_cap and Decimal(rebate.above_cap.amount):
        table.add_row(
            Text("  above the cap", style="bold red"),
            figure(rebate.above_cap),
            "issued, accepted and flagged",
        )


def _clause(clause: str | None) -> str:
    return f", clause {clause}" if clause else ""


def reuse(answer: answers.Reuse) -> None:
    """Permit, deny or unknown, with the clause."""
    console.print(reuse_line(answer))


def reuse_line(answer: answers.Reuse) -> Text:
    """The reuse question and its answer in one sentence."""
    through = "" if answer.decided_by == answer.asset_id else f", through {answer.decided_by}"
    return Text.assemble(
        word(answer.answer),
        f": {answer.asset_id} on {answer.channel} in {answer.territory} on {answer.on}: {answer.reason}",
        f"{through} ({f'clause {answer.clause}' if answer.clause else 'no clause'})",
    )


def history(events: Sequence[answers.HistoryEvent]) -> None:
    """Events in order, with both times and a short form of what they say."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("position", "version"):
        table.add_column(name, justify="right")
    for name in ("recorded", "event", "what", "source"):
        table.add_column(name)
    for event in events:
        _, name, _ = event.type.split(".")
        derived = event.type.startswith("derived.")
        table.add_row(
            str(event.position),
            str(event.version),
            event.recorded_at[:19].replace("T", " "),
            Text(name, style="bold" if derived else ""),
            summary(event),
            "" if derived else event.source,
        )
    console.print(table)


UNSAID = (
    "contract_id",
    "source",
    "marketplace_id",
    "terms",
    "slices",
    "currency",
    "revision",
    "reporting",
    "as_of",
)
"""Fields that the short form of an event leaves out."""


def summary(event: answers.HistoryEvent) -> str:
    """The main fields of an event in one line."""
    parts = [
        f"{name} {_short(value)}"
        for name, value in event.data.items()
        if name not in UNSAID and value not in ("", None, [])
    ]
    return ", ".join(parts)


def _short(value: Any) -> str:
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value)


def ingested(taken: "Taken") -> None:
    """The dispositions of what came in, and the sentences of what was not accepted."""
    outcome = taken.outcome
    for name in taken.unchanged:
        line(f"{name}: nothing new, it was taken in before.")
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    table.add_column()
    table.add_column(justify="right")
    for disposition in (ACCEPTED, DUPLICATE, PARKED, REFUSED):
        table.add_row(disposition, f"{outcome.counts[disposition]:,}")
    table.add_row("for no contract", f"{taken.for_no_contract:,}")
    if outcome.released:
        table.add_row("waited, now taken in", f"{outcome.released:,}")
    for name, count in sorted(outcome.derived.items()):
        table.add_row(Text(name, style="bold"), f"{count:,}")
    console.print(table)
    wrong = [each for each in outcome.answers if each.disposition != DUPLICATE]
    for each in wrong[:MOST_REASONS]:
        errors.print(f"{each.disposition}: {each.fact_id}: {each.detail}", markup=False, soft_wrap=True)
    if len(wrong) > MOST_REASONS:
        errors.print(
            f"… and {len(wrong) - MOST_REASONS:,} more; `copact ingest --json` names them all.", markup=False
        )
    for sentence in taken.unreadable:
        errors.print(f"not read: {sentence}", markup=False, soft_wrap=True)


def ticked(outcome: Outcome) -> None:
    """What the clock has made so."""
    line(f"{outcome.counts[ACCEPTED]} deadlines recorded, position {outcome.position or 'unchanged'}.")
    for name, count in sorted(outcome.derived.items()):
        line(f"  {name}: {count}")
