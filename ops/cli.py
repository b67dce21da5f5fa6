"""The command `copact`: thin functions that parse, and import what they need when they run.

Exit status: 0 fine, 1 a negative answer or something not accepted, 2 wrong usage or a file that cannot be read.
"""

import io
import os
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

from cyclopts import App, CycloptsError, Parameter

VERSION = "0.1.0"

app = App(
    name="copact",
    version=VERSION,
    help="Track Co-Op contracts and their commitments: shall we miss it, what is left, may we reuse it?",
    help_format="plaintext",
)

Json = Annotated[bool, Parameter(name="--json", negative=(), help="Answer as JSON with stable keys.")]
Effective = Annotated[date | None, Parameter(help="As of the end of this business day (YYYY-MM-DD).")]
KnownAt = Annotated[datetime | None, Parameter(help="As known at this moment (RFC 3339, with its zone).")]


@app.command
def init() -> int:
    """Make the store: an embedded one in COPACT_HOME (./.copact), or in the databases that the settings name."""
    from ops.commands import init as run

    return run()


@app.command
def sign(file: Path) -> int:
    """Sign a contract, or an amendment, from its YAML file."""
    from ops.commands import sign as run

    return run(file)


@app.command
def ingest(
    paths: Annotated[list[Path], Parameter(help="Files or folders.")], /, *, json: Json = False
) -> int:
    """Take in facts from files: CloudEvents JSON Lines, Avro containers, and Amazon's reports and streams."""
    from ops.commands import ingest as run

    return run(paths, as_json=json)


@app.command
def status(
    contract: str | None = None, *, json: Json = False, effective: Effective = None, known_at: KnownAt = None
) -> int:
    """Shall we miss it? Every commitment with status, verdict, pace and forecast."""
    from ops.commands import status as run

    return run(contract, effective, known_at, as_json=json)


@app.command
def funding(
    contract: str, *, json: Json = False, effective: Effective = None, known_at: KnownAt = None
) -> int:
    """What is left, what is due? Prepayment, rebate against its cap, return on ad spend."""
    from ops.commands import funding as run

    return run(contract, effective, known_at, as_json=json)


@app.command(name="may-reuse")
def may_reuse(
    asset: str,
    *,
    channel: Annotated[str, Parameter(help="Where it would be used, such as marketplace or social.")],
    territory: Annotated[str, Parameter(help="Country as ISO 3166-1 alpha-2, such as DE.")],
    on: Annotated[
        date | None, Parameter(help="On which day; today's by default, as the contract knows it.")
    ] = None,
    json: Json = False,
    known_at: KnownAt = None,
) -> int:
    """May we reuse this asset there, then? Permit answers 0; deny and unknown answer 1."""
    from ops.commands import may_reuse as run

    return run(asset, channel, territory, on, known_at, as_json=json)


@app.command
def history(contract: str, *, json: Json = False, known_at: KnownAt = None) -> int:
    """Every event of a contract, in order: who said what, when, and when it was recorded."""
    from ops.commands import history as run

    return run(contract, known_at, as_json=json)


@app.command
def rebuild(
    projections: Annotated[list[str] | None, Parameter(help="Some of them; all by default.")] = None, /
) -> int:
    """Fold the whole ledger anew and swap the read models."""
    from ops.commands import rebuild as run

    return run(projections or [])


@app.command
def tick() -> int:
    """Record the deadlines that have passed by now."""
    from ops.commands import tick as run

    return run()


@app.command
def demo() -> int:
    """Sign four example contracts, take in their facts, and show what Copact answers."""
    from ops.demo import demo as run

    return run()


def main() -> None:
    """Run the command line."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """The exit status of a command line; what went wrong is one sentence on standard error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        result = app(arguments, exit_on_error=False, print_error=False, result_action="return_value")
        sys.stdout.flush()
    except CycloptsError as error:
        print(f"copact: {' '.join(str(error).split())}", file=sys.stderr)
        return 2
    except (
        BrokenPipeError,
        SystemExit,
    ):  # whoever read the output has seen enough; rich turns that into an exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("copact: stopped", file=sys.stderr)
        return 130
    except Exception as error:
        from ops.failures import EXPECTED, sentence, status_of

        if not isinstance(error, EXPECTED):
            raise
        print(f"copact: {sentence(error)}", file=sys.stderr)
        return status_of(error)
    return int(result or 0)


def now() -> int:
    """The instant, in microseconds UTC: the only place where the product reads the clock."""
    from domain.period import micros_of

    return micros_of(datetime.now(UTC))
