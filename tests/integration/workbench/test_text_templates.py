"""Texts of an authority: written, filled in, put into a message without a script."""

import pytest

from servicekonto.core.db import db, unit_of_work
from servicekonto.core.errors import InvalidInputError, NotFoundError
from servicekonto.core.scope import Scope, apply_scope, scoped
from servicekonto.service_requests import text_templates
from servicekonto.service_requests.conversation_models import TextTemplate
from servicekonto.service_requests.models import ServiceRequest
from servicekonto.service_requests.status import Status
from tests.builders.accounts import SOME_DAY, sign_in
from tests.builders.authorities import create_staff_member
from tests.builders.requests import Registry, create_registry, create_service_request
from tests.support.client import PageClient

pytestmark = pytest.mark.usefixtures("database")

BODY = "Guten Tag {name},\n\nIhr Antrag {aktenzeichen} ({leistung}) liegt bei: {behoerde}."


@pytest.fixture
def registry() -> Registry:
    return create_registry()


@pytest.fixture
def running(registry: Registry) -> ServiceRequest:
    return create_service_request(status=Status.IN_REVIEW, registry=registry)


def written(registry: Registry, title: str = "Anrede", body: str = BODY) -> TextTemplate:
    with unit_of_work():
        return text_templates.create(title, body, by=registry.clerk, at=SOME_DAY)


@pytest.mark.parametrize(
    "body", ["{geburtstag}", "{ name }", "{Name}", "{}", "{name.__class__}", "{{7*7}}", "{0}"]
)
def test_an_unknown_placeholder_is_refused_with_a_sentence(body: str, registry: Registry) -> None:
    with pytest.raises(InvalidInputError) as refused:
        text_templates.create("Titel", f"Guten Tag {body}", by=registry.clerk, at=SOME_DAY)

    assert "Möglich sind: {name}, {aktenzeichen}, {leistung}, {behoerde}." in refused.value.errors["body"]


def test_what_a_value_contains_is_not_replaced_again() -> None:
    assert text_templates.filled("{name} {leistung}", {"name": "{leistung}", "leistung": "L"}) == (
        "{leistung} L"
    )


def test_a_title_exists_once_in_an_authority(registry: Registry) -> None:
    written(registry)

    with pytest.raises(InvalidInputError):
        text_templates.create("ANREDE", "Text", by=registry.approver, at=SOME_DAY)
    elsewhere = create_staff_member(authority="gelnhausen")
    assert text_templates.create("Anrede", "Text", by=elsewhere, at=SOME_DAY).title == "Anrede"


def test_another_authority_neither_sees_nor_gets_it(client: PageClient, registry: Registry) -> None:
    template = written(registry)
    elsewhere = create_staff_member(authority="gelnhausen")

    assert text_templates.templates_of(elsewhere) == []
    with pytest.raises(NotFoundError):
        text_templates.get_template(template.id, elsewhere)
    sign_in(client, elsewhere.account)
    client.get(f"/behoerde/textbausteine/{template.id}", status=404)


@pytest.mark.only("postgresql")
def test_row_level_security_repeats_it(registry: Registry) -> None:
    written(registry)
    elsewhere = create_staff_member(authority="gelnhausen")

    with scoped(Scope(account_id=elsewhere.account_id, authority_id=elsewhere.authority_id)):
        apply_scope(db.session.connection())
        assert text_templates.templates_of(registry.clerk) == []


def test_writing_changing_and_deleting_through_the_pages(client: PageClient, registry: Registry) -> None:
    sign_in(client, registry.clerk.account)
    page = client.get(client.get(client.get("/behoerde/").link("Textbausteine")).link("Neuer Textbaustein"))
    wrong = client.checked(page.form("/neu").submit(client, title="A", body="{wer}"), 422)
    unknown = client.checked(page.form("/neu").submit(client, title="Anrede", body="{wer}"), 422)
    listed = client.follow(unknown.form("/neu").submit(client, body=BODY))
    edit = client.get(listed.link("Anrede"))
    changed = client.follow(edit.form(0).submit(client, title="Neue Anrede"))
    gone = client.follow(client.get(changed.link("Neue Anrede")).form("/loeschen").submit(client))

    assert list(wrong.errors) == ["title"]
    assert list(unknown.errors) == ["body"]
    assert "Der Textbaustein ist gespeichert." in listed.messages
    assert "Noch keine Textbausteine" in gone.text


@pytest.mark.parametrize(
    ("page", "box"),
    [("nachricht", "body"), ("rueckfrage", "body"), ("abschliessen", "reason"), ("weiterleiten", "reason")],
)
def test_a_text_goes_into_the_box_behind_what_is_typed_and_nothing_is_lost(
    page: str, box: str, client: PageClient, running: ServiceRequest, registry: Registry
) -> None:
    template = written(registry)
    sign_in(client, registry.clerk.account)
    form = client.get(f"/behoerde/antraege/{running.id}/{page}").form(f"/{page}")
    if page == "rueckfrage":
        form.fill({"grund.copies_certificate": "Wie viele?"})

    answer = form.submit(client, {box: "Vorweg.", "text_template": str(template.id)}, button="Einfügen")
    inserted = client.checked(answer, 200).form(f"/{page}")

    (text,) = inserted.values[box]
    assert text.startswith("Vorweg.\n\nGuten Tag Jörg Ömer Müßig-Groß,\n\nIhr Antrag HE-2026-")
    assert text.endswith(f"liegt bei: {registry.clerk.authority.name}.")
    if page == "rueckfrage":
        assert inserted.values["grund.copies_certificate"] == ["Wie viele?"]
    assert client.client.get(f"/behoerde/antraege/{running.id}").status_code == 200


def test_inserting_nothing_or_something_strange_changes_nothing(
    client: PageClient, running: ServiceRequest, registry: Registry
) -> None:
    written(registry)
    sign_in(client, registry.clerk.account)
    form = client.get(f"/behoerde/antraege/{running.id}/nachricht").form("/nachricht")

    page = client.checked(form.submit(client, body="Vorweg.", button="Einfügen"), 200)

    assert page.form("/nachricht").values["body"] == ["Vorweg."]
