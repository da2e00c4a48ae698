"""Every action in two ways: as a command, and as the form a browser sends."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from servicekonto.authorities import queries as authorities
from servicekonto.catalogue.models import Offer
from servicekonto.catalogue.queries import offer_of
from servicekonto.core.db import db
from servicekonto.core.errors import ConflictError
from servicekonto.service_requests.actions import Action
from servicekonto.service_requests.commands import (
    closing,
    conversation,
    decisions,
    forwarding,
    information,
    processing,
)
from servicekonto.service_requests.conversation_models import InformationRequest
from servicekonto.service_requests.information import AnswerSheet
from servicekonto.service_requests.models import Outcome, ServiceRequest
from tests.builders.accounts import SOME_DAY, sign_in
from tests.builders.requests import ASKED, REASONS, SERVICE, Registry
from tests.support.client import PageClient

TEXT = "Ein Satz, der lang genug ist."


@dataclass(frozen=True)
class Scene:
    """A request, who works where it is, and where it could go."""

    service_request: ServiceRequest
    registry: Registry
    elsewhere: str = "gelnhausen"

    @property
    def offer(self) -> Offer:
        found = offer_of(SERVICE, authorities.get_authority(self.elsewhere).id, SOME_DAY.date())
        assert found is not None
        return found


Act = Callable[[Scene, datetime], object]


def last_question(service_request: ServiceRequest) -> InformationRequest:
    """ConflictError: nothing was ever asked."""
    query = sa.select(InformationRequest).where(InformationRequest.service_request_id == service_request.id)
    found = db.session.scalars(query.order_by(InformationRequest.id.desc()).limit(1)).first()
    if found is None:
        raise ConflictError("nothing was asked")
    return found


def _answer(scene: Scene, at: datetime) -> None:
    sheet = AnswerSheet(last_question(scene.service_request))
    sheet.read({"copies_certificate": ["2"]}, "next")
    information.answer(sheet, by=scene.service_request.account, at=at)


COMMANDS: dict[Action, Act] = {
    Action.WITHDRAW: lambda s, at: closing.withdraw(s.service_request, by=s.service_request.account, at=at),
    Action.WRITE: lambda s, at: conversation.write(
        s.service_request, TEXT, by=s.service_request.account, at=at
    ),
    Action.ANSWER: _answer,
    Action.TAKE: lambda s, at: processing.take(s.service_request, by=s.registry.clerk, at=at),
    Action.ASSIGN: lambda s, at: processing.assign(
        s.service_request, s.registry.approver, by=s.registry.clerk, at=at
    ),
    Action.REPLY: lambda s, at: conversation.reply(s.service_request, TEXT, by=s.registry.clerk, at=at),
    Action.TAKE_NOTE: lambda s, at: conversation.take_note(
        s.service_request, TEXT, by=s.registry.clerk, at=at
    ),
    Action.READ_MESSAGES: lambda s, at: conversation.mark_read(s.service_request, by=s.registry.clerk, at=at),
    Action.ASK: lambda s, at: information.ask(s.service_request, ASKED, TEXT, by=s.registry.clerk, at=at),
    Action.RESUME: lambda s, at: information.resume(s.service_request, by=s.registry.clerk, at=at),
    Action.FORWARD: lambda s, at: forwarding.forward(
        s.service_request, s.offer, reason=TEXT, by=s.registry.clerk, at=at
    ),
    Action.CLOSE: lambda s, at: closing.close(s.service_request, reason=TEXT, by=s.registry.clerk, at=at),
    Action.PROPOSE: lambda s, at: decisions.propose(
        s.service_request, outcome=Outcome.GRANTED, reasons=REASONS, by=s.registry.clerk, at=at
    ),
    Action.APPROVE: lambda s, at: decisions.approve(s.service_request, by=s.registry.approver, at=at),
    Action.SEND_BACK: lambda s, at: decisions.send_back(
        s.service_request, reason=TEXT, by=s.registry.approver, at=at
    ),
}

CITIZENS = frozenset({Action.WITHDRAW, Action.WRITE, Action.ANSWER})
APPROVERS = frozenset({Action.APPROVE, Action.SEND_BACK})
PATHS: dict[Action, str] = {
    Action.WITHDRAW: "zurueckziehen",
    Action.WRITE: "nachricht",
    Action.TAKE: "uebernehmen",
    Action.ASSIGN: "zuweisen",
    Action.REPLY: "nachricht",
    Action.TAKE_NOTE: "notiz",
    Action.READ_MESSAGES: "gelesen",
    Action.ASK: "rueckfrage",
    Action.RESUME: "weiterbearbeiten",
    Action.FORWARD: "weiterleiten",
    Action.CLOSE: "abschliessen",
    Action.PROPOSE: "entscheidung",
    Action.APPROVE: "freigabe",
    Action.SEND_BACK: "rueckgabe",
}


def send(client: PageClient, action: Action, scene: Scene) -> int:
    """The status of the answer, as the person who would press the button gets it."""
    found = scene.service_request
    side = "/antraege" if action in CITIZENS else "/behoerde/antraege"
    path = PATHS.get(action) or f"rueckfrage/{last_question(found).id}/senden"
    sign_in(client, _person(action, scene))
    answer = client.client.post(f"{side}/{found.id}/{path}", data=_fields(action, scene))
    return answer.status_code


def _person(action: Action, scene: Scene) -> Any:
    if action in CITIZENS:
        return scene.service_request.account
    return (scene.registry.approver if action in APPROVERS else scene.registry.clerk).account


def _fields(action: Action, scene: Scene) -> dict[str, str]:
    own: dict[Action, dict[str, str]] = {
        Action.ASSIGN: {"assignee": str(scene.registry.approver.id)},
        Action.ASK: {f"grund.{path}": reason for path, reason in ASKED.items()},
        Action.FORWARD: {"authority": str(scene.offer.id), "action": "forward"},
        Action.PROPOSE: {"outcome": Outcome.GRANTED.value, "reasons": REASONS},
    }
    common = {"idempotency_key": str(uuid4()), "body": TEXT, "reason": TEXT, "note": TEXT}
    return common | own.get(action, {})
