"""Texts for people inside a definition: German always, English and plain German where they exist."""

import re
from typing import Annotated, Any, Self

import flask_babel
from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints, model_validator

from servicekonto.web.i18n import reads_plain

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,59}$")]


def gettext(message: str, **variables: object) -> str:
    """Flask-Babel's, with a type. Outside a request the text stays German."""
    return str(flask_babel.gettext(message, **variables))


def _whole(data: Any) -> Any:
    """Pydantic would read ``12.00`` as 12: an amount in euros would silently become cents."""
    if isinstance(data, str) and not re.fullmatch(r"-?[0-9]{1,18}", data.strip()):
        raise ValueError(f"'{data}' must be a whole number")
    return data


Whole = Annotated[int, BeforeValidator(_whole)]


class Model(BaseModel):
    """Base of everything in a definition: nothing unknown, nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(Model):
    """Written as one German string or as ``{de, en, plain}``; ``str()`` is in the reader's language."""

    de: Line
    en: Line | None = None
    plain: Line | None = None

    @model_validator(mode="before")
    @classmethod
    def _german_string(cls, data: Any) -> Any:
        return {"de": data} if isinstance(data, str) else data

    @classmethod
    def of(cls, de: str, en: str | None = None) -> Self:
        return cls(de=de, en=en)

    def __str__(self) -> str:
        if self.plain and reads_plain():
            return self.plain
        locale = flask_babel.get_locale()
        return self.en if self.en and locale and locale.language == "en" else self.de

    @property
    def variants(self) -> tuple[str, ...]:
        """In every language there is."""
        return tuple(filter(None, (self.de, self.en, self.plain)))

    @property
    def paragraphs(self) -> list[str]:
        """The text at its blank lines."""
        return [part.strip() for part in str(self).split("\n\n") if part.strip()]
