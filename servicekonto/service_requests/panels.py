"""What requests add to the start page (what waits for me) and to the page of a service (how to begin)."""

from flask import render_template

from servicekonto.accounts.current import current_account_or_none
from servicekonto.catalogue.queries import PublishedService, offers_online
from servicekonto.core import clock
from servicekonto.service_requests import place_texts, places, queries
from servicekonto.service_requests.policy import may_apply
from servicekonto.service_requests.presentation import list_entry
from servicekonto.web.access import Permission, current_permissions

SHOWN = 4


def what_waits() -> str:
    account = current_account_or_none()
    if account is None or Permission.OWN_REQUESTS not in current_permissions():
        return ""
    entries = [list_entry(own) for own in queries.unfinished(account, limit=SHOWN)]
    return render_template("service_requests/_start_panel.html", entries=entries) if entries else ""


def how_to_begin(service: PublishedService) -> str:
    account = current_account_or_none()
    can_start = account is not None and may_apply(account, service.definition)
    draft = queries.newest_draft(service.definition.key, account) if account and can_start else None
    return render_template(
        "service_requests/_service_panel.html",
        slug=service.definition.slug,
        draft=draft,
        can_start=can_start,
        current_account=account,
        places=_places(service),
    )


def _places(service: PublishedService) -> list[tuple[str, str]]:
    """Who offers them, and how many are left; for a service with a limit."""
    definition = service.definition
    if definition.limited is None:
        return []
    return [
        (offer.authority.name, place_texts.what_is_left(places.availability(offer, definition.limited)))
        for offer in offers_online(definition.key, clock.today())
    ]
