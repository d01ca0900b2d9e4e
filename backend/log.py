"""Structured logs: a constant event name with ids as fields. Never a name, CPR number, free text or push token."""

import logging
import sys
from typing import Any

import structlog


def configure(*, json: bool, level: str = "INFO") -> None:
    """Set up logging of one process. `json` for machines, otherwise short coloured lines on stderr."""
    colours = sys.stderr.isatty()
    renderer: Any = structlog.processors.JSONRenderer() if json else structlog.dev.ConsoleRenderer(colors=colours)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.StackInfoRenderer(),
            structlog.processors.format_exc_info if json else structlog.processors.UnicodeDecoder(),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        # Asked anew for each logger: stderr may have been replaced since, as test runners do.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, force=True)


def get(room: str) -> Any:
    """The logger of a room: `log = log.get("rating")`."""
    return structlog.get_logger(room=room)
