"""A request with messages, a note and an open question, and the texts a registry writes often."""

from datetime import datetime, timedelta

from servicekonto.authorities.models import StaffMember
from servicekonto.service_requests import text_templates
from servicekonto.service_requests.commands import conversation, information, processing
from servicekonto.service_requests.models import ServiceRequest
from servicekonto.workbench import saved_views

_TEXTS = {
    "Eingangsnachricht": "Guten Tag {name},\n\nwir haben Ihren Antrag {aktenzeichen} ({leistung}) erhalten "
    "und prüfen ihn in den nächsten Tagen.\n\nFreundliche Grüße\n{behoerde}",
    "Eintrag nicht gefunden": "Guten Tag {name},\n\nzu Ihren Angaben haben wir im Register keinen Eintrag "
    "gefunden. Bitte prüfen Sie, was Sie angegeben haben.\n\nFreundliche Grüße\n{behoerde}",
}
_QUESTIONS = {
    "registry_year": "Im Register für dieses Jahr haben wir keinen Eintrag gefunden.",
    "copies_certificate": "Bitte bestätigen Sie, wie viele Urkunden Sie brauchen.",
}


def write_texts(clerk: StaffMember, *, at: datetime) -> None:
    for title, body in _TEXTS.items():
        text_templates.create(title, body, by=clerk, at=at)


def save_views(clerk: StaffMember, *, at: datetime) -> None:
    saved_views.save("Meine in Bearbeitung", {"status": "in_review", "wer": "ich"}, by=clerk, at=at)


def talk_about(service_request: ServiceRequest, clerk: StaffMember, *, at: datetime) -> None:
    """Taken, asked, answered, noted; then the clerk asks back and waits."""
    processing.take(service_request, by=clerk, at=at)
    conversation.write(
        service_request,
        "Guten Tag, ich brauche die Urkunde bis Ende des Monats. Geht das?",
        by=service_request.account,
        at=at + timedelta(hours=3),
    )
    conversation.reply(
        service_request,
        "Guten Tag, das geht, wenn wir den Eintrag bald finden. Dazu haben wir gleich noch eine Frage.",
        by=clerk,
        at=at + timedelta(hours=5),
    )
    note = "Im Archiv nachgefragt, Band 1983 wird gerade restauriert."
    conversation.take_note(service_request, note, by=clerk, at=at + timedelta(hours=5, minutes=20))
    information.ask(
        service_request,
        _QUESTIONS,
        "Wir haben Ihren Eintrag noch nicht gefunden.",
        by=clerk,
        at=at + timedelta(hours=5, minutes=30),
    )
