"""What can be chosen above the inbox, each with how many open requests it would leave."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

from servicekonto.authorities.models import StaffMember
from servicekonto.authorities.queries import colleagues_of
from servicekonto.service_requests import labels
from servicekonto.service_requests.inbox import Counts, InboxFilter
from servicekonto.service_requests.status import OPEN_AT_AUTHORITY, Status
from servicekonto.workbench.inbox_filter import FINISHED, MINE, NOBODY, Chosen, inbox_url, read
from servicekonto.workbench.models import SavedView

Option = tuple[str, str]

OPEN_IN_ORDER = tuple(status for status in Status if status in OPEN_AT_AUTHORITY)
STANDARD_VIEWS: tuple[tuple[LazyString, dict[str, str]], ...] = (
    (lazy_gettext("Alle offenen"), {}),
    (lazy_gettext("Bei mir"), {"wer": MINE}),
    (lazy_gettext("Noch bei niemandem"), {"wer": NOBODY}),
    (lazy_gettext("Zur Freigabe"), {"status": Status.DECISION_PROPOSED.value}),
)


@dataclass(frozen=True)
class ViewLink:
    name: str
    url: str
    number: str
    is_current: bool


@dataclass(frozen=True)
class InboxChoices:
    staff_member: StaffMember
    chosen: Chosen
    counts: Counts
    colleagues: Sequence[StaffMember]
    service_names: Mapping[str, Any]

    def views(self, saved: Sequence[SavedView]) -> list[ViewLink]:
        standard = [(str(name), dict(arguments)) for name, arguments in STANDARD_VIEWS]
        return [self._view(name, arguments) for name, arguments in (*standard, *_named(saved))]

    @cached_property
    def statuses(self) -> list[Option]:
        options = [
            (status.value, self._counted(labels.FOR_STAFF[status], status=status, finished=False))
            for status in OPEN_IN_ORDER
        ]
        return [*options, (FINISHED, _("Abgeschlossen"))]

    @cached_property
    def services(self) -> list[Option]:
        return [(key, self._counted(name, service_key=key)) for key, name in self.service_names.items()]

    @cached_property
    def people(self) -> list[Option]:
        own = self._counted(_("Bei mir"), assignee_id=self.staff_member.id, unassigned=False)
        nobody = self._counted(_("Noch bei niemandem"), assignee_id=None, unassigned=True)
        others = [
            (str(person.id), self._counted(person.display_name, assignee_id=person.id, unassigned=False))
            for person in self.colleagues
            if person.id != self.staff_member.id
        ]
        return [(MINE, own), (NOBODY, nobody), *others]

    def _counted(self, label: Any, **changes: Any) -> str:
        """Only open requests are counted, and no search."""
        if self.chosen.filter.search or (self.chosen.filter.finished and "finished" not in changes):
            return str(label)
        return f"{label} ({self._number(replace(self.chosen.filter, **changes))})"

    def _number(self, chosen: InboxFilter) -> str:
        return f"{self.counts.of(chosen)}{'' if self.counts.is_complete else '+'}"

    def _view(self, name: str, arguments: Mapping[str, str]) -> ViewLink:
        of_view = read(arguments, self.staff_member)
        return ViewLink(
            name=name,
            url=inbox_url(arguments),
            number="" if of_view.filter.finished else self._number(of_view.filter),
            is_current=dict(self.chosen.texts) == dict(arguments),
        )


def in_words(chosen: Chosen, staff_member: StaffMember, services: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What is chosen, for a page that only says it."""
    texts, of_filter = chosen.texts, chosen.filter
    statuses = {status.value: str(label) for status, label in labels.FOR_STAFF.items()}
    status = statuses.get(texts.get("status", ""), _("Alle offenen"))
    service = str(services.get(of_filter.service_key or "", of_filter.service_key or _("Alle Leistungen")))
    people = {MINE: _("Bei mir"), NOBODY: _("Noch bei niemandem"), "": _("Alle")}
    who = texts.get("wer", "")
    return [
        (_("Stand"), _("Abgeschlossen") if of_filter.finished else status),
        (_("Leistung"), service),
        (_("Wer bearbeitet"), people.get(who) or _name_of(of_filter.assignee_id, staff_member)),
    ]


def _name_of(staff_member_id: UUID | None, staff_member: StaffMember) -> str:
    names = {person.id: person.display_name or "" for person in colleagues_of(staff_member)}
    return names.get(staff_member_id, "") if staff_member_id else ""


def _named(saved: Sequence[SavedView]) -> list[tuple[str, dict[str, str]]]:
    return [(view.name, view.arguments) for view in saved]
