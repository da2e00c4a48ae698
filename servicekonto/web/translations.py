"""The catalogues of ``servicekonto/translations``, read as they are written: nothing has to be compiled."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from threading import Lock

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask_babel import Domain, get_locale
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

FOLDER = Path(__file__).parent.parent / "translations"


class Catalogues(Domain):  # type: ignore[misc]  # Flask-Babel has no types
    """One catalogue per language and process, read when the first reader needs it (some 100 ms)."""

    def __init__(self) -> None:
        super().__init__(domain="messages")
        self._lock = Lock()

    def get_translations(self) -> NullTranslations:
        return self.of(str(get_locale() or ""))

    def of(self, language: str) -> NullTranslations:
        found: NullTranslations | None = self.cache.get(language)
        if found is None:
            with self._lock:
                found = self.cache.get(language) or read(language)
                self.cache[language] = found
        return found


def read(language: str) -> NullTranslations:
    """What there is in this language; without a file everything stays as it is written in the code."""
    file = FOLDER / language / "LC_MESSAGES" / "messages.po"
    if not language or not file.is_file():
        return NullTranslations()
    compiled = BytesIO()
    with file.open("rb") as source:
        write_mo(compiled, read_po(source))
    compiled.seek(0)
    return Translations(compiled)


def template_texts(catalogues: Catalogues, language: Callable[[], str]) -> dict[str, Callable[..., str]]:
    """``_``, ``gettext`` and ``ngettext`` of templates, as Jinja's new style has them.

    Jinja's own make a context for every text, and Flask-Babel finds out the locale for each: a fifth of the
    time of a full inbox.
    """

    @pass_eval_context
    def gettext(context: EvalContext, text: str, /, **values: object) -> str:
        return _filled(context, catalogues.of(language()).ugettext(text), values)

    @pass_eval_context
    def ngettext(context: EvalContext, one: str, many: str, n: int, /, **values: object) -> str:
        return _filled(context, catalogues.of(language()).ungettext(one, many, n), {"num": n, **values})

    return {"_": gettext, "gettext": gettext, "ngettext": ngettext}


def _filled(context: EvalContext, text: str, values: dict[str, object]) -> str:
    return (Markup(text) if context.autoescape else text) % values  # noqa: S704 - texts of our own
