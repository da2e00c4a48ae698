"""Why a website could not be told that somebody has signed out, for those who run the installation."""

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from servicekonto.oidc.outgoing import Failure

FAILURES: dict[Failure, LazyString] = {
    Failure.NAME: _("Den Namen des Servers gibt es nicht, oder die Namensauflösung geht nicht."),
    Failure.ADDRESS: _("Die Adresse liegt nicht im öffentlichen Internet. Dorthin schicken wir nichts."),
    Failure.CONNECTION: _("Der Server nimmt keine Verbindung an oder bricht sie ab."),
    Failure.CERTIFICATE: _("Das Zertifikat des Servers ist nicht gültig."),
    Failure.TIMEOUT: _("Der Server hat nicht rechtzeitig geantwortet."),
    Failure.ANSWER: _("Die Antwort des Servers ist nicht zu verstehen."),
    Failure.REDIRECT: _("Der Server leitet weiter. Dem folgen wir nicht."),
    Failure.REFUSED: _("Der Server hat die Nachricht abgelehnt (4xx)."),
    Failure.ERROR: _("Auf dem Server ist ein Fehler aufgetreten (5xx)."),
}
