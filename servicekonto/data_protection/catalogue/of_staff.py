"""Tables about people who work at an authority, and what is logged."""

from flask_babel import lazy_gettext as _

from servicekonto.core import retention
from servicekonto.data_protection.catalogue.kinds import (
    EMPLOYMENT,
    NOBODY,
    OWN_AUTHORITY,
    PUBLIC_TASK,
    SECURITY,
    WITH_THE_EMPLOYMENT,
    Columns,
    Exempt,
    Table,
)

_OF_THE_EMPLOYER = Exempt(_("Konten von Beschäftigten verwaltet ihre Behörde."))

TABLES: dict[str, Table] = {
    "staff_member": Table(
        title=_("Beschäftigung in einer Behörde"),
        purpose=_("wissen, wer für eine Behörde handelt"),
        basis=EMPLOYMENT,
        kept=WITH_THE_EMPLOYMENT,
        recipients=OWN_AUTHORITY,
        columns=Columns(
            plain="id account_id authority_id created_at deactivated_at version", opened="display_name_sealed"
        ),
        stays=_OF_THE_EMPLOYER,
    ),
    "staff_role": Table(
        title=_("Rollen"),
        purpose=_("festlegen, wer was darf"),
        basis=EMPLOYMENT,
        kept=WITH_THE_EMPLOYMENT,
        recipients=OWN_AUTHORITY,
        columns=Columns(plain="id staff_member_id role"),
        stays=_OF_THE_EMPLOYER,
    ),
    "staff_unit": Table(
        title=_("Stellen"),
        purpose=_("festlegen, wer welche Anträge sieht"),
        basis=EMPLOYMENT,
        kept=WITH_THE_EMPLOYMENT,
        recipients=OWN_AUTHORITY,
        columns=Columns(plain="staff_member_id unit_id"),
        stays=_OF_THE_EMPLOYER,
    ),
    "staff_invitation": Table(
        title=_("Einladungen"),
        purpose=_("Beschäftigte einladen"),
        basis=EMPLOYMENT,
        kept=_("%(days)s Tage nach ihrem Ablauf", days=retention.INVITATIONS.kept.days),
        recipients=OWN_AUTHORITY,
        columns=Columns(
            plain="id authority_id roles unit_ids invited_at expires_at",
            opened="email_sealed display_name_sealed",
            hidden="email_index token_hash wrapped_key",
        ),
        withheld=Exempt(_("Ob die eingeladene Adresse ein Konto hat, wird erst gefragt, wenn sie annimmt.")),
        stays=Exempt(
            _("Eine Einladung gehört zu einer Adresse, nicht zu einem Konto. Sie endet von selbst.")
        ),
    ),
    "saved_view": Table(
        title=_("Gespeicherte Ansichten"),
        purpose=_("den Eingang so zeigen, wie es gebraucht wird"),
        basis=EMPLOYMENT,
        kept=_("bis die Person sie löscht"),
        recipients=NOBODY,
        columns=Columns(plain="id staff_member_id authority_id name arguments created_at"),
        stays=_OF_THE_EMPLOYER,
    ),
    "bulk_report": Table(
        title=_("Berichte über mehrere Anträge"),
        purpose=_("noch einmal ansehen, was aus jedem Antrag wurde"),
        basis=EMPLOYMENT,
        kept=_("%(days)s Tage", days=retention.BULK_REPORTS.kept.days),
        recipients=NOBODY,
        columns=Columns(plain="id staff_member_id authority_id act created_at", others="results"),
        stays=_OF_THE_EMPLOYER,
    ),
    "text_template": Table(
        title=_("Textbausteine"),
        purpose=_("häufige Texte einer Behörde; gespeichert ist, wer sie zuletzt geändert hat"),
        basis=EMPLOYMENT,
        kept=_("bis die Behörde sie löscht"),
        recipients=OWN_AUTHORITY,
        columns=Columns(plain="id authority_id title body changed_at", acted="changed_by_id"),
        stays=Exempt(_("Sie gehören der Behörde.")),
    ),
    "audit_entry": Table(
        title=_("Protokoll"),
        purpose=_("nachweisen, wer was getan und wer Ihre Daten geöffnet hat"),
        basis=SECURITY,
        kept=_("die Einzelheiten 4 Jahre; Kennungen ohne Namen bleiben, auch wenn das Konto gelöscht ist"),
        recipients=OWN_AUTHORITY,
        columns=Columns(
            plain=(
                "id authority_id at account_id action object_kind object_id payload sealed_at number key_id"
            ),
            acted="actor_id",
            hidden="prev_hash payload_hash hash",
        ),
        belongs_by="account_id",
        stays=Exempt(_("Ein Protokoll, aus dem Zeilen fehlen, beweist nichts. Namen stehen nicht darin.")),
    ),
    "job": Table(
        title=_("Aufgaben im Hintergrund"),
        purpose=_("Dokumente und E-Mails machen; gespeichert sind nur Kennungen"),
        basis=PUBLIC_TASK,
        kept=_(
            "%(days)s Tage nach der Erledigung; die Nachricht an eine Website, dass Sie sich "
            "abgemeldet haben, "
            "höchstens %(days)s Tage, auch wenn sie nicht ankam",
            days=retention.DONE_JOBS.kept.days,
        ),
        recipients=NOBODY,
        columns=Columns(
            plain=(
                "id kind payload key status run_at attempts lease_owner lease_until last_error"
                " created_at done_at"
            )
        ),
        withheld=Exempt(
            _("Die Zeilen verweisen auf andere Zeilen und sagen selbst nichts über eine Person.")
        ),
        stays=Exempt(_("Die Zeilen enden von selbst.")),
    ),
}
