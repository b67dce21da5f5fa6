"""One thing that came through the door, from whichever side."""

from dataclasses import dataclass

from schemas.header import Origin


@dataclass(slots=True)
class Arrival:
    """A fact as its publisher sent it, or bytes that nobody could read.

    `type` is the schema name and version (`finance.PrepaymentReceived.v1`), `payload` the bare Avro body, `occurred_at`
    microseconds UTC, `document` the SHA-256 of the original where the body was encoded at the door. Where `problem`
    (code, sentence) is set, `payload` holds the original bytes and the fact will be parked under that reason.
    """

    type: str
    source: str
    fact_id: str
    occurred_at: int
    payload: bytes
    origin: Origin
    causation: str = ""
    correlation: str = ""
    document: bytes | None = None
    problem: tuple[str, str] | None = None
