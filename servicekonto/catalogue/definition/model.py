"""A service as data: what it is, who decides, what it costs, what is asked."""

from datetime import date
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from servicekonto.catalogue.definition.conditions import Condition, FieldPath
from servicekonto.catalogue.definition.fields import AnyField
from servicekonto.catalogue.definition.texts import Line, Model, Slug, Text, Whole

Certainty = Literal["source_found", "well_known", "uncertain"]


class Leika(Model):
    """Keys of the federal catalogue of services, and the date they were read."""

    key: Annotated[str, StringConstraints(pattern=r"^99[0-9]{12}$")]
    related: tuple[Annotated[str, StringConstraints(pattern=r"^99[0-9]{12}$")], ...] = ()
    as_of: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}(-[0-9]{2})?$")]


class Names(Model):
    name: Text
    official_name: Text | None = None
    short_description: Text
    search_words: tuple[Line, ...] = ()


class Frame(Model):
    from_cents: Whole = Field(ge=0)
    to_cents: Whole = Field(ge=0)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.from_cents > self.to_cents:
            raise ValueError("from_cents is greater than to_cents")
        return self


class Units(Model):
    """How often a fee is due: the sum of number fields, all of it, only the first or all but the first."""

    fields: tuple[FieldPath, ...] = Field(min_length=1)
    part: Literal["each", "first", "further"] = "each"


class Exemption(Model):
    when: Condition
    reason: Text
    legal_source: Line


class Fee(Model):
    id: Slug
    name: Text
    amount_cents: Whole | None = Field(default=None, ge=0)
    frame: Frame | None = None
    units: Units | None = None
    condition: Condition | None = None
    legal_source: Line
    number: Line | None = None  # in the schedule of fees
    valid_from: date | None = None
    certainty: Certainty = "source_found"
    exemptions: tuple[Exemption, ...] = ()

    @model_validator(mode="after")
    def _amount_or_frame(self) -> Self:
        if (self.amount_cents is None) == (self.frame is None):
            raise ValueError("give either amount_cents or frame")
        return self


class Document(Model):
    """Something to have at hand before starting."""

    name: Text
    only_if: Text | None = None


class Duration(Model):
    text: Text
    certainty: Certainty


class LegalBasis(Model):
    citation: Line
    about: Text | None = None


class Facts(Model):
    """What people want to know before they start."""

    assurance_level: Literal["basic", "low", "substantial", "high"]
    fill_in_minutes: Whole = Field(ge=1, le=240)
    processing_time: Duration
    fees: tuple[Fee, ...] = ()
    fee_exemptions: tuple[Exemption, ...] = ()  # for every item above
    fee_note: Text | None = None
    documents: tuple[Document, ...] = ()
    requirements: tuple[Text, ...] = ()
    legal_basis: tuple[LegalBasis, ...] = Field(min_length=1)


class Competence(Model):
    """``rule`` names a rule of the authorities' table; ``place`` the field that says where."""

    rule: Slug
    place: FieldPath | None = None


class MinimumAge(Model):
    years: Whole = Field(ge=1, le=120)
    field: FieldPath
    legal_source: Line
    message: Text


class Signer(Model):
    """Somebody besides the applicant who has to agree."""

    id: Slug
    label: Text
    name_field: FieldPath | None = None
    when: Condition | None = None


class Page(Model):
    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,59}$")]  # part of the address
    title: Text
    intro: Text | None = None
    visible_if: Condition | None = None
    fields: tuple[AnyField, ...] = Field(min_length=1, max_length=60)


class Check(Model):
    """What must hold across fields, the sentence if it does not, and the field it is shown at."""

    id: Slug
    when: Condition | None = None
    require: Condition
    message: Text
    at: FieldPath

    @property
    def conditions(self) -> tuple[Condition, ...]:
        return (self.require,) if self.when is None else (self.when, self.require)


class Outcome(Model):
    """What people get, and what happens after submitting."""

    result: Text
    next_steps: tuple[Text, ...] = ()


class Limited(Model):
    """Only so many can have it. ``places``: where an offer begins; from then on its authority says how many.

    ``waiting_list``: who comes too late waits, and otherwise cannot submit.
    """

    places: Whole = Field(ge=1, le=100_000)
    waiting_list: bool = True


class Definition(Model):
    """One version of one service. Equal ``definition_hash`` means the same version."""

    key: Slug
    slug: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
    version: Whole = Field(ge=1)
    languages: tuple[Literal["de", "en"], ...] = ("de",)
    open_to: tuple[Literal["citizen", "staff"], ...] = Field(default=("citizen",), min_length=1)
    limited: Limited | None = None
    leika: Leika | None = None
    names: Names
    facts: Facts
    competence: Competence
    notice_regime: Slug
    overdue_rule: Slug
    remedy: Slug
    minimum_age: MinimumAge | None = None
    signers: tuple[Signer, ...] = ()
    pages: tuple[Page, ...] = Field(min_length=1, max_length=40)
    checks: tuple[Check, ...] = ()
    outcome: Outcome

    def page(self, page_id: str) -> Page | None:
        return next((page for page in self.pages if page.id == page_id), None)

    @cached_property
    def page_of_field(self) -> dict[str, str]:
        """The first name of a field path → the page it is on."""
        return {field.id: page.id for page in self.pages for field in page.fields}

    @cached_property
    def all_checks(self) -> tuple[Check, ...]:
        """The written checks and the one for the minimum age."""
        age = self.minimum_age
        if age is None:
            return self.checks
        data = {
            "id": "minimum_age",
            "when": {"field": age.field, "not_empty": "true"},
            "require": {"field": age.field, "older_than_years": age.years},
            "message": age.message,
            "at": age.field,
        }
        return (Check.model_validate(data), *self.checks)
