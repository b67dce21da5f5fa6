"""Answers for people: tables that read well on a terminal of 80 columns or more."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from rich.console import Console, Group
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from application.outcome import ACCEPTED, DUPLICATE, PARKED, REFUSED, Outcome
from connectors.errors import plain
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


def whole(value: Any) -> str:
    """A figure in whole units, half up: what a forecast is worth showing."""
    if not isinstance(value, answers.Money):
        return figure(value)
    return f"{value.currency} {Decimal(value.amount).quantize(Decimal(1), ROUND_HALF_UP):,}"


def word(text: str) -> Text:
    """A status as a coloured word."""
    return Text(text.replace("_", " "), style=COLOURS.get(text, ""))


def status(found: Sequence[answers.Status], due: int = 0) -> None:
    """Each contract with its commitments; `due` deadlines have passed and are not recorded yet."""
    if not found:
        line("No contract has been signed. Sign one with `copact sign FILE`, or look at `copact demo`.")
    for answer in found:
        console.print(contract_block(answer), "")
    if due:
        line(f"Due, not recorded: {due} deadlines have passed since; `copact tick` records them.")


def contract_block(answer: answers.Status) -> Group:
    """A contract's heading, its commitments, and what the knowledge rests on."""
    heading = Text.assemble(
        (answer.contract_id, "bold"), f"  {plain(answer.title)}", (f"  {answer.state}", "dim")
    )
    worst_first = sorted(answer.commitments, key=lambda each: RISK.index(each.status))
    blocks: list[Group | Text] = [commitment_block(each) for each in worst_first]
    none = Text("  Minimum Performance Commitment: none stated", style="dim")
    return Group(heading, *(blocks or [none]), _knowledge(answer))


def commitment_block(each: answers.Commitment) -> Group:
    """One commitment: where it stands, and what that means for the days that are left."""
    table = Table.grid(padding=(0, 2))
    table.add_column(width=16)
    table.add_column(width=11)
    table.add_column()
    bound = "≥" if each.comparator == "at_least" else "≤"
    table.add_row(
        f"  {each.commitment_id}",
        word(each.status),
        f"{figure(each.actual)} of {bound} {figure(each.target)}",
    )
    table.add_row("", Text(each.verdict, style="dim"), Text(" · ".join(_consequences(each)), style="dim"))
    if each.reason:
        table.add_row("", "", Text(each.reason, style="yellow"))
    return Group(table)


def _consequences(each: answers.Commitment) -> list[str]:
    said = [_share(each)] if each.actual is not None else []
    if _is_short(each):
        said.append(f"short by {figure(each.shortfall)}")
    if each.needed_per_day is not None:
        said.append(f"needs {figure(each.needed_per_day)} a day")
    if each.pace_index is not None:
        said.append(f"pace {Decimal(each.pace_index):.2f}")
    if each.forecast.mid is not None and each.status in ("on_track", "at_risk"):
        low, high = whole(each.forecast.low), whole(each.forecast.high)
        spread = f" ({low} to {high})" if low != high else ""
        said.append(f"forecast {whole(each.forecast.mid)}{spread}")
    if each.clause:
        said.append(f"clause {plain(each.clause)}")
    if each.status == "missed":
        said.append(f"consequence: {each.consequence.replace('_', ' ')}")
    return said


def _share(each: answers.Commitment) -> str:
    actual, target = _number(each.actual), _number(each.target)
    return f"{actual * 100 / target:.1f} %"


def _number(value: Any) -> Decimal:
    return Decimal(value.amount if isinstance(value, answers.Money) else value.value)


def _is_short(each: answers.Commitment) -> bool:
    return each.shortfall is not None and bool(_number(each.shortfall))


def _knowledge(answer: answers.Status) -> Text:
    marks = sorted(each.watermark for each in answer.commitments if each.watermark)
    reach = f"\n  reports reach {marks[-1][:16].replace('T', ' ')}Z" if marks else ""
    known = answer.known_at[:16].replace("T", " ")
    said = f"  as of {answer.effective} · known at {known}Z · position {answer.position}{reach}"
    return Text(said, style="dim")


def funding(answer: answers.FundingAnswer) -> None:
    """Prepayment, rebate and return of one contract."""
    stamp = f"  as of {answer.effective} · position {answer.position}"
    console.print(Text.assemble((answer.contract_id, "bold"), (stamp, "dim")), funding_table(answer))


def funding_table(answer: answers.FundingAnswer) -> Table:
    """The money of one contract, one line for each figure."""
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(style="dim")
    paid = answer.prepayment
    table.add_row(
        "  prepayment received", figure(paid.received), f"agreed {figure(paid.agreed)}{_clause(paid.clause)}"
    )
    table.add_row("    drawn by spend", figure(paid.drawn), "")
    table.add_row(
        "    balance", figure(paid.balance), f"at the end: {(paid.unspent or 'unstated').replace('_', ' ')}"
    )
    if paid.overdrawn and Decimal(paid.overdrawn.amount):
        table.add_row(Text("    overdrawn", style="bold red"), figure(paid.overdrawn), "accepted and flagged")
    if answer.rebate:
        _rebate_rows(table, answer.rebate)
    else:
        table.add_row("  rebate", "none stated", "")
    roas = "unknown" if answer.roas is None else f"{Decimal(answer.roas):.2f}"
    compared = ", ".join(f"{Decimal(each.value):.1f} {each.name}" for each in answer.benchmarks)
    table.add_row("  ROAS", roas, f"means: {compared}")
    return table


