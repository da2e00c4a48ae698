"""The page on which a clerk chooses what to ask: every field with its answer and room for a reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

from flask_babel import gettext as _

from servicekonto.catalogue.definition import SummaryPage, within
from servicekonto.service_requests.information import what_can_be_asked
from servicekonto.service_requests.models import ServiceRequest

PREFIX = "grund."
LONGEST_REASON = 300  # characters


@dataclass(frozen=True)
class Question:
    path: str
    label: str
    page_title: str
    answer: str


def offered(service_request: ServiceRequest, sections: list[SummaryPage]) -> list[tuple[str, list[Question]]]:
    """The title of a page of the form with what can be asked there."""
    rows = [row for section in sections for row in section.rows]
    found = []
    for asked in what_can_be_asked(service_request):
        texts = [", ".join(row.lines) for row in rows if within(row.path, {asked.path})]
        answer = _("Bisher: %(answer)s", answer="; ".join(texts)) if texts else _("Bisher keine Angabe")
        found.append(Question(asked.path, asked.label, asked.page_title, answer))
    return [(title, list(group)) for title, group in groupby(found, key=lambda question: question.page_title)]


def read_reasons(posted: Mapping[str, str]) -> dict[str, str]:
    """Path → reason, where one was typed."""
    given = {
        name.removeprefix(PREFIX): text.strip()[:LONGEST_REASON]
        for name, text in posted.items()
        if name.startswith(PREFIX)
    }
    return {path: reason for path, reason in given.items() if reason}
