"""What a line of the log looks like, and what never stands in one."""

import io
import json
import logging
import subprocess
import sys
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from ops.logging import FIRST, configure

CANARY = "5f1d7c-canary"


class Log:
    """A log that is kept in memory."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    def lines(self) -> list[dict[str, Any]]:
        """Give every line so far, decoded."""
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]

    def line(self) -> dict[str, Any]:
        """Give the only line."""
        [line] = self.lines()
        return line


@pytest.fixture
def log() -> Iterator[Log]:
    """Configure logging for one test and put everything back afterwards."""
    root = logging.getLogger()
    before = root.handlers, root.level
    log = Log()
    configure(stream=log.stream)
    yield log
    root.handlers, root.level = before
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


def _fail_with_a_secret_in_a_local() -> None:
    secret = CANARY
    message = f"{len(secret)} characters are too many"
    raise ValueError(message)


def test_a_line_starts_with_the_fixed_keys(log: Log) -> None:
    """Every line starts with time, level, logger and event, and the details follow."""
    structlog.get_logger("ops.relay").info("relayed", position=12)
    line = log.line()
    assert [*FIRST, "position"] == list(line)
    assert (
        line["level"],
        line["logger"],
        line["event"],
        line["position"],
    ) == ("info", "ops.relay", "relayed", 12)
    assert line["ts"].endswith("Z")


def test_a_library_is_logged_in_the_same_shape(log: Log) -> None:
    """A record of the standard library has the same keys, its arguments filled in and its extras beside them."""
    logging.getLogger("store.sqlite").warning("%d facts late", 3, extra={"source": "ads"})
    line = log.line()
    assert [*FIRST, "source"] == list(line)
    assert (
        line["level"],
        line["logger"],
        line["event"],
        line["source"],
    ) == ("warning", "store.sqlite", "3 facts late", "ads")


def test_details_never_replace_the_fixed_keys(log: Log) -> None:
    """A detail named like the level, the logger or the time does not replace it."""
    structlog.get_logger("ops").info("told", level="fatal", logger="someone", ts="yesterday")
    logging.getLogger("ops").info("told", extra={"level": "fatal", "logger": "someone", "ts": "yesterday"})
    for line in log.lines():
        assert (line["level"], line["logger"]) == ("info", "ops")
        assert line["ts"].endswith("Z")


@pytest.mark.parametrize("of", ["structlog", "logging"])
def test_a_traceback_has_frames_but_no_local_variables(log: Log, of: str) -> None:
    """An exception is logged with type, message and frames; the value of a local variable appears nowhere."""
    try:
        _fail_with_a_secret_in_a_local()
    except ValueError:
        if of == "structlog":
            structlog.get_logger("ops").exception("failed")
        else:
            logging.getLogger("ops").exception("failed")
    line = log.line()
    [raised] = line["exception"]
    assert (line["level"], raised["exc_type"]) == ("error", "ValueError")
    assert "_fail_with_a_secret_in_a_local" in [frame["name"] for frame in raised["frames"]]
    assert CANARY not in log.stream.getvalue()


def test_context_is_on_every_line(log: Log) -> None:
    """What is bound to the context stands on lines of both kinds while it is bound."""
    with structlog.contextvars.bound_contextvars(correlation="c-1"):
        structlog.get_logger("ops").info("one")
        logging.getLogger("store").info("two")
    structlog.get_logger("ops").info("three")
    assert [line.get("correlation") for line in log.lines()] == ["c-1", "c-1", None]


def test_lines_below_the_level_are_left_out(log: Log) -> None:
    """Debugging lines of both kinds are left out unless they are asked for."""
    structlog.get_logger("ops").debug("one")
    logging.getLogger("ops").debug("two")
    assert log.lines() == []
    configure(logging.DEBUG, log.stream)
    structlog.get_logger("ops").debug("three")
    logging.getLogger("ops").debug("four")
    assert [line["event"] for line in log.lines()] == ["three", "four"]


def test_a_line_is_one_line_of_ascii(log: Log) -> None:
    """Line breaks and foreign scripts in a value are escaped, so that one line stays one line on any terminal."""
    structlog.get_logger("ops").info("夏季\n促销", reason="a\u2028b")
    assert log.stream.getvalue().isascii()
    assert log.line()["event"] == "夏季\n促销"


def test_warnings_are_logged(log: Log) -> None:
    """A Python warning becomes a line like any other."""
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("soon gone", DeprecationWarning, stacklevel=1)
    line = log.line()
    assert (line["level"], line["logger"]) == ("warning", "py.warnings")
    assert "soon gone" in line["event"]


def test_logs_go_to_standard_error_and_structlog_is_imported_late() -> None:
    """Standard output stays free for answers, and importing this module does not import structlog."""
    code = (
        "import sys, ops.logging\n"
        "assert 'structlog' not in sys.modules\n"
        "ops.logging.configure()\n"
        "import logging; logging.getLogger('ops').info('hello')\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == ""
    assert json.loads(ran.stderr)["event"] == "hello"


def test_structlog_is_loaded_with_the_first_line_only() -> None:
    """A command that logs nothing never loads it; one that does writes the same kind of line."""
    program = (
        "import logging, sys; from ops.logging import configure_late; configure_late();"
        "assert 'structlog' not in sys.modules;"
        "logging.getLogger('application.intake').warning('batch is decided anew', extra={'attempt': 1})"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    line = json.loads(ran.stderr)
    assert tuple(line)[:4] == FIRST
    assert (line["event"], line["attempt"]) == ("batch is decided anew", 1)
