"""The closed vocabulary. To add an action: one member, one row in ``DECLARED``, its name in ``workbench``,
and a sentence in ``account_log`` when it is about somebody's account.

A payload holds identifiers and codes, never names, addresses or texts: entries outlive the people in them.
"""

from dataclasses import dataclass
from enum import StrEnum


class ObjectKind(StrEnum):
    """``STAFF_MEMBER`` also when only invited: who accepts keeps the id of the invitation."""

    ACCOUNT = "account"
    AUTHORITY = "authority"
    CLIENT = "client"
    OFFER = "offer"
    SERVICE_REQUEST = "service_request"
    SIGNING_KEY = "signing_key"
    STAFF_MEMBER = "staff_member"


class Action(StrEnum):
    STAFF_ADDED = "staff.added"
    STAFF_INVITED = "staff.invited"
    INVITATION_SENT_AGAIN = "staff.invitation_sent_again"
    INVITATION_WITHDRAWN = "staff.invitation_withdrawn"
    INVITATION_ACCEPTED = "staff.invitation_accepted"
    STAFF_CHANGED = "staff.changed"
    STAFF_DEACTIVATED = "staff.deactivated"
    STAFF_REACTIVATED = "staff.reactivated"
    STAFF_FACTORS_RESET = "staff.factors_reset"
    OFFER_CREATED = "offer.created"
    OFFER_CHANGED = "offer.changed"
    PLACES_CHANGED = "offer.places_changed"
    CONTACT_CHANGED = "authority.contact_changed"
    REQUESTS_EXPORTED = "authority.requests_exported"
    FACTOR_ADDED = "factor.added"
    FACTOR_CONFIRMED = "factor.confirmed"
    FACTOR_REMOVED = "factor.removed"
    FACTOR_LOCKED = "factor.locked"
    FACTOR_UNLOCKED = "factor.unlocked"
    RECOVERY_CODES_MADE = "recovery_codes.made"
    RECOVERY_CODE_USED = "recovery_code.used"
    PASSWORD_CHANGED = "password.changed"  # noqa: S105 - an action, not a password
    PASSWORD_DISABLED = "password.disabled"  # noqa: S105
    EMAIL_CHANGED = "email.changed"
    FACTORS_RESET = "account.factors_reset"
    ACCOUNT_LOCKED = "account.locked"
    ACCOUNT_UNLOCKED = "account.unlocked"
    RESET_REQUESTED = "account.reset_requested"
    RESET_DONE = "account.reset_done"
    RESET_STOPPED = "account.reset_stopped"
    ATTRIBUTE_VERIFIED = "attribute.verified"
    ATTRIBUTE_CONFIRMED = "attribute.confirmed"
    PERSONAL_DATA_CHANGED = "personal_data.changed"
    PERSONAL_DATA_OPENED = "personal_data.opened"
    CONSENT_GIVEN = "consent.given"
    CONSENT_WITHDRAWN = "consent.withdrawn"
    WEBSITE_CONNECTED = "website.connected"
    WEBSITE_CHANGED = "website.consent_changed"
    WEBSITE_DISCONNECTED = "website.disconnected"
    DATA_EXPORTED = "data.exported"
    DELETION_REQUESTED = "deletion.requested"
    DELETION_STOPPED = "deletion.stopped"
    ACCOUNT_DELETED = "account.deleted"
    REQUEST_OPENED = "request.opened"
    SESSIONS_ENDED = "sessions.ended"
    CLIENT_REGISTERED = "client.registered"
    CLIENT_CHANGED = "client.changed"
    CLIENT_SECRET_MADE = "client.secret_made"  # noqa: S105
    CLIENT_SECRET_ENDED = "client.secret_ended"  # noqa: S105
    CLIENT_DISABLED = "client.disabled"
    CLIENT_ENABLED = "client.enabled"
    SIGNING_KEY_ACTIVATED = "signing_key.activated"
    SIGNING_KEY_REVOKED = "signing_key.revoked"


@dataclass(frozen=True)
class Declared:
    """What the action is done to, and exactly these keys of its payload."""

    object_kind: ObjectKind
    keys: frozenset[str] = frozenset()


_ROLES_AND_UNITS = frozenset({"roles", "unit_ids"})
_ACCOUNT = Declared(ObjectKind.ACCOUNT)
_FACTOR = Declared(ObjectKind.ACCOUNT, frozenset({"kind"}))
_REFERENCE = frozenset({"reference"})  # to whatever was written down elsewhere about an act on the machine
_WEBSITE = Declared(ObjectKind.ACCOUNT, frozenset({"client_id"}))
_SIGNING_KEY = Declared(ObjectKind.SIGNING_KEY, frozenset({"family", "kid"}))
_OFFER = frozenset({"service_key", "unit_id", "online_from", "online_until"})

