"""The document that tells other services what this provider can do and where.

OpenID Connect Discovery 1.0 § 3 and RFC 8414 § 2: the same members in both places.
"""

from collections.abc import Mapping

from flask import current_app

from servicekonto.core.settings import settings
from servicekonto.oidc.capabilities import ENDPOINTS, METADATA


def document(issuer: str, paths: Mapping[str, str]) -> dict[str, object]:
    """``paths``: from the name of a view to its address; an endpoint that is not among them is left out."""
    endpoints = {entry.member: issuer + paths[entry.view] for entry in ENDPOINTS if entry.view in paths}
    return {"issuer": issuer, **endpoints, **METADATA}


def published() -> dict[str, object]:
    """The issuer comes from the configuration alone: what a request says about its host is not asked."""
    paths = {rule.endpoint: rule.rule for rule in current_app.url_map.iter_rules() if not rule.arguments}
    return document(settings().base_url, paths)
