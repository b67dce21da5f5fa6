"""Logs: one JSON object a line on standard error, of one shape whoever wrote it.

Packages below `ops` log through the standard library (`logging.getLogger(__name__)`, details in `extra`), `ops` itself
through structlog; both end in the one handler that `configure` sets. Every line starts with `ts` (RFC 3339, UTC),
`level`, `logger` and `event`; what else was given follows under its own name. An exception is rendered as its type,
message and frames. Local variables are left out: they hold contract data and secrets.
"""

import logging
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from structlog.typing import EventDict, Processor, WrappedLogger

FIRST = ("ts", "level", "logger", "event")
"""The keys that every line has, in this order."""


def configure(level: int = logging.INFO, stream: TextIO | None = None) -> None:
    """Send all logs from `level` upwards to `stream`, by default to standard error; a second call replaces the first.

    structlog is imported here and not before, because that takes a third of a second which a command that logs
    nothing need not spend.
    """
    import structlog
    from structlog.stdlib import ExtraAdder, ProcessorFormatter

    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        ExtraAdder(),
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="ts"),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.ExceptionRenderer(
            structlog.tracebacks.ExceptionDictTransformer(show_locals=False, use_rich=False)
        ),
    ]
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                ProcessorFormatter.remove_processors_meta,
                _in_order,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    logging.captureWarnings(capture=True)


class _Late(logging.Handler):
    """Waits for the first line, and only then loads and configures what writes it."""

    def emit(self, record: logging.LogRecord) -> None:
        configure(logging.getLogger().level)
        logging.getLogger(record.name).handle(record)


def configure_late(level: int = logging.WARNING) -> None:
    """Configure as `configure` does, but load structlog only when something is logged."""
    root = logging.getLogger()
    root.handlers = [_Late()]
    root.setLevel(level)


def _in_order(_logger: "WrappedLogger", _method: str, entry: "EventDict") -> "EventDict":
    return {key: entry.pop(key) for key in FIRST} | dict(entry)
