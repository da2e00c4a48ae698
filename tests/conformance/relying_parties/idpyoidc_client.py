"""A website on PyPI's idpyoidc, from the people of the former certification tests. A program of its own.

Says in lines of JSON where its visitor has to go, and reads where they came back (driver.py).
"""

import json
import sys
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from idpyoidc.client.rp_handler import RPHandler

PKCE = "idpyoidc.client.oauth2.add_on.pkce.add_support"
PKCE_OPTIONS = {"code_challenge_length": 64, "code_challenge_method": "S256"}
KEYS = [{"type": "EC", "crv": "P-256", "use": ["sig"]}]
_SERVICES = {
    "discovery": "provider_info_discovery.ProviderInfoDiscovery",
    "authorization": "authorization.Authorization",
    "accesstoken": "access_token.AccessToken",
    "refresh_accesstoken": "refresh_access_token.RefreshAccessToken",
    "userinfo": "userinfo.UserInfo",
    "end_session": "end_session.EndSession",
}
_INTROSPECTION = "idpyoidc.client.oauth2.introspection.Introspection"


def _configuration(settings: dict[str, Any]) -> dict[str, Any]:
    client = settings["client"]
    return {
        "issuer": settings["issuer"],
        "client_type": "oidc",
        "client_id": client["id"],
        "client_secret": client["secret"],
        "redirect_uris": [client["redirect_uri"]],
        "post_logout_redirect_uris": [client["post_logout_redirect_uri"]],
        "response_types_supported": ["code"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        "client_authn_methods": ["client_secret_basic", "bearer_header"],
        "id_token_signing_alg_values_supported": [settings["algorithm"]],
        "scopes_supported": ["openid", "email", "offline_access"],
        "add_ons": {"pkce": {"function": PKCE, "kwargs": dict(PKCE_OPTIONS)}},
        "services": {
            **{name: {"class": f"idpyoidc.client.oidc.{path}"} for name, path in _SERVICES.items()},
            "introspection": {"class": _INTROSPECTION},
        },
    }


def _came(url: str) -> str:
    sys.stdout.write(json.dumps({"open": url}) + "\n")
    sys.stdout.flush()
    return str(json.loads(sys.stdin.readline())["came_back"])


def _sign_in(handler: RPHandler, asked: dict[str, Any]) -> Any:
    begun = handler.begin("provider", req_args=asked)
    back = dict(parse_qsl(urlsplit(_came(begun)).query))
    return handler.finalize(back["iss"], back)


def _is_active(handler: RPHandler, signed_in: Any) -> bool:
    client = handler.get_client_from_session_key(signed_in["state"])
    return bool(client.do_request("introspection", request_args={"token": signed_in["token"]})["active"])


def main(settings: dict[str, Any]) -> dict[str, Any]:
    handler = RPHandler(
        base_url=settings["client"]["redirect_uri"],
        client_configs={"provider": _configuration(settings)},
        httpc_params={"verify": settings["authority"]},
        key_conf={"key_defs": KEYS},
    )
    asked = {"scope": ["openid", "email", "offline_access"], "prompt": "consent"}
    for owner in (handler, handler.client_setup("provider")):
        owner.keyjar.httpc_params = {"verify": settings["authority"]}
    found = _sign_in(handler, asked)
    refreshed = handler.refresh_access_token(found["state"])
    again = handler.get_user_info(found["state"], access_token=refreshed["access_token"])
    surer = {"scope": ["openid", "email"], "acr_values": [settings["level"]], **settings["step_up"]}
    higher = _sign_in(handler, surer)
    is_active = _is_active(handler, higher)
    left = _came(handler.logout(higher["state"])["url"])
    return {
        "email": found["userinfo"]["email"],
        "same_person": again["sub"] == higher["id_token"]["sub"] == found["id_token"]["sub"],
        "is_refreshed": refreshed["access_token"] != found["token"],
        "level": higher["id_token"]["acr"],
        "is_active": is_active,
        "left": left,
    }


if __name__ == "__main__":
    result = main(json.loads(Path(sys.argv[1]).read_text()))
    sys.stdout.write(json.dumps({"done": result}) + "\n")