DECLARED: dict[Action, Declared] = {
    Action.STAFF_ADDED: Declared(ObjectKind.STAFF_MEMBER, _ROLES_AND_UNITS),
    Action.STAFF_INVITED: Declared(ObjectKind.STAFF_MEMBER, _ROLES_AND_UNITS),
    Action.INVITATION_SENT_AGAIN: Declared(ObjectKind.STAFF_MEMBER),
    Action.INVITATION_WITHDRAWN: Declared(ObjectKind.STAFF_MEMBER),
    Action.INVITATION_ACCEPTED: Declared(ObjectKind.STAFF_MEMBER),
    Action.STAFF_CHANGED: Declared(
        ObjectKind.STAFF_MEMBER,
        frozenset({"roles_before", "roles_after", "unit_ids_before", "unit_ids_after", "is_renamed"}),
    ),
    Action.STAFF_DEACTIVATED: Declared(ObjectKind.STAFF_MEMBER),
    Action.STAFF_REACTIVATED: Declared(ObjectKind.STAFF_MEMBER),
    Action.STAFF_FACTORS_RESET: Declared(ObjectKind.STAFF_MEMBER, _REFERENCE),
    Action.OFFER_CREATED: Declared(ObjectKind.OFFER, _OFFER),
    Action.OFFER_CHANGED: Declared(ObjectKind.OFFER, _OFFER),
    Action.PLACES_CHANGED: Declared(
        ObjectKind.OFFER, frozenset({"service_key", "capacity_before", "capacity_after"})
    ),
    Action.CONTACT_CHANGED: Declared(ObjectKind.AUTHORITY, frozenset({"fields"})),
    Action.REQUESTS_EXPORTED: Declared(ObjectKind.AUTHORITY, frozenset({"columns", "rows"})),
    Action.FACTOR_ADDED: _FACTOR,
    Action.FACTOR_CONFIRMED: _FACTOR,
    Action.FACTOR_REMOVED: _FACTOR,
    Action.FACTOR_LOCKED: _FACTOR,
    Action.FACTOR_UNLOCKED: _FACTOR,
    Action.RECOVERY_CODES_MADE: _ACCOUNT,
    Action.RECOVERY_CODE_USED: _ACCOUNT,
    Action.PASSWORD_CHANGED: Declared(ObjectKind.ACCOUNT, frozenset({"by_reset"})),
    Action.PASSWORD_DISABLED: _ACCOUNT,
    Action.EMAIL_CHANGED: _ACCOUNT,
    Action.FACTORS_RESET: Declared(ObjectKind.ACCOUNT, _REFERENCE),
    Action.ACCOUNT_LOCKED: _ACCOUNT,
    Action.ACCOUNT_UNLOCKED: Declared(ObjectKind.ACCOUNT, _REFERENCE),
    Action.RESET_REQUESTED: _ACCOUNT,
    Action.RESET_DONE: _ACCOUNT,
    Action.RESET_STOPPED: _ACCOUNT,
    Action.ATTRIBUTE_VERIFIED: Declared(ObjectKind.ACCOUNT, frozenset({"names", "level", "document_kind"})),
    Action.ATTRIBUTE_CONFIRMED: Declared(ObjectKind.ACCOUNT, frozenset({"names"})),
    Action.PERSONAL_DATA_CHANGED: Declared(ObjectKind.ACCOUNT, frozenset({"names"})),
    Action.PERSONAL_DATA_OPENED: Declared(ObjectKind.ACCOUNT, frozenset({"role", "purpose"})),
    Action.CONSENT_GIVEN: Declared(ObjectKind.ACCOUNT, frozenset({"purpose"})),
    Action.CONSENT_WITHDRAWN: Declared(ObjectKind.ACCOUNT, frozenset({"purpose"})),
    Action.WEBSITE_CONNECTED: _WEBSITE,
    Action.WEBSITE_CHANGED: _WEBSITE,
    Action.WEBSITE_DISCONNECTED: _WEBSITE,
    Action.DATA_EXPORTED: _ACCOUNT,
    Action.DELETION_REQUESTED: _ACCOUNT,
    Action.DELETION_STOPPED: _ACCOUNT,
    Action.ACCOUNT_DELETED: _ACCOUNT,
    Action.REQUEST_OPENED: Declared(ObjectKind.SERVICE_REQUEST, frozenset({"role", "purpose"})),
    Action.SESSIONS_ENDED: _ACCOUNT,
    Action.CLIENT_REGISTERED: Declared(ObjectKind.CLIENT, frozenset({"kind"})),
    Action.CLIENT_CHANGED: Declared(ObjectKind.CLIENT, frozenset({"fields"})),
    Action.CLIENT_SECRET_MADE: Declared(ObjectKind.CLIENT, frozenset({"secret_id"})),
    Action.CLIENT_SECRET_ENDED: Declared(ObjectKind.CLIENT, frozenset({"secret_id"})),
    Action.CLIENT_DISABLED: Declared(ObjectKind.CLIENT),
    Action.CLIENT_ENABLED: Declared(ObjectKind.CLIENT),
    Action.SIGNING_KEY_ACTIVATED: _SIGNING_KEY,
    Action.SIGNING_KEY_REVOKED: _SIGNING_KEY,
}

ABOUT_ACCOUNTS = frozenset(
    action
    for action, declared in DECLARED.items()
    if declared.object_kind in {ObjectKind.ACCOUNT, ObjectKind.SERVICE_REQUEST}
)
"""Entries about these say whose account it is; its owner reads them."""

OF_THE_PLATFORM = frozenset(
    action for action, declared in DECLARED.items() if declared.object_kind is ObjectKind.SIGNING_KEY
)
"""No authority does these."""
