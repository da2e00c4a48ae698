"""A proof carries the public key that signed it, and says that it is a proof."""

from typing import Any

import pytest

from servicekonto.accounts.models import Account
from tests.builders.oidc import Website, code_for
from tests.builders.signed import Key, key_for, proof, public, with_header
from tests.integration.oidc.dpop.presenting import asks, refusal
from tests.support.client import PageClient


def private(key: Key) -> dict[str, Any]:
    return dict(key.as_dict(private=True))


HEADERS: list[dict[str, Any]] = [
    {"typ": "JWT"},
    {"typ": None},
    {"jwk": None},
    {"jwk": "x"},
    {"jwk": []},
    {"jwk": {}},
    {"jwk": {"kty": "oct", "k": "eA"}},
    {"jwk": {"kty": "EC", "crv": "P-256"}},
    {"jwk": {"kty": "EC", "crv": "P-256", "x": "eA", "y": "eA"}},
    {"jwk": {"kty": "EC", "crv": "P-256", "x": 1, "y": []}},
    {"jwk": {"kty": "EC", "crv": "P-256", "x": "A" * 43, "y": "A" * 43}},
    {"jwk": {"kty": ["EC"], "crv": {}}},
    {"jwk": public(key_for("ES384"))},
    {"jwk": public(key_for("PS256"))},
    {"jwk": private(key_for("ES256"))},
    {"jwk": public(key_for("ES256", "thief"))},
    {"crit": ["x"], "x": 1},
]


@pytest.mark.parametrize("header", HEADERS)
def test_a_proof_carries_the_public_key_that_signed_it(
    client: PageClient, website: Website, erika: Account, header: dict[str, Any]
) -> None:
    usual = {"typ": "dpop+jwt", "alg": "ES256", "jwk": public(key_for("ES256"))}
    full = {name: value for name, value in (usual | header).items() if value is not None}
    text = with_header(proof(key_for("ES256")), full)

    answer = website.exchange(client, code_for(client, website), proof=text)

    assert refusal(answer) == (400, "invalid_dpop_proof")


@pytest.mark.parametrize("changes", [{"typ": "JWT"}, {"jwk": private(key_for("ES256"))}])
def test_a_good_signature_does_not_make_up_for_a_wrong_header(
    client: PageClient, website: Website, erika: Account, changes: dict[str, Any]
) -> None:
    text = proof(key_for("ES256"), header=changes)

    assert refusal(website.exchange(client, code_for(client, website), proof=text)) == (
        400,
        "invalid_dpop_proof",
    )


@pytest.mark.parametrize("algorithm", ["RS256", "ES384"])
def test_other_signatures_do_not_count(
    client: PageClient, website: Website, erika: Account, algorithm: str
) -> None:
    text = proof(key_for(algorithm), algorithm=algorithm)

    assert refusal(website.exchange(client, code_for(client, website), proof=text)) == (
        400,
        "invalid_dpop_proof",
    )


@pytest.mark.parametrize(
    "text", ["", "x", "a.b.c", "é", "e30.e30.eA", "W10.e30.eA", "W1tb" * 900 + ".e30.eA"]
)
def test_any_bytes_as_a_proof_are_refused_and_no_error_of_ours(
    client: PageClient, website: Website, erika: Account, text: str
) -> None:
    answer = website.exchange(client, code_for(client, website), proof=text)

    assert refusal(answer) == (400, "invalid_dpop_proof")
    assert asks(client, "x", text).status_code == 401


def test_two_proofs_at_once_are_none(client: PageClient, website: Website, erika: Account) -> None:
    both = f"{proof(key_for('ES256'))}, {proof(key_for('ES256', 'second'))}"

    answer = website.exchange(client, code_for(client, website), proof=both)

    assert refusal(answer) == (400, "invalid_dpop_proof")
