"""The texts of one's authority. Who processes requests writes them and may change them."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from servicekonto.accounts import kept_input
from servicekonto.accounts.kept_input import keeps_input
from servicekonto.authorities.current import current_staff
from servicekonto.core import clock
from servicekonto.core.errors import InvalidInputError
from servicekonto.service_requests import text_templates
from servicekonto.service_requests.conversation_models import TextTemplate
from servicekonto.web.access import Permission, requires
from servicekonto.web.idempotency import idempotent
from servicekonto.workbench.forms import TextTemplateForm
from servicekonto.workbench.views import bp


@bp.get("/textbausteine")
@requires(Permission.PROCESS_REQUESTS)
def list_templates() -> ResponseReturnValue:
    return render_template(
        "workbench/text_templates.html", templates=text_templates.templates_of(current_staff())
    )


@bp.get("/textbausteine/neu")
@requires(Permission.PROCESS_REQUESTS)
def new_template() -> ResponseReturnValue:
    return _page(kept_input.refilled(TextTemplateForm()), None)


@bp.post("/textbausteine/neu")
@requires(Permission.PROCESS_REQUESTS)
@keeps_input
@idempotent
def create_template() -> ResponseReturnValue:
    return _save(None)


@bp.get("/textbausteine/<uuid:template_id>")
@requires(Permission.PROCESS_REQUESTS)
def edit_template(template_id: UUID) -> ResponseReturnValue:
    template = text_templates.get_template(template_id, current_staff())
    return _page(kept_input.refilled(TextTemplateForm(obj=template)), template)


@bp.post("/textbausteine/<uuid:template_id>")
@requires(Permission.PROCESS_REQUESTS)
@keeps_input
def change_template(template_id: UUID) -> ResponseReturnValue:
    return _save(text_templates.get_template(template_id, current_staff()))


@bp.post("/textbausteine/<uuid:template_id>/loeschen")
@requires(Permission.PROCESS_REQUESTS)
def delete_template(template_id: UUID) -> ResponseReturnValue:
    text_templates.delete(text_templates.get_template(template_id, current_staff()))
    flash(_("Der Textbaustein ist gelöscht."), "success")
    return _back()


def _save(template: TextTemplate | None) -> ResponseReturnValue:
    form, by, at = TextTemplateForm(), current_staff(), clock.now()
    if not form.validate_on_submit():
        return _page(form, template), 422
    title, body = (form.title.data or "").strip(), (form.body.data or "").strip()
    try:
        if template is None:
            text_templates.create(title, body, by=by, at=at)
        else:
            text_templates.change(template, title, body, by=by, at=at)
    except InvalidInputError as error:
        form.show(error.errors)
        return _page(form, template), 422
    flash(_("Der Textbaustein ist gespeichert."), "success")
    return _back()


def _page(form: TextTemplateForm, template: TextTemplate | None) -> str:
    return render_template(
        "workbench/text_template.html",
        form=form,
        template=template,
        placeholders=text_templates.PLACEHOLDERS,
    )


def _back() -> ResponseReturnValue:
    return redirect(url_for(".list_templates"), code=303)
