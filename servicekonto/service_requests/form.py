"""A draft as pages: what is on one, what comes next, and what the check page shows."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from flask import url_for

from servicekonto.accounts.models import Account
from servicekonto.accounts.queries import prefill_values
from servicekonto.authorities import competence
from servicekonto.authorities.competence import Ambiguous, Located, Outside, Unknown
from servicekonto.catalogue.definition import (
    Definition,
    Evaluation,
    FeeQuote,
    FormPage,
    Page,
    Place,
    PlaceAnswer,
    SummaryPage,
    change_rows,
    evaluate,
    fees,
    form_page,
    prefill,
    read_input,
    resolve_places,
    summary,
)
from servicekonto.catalogue.queries import definition_of
from servicekonto.core.errors import NotFoundError
from servicekonto.service_requests import place_texts, places
from servicekonto.service_requests.destinations import Responsibility, responsibility
from servicekonto.service_requests.models import ServiceRequest

ADD_OR_REMOVE = ("add:", "remove:")


@dataclass
class DraftForm:
    """The draft seen through its definition. ``input`` is what is typed, stored or not yet."""

    draft: ServiceRequest
    today: date

    def __post_init__(self) -> None:
        self.definition: Definition = definition_of(self.draft.service_version)
        self.input: dict[str, Any] = dict(self.draft.input or {})

    @cached_property
    def evaluation(self) -> Evaluation:
        return evaluate(self.definition, self.input, today=self.today)

    def page(self, page_id: str, *, show_errors: bool = False) -> "DraftPage":
        """Raises NotFoundError for a page that does not exist or is hidden by the answers so far."""
        page = next((page for page in self.evaluation.pages if page.id == page_id), None)
        if page is None:
            raise NotFoundError(page_id)
        return DraftPage(self, page, show_errors)

    def first_open_page(self) -> Page | None:
        """Where to go on; None when everything is answered."""
        return self.evaluation.first_incomplete_page


@dataclass
class _Step:
    """One of the steps "Schritt 2 von 6"; the check page is the last."""

    form: DraftForm

    @property
    def draft(self) -> ServiceRequest:
        return self.form.draft

    @property
    def definition(self) -> Definition:
        return self.form.definition

    @property
    def total(self) -> int:
        return len(self.form.evaluation.pages) + 1


@dataclass
class DraftPage(_Step):
    page: Page
    show_errors: bool

    @property
    def number(self) -> int:
        return self.form.evaluation.pages.index(self.page) + 1

    @property
    def basis(self) -> str:
        """Of the stored page, even when something else is shown."""
        return fingerprint(self.draft.input or {}, [field.id for field in self.page.fields])

    @property
    def has_errors(self) -> bool:
        return bool(self.form.evaluation.errors_on(self.page.id))

    @cached_property
    def shown(self) -> FormPage:
        # Several places of that name: the choice is offered as soon as the page is shown again.
        resolved = resolve_places(
            self.page, self.form.input, place_finder(self.definition.competence.rule, self.form.today)
        )
        return form_page(
            self.page,
            self.form.input,
            self.form.evaluation,
            prefilled=self._prefilled(),
            places=resolved.answers,
            show_errors=self.show_errors,
        )

    @property
    def error_links(self) -> list[tuple[str, str]]:
        return [(link.message, link.href) for link in self.shown.error_links]

    @property
    def previous_url(self) -> str | None:
        previous = self.form.evaluation.previous_page(self.page.id)
        return page_url(self.draft, previous) if previous else None

    @property
    def next_url(self) -> str:
        following = self.form.evaluation.next_page(self.page.id)
        if following is None:
            return url_for("service_requests.check", request_id=self.draft.id)
        return page_url(self.draft, following)

    def _prefilled(self) -> Mapping[str, str]:
        """Only where the text is still the one that came from the account."""
        filled = prefill(self.definition, known_values(self.draft.account))
        return {
            path: source
            for path, source in filled.sources.items()
            if _at(self.form.input, path) == _at(filled.input, path)
        }


class DraftCheck(_Step):
    """Everything on one page, before it is sent (§ 9a Abs. 2 OZG)."""

    @property
    def sections(self) -> list[SummaryPage]:
        return summary(self.definition, self.form.evaluation.values)

    @property
    def fees(self) -> FeeQuote:
        return fees(self.definition, self.form.evaluation.values, today=self.form.today)

    @cached_property
    def competence(self) -> Responsibility | None:
        return responsibility(self.definition, self.form.evaluation.values, on=self.form.today)

    @cached_property
    def availability(self) -> places.Availability | None:
        """None for a service without limit, and while nobody takes it online."""
        limited, offer = self.definition.limited, self.competence and self.competence.offer
        return places.availability(offer, limited) if limited and offer else None

    @property
    def places_text(self) -> str | None:
        return place_texts.what_is_left(self.availability) if self.availability else None

    @property
    def is_full(self) -> bool:
        return self.availability is not None and not self.availability.is_open

    @property
    def can_submit(self) -> bool:
        is_online = bool(self.competence and self.competence.offer)
        return self.form.evaluation.is_complete and is_online and not self.is_full

    @property
    def error_links(self) -> list[tuple[str, str]]:
        return [
            (error.message, url_for("service_requests.page", request_id=self.draft.id, page_id=error.page_id))
            for error in self.form.evaluation.errors
        ]

    @property
    def previous_url(self) -> str:
        return page_url(self.draft, self.form.evaluation.pages[-1])

    @property
    def edit_url(self) -> Callable[[str], str]:
        return lambda page_id: url_for("service_requests.page", request_id=self.draft.id, page_id=page_id)


def read_page(form: DraftForm, page: Page, formdata: Mapping[str, list[str]], action: str) -> None:
    """Lay a posted page over the draft's input; add or remove a row if that button was pressed."""
    typed = read_input(page, formdata)
    form.input |= resolve_places(page, typed, place_finder(form.definition.competence.rule, form.today)).input
    if action.startswith(ADD_OR_REMOVE):
        form.input = change_rows(form.definition, form.input, action) or form.input
    form.__dict__.pop("evaluation", None)


