"""What everybody may read, from every website: the keys and the metadata."""

from flask import Response, json, request

from servicekonto.oidc import keys, metadata
from servicekonto.oidc.views.blueprint import bp
from servicekonto.web.access import constant, for_machines, own_units_of_work, public

JWKS = "/oidc/jwks"
METADATA = ("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server")
CACHED = "public, max-age=3600"
MOST_WRITTEN = 4
_written: dict[tuple[str, ...], str] = {}


@bp.get(JWKS, provide_automatic_options=False)
@public
@for_machines
@own_units_of_work
def jwks() -> Response:
    return _published(_written.get(keys.published_kids()) or _write())


def _write() -> str:
    """Kept under the names of the keys that are in it: they may have changed since they were asked for."""
    document = keys.public_jwks()
    if len(_written) >= MOST_WRITTEN:
        _written.clear()
    text = _written[tuple(key["kid"] for key in document["keys"])] = json.dumps(document)
    return text


@bp.get(METADATA[0], provide_automatic_options=False)
@bp.get(METADATA[1], provide_automatic_options=False)
@public
@for_machines
@own_units_of_work
@constant
def configuration() -> Response:
    return _published(metadata.published())


@bp.route(JWKS, methods=["OPTIONS"])
@bp.route(METADATA[0], methods=["OPTIONS"])
@bp.route(METADATA[1], methods=["OPTIONS"])
@public
@for_machines
@own_units_of_work
def published_options() -> Response:
    answer = Response(status=204)
    answer.headers["Allow"] = answer.headers["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS"
    answer.headers["Access-Control-Max-Age"] = "86400"
    return _for_all_origins(answer)


def _published(content: str) -> Response:
    answer = Response(content, mimetype="application/json")
    answer.headers["Cache-Control"] = CACHED
    answer.add_etag()
    answer.make_conditional(request)
    return _for_all_origins(answer)


def _for_all_origins(answer: Response) -> Response:
    """Without credentials, for which a browser wants an origin by its name."""
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer
