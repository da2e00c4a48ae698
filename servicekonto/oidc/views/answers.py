"""Back to the website: in the address, or in a form that the browser posts (OAuth 2.0 Form Post Response
Mode).
"""

from typing import cast

from flask import Response, make_response, redirect, render_template

from servicekonto.oidc.authorization import FORM_POST, Target
from servicekonto.oidc.client_models import Client
from servicekonto.web.security import policy_for_form_to


def lead_back(client: Client, target: Target, **parameters: str | None) -> Response:
    """``code``, or ``error`` with ``error_description``."""
    if target.response_mode != FORM_POST:
        return cast(Response, redirect(target.url(**parameters), code=303))
    page = make_response(
        render_template(
            "oidc/form_post.html", client=client, target=target, fields=target.answer(**parameters)
        )
    )
    page.headers["Content-Security-Policy"] = policy_for_form_to(target.origin)
    return page
