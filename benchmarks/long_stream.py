"""One contract that grows long: what a fact costs at its 100th and at its 100,000th, and how fast it is loaded cold.

Then, where asked for, memory over a million facts.
"""

import resource
from pathlib import Path
from statistics import median
from time import perf_counter

from application.intake import Intake
from application.states import States
from benchmarks.facts import BATCH, NOW, batches, contract_ids, signing
from store.ledger import Ledger

LENGTH = 100_000
WINDOWS = 5


def run(ledger: Ledger) -> None:
    """Measure on SQLite: batches of one contract, the first five after the 100th fact and the last five."""
    ids = contract_ids(1)
    intake = Intake(ledger)
    intake.take(signing(ids), NOW)
    seconds = []
    for batch in batches(LENGTH // BATCH + WINDOWS, ids):
        begun = perf_counter()
        intake.take(batch, NOW)
        seconds.append(perf_counter() - begun)
    first, last = median(seconds[1 : 1 + WINDOWS]), median(seconds[-WINDOWS:])
    ratio = last / first
    print(
        f"{'sqlite: the 100,000th fact / the 100th (cost)':<44} {ratio:7.2f}  goal 1.5 "
        f"{'reached' if ratio <= 1.5 else 'MISSED':<8} {last / BATCH * 1e6:.0f} µs beside {first / BATCH * 1e6:.0f} µs",
        flush=True,
    )
    cold = []
    for _ in range(WINDOWS):
        begun = perf_counter()
        state = States(ledger).get("contract-" + ids[0])
        cold.append((perf_counter() - begun) * 1_000)
    print(
        f"{'sqlite: cold load of a contract':<44} {median(cold):7.1f} ms  goal 50 ms "
        f"{'reached' if median(cold) <= 50 else 'MISSED'} at {state.version:,} events",
        flush=True,
    )


def memory(ledger: Ledger, facts: int) -> None:
    """Resident memory while facts come in, in ten steps."""
    ids = contract_ids()
    intake = Intake(ledger)
    intake.take(signing(ids), NOW)
    steps = []
    for number, batch in enumerate(batches(facts // BATCH, ids), 1):
        intake.take(batch, NOW)
        if number * BATCH % (facts // 10) == 0:
            steps.append(_resident_mb())
    print(
        f"{f'sqlite: memory over {facts:,} facts':<44} {' '.join(f'{step:.0f}' for step in steps)} MB",
        flush=True,
    )


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1e6
