"""ID tokens that only their website can read (RFC 7516): signed first, then encrypted."""

from joserfc import jwe

from servicekonto.oidc import client_keys
from servicekonto.oidc.client_models import Client


def for_client(client: Client, signed: str) -> str:
    """As it is when the website has not asked for encryption."""
    agreement, content = client.id_token_encrypted_response_alg, client.id_token_encrypted_response_enc
    if agreement is None or content is None:
        return signed
    key = client_keys.encryption_keys(client.jwks, agreement)[0]
    header = {"alg": agreement.value, "enc": content.value, "kid": key.kid, "cty": "JWT"}
    return jwe.encrypt_compact(header, signed.encode(), key, algorithms=[agreement.value, content.value])
