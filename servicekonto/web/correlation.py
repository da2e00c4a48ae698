"""One id per request: in every log line, on every error page, in the answer's header."""

import re
import time
from typing import cast

import structlog
from flask import Flask, Response, g, request

from servicekonto.core.ids import new_id
from servicekonto.web.application import REQUEST_ID, machines_too

_ACCEPTABLE = re.compile(r"[A-Za-z0-9-]{8,64}")

log = structlog.get_logger()


def register(app: Flask, *, trust_incoming: bool) -> None:
    """``trust_incoming``: a proxy in front sets the header and removes those of strangers."""

    @app.before_request
    @machines_too
    def begin() -> None:
        g.started = time.perf_counter()
        incoming = request.headers.get(REQUEST_ID, "") if trust_incoming else ""
        g.correlation_id = incoming if _ACCEPTABLE.fullmatch(incoming) else str(new_id())
        structlog.contextvars.bind_contextvars(request_id=g.correlation_id)

    @app.after_request
    @machines_too
    def end(response: Response) -> Response:
        response.headers[REQUEST_ID] = correlation_id()
        log.info(
            "request",
            method=request.method,
            endpoint=request.endpoint,
            status=response.status_code,
            milliseconds=round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000, 1),
        )
        structlog.contextvars.clear_contextvars()
        return response


def correlation_id() -> str:
    if "correlation_id" not in g:
        g.correlation_id = str(new_id())
    return cast(str, g.correlation_id)
