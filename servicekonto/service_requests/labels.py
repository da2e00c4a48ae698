"""Statuses, outcomes and events in the words people read. One plain sentence each."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from servicekonto.service_requests.models import EventKind, Outcome
from servicekonto.service_requests.status import Status


@dataclass(frozen=True)
class StatusLabel:
    """``tone`` is the colour of the badge: info, success, warning, neutral. ``group``: the citizen's list."""

    label: LazyString
    sentence: LazyString
    tone: str
    group: str


STATUS: dict[Status, StatusLabel] = {
    Status.DRAFT: StatusLabel(
        _("Entwurf"), _("Der Antrag ist noch nicht abgeschickt. Nur Sie können ihn sehen."),
        "neutral", "draft",
    ),
    Status.SUBMITTED: StatusLabel(
        _("Abgeschickt"), _("Ihr Antrag wird der Behörde zugestellt. Sie müssen nichts tun."),
        "info", "running",
    ),
    Status.RECEIVED: StatusLabel(
        _("Eingegangen"), _("Ihr Antrag liegt bei der Behörde. Sie müssen nichts tun."), "info", "running"
    ),
    Status.IN_REVIEW: StatusLabel(
        _("In Bearbeitung"), _("Die Behörde prüft Ihren Antrag. Sie müssen nichts tun."), "info", "running"
    ),
    Status.DECISION_PROPOSED: StatusLabel(
        _("In Bearbeitung"), _("Die Behörde prüft Ihren Antrag. Sie müssen nichts tun."), "info", "running"
    ),
    Status.DECIDED: StatusLabel(
        _("Entschieden"), _("Die Behörde hat entschieden. Die Entscheidung kommt gleich in Ihr Postfach."),
        "success", "running",
    ),
    Status.NOTIFIED: StatusLabel(
        _("Entscheidung da"), _("Die Behörde hat entschieden. Die Entscheidung liegt in Ihrem Postfach."),
        "success", "finished",
    ),
    Status.INFORMATION_REQUESTED: StatusLabel(
        _("Rückfrage"), _("Die Behörde braucht noch etwas von Ihnen. Bitte antworten Sie."),
        "warning", "running",
    ),
    Status.WITHDRAWN: StatusLabel(
        _("Zurückgezogen"), _("Sie haben den Antrag zurückgezogen. Es wird nicht mehr darüber entschieden."),
        "neutral", "finished",
    ),
    Status.CLOSED: StatusLabel(
        _("Erledigt"),
        _("Die Behörde hat den Antrag ohne Entscheidung abgeschlossen. Den Grund finden Sie hier."),
        "neutral", "finished",
    ),
}  # fmt: skip

# The colour of the badge on the pages for staff.
STAFF_TONES: dict[Status, str] = {
    Status.RECEIVED: "neutral",
    Status.IN_REVIEW: "info",
    Status.INFORMATION_REQUESTED: "neutral",
    Status.DECISION_PROPOSED: "warning",
    Status.DECIDED: "success",
    Status.NOTIFIED: "success",
    Status.WITHDRAWN: "neutral",
    Status.CLOSED: "neutral",
}

FOR_STAFF: dict[Status, LazyString] = {
    Status.RECEIVED: _("Eingegangen"),
    Status.IN_REVIEW: _("In Bearbeitung"),
    Status.INFORMATION_REQUESTED: _("Rückfrage offen"),
    Status.DECISION_PROPOSED: _("Zur Freigabe"),
    Status.DECIDED: _("Entschieden"),
    Status.NOTIFIED: _("Bekannt gegeben"),
    Status.WITHDRAWN: _("Zurückgezogen"),
    Status.CLOSED: _("Erledigt"),
}

EVENTS: dict[EventKind, LazyString] = {
    EventKind.CREATED: _("Entwurf angelegt"),
    EventKind.SUBMITTED: _("Antrag abgeschickt"),
    EventKind.RECEIVED: _("Bei der Behörde eingegangen"),
    EventKind.TAKEN: _("Bearbeitung übernommen"),
    EventKind.ASSIGNED: _("Zugewiesen"),
    EventKind.RELEASED: _("Bearbeitung frei geworden"),
    EventKind.DECISION_PROPOSED: _("Entscheidung vorgeschlagen"),
    EventKind.PROPOSAL_RETURNED: _("Vorschlag zurückgegeben"),
    EventKind.DECIDED: _("Entscheidung getroffen"),
    EventKind.NOTIFIED: _("Entscheidung ins Postfach gelegt"),
    EventKind.WITHDRAWN: _("Antrag zurückgezogen"),
    EventKind.CLOSED: _("Ohne Entscheidung abgeschlossen"),
    EventKind.MESSAGE_FROM_CITIZEN: _("Nachricht an die Behörde"),
    EventKind.MESSAGE_FROM_AUTHORITY: _("Nachricht der Behörde"),
    EventKind.INFORMATION_REQUESTED: _("Rückfrage der Behörde"),
    EventKind.INFORMATION_PROVIDED: _("Rückfrage beantwortet"),
    EventKind.REVIEW_RESUMED: _("Bearbeitung ohne Antwort fortgesetzt"),
    EventKind.FORWARDED: _("An eine andere Behörde weitergeleitet"),
    EventKind.PLACE_CONFIRMED: _("Platz bestätigt"),
    EventKind.PLACE_AWAITED: _("Auf die Warteliste gesetzt"),
    EventKind.PLACE_FREED: _("Platz oder Warteplatz wieder frei"),
    EventKind.ACCOUNT_ENDED: _("Das Konto ist gelöscht: Nachrichten und Bescheide bitte mit der Post"),
}

OUTCOMES: dict[Outcome, LazyString] = {
    Outcome.GRANTED: _("Dem Antrag wird stattgegeben."),
    Outcome.GRANTED_IN_PART: _("Dem Antrag wird teilweise stattgegeben."),
    Outcome.REFUSED: _("Der Antrag wird abgelehnt."),
    Outcome.SETTLED: _("Der Antrag ist erledigt."),
}

OUTCOME_NAMES: dict[Outcome, LazyString] = {
    Outcome.GRANTED: _("Stattgeben"),
    Outcome.GRANTED_IN_PART: _("Teilweise stattgeben"),
    Outcome.REFUSED: _("Ablehnen"),
    Outcome.SETTLED: _("Erledigt erklären"),
}

DOCUMENTS: dict[str, LazyString] = {
    "receipt": _("Eingangsbestätigung mit allen Angaben"),
    "decision": _("Entscheidung der Behörde"),
}
