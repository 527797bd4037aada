"""How the program writes its log: one JSON object a line in production, readable lines while developing."""

from typing import Any

import structlog

from config.environment import Environment
from config.faults import without_words

_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    without_words,
]


def log_level(env: Environment) -> str:
    """The level from which on lines are written."""
    return env.one_of("DAYMARK_LOG_LEVEL", ("debug", "info", "warning", "error"), default="info").upper()


def logging_options(*, as_json: bool, level: str) -> dict[str, Any]:
    """The LOGGING setting: everything goes to standard error through one formatter, at `level` and above."""
    renderer = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=False)
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": _SHARED,
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": formatter},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["stderr"], "level": level},
        # Celery and axes repeat at INFO what the journal and the outbox already hold.
        "loggers": {
            **{name: {"level": "WARNING"} for name in ("axes", "celery", "kombu", "waitress")},
            # Django's own handlers print and mail whole tracebacks, with every value in them: only ours writes.
            "django": {"handlers": [], "propagate": True},
            # Nor gunicorn's, which write in a form of their own.
            "gunicorn.error": {"handlers": [], "propagate": True, "level": "INFO"},
        },
    }


def configure_structlog() -> None:
    """Send what is logged through structlog to the standard library's logging, where LOGGING formats it."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
