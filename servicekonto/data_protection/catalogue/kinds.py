"""What the data catalogue says about a table. The rows are in the modules beside this one."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString


class Treatment(Enum):
    """What the export does with a column."""

    PLAIN = "plain"
    OPENED = "opened"
    FILE = "file"
    ACTED = "acted"
    OTHERS = "others"
    HIDDEN = "hidden"
    CLOSED = "closed"


EXPLAINED: dict[Treatment, LazyString] = {
    Treatment.PLAIN: _("wie gespeichert"),
    Treatment.OPENED: _("entschlüsselt"),
    Treatment.FILE: _("als eigene Datei"),
    Treatment.ACTED: _(
        "ob Sie selbst, jemand anderes oder das System gehandelt hat; fremde Kennungen fehlen"
    ),
    Treatment.OTHERS: _("fehlt: Kennungen anderer Personen"),
    Treatment.HIDDEN: _("fehlt: ein Prüfwert oder Schlüssel, mit dem man dem Konto schaden könnte"),
    Treatment.CLOSED: _("fehlt: lässt sich nicht öffnen oder wäre diese Datei selbst"),
}
LEFT_OUT = frozenset({Treatment.OTHERS, Treatment.HIDDEN, Treatment.CLOSED})


@dataclass(frozen=True, kw_only=True)
class Columns:
    """Every column of the table once, in the words of ``Treatment``; names separated by blanks.

    A row belongs to whoever its foreign keys in ``plain`` lead to. A foreign key in ``acted`` only says who
    did something, and is not followed.
    """

    plain: str = ""
    opened: str = ""
    file: str = ""
    acted: str = ""
    others: str = ""
    hidden: str = ""
    closed: str = ""

    def __iter__(self) -> Iterator[tuple[str, Treatment]]:
        for treatment in Treatment:
            for name in getattr(self, treatment.value).split():
                yield name, treatment


@dataclass(frozen=True)
class Exempt:
    """Rows that are not treated as the others. ``rows``: a condition in SQL on the table; None means all."""

    why: LazyString
    rows: str | None = None

    def condition(self) -> sa.ColumnElement[bool]:
        return sa.literal_column(f"({self.rows})", sa.Boolean()) if self.rows else sa.true()


@dataclass(frozen=True, kw_only=True)
class Table:
    """One table with personal data. ``kept``: how long. ``recipients``: who reads it beside the owner.

    ``withheld``: rows the export leaves out. ``stays``: rows the deletion of the account leaves.
    ``belongs_by``: a column with the id of the account that is no foreign key.
    """

    title: LazyString
    purpose: LazyString
    basis: LazyString
    kept: LazyString
    recipients: LazyString
    columns: Columns
    withheld: Exempt | None = None
    stays: Exempt | None = None
    belongs_by: str | None = None

    def treatment_of(self, column: str) -> Treatment | None:
        return dict(self.columns).get(column)


# Legal bases and recipients that come again and again.
PUBLIC_TASK = _("Art. 6 Abs. 1 Buchst. e DSGVO, § 8 OZG")
CONSENT = _("Art. 6 Abs. 1 Buchst. a DSGVO, § 8 Abs. 5 OZG")
PROCEDURE = _("Art. 6 Abs. 1 Buchst. e DSGVO mit dem Gesetz, das für die Leistung gilt")
SECURITY = _("Art. 6 Abs. 1 Buchst. e und Art. 32 DSGVO")
ACCOUNTABILITY = _("Art. 5 Abs. 2 und Art. 7 Abs. 1 DSGVO")
EMPLOYMENT = _("§ 23 HDSIG (Beschäftigte)")

NOBODY = _("niemand")
AUTHORITY = _("die Behörde, an die der Antrag geht")
OWN_AUTHORITY = _("die Verwaltung der eigenen Behörde")

WITH_THE_ACCOUNT = _("bis das Konto gelöscht wird")
WITH_THE_REQUEST = _("so lange, wie die Behörde die Akte aufbewahren muss")
WITH_THE_EMPLOYMENT = _("solange Entscheidungen auf die Person verweisen")

OF_THE_AUTHORITY = _("Abgeschickte Anträge muss die Behörde aufbewahren. Sie haben einen eigenen Schlüssel.")
