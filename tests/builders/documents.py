"""Documents about an invented person, complete."""

from datetime import UTC, datetime
from typing import Any

from servicekonto.files.documents import (
    Answer,
    DecisionData,
    Fee,
    Office,
    PrintedFormData,
    ReceiptData,
    Section,
    Verification,
)
from servicekonto.files.typst_pdf import Attachment

AT = datetime(2026, 11, 23, 13, 3, tzinfo=UTC)
DEMO_NOTICE = "Demonstration: kein amtliches Dokument, alle Personen sind erfunden."

OFFICE = Office(
    name="Stadt Hanau",
    unit="Standesamt",
    address=("Am Markt 14–18", "63450 Hanau"),
    contact=("Telefon 06181 000-0", "standesamt@hanau.example"),
)
PERSON = (
    Answer(label="Name", value="Erika Mustermann, geborene Gabler"),
    Answer(label="Geburtsdatum", value="12.08.1964"),
    Answer(label="Anschrift", value="Beispielweg 7\n63450 Hanau"),
    Answer(label="E-Mail", value="erika.mustermann@example.org"),
)
SECTIONS = (
    Section(
        title="Um wen geht es?",
        answers=(
            Answer(label="Für wen ist die Urkunde?", value="Für mich selbst"),
            Answer(label="Familienname bei der Geburt", value="Gabler"),
            Answer(label="Vornamen", value="Erika Jördis"),
            Answer(label="Geburtsort", value="Hanau"),
        ),
    ),
    Section(
        title="Welche Urkunden brauchen Sie?",
        answers=(
            Answer(label="Geburtsurkunde (Stammbuchformat oder DIN A4)", value="2 Stück"),
            Answer(label="Mehrsprachige Geburtsurkunde", value="1 Stück"),
            Answer(
                label="Wofür brauchen Sie die Urkunden?", value="Eheschließung im Ausland, Umzug nach Århus"
            ),
        ),
    ),
    Section(title="Ohne Antworten"),
)
FEES = (
    Fee(
        label="Geburtsurkunde, erste Ausfertigung",
        amount="15,00 €",
        source="Verwaltungskostenordnung, Nr. 3.1",
    ),
    Fee(
        label="Weitere Ausfertigungen (2 Stück)",
        amount="15,00 €",
        source="Verwaltungskostenordnung, Nr. 3.1.1",
    ),
)
DECLARATIONS = (
    "Ich habe alle Angaben wahrheitsgemäß gemacht.",
    "Mir ist bekannt, dass die Gebühr auch anfällt, wenn ich den Antrag zurückziehe.",
)
ANSWERS_FILE = Attachment(
    name="angaben.json",
    data='{"vornamen": "Erika Jördis"}'.encode(),
    media_type="application/json",
    description="Ihre Angaben in maschinenlesbarer Form",
)
VERIFICATION = Verification(
    code="PR-7K3F-9QXM-2H4W-H",
    url="https://konto.hessen.example/pruefen/PR-7K3F-9QXM-2H4W-H",
    page="konto.hessen.example/pruefen",
)


def receipt_data(**overrides: Any) -> ReceiptData:
    values: dict[str, Any] = {
        "at": AT,
        "service": "Geburtsurkunde bestellen",
        "issuer": "Servicekonto Hessen",
        "demo_notice": DEMO_NOTICE,
        "verification": VERIFICATION,
        "office": OFFICE,
        "reference": "HE-2026-7K3F-9QXM-C",
        "received_at": "23.11.2026, 14:03 Uhr",
        "competence": "Zuständig ist das Standesamt des Ortes, an dem die Person geboren ist.",
        "applicant": PERSON,
        "next_steps": (
            "Das Standesamt prüft Ihren Antrag. Das dauert meist 3 bis 5 Arbeitstage.",
            "Wenn etwas fehlt, fragt das Standesamt nach. Sie bekommen dann eine E-Mail.",
            "Die Urkunden kommen mit der Post. Die Entscheidung steht in Ihrem Postfach.",
        ),
        "sections": SECTIONS,
        "fees": FEES,
        "fee_total": "30,00 €",
        "declarations": DECLARATIONS,
    }
    return ReceiptData(**values | overrides)


def decision_data(**overrides: Any) -> DecisionData:
    values: dict[str, Any] = {
        "at": AT,
        "service": "Geburtsurkunde bestellen",
        "issuer": "Servicekonto Hessen",
        "demo_notice": DEMO_NOTICE,
        "verification": VERIFICATION,
        "office": OFFICE,
        "addressee": ("Erika Mustermann", "Beispielweg 7", "63450 Hanau"),
        "title": "Bescheid",
        "reference": "HE-2026-7K3F-9QXM-C",
        "date": "25.11.2026",
        "received_at": "23.11.2026",
        "contact_person": "Jonas Muster",
        "outcome": "Ihrem Antrag wird teilweise entsprochen. Sie erhalten zwei Geburtsurkunden.",
        "reasons": (
            "Sie haben zwei Geburtsurkunden und eine mehrsprachige Urkunde bestellt.",
            "Die mehrsprachige können wir nicht ausstellen (§ 55 Abs. 1 PStG).\nBitte fragen Sie nach.",
        ),
        "fees": FEES,
        "fee_total": "30,00 €",
        "remedy": (
            "Sind Sie nicht einverstanden? Dann können Sie sich an das Amtsgericht Hanau wenden (§ 49 PStG).",
            "Für diesen Antrag gibt es keine Frist.",
        ),
        "signed_by": "Petra Beispiel",
    }
    return DecisionData(**values | overrides)


def printed_form_data(**overrides: Any) -> PrintedFormData:
    values: dict[str, Any] = {
        "at": AT,
        "service": "Geburtsurkunde bestellen",
        "issuer": "Servicekonto Hessen",
        "demo_notice": DEMO_NOTICE,
        "office": OFFICE,
        "filled_at": "23.11.2026",
        "instructions": (
            "Prüfen Sie die Angaben und unterschreiben Sie auf der letzten Seite.",
            "Legen Sie eine Kopie Ihres Ausweises bei.",
            "Schicken Sie alles an das Standesamt Hanau oder geben Sie es dort ab.",
        ),
        "sections": (Section(title="Ihre Daten", answers=PERSON), *SECTIONS),
        "fees": FEES,
        "fee_total": "30,00 €",
        "documents": ("Kopie des Personalausweises oder Reisepasses",),
        "declarations": DECLARATIONS,
        "signers": ("Erika Mustermann",),
    }
    return PrintedFormData(**values | overrides)
