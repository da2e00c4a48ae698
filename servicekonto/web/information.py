"""The pages every public website has: help, accessibility, privacy, imprint, licences."""

from dataclasses import dataclass

from flask import Blueprint, render_template
from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

from servicekonto.web.access import public

bp = Blueprint("information", __name__)


@dataclass(frozen=True)
class Licence:
    """A work of others that we pass on or show, and what its licence wants said."""

    work: str
    purpose: LazyString
    licence: str
    owner: str
    url: str


LICENCES = (
    Licence(
        "KERN UX (@kern-ux/native)",
        lazy_gettext("Designsystem: Gestaltung der Seiten"),
        "EUPL-1.2",
        "KERN-UX: Tom Marienfeld, Darko Pervan und weitere Mitwirkende",
        "https://www.kern-ux.de/",
    ),
    Licence(
        "Fira Sans",
        lazy_gettext("Schrift, für diese Seiten auf lateinische Zeichen gekürzt"),
        "SIL Open Font License 1.1",
        "The Mozilla Foundation, Telefonica S.A.",
        "https://openfontlicense.org/",
    ),
    Licence(
        "Material Symbols",
        lazy_gettext("Symbole, enthalten in KERN UX"),
        "Apache License 2.0",
        "Google LLC",
        "https://www.apache.org/licenses/LICENSE-2.0",
    ),
)


@bp.get("/hilfe")
@public
def help_page() -> str:
    return render_template("information/help.html")


@bp.get("/barrierefreiheit")
@public
def accessibility() -> str:
    return render_template("information/accessibility.html")


@bp.get("/leichte-sprache")
@public
def easy_language() -> str:
    """The same for every reader: § 4 BITV 2.0 asks for it in German."""
    return render_template("information/easy_language.html")


@bp.get("/datenschutz")
@public
def privacy() -> str:
    return render_template("information/privacy.html")


@bp.get("/impressum")
@public
def imprint() -> str:
    return render_template("information/imprint.html")


@bp.get("/lizenzen")
@public
def licences() -> str:
    return render_template("information/licences.html", licences=LICENCES)