def _rebate_rows(table: Table, rebate: answers.Rebate) -> None:
    rate = f"{Decimal(rebate.rate) * 100:f} %".replace(".00 %", " %") if rebate.rate else "tiers"
    base = (
        f"{rate} of {rebate.base_name} {figure(rebate.base)}, by {rebate.effect_name} {figure(rebate.effect)}"
    )
    table.add_row("  rebate accrued", figure(rebate.accrued), base + _clause(rebate.clause))
    cap = f"{Decimal(rebate.cap_rate) * 100:f} %".replace(".00 %", " %")
    table.add_row("    cap", figure(rebate.cap), f"{cap} of {rebate.cap_base_name}")
    table.add_row("    issued", figure(rebate.issued), f"left under the cap {figure(rebate.cap_left)}")
    if rebate.lost_to_cap and Decimal(rebate.lost_to_cap.amount):
        table.add_row("    lost to the cap", figure(rebate.lost_to_cap), "")
    if rebate.above_cap and Decimal(rebate.above_cap.amount):
        table.add_row(
            Text("    above the cap", style="bold red"),
            figure(rebate.above_cap),
            "issued, accepted and flagged",
        )


def _clause(clause: str | None) -> str:
    return f", clause {plain(clause)}" if clause else ""


def reuse(answer: answers.Reuse) -> None:
    """Permit, deny or unknown, with the clause."""
    console.print(reuse_line(answer))


def reuse_line(answer: answers.Reuse) -> Text:
    """The reuse question and its answer in one sentence."""
    through = "" if answer.decided_by == answer.asset_id else f", through {answer.decided_by}"
    return Text.assemble(
        word(answer.answer),
        f": {answer.asset_id} on {answer.channel} in {answer.territory} on {answer.on}: {answer.reason}",
        f"{through} ({f'clause {plain(answer.clause)}' if answer.clause else 'no clause'})",
    )


def history(events: Sequence[answers.HistoryEvent]) -> None:
    """Events in order, one line each: position, version, when it was recorded, and what it says."""
    line(f"{'position':>8} {'version':>7}  {'recorded':<16}  event")
    for event in events:
        _, name, _ = event.type.split(".")
        recorded = event.recorded_at[:16].replace("T", " ")
        console.print(
            Text.assemble(
                (f"{event.position:>8} {event.version:>7}  {recorded}  ", "dim"),
                (f"{name} ", "bold" if event.type.startswith("derived.") else ""),
                plain(summary(event)),
            ),
            soft_wrap=True,
        )


UNSAID = frozenset(
    (
        "contract_id",
        "source",
        "marketplace_id",
        "terms",
        "slices",
        "revision",
        "reporting",
        "as_of",
        "period_end",
    )
)
"""Fields that the short form of an event leaves out."""


def summary(event: answers.HistoryEvent) -> str:
    """The main fields of an event in one line."""
    return ", ".join(
        f"{name.removesuffix('_start')} {_short(name, value)}"
        for name, value in event.data.items()
        if name not in UNSAID and value not in ("", None, [])
    )


def finding(event: answers.HistoryEvent) -> Text:
    """One derived event in a line: when it was found, and what."""
    _, name, _ = event.type.split(".")
    said = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in event.data.items() if key in TOLD)
    about = event.data.get("commitment_id", "")
    return Text.assemble(
        (f"  {event.recorded_at[:10]} ", "dim"), (f"{name} ", "bold"), plain(f"{about} {said}".strip())
    )


TOLD = (
    "actual",
    "before",
    "after",
    "shortfall",
    "overdrawn",
    "excess",
    "accrued",
    "lost_to_cap",
)
"""Fields of a derived event that its line tells."""


def _short(name: str, value: Any) -> str:
    if name == "period_start":
        return str(value)[:10]
    if isinstance(value, dict):
        return " ".join(f"{key} {inner}" for key, inner in value.items())
    return "; ".join(_short("", each) for each in value) if isinstance(value, list) else str(value)


RISK = ("missed", "at_risk", "unknown", "on_track", "met", "not_started")
"""Statuses from what needs a person most to what needs none."""


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
        name = " ".join(filter(None, (each.fact_id, each.place and f"({each.place})")))
        errors.print(plain(f"{each.disposition}: {name}: {each.detail}"), markup=False, soft_wrap=True)
    if len(wrong) > MOST_REASONS:
        errors.print(
            f"… and {len(wrong) - MOST_REASONS:,} more; `copact ingest --json` names them all.", markup=False
        )
    for sentence in taken.stopped:
        errors.print(f"stopped: {sentence}", markup=False, soft_wrap=True)
    for sentence in taken.unreadable:
        errors.print(f"not read: {sentence}", markup=False, soft_wrap=True)


def ticked(outcome: Outcome) -> None:
    """What the clock has made so."""
    line(f"{outcome.counts[ACCEPTED]} deadlines recorded, position {outcome.position or 'unchanged'}.")
    for name, count in sorted(outcome.derived.items()):
        line(f"  {name}: {count}")
