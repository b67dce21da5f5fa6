"""The JSON Schemas of what reading commands answer, generated from `ops.answers` (`python -m ops.json_schemas`)."""

from pathlib import Path
from typing import Any

import msgspec

from ops import answers

FOLDER = Path(__file__).parent / "schemas"

ANSWERS: dict[str, Any] = {
    "status": list[answers.Status],
    "funding": answers.FundingAnswer,
    "may-reuse": answers.Reuse,
    "history": list[answers.HistoryEvent],
    "ingest": answers.Dispositions,
}
"""The type that each command answers with `--json`."""


def schema(command: str) -> str:
    """The JSON Schema (draft 2020-12) of a command's answer."""
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"The answer of `copact {command} --json`",
    } | msgspec.json.schema(ANSWERS[command])
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def main() -> None:
    """Write every schema."""
    for command in ANSWERS:
        FOLDER.joinpath(f"{command}.schema.json").write_text(schema(command), encoding="utf-8")


if __name__ == "__main__":
    main()
