"""What became of several requests, in words."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import lazy_gettext as _
from flask_babel import ngettext
from flask_babel.speaklater import LazyString

from servicekonto.service_requests.models import ServiceRequest
from servicekonto.workbench.models import BulkAct, BulkReport, BulkResult

ACT_NAMES: dict[BulkAct, LazyString] = {
    BulkAct.ASSIGN: _("Mehrere Anträge zugewiesen"),
    BulkAct.CLOSE: _("Mehrere Anträge abgeschlossen"),
}


@dataclass(frozen=True)
class Words:
    text: LazyString
    tone: str


RESULTS: dict[BulkResult, Words] = {
    BulkResult.DONE: Words(_("Erledigt"), "success"),
    BulkResult.UNCHANGED: Words(_("War schon so"), "neutral"),
    BulkResult.WRONG_STATUS: Words(_("In diesem Stand nicht möglich"), "warning"),
    BulkResult.NOT_YOURS: Words(_("Bearbeitet eine andere Person"), "warning"),
    BulkResult.GONE: Words(_("Liegt nicht mehr in Ihren Stellen"), "warning"),
}


@dataclass(frozen=True)
class Row:
    """``service_request``: None when this person may not see it any more."""

    service_request: ServiceRequest | None
    words: Words


def summary_of(report: BulkReport) -> str:
    numbers = Counter(report.results.values())
    done = numbers[BulkResult.DONE] + numbers[BulkResult.UNCHANGED]
    left = len(report.results) - done
    sentence = ngettext("%(num)s Antrag ist erledigt.", "%(num)s Anträge sind erledigt.", done)
    if not left:
        return str(sentence)
    more = ngettext("%(num)s ging nicht.", "%(num)s gingen nicht.", left)
    return f"{sentence} {more}"


def rows_of(report: BulkReport, still_here: Sequence[ServiceRequest]) -> list[Row]:
    """What did not work comes first."""
    by_id = {str(found.id): found for found in still_here}
    rows = [(BulkResult(result), by_id.get(request_id)) for request_id, result in report.results.items()]
    rows.sort(key=lambda row: row[0] in {BulkResult.DONE, BulkResult.UNCHANGED})
    return [Row(found, RESULTS[result]) for result, found in rows]
