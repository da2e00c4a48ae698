"""German and English. The German text is the key, as in the pages."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask, g, redirect, request, session, url_for
from werkzeug.wrappers import Response

from relying_party.sign_in import HIGH, LOW, SUBSTANTIAL

LANGUAGES = ("de", "en")

ENGLISH: Mapping[str, str] = json.loads(Path(__file__).with_name("english.json").read_text("utf-8"))

LEVELS: Mapping[str, tuple[str, str]] = {
    LOW: (
        "Vertrauensniveau: niedrig",
        "Ihre Angaben haben Sie selbst eingetragen, oder Sie haben sich nur mit einem Passwort angemeldet.",
    ),
    SUBSTANTIAL: (
        "Vertrauensniveau: substanziell",
        "Ihre Identität ist geprüft, und Sie haben sich mit einem zweiten Faktor angemeldet.",
    ),
    HIGH: ("Vertrauensniveau: hoch", "Ihre Identität ist mit dem Online-Ausweis geprüft."),
}
REASONS: Mapping[str, str] = {
    "cancelled": "Sie haben die Anmeldung abgebrochen. Wir haben keine Daten bekommen.",
    "expired": "Die Anmeldung hat zu lange gedauert oder wurde in einem anderen Fenster begonnen.",
    "unreachable": "Das Servicekonto ist gerade nicht erreichbar.",
    "invalid": "Die Antwort des Servicekontos passt nicht zu unserer Anfrage."
    " Zu Ihrer Sicherheit melden wir Sie nicht an.",
}
_CLAIMS: Mapping[str, str] = {
    "name": "Name",
    "given_name": "Vornamen",
    "family_name": "Familienname",
    "birthdate": "Geburtsdatum",
    "email": "E-Mail-Adresse",
    "email_verified": "E-Mail-Adresse bestätigt",
    "address": "Anschrift",
}


def install(app: Flask) -> None:
    app.add_url_rule("/sprache", "choose_language", _choose, methods=["POST"])
    app.jinja_env.globals.update(t=translate, language=language, levels=LEVELS, reasons=REASONS)


def language() -> str:
    if "language" not in g:
        chosen = session.get("language")
        g.language = chosen or request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]
    return str(g.language)


def translate(text: str) -> str:
    return ENGLISH[text] if language() == "en" else text


def claims(known: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Label and value, of those that came."""
    return [
        (translate(label), _shown(name, known[name]) + _remark(name, known))
        for name, label in _CLAIMS.items()
        if name in known
    ]


def _remark(name: str, known: Mapping[str, Any]) -> str:
    """``acr`` is about the person. Of a single fact ``claim_levels`` says how sure it is."""
    levels = known.get("claim_levels")
    if not isinstance(levels, dict) or name not in levels:
        return ""
    is_checked = levels[name] in (SUBSTANTIAL, HIGH)
    return f" ({translate('geprüft' if is_checked else 'Ihre eigene Angabe')})"


def _shown(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return translate("ja" if value else "nein")
    if isinstance(value, dict):  # an address, OpenID Connect Core § 5.1.1
        place = f"{value.get('postal_code', '')} {value.get('locality', '')}".strip()
        return ", ".join(filter(None, [value.get("street_address"), place, value.get("country")]))
    if name == "birthdate" and language() == "de" and value.count("-") == 2:
        return ".".join(reversed(value.split("-")))
    return str(value)


def _choose() -> Response:
    chosen = request.form.get("language")
    if chosen in LANGUAGES:
        session["language"] = chosen
    return redirect(url_for("start"), code=303)
