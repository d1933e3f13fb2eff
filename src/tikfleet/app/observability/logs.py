"""Structured log lines: for people on a terminal, as JSON for machines."""

import logging
import sys

import structlog


def set_up_logs(level: str, *, as_json: bool) -> None:
    """Structured log lines on standard error: for people on a terminal, as JSON elsewhere or when asked."""
    processors = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    if as_json or not sys.stderr.isatty():
        finish = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    else:
        # Never the frames' variables, as the renderer shows by default: they hold passwords and tokens.
        finish = [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
    structlog.configure(
        processors=[*processors, *finish],  # type: ignore[list-item]
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    for name in ("", "httpx"):
        logging.getLogger(name).setLevel(logging.WARNING)
