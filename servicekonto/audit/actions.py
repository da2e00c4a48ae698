"""The closed vocabulary. To add an action: one member, one row in ``DECLARED``, a sentence in ``workbench``.

A payload holds identifiers and codes, never names, addresses or texts: entries outlive the people in them.
"""

from dataclasses import dataclass
from enum import StrEnum


class ObjectKind(StrEnum):
    """``STAFF_MEMBER`` also when only invited: who accepts keeps the id of the invitation."""

    AUTHORITY = "authority"
    OFFER = "offer"
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
    OFFER_CREATED = "offer.created"
    OFFER_CHANGED = "offer.changed"
    PLACES_CHANGED = "offer.places_changed"
    CONTACT_CHANGED = "authority.contact_changed"
    REQUESTS_EXPORTED = "authority.requests_exported"


@dataclass(frozen=True)
class Declared:
    """What the action is done to, and exactly these keys of its payload."""

    object_kind: ObjectKind
    keys: frozenset[str] = frozenset()


_ROLES_AND_UNITS = frozenset({"roles", "unit_ids"})
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
    Action.OFFER_CREATED: Declared(ObjectKind.OFFER, _OFFER),
    Action.OFFER_CHANGED: Declared(ObjectKind.OFFER, _OFFER),
    Action.PLACES_CHANGED: Declared(
        ObjectKind.OFFER, frozenset({"service_key", "capacity_before", "capacity_after"})
    ),
    Action.CONTACT_CHANGED: Declared(ObjectKind.AUTHORITY, frozenset({"fields"})),
    Action.REQUESTS_EXPORTED: Declared(ObjectKind.AUTHORITY, frozenset({"columns", "rows"})),
}
