"""What has happened to one's own account."""

from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from servicekonto.account_log import websites
from servicekonto.account_log.sentences import shown, website_in
from servicekonto.accounts.current import current_account
from servicekonto.audit.queries import entries_of_account
from servicekonto.authorities.queries import names_of_authorities
from servicekonto.web.access import Permission, requires
from servicekonto.web.cursors import read_cursor, write_cursor

bp = Blueprint("account_log", __name__, url_prefix="/konto/protokoll")


@bp.get("")
@requires(Permission.OWN_ACCOUNT)
def index() -> ResponseReturnValue:
    page = entries_of_account(current_account().id, after=read_cursor(request.args.get("nach")))
    authorities = names_of_authorities({entry.authority_id for entry in page.entries if entry.authority_id})
    named = websites.names_of({UUID(found) for entry in page.entries if (found := website_in(entry))})
    return render_template(
        "account_log/index.html",
        entries=[shown(entry, authorities, named) for entry in page.entries],
        next_url=url_for(".index", nach=write_cursor(*page.after)) if page.after else None,
    )
