"""The words of the documents themselves, by the names the templates in ``typst/`` use for them."""

from flask_babel import force_locale, lazy_gettext
from flask_babel.speaklater import LazyString

WORDS: dict[str, LazyString] = {
    "reference": lazy_gettext("Aktenzeichen"),
    "page_of": lazy_gettext("Seite %(page)s von %(pages)s"),
    "answer_label": lazy_gettext("Angabe"),
    "answer": lazy_gettext("Ihre Antwort"),
    "entry": lazy_gettext("Eintrag"),
    "answers": lazy_gettext("Ihre Angaben"),
    "answers_on_paper": lazy_gettext("Angaben"),
    "fees": lazy_gettext("Gebühren"),
    "fee_for": lazy_gettext("Leistung"),
    "fee_source": lazy_gettext("Rechtsgrundlage"),
    "fee_amount": lazy_gettext("Betrag"),
    "fee_total": lazy_gettext("Summe"),
    "qr_code": lazy_gettext("QR-Code: führt zu der Seite, die dieses Dokument prüft"),
    "is_it_genuine": lazy_gettext("Ist dieses Dokument echt?"),
    "check_at": lazy_gettext("Prüfen Sie es unter %(page)s."),
    "check_code": lazy_gettext("Prüfcode: %(code)s"),
    "receipt": lazy_gettext("Eingangsbestätigung"),
    "has_arrived": lazy_gettext("Ihr Antrag ist eingegangen. Bitte heben Sie dieses Dokument auf."),
    "service": lazy_gettext("Leistung"),
    "received_at": lazy_gettext("Eingegangen am"),
    "competent": lazy_gettext("Zuständig"),
    "place": lazy_gettext("Platz"),
    "next_steps": lazy_gettext("So geht es weiter"),
    "applicant": lazy_gettext("Antragstellerin oder Antragsteller"),
    "confirmed": lazy_gettext("Das haben Sie bestätigt"),
    "as_file": lazy_gettext("Ihre Angaben als Datei"),
    "attachment": lazy_gettext(
        "Dieses PDF enthält Ihre Angaben auch in maschinenlesbarer Form, als Anhang „%(file)s“. "
        "Mit der Prüfsumme (SHA-512) lässt sich nachweisen, dass der Anhang unverändert ist:"
    ),
    "date": lazy_gettext("Datum"),
    "contact_person": lazy_gettext("Ansprechperson"),
    "your_request": lazy_gettext("Ihr Antrag, eingegangen am %(date)s"),
    "reasons": lazy_gettext("Begründung"),
    "remedy": lazy_gettext("Rechtsbehelfsbelehrung"),
    "on_behalf": lazy_gettext("Im Auftrag"),
    "no_signature": lazy_gettext(
        "Dieses Dokument wurde elektronisch erstellt und ist ohne Unterschrift gültig."
    ),
    "request_for": lazy_gettext("Antrag: %(service)s"),
    "to": lazy_gettext("An"),
    "filled_at": lazy_gettext("Ausgefüllt am %(date)s"),
    "not_sent": lazy_gettext("Dieser Antrag ist noch nicht gestellt."),
    "not_sent_why": lazy_gettext(
        "Die zuständige Stelle nimmt ihn noch nicht online an. Bitte drucken Sie ihn aus, unterschreiben Sie "
        "ihn und schicken oder bringen Sie ihn zu der Adresse oben."
    ),
    "how_to": lazy_gettext("So gehen Sie vor"),
    "documents": lazy_gettext("Unterlagen, die Sie beilegen"),
    "declarations": lazy_gettext("Erklärungen"),
    "signature": lazy_gettext("Unterschrift"),
    "place_and_date": lazy_gettext("Ort, Datum"),
    "signature_of": lazy_gettext("Unterschrift: %(signer)s"),
}


def words(language: str) -> dict[str, str]:
    """Placeholders such as ``%(page)s`` are still in them: the templates fill them."""
    with force_locale(language):
        return {name: str(word) for name, word in WORDS.items()}
