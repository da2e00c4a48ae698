"""A request as a clerk sees it: everything needed to decide, and the one or two actions that come next."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

from servicekonto.accounts.queries import display_name
from servicekonto.authorities.current import names_of_accounts
from servicekonto.authorities.models import StaffMember
from servicekonto.authorities.queries import colleagues_of
from servicekonto.service_requests import actions, conversation, inbox, labels, place_texts, queries
from servicekonto.service_requests.actions import Action
from servicekonto.service_requests.conversation_models import InformationRequest, TextTemplate
from servicekonto.service_requests.information import Change, changes_of, questions_of, what_can_be_asked
from servicekonto.service_requests.models import Decision, RequestEvent
from servicekonto.service_requests.policy import is_own, may_work_on
from servicekonto.service_requests.presentation import RequestContent, detail_of
from servicekonto.service_requests.status import Status
from servicekonto.service_requests.text_templates import templates_of
from servicekonto.workbench import inbox_filter

MENU: tuple[tuple[Action, LazyString, str], ...] = (
    (Action.ASK, lazy_gettext("Rückfrage stellen"), "workbench.compose_question"),
    (Action.FORWARD, lazy_gettext("An eine andere Behörde weiterleiten"), "workbench.compose_forward"),
    (Action.CLOSE, lazy_gettext("Ohne Entscheidung abschließen"), "workbench.confirm_close"),
)


@dataclass
class StaffRequestView(RequestContent):
    staff_member: StaffMember

    @cached_property
    def neighbours(self) -> inbox.Neighbours:
        chosen = inbox_filter.read(inbox_filter.carried_along(), self.staff_member).filter
        return inbox.neighbours(self.staff_member, self.service_request, chosen)

    @property
    def back_to_list(self) -> str:
        return inbox_filter.list_url()

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
    def status_tone(self) -> str:
        return labels.STAFF_TONES[self.service_request.status]

    @property
    def is_mine(self) -> bool:
        return self.service_request.assignee_id == self.staff_member.id

    @property
    def can_take(self) -> bool:
        return self.service_request.assignee_id is None and self.can(Action.TAKE)

    @property
    def can_propose(self) -> bool:
        return self.can(Action.PROPOSE)

    @property
    def can_assign(self) -> bool:
        return self.can(Action.ASSIGN) and self.service_request.status is not Status.DECIDED

    def can(self, action: Action) -> bool:
        return actions.can(action, self.service_request, self.staff_member)

    @property
    def further_actions(self) -> list[tuple[str, str]]:
        """Label and address of what is done less often, for the menu."""
        return [
            (str(label), url_for(endpoint, request_id=self.service_request.id))
            for action, label, endpoint in MENU
            if self.can(action) and not (action is Action.FORWARD and self.place)
        ]

    @property
    def is_own(self) -> bool:
        """One's own request: everything about it is for colleagues."""
        return is_own(self.staff_member, self.service_request)

    @property
    def place_text(self) -> str | None:
        return place_texts.for_staff(self.place) if self.place else None

    @property
    def awaits_approval(self) -> bool:
        return self.service_request.status is Status.DECISION_PROPOSED

    @property
    def proposed_by_me(self) -> bool:
        return self.decision is not None and self.decision.proposed_by_id == self.staff_member.account_id

    @property
    def can_approve(self) -> bool:
        return self.can(Action.APPROVE)

    @cached_property
    def messages(self) -> list[conversation.Entry]:
        return conversation.for_staff(self.service_request)

    @cached_property
    def questions(self) -> list[InformationRequest]:
        return questions_of(self.service_request)

    @property
    def waiting(self) -> InformationRequest | None:
        return next((question for question in self.questions if question.ended_at is None), None)

    @cached_property
    def answered(self) -> list[tuple[InformationRequest, list[Change]]]:
        return [(asked, changes_of(asked)) for asked in self.questions if asked.answered_at]

    @property
    def changed_paths(self) -> set[str]:
        return {change.path for _asked, changes in self.answered for change in changes}

    @property
    def can_resume(self) -> bool:
        return self.can(Action.RESUME)

    @cached_property
    def asked_labels(self) -> dict[str, str]:
        return {question.path: question.label for question in what_can_be_asked(self.service_request)}

    @cached_property
    def notes(self) -> list[conversation.Entry]:
        return conversation.notes_of(self.service_request, self.staff_member)

    @cached_property
    def text_templates(self) -> list[TextTemplate]:
        return templates_of(self.staff_member)

    @cached_property
    def colleagues(self) -> list[StaffMember]:
        everybody = colleagues_of(self.staff_member)
        return [person for person in everybody if may_work_on(person, self.service_request)]

    @cached_property
    def timeline(self) -> list[dict[str, Any]]:
        history = self.service_request.history
        names = names_of_accounts({event.actor_id for event in history if event.actor_id})
        return [self._entry(event, names) for event in history]

    @cached_property
    def documents(self) -> list[tuple[str, int]]:
        return [(found.kind, found.size) for found in queries.documents_of(self.service_request)]

    def document_name(self, kind: str) -> str:
        return str(labels.DOCUMENTS[kind])

    @cached_property
    def applicant(self) -> str:
        return self.service_request.applicant_name or display_name(self.service_request.account)

    def _entry(self, event: RequestEvent, names: dict[Any, str]) -> dict[str, Any]:
        by_applicant = event.actor_id == self.service_request.account_id
        actor = _("Antragstellende Person") if by_applicant else names.get(event.actor_id, "")
        return {
            "title": str(labels.EVENTS[event.kind]),
            "at": event.occurred_at,
            "by": actor or _("Servicekonto"),
            "state": "done",
            "text": detail_of(event),
        }
