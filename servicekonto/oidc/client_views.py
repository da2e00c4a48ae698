"""The websites that sign their visitors in with us: pages of those who run the installation."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from servicekonto.accounts import kept_input
from servicekonto.accounts.current import current_account
from servicekonto.accounts.kept_input import keeps_input
from servicekonto.accounts.step_up import recently_confirmed
from servicekonto.core import clock
from servicekonto.core.errors import InvalidInputError, StaleError
from servicekonto.core.sealing import opened_from_address, sealed_for_address
from servicekonto.oidc import client_forms, clients, deliveries, logout_words, troubles
from servicekonto.oidc.client_forms import ClientForm, RegistrationForm
from servicekonto.oidc.client_models import Client, ClientKind, SubjectType
from servicekonto.web.access import Permission, requires
from servicekonto.web.idempotency import idempotent

bp = Blueprint("clients", __name__, url_prefix="/betrieb/websites")

_NEW_SECRET = "new_secret"  # noqa: S105 - the name of a value in the form cookie


@bp.get("/")
@requires(Permission.OPERATE)
def index() -> ResponseReturnValue:
    return render_template(
        "oidc/clients.html",
        clients=clients.all_clients(),
        kinds=client_forms.KINDS,
        troubles=troubles.of_all(at=clock.now()),
        now=clock.now(),
    )


@bp.get("/neu")
@requires(Permission.OPERATE)
@recently_confirmed
def new() -> ResponseReturnValue:
    return _registration_page(kept_input.refilled(RegistrationForm()))


@bp.post("/neu")
@requires(Permission.OPERATE)
@recently_confirmed
@keeps_input
@idempotent
def register() -> ResponseReturnValue:
    form = RegistrationForm()
    client = _register(form) if form.validate_on_submit() else None
    if client is None:
        return _registration_page(form), 422
    flash(_("%(name)s ist eingetragen.", name=client.name), "success")
    return _to_page(client)


@bp.get("/<uuid:website_id>")
@requires(Permission.OPERATE)
def show(website_id: UUID) -> ResponseReturnValue:
    client, now = clients.get_client(website_id), clock.now()
    valid = len(clients.valid_secrets(client, now))
    return render_template(
        "oidc/client.html",
        client=client,
        words=client_forms,
        failures=logout_words.FAILURES,
        new_secret=_taken_secret(client),
        delivery=deliveries.of(client.id),
        companions=clients.known_by_the_same_name(client),
        can_have_more=valid < clients.MOST_SECRETS,
        has_one_left=client.has_secrets and valid == 1,
        now=now,
    )


@bp.get("/<uuid:website_id>/aendern")
@requires(Permission.OPERATE)
@recently_confirmed
def edit(website_id: UUID) -> ResponseReturnValue:
    client = clients.get_client(website_id)
    return _change_page(client, kept_input.refilled(ClientForm(data=client_forms.values_of(client))))


@bp.post("/<uuid:website_id>/aendern")
@requires(Permission.OPERATE)
@recently_confirmed
@keeps_input
def change(website_id: UUID) -> ResponseReturnValue:
    client, form = clients.get_client(website_id), ClientForm()
    try:
        if not (form.validate_on_submit() and _change(client, form)):
            return _change_page(client, form), 422
    except StaleError:
        form.form_errors.append(_("Jemand hat die Angaben inzwischen geändert. Laden Sie die Seite neu."))
        return _change_page(client, form), 409
    flash(_("Gespeichert: %(name)s.", name=client.name), "success")
    return _to_page(client)


@bp.post("/<uuid:website_id>/geheimnis")
@requires(Permission.OPERATE)
@recently_confirmed
def add_secret(website_id: UUID) -> ResponseReturnValue:
    """Shown once, on the page this leads to. Until then only this browser has it, sealed."""
    client, account = clients.get_client(website_id), current_account()
    clear = clients.add_secret(client, by=account, at=clock.now())
    session[_NEW_SECRET] = sealed_for_address(_purpose(client), clear, reader=account.id)
    return _to_page(client)


@bp.post("/<uuid:website_id>/geheimnis/<uuid:secret_id>/beenden")
@requires(Permission.OPERATE)
@recently_confirmed
def end_secret(website_id: UUID, secret_id: UUID) -> ResponseReturnValue:
    client = clients.get_client(website_id)
    clients.end_secret(client, secret_id, by=current_account(), at=clock.now())
    flash(_("Das Geheimnis gilt nicht mehr."), "success")
    return _to_page(client)


@bp.post("/<uuid:website_id>/sperren")
@requires(Permission.OPERATE)
def disable(website_id: UUID) -> ResponseReturnValue:
    """Without proving anything again: there may be hurry."""
    client = clients.get_client(website_id)
    clients.disable(client, by=current_account(), at=clock.now())
    flash(_("Gesperrt. Bei %(name)s kann sich niemand mehr anmelden.", name=client.name), "success")
    return _to_page(client)


@bp.post("/<uuid:website_id>/freigeben")
@requires(Permission.OPERATE)
@recently_confirmed
def enable(website_id: UUID) -> ResponseReturnValue:
    client = clients.get_client(website_id)
    clients.enable(client, by=current_account(), at=clock.now())
    flash(_("Freigegeben. Bei %(name)s kann man sich wieder anmelden.", name=client.name), "success")
    return _to_page(client)


def _register(form: RegistrationForm) -> Client | None:
    kind = ClientKind(form.kind.data)
    try:
        return clients.register(
            form.facts(kind),
            kind=kind,
            subject_type=SubjectType(form.subject_type.data),
            sector_identifier=form.sector_identifier.data or None,
            by=current_account(),
            at=clock.now(),
        )
    except InvalidInputError as error:
        client_forms.refuse(form, error.errors)
        return None


def _change(client: Client, form: ClientForm) -> bool:
    try:
        clients.change(
            client, form.facts(client.kind), version=form.shown_version, by=current_account(), at=clock.now()
        )
    except InvalidInputError as error:
        client_forms.refuse(form, error.errors)
        return False
    return True


def _purpose(client: Client) -> str:
    return f"new secret of {client.id}"


def _taken_secret(client: Client) -> str | None:
    """The one that was just made for this website, the first time only."""
    sealed = session.get(_NEW_SECRET)
    clear = opened_from_address(_purpose(client), sealed, reader=current_account().id) if sealed else None
    if clear is not None:
        del session[_NEW_SECRET]
    return clear


def _registration_page(form: RegistrationForm) -> str:
    return render_template("oidc/client_new.html", form=form)


def _change_page(client: Client, form: ClientForm) -> str:
    return render_template("oidc/client_edit.html", client=client, form=form)


def _to_page(client: Client) -> ResponseReturnValue:
    return redirect(url_for(".show", website_id=client.id), code=303)
