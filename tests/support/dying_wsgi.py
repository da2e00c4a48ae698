"""The application as ``wsgi`` has it, in a process that kills itself with SIGKILL at a chosen moment.

``SERVICEKONTO_TEST_DIE_AT=moment:n``: at the n-th time, with the whole process group. Moments:

- ``statement``: a row was written, the transaction is open
- ``before_commit``, ``after_commit``: around the database's COMMIT. In the worker these lie around
  the claim of a job, around its effect, and around "done"
- ``before_answer``: the application has made a redirect, the server has not sent a byte of it
- ``mail_accepted``: the mail server has said yes, the database does not know
"""

import os
import signal
import smtplib
from collections.abc import Callable
from itertools import count
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from wsgi import app

MOMENT, _, _number = os.environ.get("SERVICEKONTO_TEST_DIE_AT", "").partition(":")
WRITES = ("INSERT", "UPDATE", "DELETE")
_times = count(1)


def here(moment: str) -> None:
    if moment == MOMENT and next(_times) == int(_number):
        os.killpg(os.getpgrp(), signal.SIGKILL)


def _after_statement(_conn: Any, _cursor: Any, statement: str, *_rest: object) -> None:
    if statement.startswith(WRITES):
        here("statement")


def _around_commits() -> None:
    commit = sa.engine.default.DefaultDialect.do_commit

    def dying(dialect: Any, connection: Any) -> None:
        here("before_commit")
        commit(dialect, connection)  # type: ignore[no-untyped-call]
        here("after_commit")

    sa.engine.default.DefaultDialect.do_commit = dying  # type: ignore[method-assign]


def _after_data() -> None:
    data = smtplib.SMTP.data

    def dying(server: smtplib.SMTP, message: Any) -> Any:
        answer = data(server, message)
        here("mail_accepted")
        return answer

    smtplib.SMTP.data = dying  # type: ignore[method-assign, assignment]


def _before_answers() -> None:
    inner = app.wsgi_app

    def dying(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        statuses: list[str] = []

        def start(status: str, *rest: Any) -> Any:
            statuses.append(status)
            return start_response(status, *rest)

        answer = inner(environ, start)
        if statuses and statuses[-1].startswith("303"):
            here("before_answer")
        return answer

    app.wsgi_app = dying  # type: ignore[method-assign]


event.listen(sa.Engine, "after_cursor_execute", _after_statement)
_around_commits()
_after_data()
_before_answers()
