"""Every page that can be read is English for somebody who reads English."""

import pytest
import sqlalchemy as sa
from werkzeug.routing import Rule

from servicekonto.accounts.models import Account
from servicekonto.authorities.elsewhere import names_elsewhere
from servicekonto.authorities.models import Authority, Unit
from servicekonto.authorities.queries import directory
from servicekonto.core.db import db, unit_of_work
from servicekonto.web.application import Servicekonto
from tests.builders import requests
from tests.builders.town import Town, create_town
from tests.support.language import german_on

VISITOR = "visitor"
OTHER_LANGUAGES = {"/demo/mails"}  # each mail is in the language of whoever it is for
# What is German by its nature, on whatever page it stands.
NAMES = frozenset({"Servicekonto Hessen", "Servicekonto", "Hessen", "Bürgergeld", "Türkiye"})
TYPED = frozenset(
    {
        *requests.REASONS.split("\n\n"),
        *requests.ASKED.values(),
        requests.CLOSED,
        "Bitte helfen Sie uns.",
        *("Jörg Ömer", "Müßig-Groß", "Erfundener Weg", "Sabine Sorgfalt", "Martina Vierauge", "Nora Neuling"),
        *("Guten Tag {name}", "Anrede", "{behoerde}", "{aktenzeichen}"),
    }
)
# Pages about German law name statutes and offices as they are called.
QUESTIONS = {
    "catalogue.service": (
        "",
        "?ort=Hanau",
        "?ort=Neustadt",
        "?ort=Wien",
        "?ort=Fulda",
        "?ort=Hanua",
        "?ort=",
    ),
    "catalogue.index": ("", "?q=Raumschiff", "?q=birth"),
    "authorities.competence": (
        "",
        *(
            f"?thema={topic}&ort={place}"
            for topic in ("registry_office_birth", "housing_benefit", "taxi", "digital_advice")
            for place in ("Hanau", "Neustadt", "Paris", "Bromskirchen", "Hanua", "63450", "Gießen", "Berlin")
        ),
    ),
}


@pytest.mark.only("sqlite")  # what is written does not depend on the database
@pytest.mark.slow
def test_no_german_is_left_for_somebody_who_reads_english(app: Servicekonto, database: None) -> None:
    town = create_town(language="en")
    with unit_of_work():
        db.session.execute(sa.update(Account).values(language="en"))
    known = NAMES | TYPED | _names_of_places_and_offices() | {str(a.email) for a in town.accounts.values()}
    left: dict[str, list[str]] = {}
    seen = 0
    for who in (VISITOR, *town.accounts):
        client = town.client(who).client
        client.set_cookie("servicekonto-language", "en", domain="localhost")
        for address in _addresses(app, town):
            answer = client.get(address)
            if answer.mimetype == "text/html" and answer.status_code not in {302, 303}:
                seen += answer.status_code == 200
                if found := german_on(answer.text, known=known):
                    left.setdefault(address, []).extend(text for text in found if text not in left[address])
    assert seen > 60
    assert left == {}


def _addresses(app: Servicekonto, town: Town) -> list[str]:
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or set())]
    return sorted({address for rule in rules for address in _of(rule, town)} - OTHER_LANGUAGES)


def _of(rule: Rule, town: Town) -> list[str]:
    values: list[dict[str, object]] = [{}]
    for name in rule.arguments:
        options = _OPTIONS.get(name) or town.ids.get(name) or ["unknown"]
        values = [{**known, name: option} for known in values for option in options]
    paths = [built[1] for known in values if (built := rule.build(known))]
    return [path + question for path in paths for question in QUESTIONS.get(rule.endpoint, ("",))]


_OPTIONS: dict[str, list[object]] = {
    "slug": ["geburtsurkunde"],
    "page_id": [
        "beziehung",
        "ihre-angaben",
        "geburtsort",
        "urkunden",
        "inhalt",
        "zweck",
        "versand",
        "erklaerungen",
    ],
}


def _names_of_places_and_offices() -> frozenset[str]:
    offices = {*db.session.scalars(sa.select(Authority.name)), *db.session.scalars(sa.select(Unit.name))}
    lines = {line for row in db.session.scalars(sa.select(Authority)) for line in row.address_lines}
    places = {place.name for place in directory().places.values()}
    return frozenset(offices | lines | places | names_elsewhere())