def fingerprint(typed: Mapping[str, Any], fields: Iterable[str]) -> str:
    """Of what is stored for these fields: a tab that shows something older notices it."""
    stored = json.dumps([[name, typed.get(name)] for name in fields], sort_keys=True)
    return hashlib.sha256(stored.encode()).hexdigest()[:16]


def page_url(draft: ServiceRequest, page: Page) -> str:
    return url_for("service_requests.page", request_id=draft.id, page_id=page.id)


def known_values(account: Account) -> dict[str, object]:
    """What the account can fill in, by the names that definitions use."""
    return {name.removeprefix("account."): value for name, value in prefill_values(account).items()}


def place_finder(rule: str, today: date) -> Callable[[str], PlaceAnswer]:
    """``rule``: a place outside Hessen gets the advice that fits the service."""

    def find(text: str) -> PlaceAnswer:
        match competence.find_place(text, on=today):
            case Located(place=place):
                return PlaceAnswer(Place(key=place.ags, name=place.name))
            case Ambiguous(question=question, candidates=candidates):
                choices = {candidate.value: candidate.label for candidate in candidates}
                return PlaceAnswer(choices=choices, question=question, message=question)
            case Outside() | Unknown() as answer:
                advice = competence.find(rule, text, on=today)
                better = advice if isinstance(advice, Outside | Unknown) else answer
                suggestions = better.suggestions if isinstance(better, Unknown) else ()
                choices = {suggestion.value: suggestion.label for suggestion in suggestions}
                return PlaceAnswer(choices=choices, question=better.message, message=better.message)

    return find


def _at(values: Any, path: str) -> Any:
    for step in path.split("."):
        values = values.get(step) if isinstance(values, Mapping) else None
    return values
