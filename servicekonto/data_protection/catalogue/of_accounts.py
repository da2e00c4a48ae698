"""Tables of the account itself."""

from flask_babel import lazy_gettext as _

from servicekonto.core import retention
from servicekonto.data_protection.catalogue.kinds import (
    ACCOUNTABILITY,
    CONSENT,
    NOBODY,
    PUBLIC_TASK,
    SECURITY,
    WITH_THE_ACCOUNT,
    Columns,
    Exempt,
    Table,
)

TABLES: dict[str, Table] = {
    "account": Table(
        title=_("Konto"),
        purpose=_("Anmelden und erreichbar sein"),
        basis=PUBLIC_TASK,
        kept=_("bis Sie es löschen, sonst 24 Monate nach der letzten Anmeldung"),
        recipients=NOBODY,
        columns=Columns(
            plain="id kind language created_at confirmed_at locked_at last_signed_in_at demo_label version",
            opened="email_sealed",
            hidden="email_index wrapped_key",
        ),
        stays=Exempt(
            _(
                "Eine leere Zeile ohne Adresse und ohne Schlüssel bleibt, "
                "damit Akten der Behörden stimmig sind."
            )
        ),
    ),
    "personal_attribute": Table(
        title=_("Persönliche Daten"),
        purpose=_("Anträge vorausfüllen"),
        basis=CONSENT,
        kept=_("bis Sie sie ändern oder die Einwilligung widerrufen"),
        recipients=_("niemand; in einen Antrag kommen sie erst, wenn Sie ihn damit abschicken"),
        columns=Columns(
            plain="id account_id name level source updated_at verified_at to_confirm", opened="value_sealed"
        ),
    ),
    "credential_password": Table(
        title=_("Passwort"),
        purpose=_("Anmelden"),
        basis=PUBLIC_TASK,
        kept=WITH_THE_ACCOUNT,
        recipients=NOBODY,
        columns=Columns(
            plain="id account_id changed_at last_used_at locked_at failures", hidden="encoded_hash"
        ),
    ),
    "login_session": Table(
        title=_("Sitzungen"),
        purpose=_("angemeldet bleiben, fremde Geräte erkennen"),
        basis=PUBLIC_TASK,
        kept=_("%(days)s Tage nach ihrem Beginn", days=retention.SESSIONS.kept.days),
        recipients=NOBODY,
        columns=Columns(
            plain="id account_id level level_since created_at authenticated_at last_seen_at ended_at device",
            hidden="token_hash",
        ),
    ),
    "one_time_link": Table(
        title=_("Links aus E-Mails"),
        purpose=_("E-Mail-Adresse bestätigen, Passwort neu festlegen, Konto schützen"),
        basis=PUBLIC_TASK,
        kept=_("%(days)s Tage nach ihrem Ablauf", days=retention.LINKS.kept.days),
        recipients=NOBODY,
        columns=Columns(
            plain="id account_id purpose subject_id created_at expires_at used_at",
            hidden="token_hash password_hash",
        ),
    ),
    "login_throttle": Table(
        title=_("Fehlversuche"),
        purpose=_("Schutz vor dem Erraten von Passwörtern"),
        basis=SECURITY,
        kept=_("höchstens einen Tag"),
        recipients=NOBODY,
        columns=Columns(plain="id scope attempts window_started_at blocked_until", hidden="subject"),
        withheld=Exempt(_("Die Zähler enthalten nur Prüfwerte. Von ihnen führt kein Weg zu einem Konto.")),
        stays=Exempt(_("Die Zähler enden von selbst.")),
    ),
    "kept_input": Table(
        title=_("Eingaben, die auf eine Anmeldung warten"),
        purpose=_("nach dem Anmelden oder Bestätigen nichts noch einmal schreiben"),
        basis=PUBLIC_TASK,
        kept=_("eine Stunde"),
        recipients=NOBODY,
        columns=Columns(plain="id account_id created_at", hidden="token_hash", closed="sealed"),
    ),
    "idempotency_key": Table(
        title=_("Abgeschickte Formulare"),
        purpose=_("dasselbe Formular nicht zweimal ausführen"),
        basis=PUBLIC_TASK,
        kept=_("%(days)s Tage nach dem Abschicken", days=retention.IDEMPOTENCY_KEYS.kept.days),
        recipients=NOBODY,
        columns=Columns(plain="id account_id key endpoint location created_at"),
    ),
    "mail": Table(
        title=_("E-Mails an Sie"),
        purpose=_("sagen, dass es Neuigkeiten gibt"),
        basis=PUBLIC_TASK,
        kept=_(
            "Adresse und Text bis zum Versand, die Zeile %(days)s Tage lang", days=retention.MAILS.kept.days
        ),
        recipients=_("der Mailserver"),
        columns=Columns(
            plain="id account_id template subject message_id created_at sent_at",
            opened="to_sealed",
            hidden="body_sealed wrapped_key",
        ),
    ),
    "consent": Table(
        title=_("Einwilligungen"),
        purpose=_("nachweisen, worin Sie eingewilligt haben und was Sie widerrufen haben"),
        basis=ACCOUNTABILITY,
        kept=WITH_THE_ACCOUNT,
        recipients=NOBODY,
        columns=Columns(plain="id account_id purpose text_version given_at withdrawn_at"),
    ),
    "pairwise_subject": Table(
        title=_("Kennungen bei angeschlossenen Websites"),
        purpose=_("Sie dort wiedererkennen, ohne dass Websites Ihre Daten zusammenführen können"),
        basis=PUBLIC_TASK,
        kept=WITH_THE_ACCOUNT,
        recipients=_("die Website, bei der Sie sich mit dem Konto anmelden"),
        columns=Columns(plain="id account_id sector sub"),
    ),
    "data_export": Table(
        title=_("Kopien Ihrer Daten"),
        purpose=_("Auskunft und Datenübertragung (Art. 15 und 20 DSGVO)"),
        basis=PUBLIC_TASK,
        kept=_("%(days)s Tage", days=retention.EXPORTS.kept.days),
        recipients=NOBODY,
        columns=Columns(
            plain="id account_id asked_at steps_done steps_total ready_at expires_at size",
            closed="file_sealed",
        ),
    ),
    "account_deletion": Table(
        title=_("Löschung des Kontos"),
        purpose=_("die angekündigte Löschung ausführen, auch noch einmal nach einer Wiederherstellung"),
        basis=ACCOUNTABILITY,
        kept=_("die Kennung und die Zeitpunkte bleiben, sonst nichts"),
        recipients=NOBODY,
        columns=Columns(
            plain="id account_id cause requested_at deletes_at reminded_at stopped_at deleted_at",
            hidden="token_hash",
        ),
        stays=Exempt(_("Nur Kennung und Zeitpunkte: damit ein gelöschtes Konto gelöscht bleibt.")),
    ),
    "inactivity_notice": Table(
        title=_("Erinnerungen an ein unbenutztes Konto"),
        purpose=_("vor dem Löschen genau einmal erinnern"),
        basis=PUBLIC_TASK,
        kept=WITH_THE_ACCOUNT,
        recipients=NOBODY,
        columns=Columns(plain="id account_id counted_from days_before sent_at"),
    ),
}
