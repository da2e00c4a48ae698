"""A service says how surely it must be known who asks: in the account, and at this sign-in.

Up to *low* everybody who has signed in is enough. Above, the identity was verified at that level and the
session has reached it; what is missing is asked for before somebody begins to type, and again before a draft
is shown, saved or sent.
"""

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast
from uuid import UUID

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from servicekonto.accounts import levels, step_up
from servicekonto.accounts.current import current_account
from servicekonto.accounts.models import AssuranceLevel
from servicekonto.catalogue.definition import Definition
from servicekonto.catalogue.queries import definition_by_id, published_service
from servicekonto.core import clock
from servicekonto.service_requests import queries
from servicekonto.web.access import is_for_scripts

View = TypeVar("View", bound=Callable[..., Any])


def at_the_level_of_the_service(view: View) -> View:
    """Below ``requires`` and above ``idempotent`` and ``keeps_input``; the view takes ``slug``, or
    ``request_id`` of a draft. What is no draft of this account is left to the view.
    """

    @functools.wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        definition = _definition(**kwargs)
        refusal = _refusal(definition) if definition is not None else None
        return cast(ResponseReturnValue, view(*args, **kwargs)) if refusal is None else refusal

    return cast(View, guarded)


def _definition(*, slug: str | None = None, request_id: UUID | None = None, **_: Any) -> Definition | None:
    if slug is not None:
        return published_service(slug, clock.today()).definition
    assert request_id is not None  # noqa: S101 - for the type checker
    version_id = queries.version_of_draft(request_id, current_account())
    return definition_by_id(version_id) if version_id is not None else None


def _refusal(definition: Definition) -> ResponseReturnValue | None:
    needed = AssuranceLevel(definition.facts.assurance_level)
    if AssuranceLevel.LOW.reaches(needed):
        return None
    if not levels.identity_of(current_account()).reaches(needed):
        if is_for_scripts():
            return step_up.too_low_for_script()
        step_up.keep_what_was_typed()
        flash(
            gettext("Für diese Leistung muss eine Behörde Ihren Ausweis gesehen haben. So geht das:"), "info"
        )
        return redirect(url_for("authorities.own_identity"), code=303)
    return step_up.lead_to(needed)
