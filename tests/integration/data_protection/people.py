"""Somebody about whom there is a row in every table that can have one."""

from datetime import timedelta

from servicekonto.accounts import links
from servicekonto.accounts.kept_input import KeptInput
from servicekonto.accounts.models import OneTimeLinkPurpose
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.core.ids import new_id
from servicekonto.data_protection.models import InactivityNotice
from servicekonto.service_requests.commands import conversation
from servicekonto.service_requests.status import Status
from servicekonto.web.idempotency import IdempotencyKey
from tests.builders.accounts import sign_in
from tests.builders.town import Town, create_town


def create_full_town() -> Town:
    """``citizen`` has sessions, links, keys of forms, mails and messages; a clerk has written a note."""
    town, at = create_town(), clock.now()
    sign_in(town.client("visitor"), town.citizen)
    running = town.requests[Status.IN_REVIEW]
    with unit_of_work():
        links.issue(town.citizen, OneTimeLinkPurpose.RESET_PASSWORD, at=at)
        conversation.reply(running, "Guten Tag, eine Frage.", by=town.registry.clerk, at=at)
        conversation.take_note(running, "Nur für uns.", by=town.registry.clerk, at=at)
        conversation.write(running, "Hier ist die Antwort.", by=town.citizen, at=at)
        db.session.add_all(
            [
                KeptInput(account_id=town.citizen.id, token_hash=b"1", sealed=b"2", created_at=at),
                IdempotencyKey(
                    account_id=town.citizen.id, key=new_id(), endpoint="x", location="/", created_at=at
                ),
                InactivityNotice(
                    account_id=town.citizen.id,
                    counted_from=at - timedelta(days=700),
                    days_before=60,
                    sent_at=at,
                ),
            ]
        )
    return town
