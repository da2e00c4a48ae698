"""A small town in which every page has something to show: one citizen, a registry, an operator."""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from flask import current_app

from servicekonto.accounts.models import Account, AccountKind, LoginSession
from servicekonto.authorities import invitations
from servicekonto.authorities.kinds import Role
from servicekonto.authorities.models import StaffInvitation, StaffMember
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.oidc import clients, grants
from servicekonto.oidc.client_models import Client
from servicekonto.postbox.models import Message
from servicekonto.service_requests import text_templates
from servicekonto.service_requests.conversation_models import InformationRequest, TextTemplate
from servicekonto.service_requests.models import ServiceRequest
from servicekonto.service_requests.status import Status
from servicekonto.web.i18n import in_language
from tests.builders.accounts import create_account, sign_in
from tests.builders.authorities import create_staff_member
from tests.builders.clients import create_client
from tests.builders.requests import ORDER, Registry, create_draft, create_registry, create_service_request
from tests.support.client import PageClient

PERSONAL_DATA: dict[str, object] = {
    "given_names": "Jörg Ömer",
    "family_name": "Müßig-Groß",
    "birth_date": "1983-08-12",
}


@dataclass(frozen=True)
class Town:
    citizen: Account
    operator: Account
    registry: Registry
    administrator: StaffMember
    invitation: StaffInvitation
    draft: ServiceRequest
    requests: dict[Status, ServiceRequest]
    message: Message
    question: InformationRequest
    template: TextTemplate
    website: Client

    @property
    def accounts(self) -> dict[str, Account]:
        return {
            "citizen": self.citizen,
            "clerk": self.registry.clerk.account,
            "administrator": self.administrator.account,
            "approver": self.registry.approver.account,
            "operator": self.operator,
        }

    @property
    def ids(self) -> dict[str, list[UUID]]:
        """For the variables of addresses."""
        return {
            "request_id": [self.draft.id, *(request.id for request in self.requests.values())],
            "message_id": [self.message.id],
            "question_id": [self.question.id],
            "template_id": [self.template.id],
            "staff_member_id": [self.registry.clerk.id, self.registry.approver.id],
            "invitation_id": [self.invitation.id],
            "website_id": [self.website.id],
            "secret_id": [secret.id for secret in self.website.secrets],
            "session_id": list(db.session.scalars(sa.select(LoginSession.id))),
        }

    def client(self, name: str) -> PageClient:
        """``name`` of an account, or "visitor": somebody who is not signed in."""
        client = PageClient(current_app._get_current_object())  # type: ignore[attr-defined]
        if name != "visitor":
            sign_in(client, self.accounts[name])
        return client


def create_town(*, language: str | None = None) -> Town:
    """``language``: of the citizen, who submits everything in it."""
    with in_language(language):
        return _create_town(language)


def _create_town(language: str | None) -> Town:
    citizen = create_account(values=PERSONAL_DATA, language=language)
    registry, at = create_registry(), clock.now()
    administrator = create_staff_member(roles=[Role.AUTHORITY_ADMINISTRATOR])
    requests: dict[Status, ServiceRequest] = {
        status: create_service_request(citizen, status=status, registry=registry, at=at)
        for status in (*ORDER, Status.INFORMATION_REQUESTED)
    }
    with unit_of_work():
        template = text_templates.create("Anrede", "Guten Tag {name}", by=registry.clerk, at=at)
    return Town(
        citizen=citizen,
        operator=create_account(kind=AccountKind.OPERATOR),
        registry=registry,
        administrator=administrator,
        invitation=_invitation(administrator),
        draft=create_draft(citizen, at=at),
        requests=requests,
        message=db.session.scalars(sa.select(Message).where(Message.document_kind.is_not(None))).one(),
        question=db.session.scalars(sa.select(InformationRequest)).one(),
        template=template,
        website=_website(citizen),
    )


def _website(citizen: Account) -> Client:
    client = create_client(name="Urkundenportal")
    with unit_of_work():
        clients.add_secret(client, by=None, at=clock.now())
        grants.give_consent(citizen, client, client.scopes, asked=client.scopes, at=clock.now())
    return client


def _invitation(administrator: StaffMember) -> StaffInvitation:
    with unit_of_work():
        return invitations.invite(
            administrator.authority,
            "eingeladen@example.org",
            display_name="Nora Neuling",
            units=[],
            roles=[Role.CLERK],
            by=administrator.account,
            at=clock.now(),
        )
