"""What the script that warns before the end of a session asks."""

from datetime import datetime

from flask import jsonify
from flask.typing import ResponseReturnValue

from servicekonto.accounts import current, sessions
from servicekonto.accounts.views.blueprint import bp
from servicekonto.core import clock
from servicekonto.web.access import Permission, for_scripts, requires


@bp.get("/konto/sitzung")
@for_scripts
@requires(Permission.OWN_ACCOUNT)
def session_state() -> ResponseReturnValue:
    """Asking does not extend it."""
    return _state(current.current_session(), at=clock.now())


@bp.post("/konto/sitzung")
@for_scripts
@requires(Permission.OWN_ACCOUNT)
def extend_session() -> ResponseReturnValue:
    """As every use of a page does, and as far: never beyond the absolute limit."""
    running, at = current.current_session(), clock.now()
    sessions.touch(running.id, running.level, at)
    return _state(current.seen_at(running, at), at=at)


def _state(running: current.CurrentSession, *, at: datetime) -> ResponseReturnValue:
    ends_at = sessions.ends_at(running)
    seconds = max(0, int((ends_at - at).total_seconds()))
    return jsonify(seconds=seconds, can_extend=ends_at < sessions.ends_at_the_latest(running))
