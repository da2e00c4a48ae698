"""What a citizen types about a request that is sent already."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import TextAreaField
from wtforms.validators import Length

MESSAGE = Length(
    min=3, max=5000, message=_("Bitte schreiben Sie eine Nachricht mit höchstens 5.000 Zeichen.")
)


class MessageForm(FlaskForm):  # type: ignore[misc]
    body = TextAreaField(_("Ihre Nachricht"), validators=[MESSAGE])
