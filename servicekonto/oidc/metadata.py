"""The document that tells other services what this provider can do and where.

OpenID Connect Discovery 1.0 § 3 and RFC 8414 § 2: the same members in both places.
"""

from collections.abc import Mapping

from flask import current_app, json

from servicekonto.core.settings import settings
from servicekonto.oidc.capabilities import ENDPOINTS, METADATA

_EXTENSION = "servicekonto.oidc.metadata"


def document(issuer: str, paths: Mapping[str, str]) -> dict[str, object]:
    """``paths``: from the name of a view to its address; an endpoint that is not among them is left out."""
    endpoints = {entry.member: issuer + paths[entry.view] for entry in ENDPOINTS if entry.view in paths}
    return {"issuer": issuer, **endpoints, **METADATA}


def published() -> str:
    """As JSON, made once. The issuer comes from the configuration alone: what a request says about its host
    is not asked.
    """
    made: str | None = current_app.extensions.get(_EXTENSION)
    if made is None:
        paths = {rule.endpoint: rule.rule for rule in current_app.url_map.iter_rules() if not rule.arguments}
        made = current_app.extensions[_EXTENSION] = json.dumps(document(settings().base_url, paths))
    return made
