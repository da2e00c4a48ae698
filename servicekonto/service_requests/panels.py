"""What requests add to the start page (what waits for me) and to the page of a service (how to begin)."""

from flask import render_template

from servicekonto.accounts.current import current_account_or_none
from servicekonto.accounts.models import AccountKind
from servicekonto.catalogue.queries import PublishedService
from servicekonto.service_requests import queries
from servicekonto.service_requests.presentation import list_entry

SHOWN = 4


def what_waits() -> str:
    account = current_account_or_none()
    if account is None or account.kind is not AccountKind.CITIZEN:
        return ""
    entries = [list_entry(own) for own in queries.unfinished(account, limit=SHOWN)]
    return render_template("service_requests/_start_panel.html", entries=entries) if entries else ""


def how_to_begin(service: PublishedService) -> str:
    account = current_account_or_none()
    is_citizen = account is not None and account.kind is AccountKind.CITIZEN
    draft = queries.newest_draft(service.definition.key, account) if account and is_citizen else None
    return render_template(
        "service_requests/_service_panel.html",
        slug=service.definition.slug,
        draft=draft,
        can_start=is_citizen,
        current_account=account,
    )
