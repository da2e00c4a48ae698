"""Passkeys (WebAuthn Level 3). All are discoverable: nobody has to say who they are to use one.

The browser's answer arrives as JSON in a form field. Whatever is wrong with it, the outcome is None.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import sqlalchemy as sa
import webauthn
from webauthn.helpers import options_to_json, parse_client_data_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from servicekonto.accounts import challenges, factors
from servicekonto.accounts.factor_models import Passkey
from servicekonto.accounts.models import Account, AssuranceLevel
from servicekonto.core.db import db
from servicekonto.core.settings import settings

RELYING_PARTY = "Servicekonto Hessen"
LONGEST_ANSWER = 16 * 1024


@dataclass(frozen=True)
class Used:
    passkey: Passkey
    user_was_verified: bool


def are_possible() -> bool:
    """Browsers know no passkeys for an IP address."""
    try:
        ip_address(_host())
    except ValueError:
        return True
    return False


def options_for_new(account: Account, *, at: datetime) -> dict[str, Any]:
    """For ``PublicKeyCredential.parseCreationOptionsFromJSON``."""
    options = webauthn.generate_registration_options(
        rp_id=_host(),
        rp_name=RELYING_PARTY,
        user_id=account.id.bytes,
        user_name=account.email or "",
        challenge=challenges.issue(at=at),
        exclude_credentials=[_descriptor(passkey) for passkey in _all_of(account)],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.PREFERRED,
        ),
    )
    return _plain(options_to_json(options))


def options_for_use(*, at: datetime) -> dict[str, Any]:
    """For ``PublicKeyCredential.parseRequestOptionsFromJSON``: the same for everybody."""
    options = webauthn.generate_authentication_options(
        rp_id=_host(),
        challenge=challenges.issue(at=at),
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    return _plain(options_to_json(options))


def register(
    account: Account, answer: str, name: str, *, level: AssuranceLevel, at: datetime
) -> Passkey | None:
    """Counts when it was used once (``factors.confirm``)."""
    factors.assert_may_add(account, Passkey, level=level)
    credential = _credential(answer, at=at)
    if credential is None:
        return None
    try:
        found = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=_challenge(credential),
            expected_rp_id=_host(),
            expected_origin=settings().base_url,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError):
        return None
    if _by_credential_id(found.credential_id) is not None:
        return None
    passkey = Passkey(
        account=account,
        account_id=account.id,
        created_at=at,
        confirmed_at=None,
        credential_id=found.credential_id,
        public_key=found.credential_public_key,
        sign_count=found.sign_count,
        transports=_transports(credential),
        verifies_user=found.user_verified,
        is_backup_eligible=found.credential_device_type is CredentialDeviceType.MULTI_DEVICE,
        is_backed_up=found.credential_backed_up,
    )
    passkey.name = name
    factors.added(passkey, account, at=at)
    return passkey


def use(answer: str, *, at: datetime, also_unconfirmed: bool = False) -> Used | None:
    """The passkey that made this answer, in the account it belongs to. A locked one makes none.

    ``also_unconfirmed``: the first use, which makes it count; and a locked one that is to be unlocked.
    """
    credential = _credential(answer, at=at)
    passkey = _by_credential_id(_raw_id(credential)) if credential is not None else None
    if credential is None or passkey is None:
        return None
    if not also_unconfirmed and (passkey.confirmed_at is None or passkey.locked_at is not None):
        return None
    if not _is_of_this_account(credential, passkey):
        return None
    try:
        found = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=_challenge(credential),
            expected_rp_id=_host(),
            expected_origin=settings().base_url,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError):
        factors.failed(passkey, at=at)
        return None
    passkey.sign_count = found.new_sign_count
    passkey.is_backed_up = found.credential_backed_up
    factors.worked(passkey, at=at)
    return Used(passkey, found.user_verified)


def owner_of(answer: str) -> UUID | None:
    """Whose passkey this answer names, true or not: nothing is checked, and the question stays open."""
    credential = _parsed(answer)
    if credential is None:
        return None
    return db.session.scalar(
        sa.select(Passkey.account_id).where(Passkey.credential_id == _raw_id(credential))
    )


def _credential(answer: str, *, at: datetime) -> dict[str, Any] | None:
    """Parsed, and an answer to a question this browser was asked."""
    credential = _parsed(answer)
    is_asked = credential is not None and challenges.answered(_challenge(credential), at=at)
    return credential if is_asked else None


def _parsed(answer: str) -> dict[str, Any] | None:
    """With a challenge and an id that can be read."""
    if not 0 < len(answer) <= LONGEST_ANSWER:
        return None
    try:
        credential: dict[str, Any] = json.loads(answer)
        _challenge(credential)
        _raw_id(credential)
    except (WebAuthnException, ValueError, TypeError, KeyError, RecursionError):
        return None
    return credential


def _challenge(credential: dict[str, Any]) -> bytes:
    raw = webauthn.base64url_to_bytes(credential["response"]["clientDataJSON"])
    return parse_client_data_json(raw).challenge


def _raw_id(credential: dict[str, Any]) -> bytes:
    return webauthn.base64url_to_bytes(credential["rawId"])


def _is_of_this_account(credential: dict[str, Any], passkey: Passkey) -> bool:
    """WebAuthn § 7.2 step 6: a discoverable credential says whose it is."""
    handle = credential["response"].get("userHandle")
    try:
        return handle is not None and webauthn.base64url_to_bytes(handle) == passkey.account_id.bytes
    except (ValueError, TypeError):
        return False


def _transports(credential: dict[str, Any]) -> list[str]:
    known = {str(transport.value) for transport in AuthenticatorTransport}
    given = credential["response"].get("transports")
    return (
        sorted(known & {text for text in given if isinstance(text, str)}) if isinstance(given, list) else []
    )


def _by_credential_id(credential_id: bytes) -> Passkey | None:
    return db.session.scalar(
        sa.select(Passkey).where(Passkey.credential_id == credential_id).with_for_update()
    )


def _all_of(account: Account) -> Sequence[Passkey]:
    return db.session.scalars(sa.select(Passkey).where(Passkey.account_id == account.id)).all()


def _descriptor(passkey: Passkey) -> PublicKeyCredentialDescriptor:
    return PublicKeyCredentialDescriptor(id=passkey.credential_id)


def _host() -> str:
    return urlsplit(settings().base_url).hostname or ""


def _plain(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text)
    return found
