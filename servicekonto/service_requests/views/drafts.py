"""Filling in, checking, submitting."""

from uuid import UUID

from flask import abort, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from servicekonto.accounts import kept_input, throttle
from servicekonto.accounts.current import current_account
from servicekonto.accounts.kept_input import keeps_input
from servicekonto.catalogue.definition import prefill
from servicekonto.catalogue.queries import published_service
from servicekonto.core import clock
from servicekonto.core.errors import NotFoundError, StaleError
from servicekonto.service_requests import limits, queries
from servicekonto.service_requests.assurance import at_the_level_of_the_service
from servicekonto.service_requests.commands import drafts
from servicekonto.service_requests.commands.places import FullyBookedError
from servicekonto.service_requests.form import (
    ADD_OR_REMOVE,
    DraftCheck,
    DraftForm,
    known_values,
    page_url,
    read_page,
)
from servicekonto.service_requests.views import bp
from servicekonto.web.access import Permission, for_scripts, requires
from servicekonto.web.i18n import show_time
from servicekonto.web.idempotency import idempotent


@bp.get("/neu/<slug>")
@requires(Permission.OWN_REQUESTS)
def begin(slug: str) -> ResponseReturnValue:
    """Signs in on the way if need be; then the page of the service offers to start or to go on."""
    return redirect(url_for("catalogue.service", slug=slug), code=303)


@bp.post("/neu/<slug>")
@requires(Permission.OWN_REQUESTS)
@at_the_level_of_the_service
@idempotent
def start(slug: str) -> ResponseReturnValue:
    """Goes on with the existing draft unless a second one is asked for."""
    account, service = current_account(), published_service(slug, clock.today())
    draft = queries.newest_draft(service.definition.key, account)
    if draft is None or "neu" in request.form:
        at = clock.now()
        limits.check_new_draft(account, at=at)
        draft = drafts.start(
            service.definition,
            service_version_id=service.version_id,
            prefilled=prefill(service.definition, known_values(account)).input,
            by=account,
            at=at,
        )
    return redirect(url_for(".resume", request_id=draft.id), code=303)


@bp.get("/<uuid:request_id>/weiter")
@requires(Permission.OWN_REQUESTS)
@at_the_level_of_the_service
def resume(request_id: UUID) -> ResponseReturnValue:
    """The first page with something missing, or the check page."""
    form = _form(request_id)
    page = form.first_open_page()
    target = page_url(form.draft, page) if page else url_for(".check", request_id=request_id)
    return redirect(target, code=303)


@bp.get("/<uuid:request_id>/seite/<page_id>")
@requires(Permission.OWN_REQUESTS)
@at_the_level_of_the_service
def page(request_id: UUID, page_id: str) -> ResponseReturnValue:
    form = _form(request_id)
    shown, kept = form.page(page_id), kept_input.found()
    if kept is not None:
        read_page(form, shown.page, kept, "next")
    return render_template("service_requests/page.html", form=form.page(page_id))


@bp.post("/<uuid:request_id>/seite/<page_id>/zwischenstand")
@for_scripts
@requires(Permission.OWN_REQUESTS)
@at_the_level_of_the_service
def autosave(request_id: UUID, page_id: str) -> ResponseReturnValue:
    """What is typed so far. Raises StaleError when another tab or device has saved something else."""
    at, owner = clock.now(), current_account()
    throttle.record(throttle.autosave_attempt(owner.id), at=at)
    draft = queries.get_draft(request_id, owner, for_update=True)
    form = DraftForm(draft, clock.today())
    page = form.page(page_id)
    if request.form.get("basis") != page.basis:
        raise StaleError(page_id)
    read_page(form, page.page, request.form.to_dict(flat=False), "next")
    drafts.save(form.draft, form.input, at=at)
    return jsonify(saved_at=show_time(at), basis=page.basis)


@bp.post("/<uuid:request_id>/seite/<page_id>")
@requires(Permission.OWN_REQUESTS)
@at_the_level_of_the_service
@keeps_input
def save_page(request_id: UUID, page_id: str) -> ResponseReturnValue:
    """What was typed is kept, right or wrong; only then the page says what is wrong."""
    form = _form(request_id, for_update=True)
    action = request.form.get("action", "next")
    read_page(form, form.page(page_id).page, request.form.to_dict(flat=False), action)
    drafts.save(form.draft, form.input, at=clock.now())
    if action == "leave":
        flash(_("Ihr Entwurf ist gespeichert. Sie finden ihn unter „Meine Anträge“."), "success")
        return redirect(url_for(".index"), code=303)
    shown = form.page(page_id, show_errors=not action.startswith(ADD_OR_REMOVE))
    if action.startswith(ADD_OR_REMOVE):
        return redirect(page_url(form.draft, shown.page), code=303)
    if shown.has_errors:
        return render_template("service_requests/page.html", form=shown), 422
    return redirect(shown.next_url, code=303)


@bp.get("/<uuid:request_id>/pruefen")
@requires(Permission.OWN_REQUESTS)
@at_the_level_of_the_service
def check(request_id: UUID) -> ResponseReturnValue:
    return render_template("service_requests/check.html", check=DraftCheck(_form(request_id)))


@bp.post("/<uuid:request_id>/einreichen")
@requires(Permission.OWN_REQUESTS)
@at_the_level_of_the_service
@idempotent
def submit(request_id: UUID) -> ResponseReturnValue:
    service_request = queries.get_own(request_id, current_account(), for_update=True)
    check = DraftCheck(DraftForm(service_request, clock.today()))
    competence = check.competence
    try:
        drafts.submit(
            service_request,
            check.definition,
            destination=competence.destination if competence else None,
            by=current_account(),
            at=clock.now(),
        )
    except (drafts.IncompleteAnswersError, drafts.NotOnlineError, FullyBookedError):
        return render_template("service_requests/check.html", check=check), 422
    return redirect(url_for(".receipt", request_id=request_id), code=303)


@bp.get("/<uuid:request_id>/loeschen")
@requires(Permission.OWN_REQUESTS)
def confirm_discard(request_id: UUID) -> ResponseReturnValue:
    return render_template("service_requests/discard.html", form=_form(request_id))


@bp.post("/<uuid:request_id>/loeschen")
@requires(Permission.OWN_REQUESTS)
def discard(request_id: UUID) -> ResponseReturnValue:
    drafts.discard(_form(request_id, for_update=True).draft)
    flash(_("Der Entwurf ist gelöscht."), "success")
    return redirect(url_for(".index"), code=303)


def _form(request_id: UUID, *, for_update: bool = False) -> DraftForm:
    """Going back to the form of a request that is sent already leads to the request."""
    try:
        draft = queries.get_draft(request_id, current_account(), for_update=for_update)
    except NotFoundError:
        sent = queries.get_own(request_id, current_account())
        flash(_("Dieser Antrag ist schon abgeschickt. Hier sehen Sie, wie es weitergeht."), "info")
        abort(redirect(url_for(".show", request_id=sent.id), code=303))
    return DraftForm(draft, clock.today())
