"""Start page, catalogue, and the page of a service."""

from collections.abc import Callable
from typing import cast

from flask import Blueprint, Flask, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString
from markupsafe import Markup

from servicekonto.authorities import competence
from servicekonto.authorities.competence import Competent
from servicekonto.catalogue import queries
from servicekonto.catalogue.queries import PublishedService
from servicekonto.catalogue.search import search
from servicekonto.core import clock
from servicekonto.web.access import public

bp = Blueprint("catalogue", __name__)

Panel = Callable[[], str]
ServicePanel = Callable[[PublishedService], str]
_START_PANELS = "servicekonto.start_panels"
_SERVICE_PANELS = "servicekonto.service_panels"

LEVELS: dict[str, LazyString] = {
    "basic": _("Konto mit Passwort"),
    "low": _("Konto mit Passwort"),
    "substantial": _("Konto mit zweitem Faktor"),
    "high": _("Online-Ausweis"),
}


def show_on_start_page(app: Flask, *panels: Panel) -> None:
    """Packages above add what waits for the signed-in person: each returns HTML, or nothing."""
    app.extensions[_START_PANELS] = panels


def show_on_service_page(app: Flask, *panels: ServicePanel) -> None:
    """Packages above add how to begin."""
    app.extensions[_SERVICE_PANELS] = panels


@bp.get("/")
@public
def start() -> ResponseReturnValue:
    panels = cast(tuple[Panel, ...], current_app.extensions.get(_START_PANELS, ()))
    return render_template(
        "catalogue/start.html",
        services=queries.published_services(clock.today()),
        panels=[Markup(panel()) for panel in panels],  # noqa: S704 - rendered by our own templates
    )


@bp.get("/leistungen")
@public
def index() -> ResponseReturnValue:
    text = request.args.get("q", "")
    services = search(text, queries.published_services(clock.today()))
    return render_template(
        "catalogue/index.html", services=services, text=text, place=request.args.get("ort", "")
    )


@bp.get("/leistungen/<slug>")
@public
def service(slug: str) -> ResponseReturnValue:
    """With ``ort``, and where no place matters, the page also says who decides, why, and whether online."""
    today = clock.today()
    found = queries.published_service(slug, today)
    definition = found.definition
    place = request.args.get("ort", "") if definition.competence.place else ""
    is_known = place or definition.competence.place is None
    answer = competence.find(definition.competence.rule, place, on=today) if is_known else None
    offer = (
        queries.offer_of(definition.key, answer.authority.id, today)
        if isinstance(answer, Competent)
        else None
    )
    panels = cast(tuple[ServicePanel, ...], current_app.extensions.get(_SERVICE_PANELS, ()))
    return render_template(
        "catalogue/service.html",
        definition=definition,
        level_name=LEVELS[definition.facts.assurance_level],
        place=place,
        answer=answer,
        is_competent=isinstance(answer, Competent),
        choice_url=lambda value: url_for(".service", slug=slug, ort=value) + "#wer",
        offer=offer,
        panels=[Markup(panel(found)) for panel in panels],  # noqa: S704 - rendered by our own templates
    )
