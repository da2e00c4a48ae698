"""A request as a clerk sees it: everything needed to decide, and the one or two actions that come next."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask_babel import gettext as _

from servicekonto.accounts.queries import display_name
from servicekonto.authorities.models import StaffMember
from servicekonto.authorities.queries import colleagues_of, names_of_accounts
from servicekonto.service_requests import labels, queries
from servicekonto.service_requests.models import Decision, RequestEvent
from servicekonto.service_requests.presentation import RequestContent
from servicekonto.service_requests.status import OPEN_AT_AUTHORITY, Status
from servicekonto.web.access import Permission, current_permissions


@dataclass
class StaffRequestView(RequestContent):
    staff_member: StaffMember

    @property
    def decision(self) -> Decision | None:
        return self.service_request.decision

    @property
    def outcome_text(self) -> str:
        return str(labels.OUTCOMES[self.decision.outcome]) if self.decision else ""

    @property
    def status_name(self) -> str:
        return str(labels.FOR_STAFF[self.service_request.status])

    @property
    def is_mine(self) -> bool:
        return self.service_request.assignee_id == self.staff_member.id

    @property
    def can_take(self) -> bool:
        return self.service_request.assignee_id is None and self._is_open

    @property
    def can_propose(self) -> bool:
        return self.is_mine and self.service_request.status is Status.IN_REVIEW

    @property
    def can_assign(self) -> bool:
        return self._is_open and self.service_request.status is not Status.DECIDED

    @property
    def awaits_approval(self) -> bool:
        return self.service_request.status is Status.DECISION_PROPOSED

    @property
    def proposed_by_me(self) -> bool:
        return self.decision is not None and self.decision.proposed_by_id == self.staff_member.account_id

    @property
    def can_approve(self) -> bool:
        may = Permission.APPROVE_DECISIONS in current_permissions()
        return self.awaits_approval and may and not self.proposed_by_me

    @cached_property
    def colleagues(self) -> list[StaffMember]:
        unit_id = self.service_request.unit_id
        return [person for person in colleagues_of(self.staff_member) if unit_id in person.unit_ids]

    @cached_property
    def timeline(self) -> list[dict[str, Any]]:
        history = self.service_request.history
        names = names_of_accounts({event.actor_id for event in history if event.actor_id})
        return [self._entry(event, names) for event in history]

    @cached_property
    def documents(self) -> list[tuple[str, int]]:
        return [(kind, size) for kind, size, _made in queries.documents_of(self.service_request)]

    def document_name(self, kind: str) -> str:
        return str(labels.DOCUMENTS[kind])

    @cached_property
    def applicant(self) -> str:
        return self.service_request.applicant_name or display_name(self.service_request.account)

    @property
    def _is_open(self) -> bool:
        return self.service_request.status in OPEN_AT_AUTHORITY

    def _entry(self, event: RequestEvent, names: dict[Any, str]) -> dict[str, Any]:
        by_applicant = event.actor_id == self.service_request.account_id
        actor = _("Antragstellende Person") if by_applicant else names.get(event.actor_id, "")
        return {
            "title": str(labels.EVENTS[event.kind]),
            "at": event.occurred_at,
            "by": actor or _("Servicekonto"),
            "state": "done",
        }
