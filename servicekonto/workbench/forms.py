"""What a clerk types. Syntax only; the rules are in the commands."""

from collections.abc import Mapping, Sequence

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional

from servicekonto.authorities.labels import DOCUMENTS, ShownAttribute
from servicekonto.authorities.models import StaffMember
from servicekonto.catalogue.models import Offer
from servicekonto.service_requests.forms import MESSAGE
from servicekonto.service_requests.labels import OUTCOME_NAMES
from servicekonto.service_requests.models import Outcome
from servicekonto.workbench.export import COLUMNS

REASONS = Length(
    min=10, max=10_000, message=_("Bitte begründen Sie die Entscheidung in mindestens einem Satz.")
)


class ProposalForm(FlaskForm):  # type: ignore[misc]
    outcome = RadioField(
        _("Entscheidung"), validators=[InputRequired(_("Bitte wählen Sie, wie entschieden werden soll."))]
    )
    reasons = TextAreaField(_("Begründung"), validators=[REASONS])

    def __init__(self) -> None:
        super().__init__()
        self.outcome.choices = [(outcome.value, OUTCOME_NAMES[outcome]) for outcome in Outcome]


class IdentityCodeForm(FlaskForm):  # type: ignore[misc]
    code = StringField(
        _("Code der Person"),
        validators=[
            InputRequired(_("Geben Sie den Code ein, den die Person mitgebracht hat.")),
            Length(max=60),
        ],
    )


class IdentityForm(FlaskForm):  # type: ignore[misc]
    """``shown``: the attributes of the account that a document can confirm. ``seen``: their state then."""

    document = RadioField(
        _("Welcher Ausweis liegt vor?"), validators=[InputRequired(_("Wählen Sie den Ausweis aus."))]
    )
    names = SelectMultipleField(_("Was stimmt mit dem Ausweis überein?"))
    seen = HiddenField()

    def __init__(self, shown: Sequence[ShownAttribute], state: str) -> None:
        super().__init__(seen=state)
        self.document.choices = list(DOCUMENTS.items())
        self.names.choices = [
            (each.name, gettext("%(label)s: %(value)s", label=each.label, value=each.value)) for each in shown
        ]


class SendBackForm(FlaskForm):  # type: ignore[misc]
    reason = TextAreaField(
        _("Was soll geändert werden?"),
        validators=[Length(min=5, max=2000, message=_("Bitte schreiben Sie, was geändert werden soll."))],
    )


class CloseForm(FlaskForm):  # type: ignore[misc]
    reason = TextAreaField(
        _("Warum wird der Antrag ohne Entscheidung abgeschlossen?"),
        validators=[
            Length(min=10, max=5000, message=_("Bitte schreiben Sie den Grund in mindestens einem Satz."))
        ],
    )


class ExportForm(FlaskForm):  # type: ignore[misc]
    columns = SelectMultipleField(
        _("Spalten"), validators=[InputRequired(_("Bitte wählen Sie mindestens eine Spalte."))]
    )
    since = DateField(_("Eingegangen ab"), validators=[Optional()])
    until = DateField(_("Eingegangen bis"), validators=[Optional()])

    def __init__(self) -> None:
        super().__init__()
        self.columns.choices = [(key, column.label) for key, column in COLUMNS.items()]
        if not self.is_submitted():
            self.columns.data = list(COLUMNS)


class SaveViewForm(FlaskForm):  # type: ignore[misc]
    name = StringField(
        _("Name der Ansicht"),
        validators=[Length(min=1, max=60, message=_("Bitte geben Sie der Ansicht einen kurzen Namen."))],
        filters=[lambda text: (text or "").strip()],
    )


class ReplyForm(FlaskForm):  # type: ignore[misc]
    body = TextAreaField(_("Nachricht"), validators=[MESSAGE])


class AskForm(FlaskForm):  # type: ignore[misc]
    """Beside the text there is one field for each question; their names come from the service."""

    body = TextAreaField(
        _("Worum geht es?"),
        validators=[Length(min=3, max=5000, message=_("Bitte schreiben Sie, worum es geht."))],
    )


class NoteForm(FlaskForm):  # type: ignore[misc]
    note = TextAreaField(
        _("Neue Notiz"),
        validators=[
            Length(min=3, max=5000, message=_("Bitte schreiben Sie eine Notiz mit höchstens 5.000 Zeichen."))
        ],
    )


class ForwardForm(FlaskForm):  # type: ignore[misc]
    place = StringField(_("Ort oder Postleitzahl"), validators=[Optional(), Length(max=200)])
    authority = SelectField(
        _("Neue Behörde"), validators=[InputRequired(_("Bitte wählen Sie die Behörde, die zuständig ist."))]
    )
    reason = TextAreaField(
        _("Warum leiten Sie den Antrag weiter?"),
        validators=[
            Length(min=10, max=5000, message=_("Bitte schreiben Sie den Grund in mindestens einem Satz."))
        ],
    )

    def __init__(self, offers: Sequence[Offer]) -> None:
        super().__init__()
        names = [(str(offer.id), offer.authority.name) for offer in offers]
        self.authority.choices = [("", gettext("Bitte wählen")), *names]


class TextTemplateForm(FlaskForm):  # type: ignore[misc]
    title = StringField(
        _("Titel"), validators=[Length(min=2, max=120, message=_("Bitte geben Sie einen kurzen Titel ein."))]
    )
    body = TextAreaField(
        _("Text"), validators=[Length(min=3, max=5000, message=_("Bitte schreiben Sie den Text."))]
    )

    def show(self, errors: Mapping[str, str]) -> None:
        """What only the command could find out."""
        for name, message in errors.items():
            self[name].errors = [message]


class AssignForm(FlaskForm):  # type: ignore[misc]
    assignee = SelectField(_("Zuweisen an"), validators=[InputRequired(_("Bitte wählen Sie eine Person."))])

    def __init__(self, colleagues: Sequence[StaffMember]) -> None:
        super().__init__()
        people = [(str(person.id), person.display_name or "") for person in colleagues]
        self.assignee.choices = [("", gettext("Bitte wählen")), *people]
