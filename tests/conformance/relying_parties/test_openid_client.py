"""npm's openid-client, certified as a relying party, signs people in."""

from pathlib import Path
from typing import Any

from tests.conformance.clients import Client
from tests.conformance.provider import Provider
from tests.conformance.relying_parties.driver import converse
from tests.conformance.user_agent import UserAgent


def test_somebody_signs_in_is_refreshed_steps_up_and_signs_out(provider: Provider, tmp_path: Path) -> None:
    provider.needs("scopes_supported", "offline_access")
    provider.endpoint("introspection")
    provider.endpoint("end_session")
    client, agent = provider.client("basic"), provider.stranger(with_two_factors=True)

    found = _signs_in("openid_client.mjs", provider, client, agent, tmp_path)

    assert found["email"]
    assert found["same_person"] is True
    assert found["is_active"] is True
    assert found["is_active_after_revocation"] is False
    assert found["level"] == provider.levels.high
    assert found["is_rotated"] is True
    assert found["left"] == f"{client.post_logout_redirect_uri}?state=bye"


def test_somebody_signs_in_with_par_dpop_and_private_key_jwt(provider: Provider, tmp_path: Path) -> None:
    provider.endpoint("pushed_authorization_request")
    provider.needs("dpop_signing_alg_values_supported", "ES256")
    provider.endpoint("end_session")
    client, agent = provider.client("fapi"), provider.stranger(with_two_factors=True)

    found = _signs_in("openid_client_fapi.mjs", provider, client, agent, tmp_path)

    assert found["parameters"] == ["client_id", "request_uri"]
    assert found["email"]
    assert found["same_person"] is True
    assert found["token_type"].lower() == "dpop"
    assert found["status_without_the_key"] in {400, 401}
    assert found["level"] == provider.levels.high
    assert found["left"] == f"{client.post_logout_redirect_uri}?state=bye"


def _signs_in(
    script: str, provider: Provider, client: Client, agent: UserAgent, folder: Path
) -> dict[str, Any]:
    level, step_up = provider.levels.high, provider.step_up
    return converse(script, provider, client, agent, folder, level=level, step_up=step_up)
