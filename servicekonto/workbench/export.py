"""The list of the inbox as a file for a spreadsheet."""

import csv
import io
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from servicekonto.audit import Action, record
from servicekonto.authorities.models import StaffMember
from servicekonto.core import clock
from servicekonto.core.errors import InvalidInputError
from servicekonto.service_requests import inbox, labels
from servicekonto.service_requests.inbox import InboxFilter
from servicekonto.service_requests.models import ServiceRequest
from servicekonto.web.downloads import Download
from servicekonto.workbench.reading import note_all

MOST_ROWS = 10_000
MEDIA_TYPE = "text/csv; charset=utf-8"

_BEGINS_A_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
_BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"  # without it Excel reads umlauts as something else


@dataclass(frozen=True)
class Names:
    """Of what a request holds only ids and keys."""

    services: Mapping[str, str]
    units: Mapping[UUID, str]


@dataclass(frozen=True)
class Column:
    label: LazyString
    value: Callable[[ServiceRequest, Names], str]


COLUMNS: dict[str, Column] = {
    "reference": Column(_("Aktenzeichen"), lambda found, _names: found.reference or ""),
    "received_at": Column(_("Eingegangen"), lambda found, _names: _moment(found.received_at)),
    "service": Column(
        _("Leistung"), lambda found, names: names.services.get(found.service_key, found.service_key)
    ),
    "applicant": Column(_("Antragsteller/in"), lambda found, _names: found.applicant_name or ""),
    "status": Column(_("Stand"), lambda found, _names: str(labels.FOR_STAFF[found.status])),
    "assignee": Column(
        _("Wer bearbeitet"),
        lambda found, _names: (found.assignee.display_name or "") if found.assignee else "",
    ),
    "unit": Column(
        _("Stelle"), lambda found, names: names.units.get(found.unit_id, "") if found.unit_id else ""
    ),
    "changed_at": Column(_("Letzte Änderung"), lambda found, _names: _moment(found.updated_at)),
    "unread": Column(_("Neue Nachrichten"), lambda found, _names: str(found.unread_count)),
}
"""To add a column: one row."""


def export(
    chosen: InboxFilter,
    columns: Collection[str],
    services: Mapping[str, str],
    *,
    by: StaffMember,
    at: datetime,
) -> Download:
    """``columns``: keys of COLUMNS, in whose order they are. InvalidInputError for more than MOST_ROWS."""
    rows = inbox.first(by, chosen, limit=MOST_ROWS + 1)
    if len(rows) > MOST_ROWS:
        raise InvalidInputError({"rows": "too many"})
    picked = [key for key in COLUMNS if key in columns]
    record(
        Action.REQUESTS_EXPORTED,
        by.authority_id,
        authority_id=by.authority_id,
        by=by.account,
        at=at,
        columns=picked,
        rows=len(rows),
    )
    note_all(rows, by=by, at=at)
    text = table(rows, picked, Names(services, {unit.id: unit.name for unit in by.units}))
    return Download(f"antraege-{clock.local_date(at)}.csv", MEDIA_TYPE, text.encode())


def table(rows: Sequence[ServiceRequest], columns: Sequence[str], names: Names) -> str:
    out = io.StringIO(_BYTE_ORDER_MARK)
    out.seek(0, io.SEEK_END)
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([str(COLUMNS[key].label) for key in columns])
    for row in rows:
        writer.writerow([harmless(COLUMNS[key].value(row, names)) for key in columns])
    return out.getvalue()


def harmless(text: str) -> str:
    """What a spreadsheet would calculate becomes text: somebody may have typed a formula as a name."""
    return f"'{text}" if text.lstrip(" ").startswith(_BEGINS_A_FORMULA) else text


def _moment(at: datetime | None) -> str:
    """Every spreadsheet understands it, whatever its language."""
    return at.astimezone(clock.BERLIN).strftime("%Y-%m-%d %H:%M") if at else ""
