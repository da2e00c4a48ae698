"""What a kind of document is called, and what it means for somebody who is shown one."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString


@dataclass(frozen=True)
class KindLabel:
    name: LazyString
    meaning: LazyString


KINDS: dict[str, KindLabel] = {
    "receipt": KindLabel(
        _("Eingangsbestätigung"),
        _(
            "Eine Eingangsbestätigung zeigt: An diesem Tag ist ein Antrag bei der Behörde eingegangen. "
            "Sie zeigt nicht, dass die Behörde den Antrag schon geprüft hat oder ihm zustimmt."
        ),
    ),
    "decision": KindLabel(
        _("Entscheidung über einen Antrag"),
        _(
            "Eine Entscheidung zeigt: Die Behörde hat an diesem Tag über einen Antrag entschieden. "
            "Wie sie entschieden hat, steht nur im Dokument."
        ),
    ),
}
