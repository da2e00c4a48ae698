"""The order of a birth certificate, page by page."""

from collections.abc import Callable

from tests.browser.visitor import Visitor

SLUG = "geburtsurkunde"
NEXT = "Speichern und weiter"
FAMILY_NAME = "Probefrau"


def begin(citizen: Visitor) -> str:
    """The address of the new draft, beside another one if there is one."""
    citizen.open(f"/leistungen/{SLUG}")
    has_draft = citizen.page.get_by_role("button", name="Neu beginnen").count() > 0
    citizen.press("Neu beginnen" if has_draft else "Antrag beginnen")
    return citizen.path.rpartition("/seite/")[0]


def own_birth(citizen: Visitor) -> None:
    citizen.choose("Um meine eigene Geburt")


def applicant(citizen: Visitor) -> None:
    citizen.fill("Vornamen", "Klara")
    citizen.fill("Familienname", FAMILY_NAME)
    for part, value in (("Tag", "14"), ("Monat", "2"), ("Jahr", "1991")):
        citizen.fill(part, value, within="Geburtsdatum")
    citizen.fill("E-Mail-Adresse", "klara@example.org")


def born_in(place: str) -> Callable[[Visitor], None]:
    return lambda citizen: citizen.fill("Geburtsort", place)


def one_certificate(citizen: Visitor) -> None:
    citizen.fill("Geburtsurkunde (freiwillig)", "1")


def words_for_parents(citizen: Visitor) -> None:
    citizen.choose("Mutter und Vater")


def purpose(citizen: Visitor) -> None:
    citizen.choose("Hochzeit")


def delivery(citizen: Visitor) -> None:
    citizen.fill("Straße", "Musterstraße")
    citizen.fill("Hausnummer", "5")
    citizen.fill("Postleitzahl", "63450")
    citizen.fill("Ort", "Hanau")


def declarations(citizen: Visitor) -> None:
    citizen.choose("Meine Angaben sind richtig und vollständig.")
    citizen.choose("Ich habe gelesen, was mit meinen Angaben geschieht.")


def nothing(_citizen: Visitor) -> None:
    """A page that may be left empty."""


def pages(place: str = "Hanau") -> dict[str, Callable[[Visitor], None]]:
    """From the h1 of a page to what is typed there, in order."""
    return {
        "Für wen ist die Urkunde?": own_birth,
        "Ihre Angaben": applicant,
        "Wo war die Geburt?": born_in(place),
        "Die Eltern": nothing,
        "Welche Urkunden brauchen Sie?": one_certificate,
        "Was soll in der Urkunde stehen?": words_for_parents,
        "Wofür brauchen Sie die Urkunde?": purpose,
        "Wohin soll die Urkunde geschickt werden?": delivery,
        "Ihre Erklärungen": declarations,
    }


def fill_in(citizen: Visitor, *, place: str = "Hanau") -> None:
    """From wherever the draft stands to the page where everything is checked."""
    for title, fill in pages(place).items():
        if citizen.h1 == title:
            fill(citizen)
            citizen.press(NEXT)
    assert citizen.h1 == "Angaben prüfen", citizen.text
