"""What the owner of an account can agree to. Each purpose steers something; to add one: a member, a row here,
and the code that asks ``queries.has_consent``.

The text is part of what was agreed to: whoever changes it gives it the next version, and everybody is asked
anew.
"""

from dataclasses import dataclass
from enum import StrEnum

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString


class Purpose(StrEnum):
    PERMANENT_STORAGE = "permanent_storage"


@dataclass(frozen=True, kw_only=True)
class Wording:
    """``allows``: what happens with it and not without it. ``afterwards``: what the withdrawal does."""

    title: LazyString
    text: LazyString
    basis: LazyString
    allows: LazyString
    afterwards: LazyString
    version: int


WORDINGS: dict[Purpose, Wording] = {
    Purpose.PERMANENT_STORAGE: Wording(
        title=_("Persönliche Daten dauerhaft speichern"),
        text=_(
            "Ich bin einverstanden, dass meine persönlichen Daten dauerhaft in meinem Konto gespeichert "
            "werden: Name, Geburt, Anschrift und Telefonnummer. Ich kann das jederzeit widerrufen."
        ),
        basis=_("§ 8 Absatz 5 OZG, Artikel 6 Absatz 1 Buchstabe a DSGVO"),
        allows=_("Sie tragen Ihre Daten einmal ein. Neue Anträge sind damit vorausgefüllt."),
        afterwards=_(
            "Ihre persönlichen Daten werden sofort gelöscht. Neue Anträge sind nicht mehr vorausgefüllt. "
            "Entwürfe und abgeschickte Anträge bleiben, wie sie sind."
        ),
        version=1,
    ),
}
