"""PyPI's idpyoidc signs people in."""

from pathlib import Path

from tests.conformance.provider import Provider
from tests.conformance.relying_parties.driver import converse
from tests.conformance.website import Website


def test_somebody_signs_in_is_refreshed_steps_up_and_signs_out(provider: Provider, tmp_path: Path) -> None:
    provider.needs("scopes_supported", "offline_access")
    provider.endpoint("introspection")
    provider.endpoint("end_session")
    website, agent = Website(provider, "second"), provider.stranger(with_two_factors=True)
    algorithm = website.tokens(website.send(agent)).header["alg"]

    found = converse(
        "idpyoidc_client.py",
        provider,
        website.client,
        agent,
        tmp_path,
        algorithm=algorithm,
        level=provider.levels.high,
        step_up=provider.step_up,
    )

    assert found["email"]
    assert found["same_person"] is True
    assert found["is_refreshed"] is True
    assert found["level"] == provider.levels.high
    assert found["is_active"] is True
    assert found["left"].startswith(website.client.post_logout_redirect_uri)
