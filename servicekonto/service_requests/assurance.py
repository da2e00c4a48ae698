"""A service says how surely it must be known who asks: in the account, and at this sign-in.

Up to *low* everybody who has signed in is enough. Above, the identity was verified at that level and the
session has reached it; what is missing is asked for before somebody begins to type.
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
from servicekonto.catalogue.queries import definition_of, published_service
from servicekonto.core import clock
from servicekonto.service_requests import queries

View = TypeVar("View", bound=Callable[..., Any])


def at_the_level_of_the_service(view: View) -> View:
    """Below ``requires`` and above ``idempotent``; the view takes ``slug`` or ``request_id``."""

    @functools.wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        refusal = _refusal(_definition(**kwargs))
        return cast(ResponseReturnValue, view(*args, **kwargs)) if refusal is None else refusal

    return cast(View, guarded)


def _definition(*, slug: str | None = None, request_id: UUID | None = None) -> Definition:
    if slug is not None:
        return published_service(slug, clock.today()).definition
    assert request_id is not None  # noqa: S101 - for the type checker
    return definition_of(queries.get_own(request_id, current_account()).service_version)


def _refusal(definition: Definition) -> ResponseReturnValue | None:
    needed = AssuranceLevel(definition.facts.assurance_level)
    if AssuranceLevel.LOW.reaches(needed):
        return None
    if not levels.identity_of(current_account()).reaches(needed):
        flash(
            gettext("Für diese Leistung muss eine Behörde Ihren Ausweis gesehen haben. So geht das:"), "info"
        )
        return redirect(url_for("authorities.own_identity"), code=303)
    return step_up.lead_to(needed)
