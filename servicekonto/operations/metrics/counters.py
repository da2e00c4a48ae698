"""What web and worker count while they work.

With ``PROMETHEUS_MULTIPROC_DIR`` every process counts in files of its own there, and ``flask metrics`` adds
them up; without it nobody sees the numbers. The library decides that when it is imported.
"""

import time

from flask import Flask, Response, g, has_request_context, request
from prometheus_client import Counter, Histogram

from servicekonto.core.events import react_to
from servicekonto.jobs.registry import watch
from servicekonto.oidc.events import SecretReused
from servicekonto.service_requests.events import RequestSubmitted
from servicekonto.web.application import machines_too

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
SIGN_IN = "accounts.sign_in_submit"
SIGN_IN_RESULTS = {303: "ok", 422: "failed", 429: "throttled"}

REQUESTS = Counter("servicekonto_requests", "Requests by HTTP", ["group", "status"])
SECONDS = Histogram("servicekonto_request_seconds", "Time to the answer", ["group"], buckets=BUCKETS)
SIGN_INS = Counter("servicekonto_sign_ins", "Attempts to sign in with a password", ["result"])
SUBMISSIONS = Counter("servicekonto_submissions", "Requests submitted to authorities")
REUSES = Counter("servicekonto_reused_secrets", "Codes and refresh tokens that came a second time", ["kind"])
JOBS = Counter("servicekonto_jobs", "Attempts at deferred work", ["kind", "result"])


def register(app: Flask) -> None:
    app.after_request(_end)
    react_to(RequestSubmitted, _note_submission)
    react_to(SecretReused, _note_reuse)
    watch(_count_job)


@machines_too
def _end(response: Response) -> Response:
    """Called after the transaction has ended: what was rolled back is not counted.

    ``g.started`` is set in ``web/correlation.py``.
    """
    group = request.blueprint or "none"
    REQUESTS.labels(group, str(response.status_code)).inc()
    SECONDS.labels(group).observe(time.perf_counter() - g.get("started", time.perf_counter()))
    if request.endpoint == SIGN_IN and response.status_code in SIGN_IN_RESULTS:
        SIGN_INS.labels(SIGN_IN_RESULTS[response.status_code]).inc()
    if response.status_code < 400:
        SUBMISSIONS.inc(g.get("submissions", 0))
    if response.status_code < 500:
        for kind in g.get("reuses", ()):
            REUSES.labels(kind).inc()
    return response


def _note_submission(_event: RequestSubmitted) -> None:
    if has_request_context():
        g.submissions = g.get("submissions", 0) + 1


def _note_reuse(event: SecretReused) -> None:
    if has_request_context():
        g.reuses = (*g.get("reuses", ()), event.kind)


def _count_job(kind: str, result: str) -> None:
    JOBS.labels(kind, result).inc()
