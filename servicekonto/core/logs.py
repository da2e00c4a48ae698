"""JSON lines for machines. Only fields named here get through, and errors without their message:
names, addresses and answers must not reach a log by accident."""

import logging
import sys
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any

import structlog

FIELDS = frozenset(
    {
        *("account_id", "attempts", "authorities", "client_id", "count", "endpoint", "error", "event"),
        *("job_id", "key_id"),
        *("kind", "level", "logger", "method", "milliseconds", "mode", "queue_age", "request_id", "signal"),
        *("stack", "status", "timestamp", "worker"),
    }
)

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


def configure(level: int = logging.INFO) -> None:
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        frames_instead_of_message,
        only_known_fields,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer(ensure_ascii=False)],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)


def frames_instead_of_message(
    _logger: object, _name: str, entry: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """The message of an exception may quote what a person typed; its type and where it arose never do."""
    exc_info = entry.pop("exc_info", None)
    if exc_info:
        error = exc_info if isinstance(exc_info, BaseException) else _current(exc_info)
        if error is not None:
            entry["error"] = type(error).__name__
            entry["stack"] = _frames(error.__traceback__)
    return entry


def only_known_fields(
    _logger: object, _name: str, entry: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    return {name: value for name, value in entry.items() if name in FIELDS or name.startswith("_")}


def _current(exc_info: object) -> BaseException | None:
    return exc_info[1] if isinstance(exc_info, tuple) else sys.exc_info()[1]


def _frames(traceback: TracebackType | None) -> list[str]:
    frames = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        frames.append(f"{code.co_filename.rpartition('/')[2]}:{traceback.tb_lineno} {code.co_name}")
        traceback = traceback.tb_next
    return frames[-12:]
